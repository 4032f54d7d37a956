"""The words of a quote that most likely carry the answer, as offsets into it: what a page may set in bold.

A quote is cut into phrases at punctuation and before function words; each phrase is weighed by plain cues: a question's own words are
seldom its answer, which mostly stands beside them; "how many" asks for a number, "when" for a date, "who" for a name. A phrase's
cues add up to the log-odds that it overlaps the answer (logistic regression, as in Rajpurkar et al. 2016 for SQuAD). Shown is the
run of phrases within one sentence that stands out most, with the whole list when it names one of several.

Erasure (Zeiler & Fergus 2014; Li, Monroe & Jurafsky 2016) was measured beside it: how far the second stage's logit falls when a phrase is left
out tells little about phrases, since that model was made to judge sentences, and costs ten readings a quote. `chatbot eval
emphasis` has both. Nothing is emphasised when nothing stands out or nearly all would be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

Span = tuple[int, int]
Stems = Callable[[str], Sequence[str]]  # the stems of a text's content words

WORD = re.compile(r"[^\W_]+(?:[-’'.,%/][^\W_]+)*%?")
PUNCTUATION = re.compile(r"[,;:()\[\]—–“”\"]|[.!?](?=\s)")
SENTENCE_END = re.compile(r"[.!?][”\")]?\s+(?=[A-Z“(])")
OPENERS = frozenset(
    """and or but nor so yet because since although though while whereas if unless until that which who whom whose where when why
    how in on at by for from to into onto with without within under over after before during through between among against about
    as than per via toward towards upon across is are was were be been being has have had do does did can could may might must will would
    shall should not""".split()
)
CLAUSES = frozenset("because since although whereas that which who where when".split())
CLAUSE_END = re.compile(r"[,;:()—–]|[.!?](?=\s|$)")
NOT = r"(?:\b(?:not|no|never|neither|nor|without|cannot)\b|\b\w+n[’']t\b)"
NOT_BEFORE = re.compile(rf"{NOT}\s+(?:[\w’'-]+\s+){{0,2}}$")
NOT_AFTER = re.compile(rf"\s+(?:[\w’'-]+\s+){{0,2}}?{NOT}")
VERBS = frozenset("is are was were has have had can could may would will did does".split())
NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|billion|half|third|quarter|dozen|twice|once)\b",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b(?:1\d{3}|20\d{2}|January|February|March|April|May|June|July|August|September|October|November|December|today|now"
    r"|(?:centur(?:y|ies)|years?|months?|weeks?|days?|hours?))\b"
)
NAME = re.compile(r"\b[A-Z][\w’'-]+")
ITEM = r"[^\s,;:()]*[^\s,;:().](?: [^\s,;:()]*[^\s,;:().]){0,2}"  # of a list: one to three words
LIST = re.compile(
    rf"(?<![\w,-])(?:{ITEM}, )+(?:{ITEM})?,? ?\b(?:and|or) {ITEM}?(?=\s*[,.;:()]|$|\s(?:{'|'.join(sorted(OPENERS))})\b)"
)
ASKS_WHAT = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|how|which)\b|^\W*(?:explain|describe|name|list|tell)\b"
)
ASKS_WHETHER = re.compile(r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b")
TYPES = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|long|old|far|often|large|big|high|fast|tall|deep)\b|\b(?:what|which) (?:percent\w*|number|amount|share|proportion)\b"
            r"|\bwhat (?:[\w-]+ ){0,4}(?:effect size|p-value|score|rate|age)\b"
        ),
    ),
    ("date", re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|month|day|decade|century|time)\b")),
    ("who", re.compile(r"\bwho(?:se|m)?\b|\bwhat(?:['’]s| is| was)? (?:\w+ )?name\b|\bwhich (?:person|people)\b")),
    ("where", re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|countries|place|river|region)\b")),
    ("why", re.compile(r"\bwhy\b|\bwhat (?:is |was |are |were )?(?:the )?(?:reason|cause)")),
    ("how", re.compile(r"\bhow\b")),
)


# Log-odds a cue. Fitted (logistic regression, C = 1, rounded) on the answerable questions of every second of SQuAD 2's documents in order of
# name, from the second on; the others are what `chatbot eval emphasis` reports. Change one, run that again.
WEIGHTS = {
    "base": -2.9,
    "known": 1.5,
    "known_share": -1.3,
    "new": -0.3,
    "nothing_new": -0.9,
    "near": 4.2,
    "after_known": 0.1,
    "before_known": -0.2,
    "first_after_all": 0.2,
    "before_all": -0.9,
    "number.number": 1.0,
    "number.none": -1.6,
    "date.date": 2.2,
    "date.none": -1.8,
    "who.name": 0.7,
    "who.none": -1.5,
    "where.name": 0.2,
    "where.place": 0.6,
    "why.reason": 1.1,
    "how.means": 1.3,
    "what.name": 0.4,
    "what.number": -0.4,
    "length": 0.3,
    "last": 0.7,
    "first": 0.4,
    "verb": -0.3,
    "relative": -0.4,
}
THRESHOLD = 0.22  # the chance from which a phrase lengthens a run; the best token F1 on the fitted half
STANDS_OUT = 0.30  # the least chance of a run's best phrase
MAX_SHARE = 0.60  # of the quote's characters; more is no emphasis
MIN_PHRASES, MAX_PHRASES, MAX_CHARACTERS = 3, 80, 3000  # of a quote that anything is emphasised of


def asks_for(question: str) -> str:
    """What kind of words answer the question: number, date, who, where, why, how, what for all else; whether for yes or no.

    >>> asks_for("How many people took part?"), asks_for("What is mediation?"), asks_for("so does it work")
    ('number', 'what', 'whether')
    """
    lower = question.lower()
    if not ASKS_WHAT.search(lower) and ASKS_WHETHER.search(lower):
        return "whether"
    return next((kind for kind, pattern in TYPES if pattern.search(lower)), "what")


def phrases(text: str) -> list[Span]:
    """Half-open spans of the phrases of a text, in order, each from its first word to its last.

    >>> t = "It fell by 24 points (SD 11), and nobody left."
    >>> [t[a:b] for a, b in phrases(t)]
    ['It fell', 'by 24 points', 'SD 11', 'and nobody left']
    """
    out: list[Span] = []
    before, at = "", 0
    for found in WORD.finditer(text):
        word = found.group().lower()
        opens = word in OPENERS and before not in OPENERS
        if not out or opens or PUNCTUATION.search(text, at, found.start() + 1):
            out.append(found.span())
        else:
            out[-1] = (out[-1][0], found.end())
        before, at = word, found.end()
    return out


def cues(text: str, spans: Sequence[Span], question: str, stems: Stems) -> list[dict[str, float]]:
    """What speaks for and against each phrase, by the names of `WEIGHTS`."""
    kind, asked = asks_for(question), frozenset(stems(question))
    words = [list(stems(text[a:b])) for a, b in spans]
    known = [sum(w in asked for w in own) for own in words]
    total = max(1, sum(known))
    met = [i for i, n in enumerate(known) if n]
    out = []
    for i, (start, end) in enumerate(spans):
        phrase = text[start:end]
        first = phrase.split()[0].lower()
        number, date = bool(NUMBER.search(phrase)), bool(DATE.search(phrase))
        name = any(m.start() and not asked & set(stems(m.group())) for m in NAME.finditer(phrase)) or (
            start > 0 and bool(NAME.match(phrase)) and not known[i]
        )
        new = len(words[i]) - known[i]
        row = {
            "base": 1.0,
            "known": known[i] > 0,
            "known_share": known[i] / len(words[i]) if words[i] else 0.0,
            "new": min(new, 3) / 3,
            "nothing_new": new == 0,
            "near": sum(n / (1 + abs(i - j)) for j, n in enumerate(known) if j != i) / total,
            "after_known": i > 0 and known[i - 1] > 0,
            "before_known": i + 1 < len(spans) and known[i + 1] > 0,
            "first_after_all": bool(met) and i == met[-1] + 1,
            "before_all": bool(met) and i < met[0],
            "number.number": kind == "number" and number,
            "number.none": kind == "number" and not number,
            "date.date": kind == "date" and date,
            "date.none": kind == "date" and not (date or number),
            "who.name": kind == "who" and name,
            "who.none": kind == "who" and not name,
            "where.name": kind == "where" and name,
            "where.place": kind == "where" and first in ("in", "on", "at"),
            "why.reason": kind == "why" and first in ("because", "since", "to", "for", "so", "due"),
            "how.means": kind == "how" and first in ("by", "with", "through", "using"),
            "what.name": kind == "what" and name,
            "what.number": kind in ("what", "how", "why") and number,
            "length": min(end - start, 90) / 30,
            "last": i == len(spans) - 1,
            "first": i == 0,
            "verb": first in VERBS,
            "relative": first in ("that", "which", "who"),
        }
        out.append({key: float(value) for key, value in row.items()})
    return out


def emphasise(text: str, question: str, stems: Stems) -> tuple[Span, ...]:
    """Where the answer most likely stands in the text, in order; empty when nothing stands out or nearly everything would.

    >>> stems = lambda t: [w for w in re.findall("[a-z]+", t.lower()) if w not in ("how", "the", "had", "with")]
    >>> t = "Ninety people took part in the trial, and each of them was guided by therapists who had been trained."
    >>> [t[a:b] for a, b in emphasise(t, "How many people took part in the trial?", stems)]
    ['Ninety people took part']
    """
    spans = phrases(text) if len(text) <= MAX_CHARACTERS else []
    if not MIN_PHRASES <= len(spans) <= MAX_PHRASES or asks_for(question) == "whether":
        return ()
    chances = [chance(row) for row in cues(text, spans, question, stems)]
    longest = MAX_SHARE * len(text)
    found = best_run(chances, spans, runs_of(text, spans), longest)
    if found is None or max(chances[found[0] : found[1] + 1]) < STANDS_OUT:
        return ()
    run = clause(text, spans[found[0]][0], spans[found[1]][1])
    fitting = (span for span in (*whole_list(text, *run), run, (spans[found[0]][0], spans[found[1]][1])))
    shown = (closed(text, *not_cut_off(text, *span)) for span in fitting if span[1] - span[0] <= longest)
    return tuple(span for span in shown if span[1] - span[0] <= longest)[:1]


def chance(row: dict[str, float]) -> float:
    """The probability that the phrase of these cues overlaps the answer."""
    return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in row.items())))


def runs_of(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """(first, last) phrase of each sentence of the text."""
    ends = [m.start() for m in SENTENCE_END.finditer(text)]
    sentence = [sum(end <= start for end in ends) for start, _ in spans]
    return [(sentence.index(n), len(sentence) - 1 - sentence[::-1].index(n)) for n in dict.fromkeys(sentence)]


def best_run(
    chances: Sequence[float], spans: Sequence[Span], within: Sequence[tuple[int, int]], longest: float
) -> tuple[int, int] | None:
    """(first, last) of the run of phrases, within one of the stretches, whose chances above THRESHOLD add up to most; the first of equals.

    None when each phrase is longer than `longest` characters, as is no run that is returned.

    >>> spans = [(0, 4), (5, 9), (10, 14), (15, 19), (20, 24)]
    >>> best_run([0.1, 0.6, 0.2, 0.7, 0.1], spans, [(0, 4)], 20)  # .38 - .02 + .48 is more than .48
    (1, 3)
    >>> best_run([0.1, 0.6, 0.2, 0.7, 0.1], spans, [(0, 2), (3, 4)], 20)
    (3, 3)
    >>> best_run([0.1, 0.6, 0.2, 0.7, 0.1], spans, [(0, 4)], 9)  # the run of three has 14 characters
    (3, 3)
    """
    found, best = None, -math.inf
    for low, high in within:
        for first in range(low, high + 1):
            total = 0.0
            for last in range(first, high + 1):
                total += chances[last] - THRESHOLD
                if total > best + 1e-12 and spans[last][1] - spans[first][0] <= longest:
                    best, found = total, (first, last)
    return found


def clause(text: str, start: int, end: int) -> Span:
    """The span up to the end of the clause that its first word opens: "because the tables" is cut short.

    >>> t = "They are not listed because the tables could not be read, not for want of them."
    >>> t[slice(*clause(t, t.index("because"), t.index(" could")))]
    'because the tables could not be read'
    """
    if text[start:end].split()[0].lower() not in CLAUSES:
        return start, end
    found = CLAUSE_END.search(text, end)
    return start, found.start() if found else len(text)


def not_cut_off(text: str, start: int, end: int) -> Span:
    """The span with the negation that stands up to two words before it, and with its clause when one follows: without it, it would say
    the contrary.

    >>> t = "It brought on no adverse events at first, and patients did not stop."
    >>> [t[slice(*not_cut_off(t, t.index(w), t.index(w) + len(w)))] for w in ("adverse events", "and patients")]
    ['no adverse events', 'and patients did not stop']
    """
    opens = text[start:end].split()[0].lower() in CLAUSES  # what stands before belongs to another clause
    before, after = None if opens else NOT_BEFORE.search(text[:start]), NOT_AFTER.match(text, end)
    stop = CLAUSE_END.search(text, after.end()) if after else None
    return before.start() if before else start, (stop.start() if stop else len(text)) if after else end


def whole_list(text: str, start: int, end: int) -> tuple[Span, ...]:
    """The span grown over the list that it has a part of, and that list alone: "a, b, and c" is one answer. Nothing without a list.

    >>> t = "It has three parts: self-kindness, common humanity, and mindfulness (Neff)."
    >>> [t[a:b] for a, b in whole_list(t, t.index("common"), t.index(", and"))]
    ['self-kindness, common humanity, and mindfulness', 'self-kindness, common humanity, and mindfulness']
    """
    lists = [m.span() for m in LIST.finditer(text) if m.start() < end and start < m.end()]
    return ((min(start, lists[0][0]), max(end, lists[-1][1])), lists[0]) if lists else ()


def closed(text: str, start: int, end: int) -> Span:
    """The span with the bracket that it leaves open, or that it closes without having opened it, beside it.

    >>> t = "It used a scale (SCS) twice."
    >>> t[slice(*closed(t, t.index("a scale"), t.index(")")))]
    'a scale (SCS)'
    """
    inside = text[start:end]
    if inside.count("(") > inside.count(")") and text[end : end + 1] == ")":
        return start, end + 1
    if inside.count(")") > inside.count("(") and text[start - 1 : start] == "(":
        return start - 1, end
    return start, end
