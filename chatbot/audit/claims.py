"""Where a reader should look when a claim is held against its source: mechanical marks, never a verdict.

A claim is one sentence; a source is its sentences, closest to the claim first. Each rule is about words that any field uses and knows
nothing of the subject:

    number     a quantity that the source never gives, or another quantity of the same thing
    word       words of the claim that stand nowhere in the source
    strength   strong words (significant, lasting, proven, always) that the closest words do not have
    hedge      reserve in the closest words (may, suggests, partial, associated) that the claim does not have
    negation   a word that one side denies and the other does not
    time       a claim of duration, and the spans of time that the source gives
    limit      a claim of effect, and what the source says of its own limits
    study      a claim of effect, and who was studied and how, where the claim does not say it

What it leaves out: meaning. A mark may be of no weight, and a claim without marks may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatbot.datatypes import Sentence

Stems = Callable[[str], Sequence[str]]  # the stems of a text's content words

CLOSEST = 3  # sentences that stand beside the claim
NEAR = 8  # sentences in which numbers and negations are compared: enough for a paragraph; not tuned
MAX_SHOWN = 3  # sentences, or facts of a kind, in one mark

WORDS = dict(
    zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True)
) | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?|{'|'.join(WORDS)})"
QUANTITY = re.compile(rf"(?<![\w.,-])({NUMBER})(\s+or\s+more)?(?![\w.]*\d)(?!\w)", re.IGNORECASE)
SPAN = re.compile(rf"\b{NUMBER}[\s-](?:days?|weeks?|months?|years?)\b", re.IGNORECASE)
LATER = re.compile(r"\b(?:after|later|follow\w*|end[- ]?points?|until|up to|stops?|post-\w+|at \d)", re.IGNORECASE)
PEOPLE = (
    "people|persons?|participants|patients|adults|adolescents|children|women|men|individuals|volunteers|subjects|veterans"
    "|students|cases|respondents|mice|rats|animals"
)
STUDY = re.compile(
    rf"\b{NUMBER} (?:[\w-]+ ){{0,2}}?(?:{PEOPLE})\b|\bsecondary analys[ie]s\b|\bpost hoc\b|\bexploratory\b|\bpilot\b|\bopen-label\b"
    r"|\brandomi[sz]ed\b|\bdouble-blind\b|\bplacebo-controlled\b|\bcross-sectional\b|\bobservational\b|\bcase reports?\b"
    r"|\bmeta-analys[ie]s\b|\bsystematic review\b|\bself-report\w*"
    r"|\b(?:one|two|three|\d) time points?\b",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"\bcannot\b|\b(?:does|do|did) not (?:by itself |necessarily )?(?:mean|prove|show|establish|allow|imply|tell)\b|\blimit(?:s|ed|ations?)\b"
    r"|\bcaution\w*|\bunclear\b|\bnot (?:yet |been )?(?:known|clear|established|shown|tested|measured|assessed)\b"
    r"|\bneeded before\b|\bfurther (?:research|studies|work|trials)\b|\btwo time points only\b|\bonly (?:two|one) time points?\b",
    re.IGNORECASE,
)
EFFECT = re.compile(
    r"\b(?:lead(?:s|ing)? to|led to|caus(?:e|es|ed|ing)|reduc\w+|improv\w+|increas\w+|decreas\w+|help(?:s|ed|ing)?|effective\w*"
    r"|work(?:s|ed)|prevent\w*|cur(?:e|es|ed)|lower(?:s|ed)?|rais(?:e|es|ed)|enhanc\w+|results? in|treat(?:s|ed)|protect\w*"
    r"|heal(?:s|ed|ing)?|reliev\w+|benefit\w*|factors?)\b",
    re.IGNORECASE,
)
LASTING = re.compile(
    r"\b(?:(?:long-?)?lasting|long[- ]term|long after|permanent\w*|durabl\w+|endur\w+|sustained|persist\w*|for (?:years|good|life)"
    r"|forever)\b",
    re.IGNORECASE,
)
STRONG = re.compile(
    r"\b(?:significant(?:ly)?|(?:long-?)?lasting|permanent(?:ly)?|prov(?:e|es|ed|en)|all|always|never|every(?:one)?|cur(?:e|es|ed)"
    r"|prevent(?:s|ed)?|caus(?:e|es|ed)|lead(?:s|ing)? to|led to|guarantees?|complete(?:ly)?|entire(?:ly)?|eliminat\w+|dramatic(?:ally)?"
    r"|remarkabl[ey]|profound(?:ly)?|crucial|key|must|definitely|clearly|safe(?:ly)?|best|most effective)\b",
    re.IGNORECASE,
)
HEDGES = {
    "possibility": r"\b(?:may|might|could|can|possibl[ey]|perhaps|potential(?:ly)?|likely)\b",
    "inference": r"\b(?:suggest\w*|indicat\w+|(?:appear|seem|tend)(?:s|ed)? to|estimated?|thought to|hypothesi[sz]\w+)\b",
    "part": r"\b(?:partial(?:ly)?|partly|in part|some|to some extent)\b",
    "mediation": r"\b(?:(?:full|partial|complete)(?:l?y)? )?mediat\w+",
    "association": r"\b(?:associat\w+|correlat\w+|linked|went with|go together|relat(?:ed|ionship))\b",
    "early": r"\b(?:preliminary|pilot|exploratory|secondary analys[ie]s|post hoc|initial)\b",
}
NEGATOR = re.compile(r"(?:no|not|never|without|neither|nor|cannot|none)\Z|\w+n['’]t\Z", re.IGNORECASE)
ONLY = ("just", "only", "merely", "simply", "solely", "necessarily")
FILLER = frozenset(  # content words that carry nothing to look for, beside those that `stems` leaves out
    "become becomes even finding findings found little published rather shown suggest suggests suggested".split()
)
COMMON = (
    0.1  # share of a source's sentences above which a word is its subject, and its denial there says nothing; not tuned
)
ENDS = frozenset("but on in for with to from by at among between than because that which who when while if".split())
SCOPE = 5  # words after a negator that it denies, up to one of ENDS, a comma or a full stop; checked by eye on the shipped corpus


@dataclass(frozen=True, slots=True)
class Look:
    """A mark on a claim: of which kind, what to look at, and the source's sentences that say it (may be none)."""

    kind: str
    note: str
    seen: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as printed, its value as text ("3", "1+" for "one or more"), and the stems of the words after it."""

    printed: str
    value: str
    of: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """What a claim is held against: sentences, closest first. `known` are further words of the work: title, names, year; `called` is
    how marks speak of it ("the note")."""

    ranked: tuple[Sentence, ...]
    stems: Stems
    known: tuple[str, ...] = ()
    called: str = "the source"


def look(claim: str, text: Text) -> tuple[Look, ...]:
    """Every mark of a claim against a text."""
    rules = (numbers, words, strength, hedges, negations, times, limits, study)
    return tuple(mark for rule in rules for mark in rule(claim, text))


def quantities(text: str, stems: Stems) -> tuple[Quantity, ...]:
    """The quantities of a text, in order; a number within a name ("CAPS-5") is none.

    >>> quantities("It has one or more sessions.", str.split)[0]
    Quantity(printed='one or more sessions', value='1+', of=frozenset({'sessions'}))
    """
    out = []
    for match in QUANTITY.finditer(text):
        digits = match.group(1).lower()
        number = WORDS[digits] if digits in WORDS else float(digits.rstrip(",").replace(",", ""))
        after = re.match(r"(?:\s?%)?(?:[\s-][\w'’-]+){0,3}", text[match.end() :])
        following = after.group() if after else ""
        shown = re.match(r"(?:\s?%)?(?:[\s-][\w'’-]+){0,2}", following)
        printed = f"{match.group()}{shown.group() if shown else ''}".split()
        while len(printed) > 1 and not (re.search(r"[\d%]", printed[-1]) or stems(printed[-1])):
            printed.pop()
        value = f"{number:g}{'+' if match.group(2) else ''}"
        out.append(Quantity(" ".join(printed), value, frozenset(stems(following.replace("-", " ")))))
    return tuple(out)


def numbers(claim: str, text: Text) -> Iterator[Look]:
    """Quantities that the text never gives, and other quantities of the same thing near by.

    A bare "one" is no quantity: it is a pronoun as often as a number.
    """
    given = {q.value for t in (*(s.text for s in text.ranked), *text.known) for q in quantities(t, text.stems)}
    near = [(q, s) for s in text.ranked[:NEAR] for q in quantities(s.text, text.stems)]
    for found in quantities(claim, text.stems):
        if found.value == "1":
            continue
        same = [(q, s) for q, s in near if q.of & found.of]
        if found.value not in given and not found.value.endswith("+"):
            yield Look("number", f"the claim says “{found.printed}”; that number stands nowhere in {text.called}")
        if same and all(q.value != found.value for q, _ in same):
            others = ", ".join(dict.fromkeys(f"“{q.printed}”" for q, _ in same[:MAX_SHOWN]))
            seen = tuple(dict.fromkeys(s for _, s in same[:MAX_SHOWN]))
            yield Look("number", f"the claim says “{found.printed}”; near by in {text.called} stands {others}", seen)


def words(claim: str, text: Text) -> Iterator[Look]:
    """Content words of the claim of which no form stands in the text."""
    there = {stem for t in (*(s.text for s in text.ranked), *text.known) for stem in text.stems(t)}
    said = (w for w in _printed(claim) if w.lower() not in FILLER and not NEGATOR.match(w))
    absent = [w for w in said if (found := text.stems(w)) and not any(stem in there for stem in found)]
    if absent:
        yield Look("word", f"these words stand in no form in {text.called}: {', '.join(absent)}")


def _printed(claim: str) -> Iterable[str]:
    """The words of a claim as printed, each once, in order."""
    return dict.fromkeys(w.rstrip("'’-") for w in re.findall(r"[^\W\d_][\w'’-]*", claim))


def strength(claim: str, text: Text) -> Iterator[Look]:
    """Strong words that the closest sentences do not have; also whether the text has them at all."""
    closest, whole = (_forms(" ".join(s.text for s in part), text) for part in (text.ranked[:CLOSEST], text.ranked))
    for word in dict.fromkeys(match.group().lower() for match in STRONG.finditer(claim)):
        forms = _forms(word, text)
        if not forms & closest:
            where = "" if forms & whole else f", nor anywhere in {text.called}"
            yield Look("strength", f"the claim says “{word}”; the closest words do not{where}")


def _forms(words_: str, text: Text) -> set[str]:
    """Stems of content words, and the short words that carry no content elsewhere ("all", "must") as they are."""
    return {*text.stems(words_), *re.findall(r"\b(?:all|always|never|every|must|key|best)\b", words_.lower())}


def hedges(claim: str, text: Text) -> Iterator[Look]:
    """Kinds of reserve that a close sentence has and the claim has not."""
    for kind, pattern in HEDGES.items():
        if re.search(pattern, claim, re.IGNORECASE):
            continue
        closest = text.ranked[:CLOSEST]
        hits = [(m.group(), s) for s in closest for m in [re.search(pattern, s.text, re.IGNORECASE)] if m]
        if hits:
            said = ", ".join(dict.fromkeys(f"“{word}”" for word, _ in hits))
            note = f"the closest words say {said} ({kind}); the claim has no word of that kind"
            yield Look("hedge", note, tuple(s for _, s in hits))


def denied(words_: str, stems: Stems) -> frozenset[str]:
    """Stems of the words that stand under a negation; "not just X" denies nothing.

    >>> sorted(denied("It has no direct effect, but it doesn't just help.", str.split))
    ['direct', 'effect']
    """
    tokens = re.findall(r"[\w'’-]+|[.,;:()?!]", words_)
    out: set[str] = set()
    for at, token in enumerate(tokens):
        if not NEGATOR.match(token) or (at + 1 < len(tokens) and tokens[at + 1].lower() in ONLY):
            continue
        for word in tokens[at + 1 : at + 1 + SCOPE]:
            if not re.match(r"\w", word) or word.lower() in ENDS:
                break
            out |= set(stems(word))
    return frozenset(out)


def negations(claim: str, text: Text) -> Iterator[Look]:
    """Words that one side denies and the other says, in sentences that share two other words with the claim; closest first.

    A word that many of the text's sentences have is what they are all about, and is left out.
    """
    no, all_ = denied(claim, text.stems), set(text.stems(claim))
    held = [(s, set(text.stems(s.text)), denied(s.text, text.stems)) for s in text.ranked]
    common = {w for w in all_ if sum(w in theirs for _, theirs, _ in held) > max(3, COMMON * len(held))}
    shown = 0
    for sentence, theirs, their_no in held:
        differing = ((no & (theirs - their_no)) | ((all_ - no) & their_no)) - common
        if differing and len((all_ & theirs) - differing) > 1 and shown < MAX_SHOWN:
            shown += 1
            said = ", ".join(f"“{w}”" for w in _printed(claim) if set(text.stems(w)) & differing)
            side = f"denied in the claim and not in {text.called}" if differing & no else f"denied in {text.called}"
            yield Look("negation", f"{said}, {side}:", (sentence,))


def times(claim: str, text: Text) -> Iterator[Look]:
    """For a claim of duration: how long the work looked, in its own sentences."""
    match = LASTING.search(claim)
    if match:
        seen = tuple(s for s in text.ranked if SPAN.search(s.text) and LATER.search(s.text))[:MAX_SHOWN]
        spans = ", ".join(dict.fromkeys(f"“{m.group()}”" for s in seen for m in SPAN.finditer(s.text)))
        said = (
            f"spans of time in {text.called}: {spans}"
            if spans
            else f"no span of time afterwards stands in {text.called}"
        )
        yield Look("time", f"the claim says “{match.group()}”; {said}", seen)


def limits(claim: str, text: Text) -> Iterator[Look]:
    """For a claim of effect: the text's sentences about limits, those closest to the claim first."""
    match = EFFECT.search(claim)
    seen = tuple(s for s in text.ranked if LIMIT.search(s.text))[:MAX_SHOWN]
    if match and seen:
        yield Look("limit", f"the claim speaks of an effect (“{match.group()}”); limits named in {text.called}:", seen)


def study(claim: str, text: Text) -> Iterator[Look]:
    """For a claim of effect: who was studied and how, as far as the claim does not say it; in the order of the text."""
    if not EFFECT.search(claim):
        return
    facts: dict[str, Sentence] = {}
    for sentence in sorted(text.ranked, key=lambda s: s.start):
        for match in STUDY.finditer(sentence.text):
            if match.group().lower() not in claim.lower():
                facts.setdefault(match.group().lower(), sentence)
    shown = dict(list(facts.items())[: 2 * MAX_SHOWN])
    if shown:
        said = ", ".join(f"“{fact}”" for fact in shown)
        note = f"said in {text.called} of what was studied, and not in the claim: {said}"
        yield Look("study", note, tuple(dict.fromkeys(shown.values())))
