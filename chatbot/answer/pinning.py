"""What moderators pinned or banned for a question: whether a reader's question is such a one, and what follows.

    place     entries of pins.toml -> questions as they are compared, with the rows of their sentences
    meet      the entries whose question a reader asks: both are near as vectors, the second stage holds them for the same in either
              order, and they agree in what both models blur (`agree`, and the words themselves: `pinboard`)
    traced    the candidates of a trace, pinned ones first, banned ones last, each marked with the entry's id

A ban takes its sentences from the candidates before anything is decided; a pin puts its sentences first and changes no decision.
A ban goes before a pin. Thresholds, with how they were measured, are in `settings`. Left out: triage, which goes before all of this, and
the limits of licences, which `pipeline` keeps to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from chatbot import settings
from chatbot.datatypes import Evidence, PinQuestion, Sentence, Vectors
from chatbot.errors import CorpusError
from chatbot.marked import Pin, Place

Span = tuple[int, int]  # first and last row of sentences
PINNED, BANNED = "pinned", "banned"  # signals of a candidate, 1 where it was; "pinned:ID" beside them names the entry

NEGATION = re.compile(
    r"\b(?:not|no|never|without|none|nobody|nothing|cannot|neither|nor|\w+n['’]t|(?:do|does|did|is|are|was|were|wo|ca)nt)\b",
    re.IGNORECASE,
)
AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had)(?:n['’]?t)?"
)
INTERROGATIVE = re.compile(
    rf"^\W*(?P<either>{AUXILIARY})\b|\bhow\s+come\b|\bhow\s+(?!{AUXILIARY}\b|to\b)(?P<how>\w+)"
    r"|\bwhat\s+(?P<what>amount|number)\b|\b(?P<word>how|what|which|who|whom|whose|when|where|why)\b",
    re.IGNORECASE,
)
ASKED = {"amount": "much", "number": "many", "big": "large", "frequently": "often", "whom": "who", "whose": "who"}
# Two questions that differ in one of these ask two things. Only the commonest; a word that stands in both counts for nothing.
CONTRARY = tuple(
    tuple(pair.split("/"))
    for pair in (
        "before/after before/during before/following during/after during/following first/second first/third second/third first/last "
        "more/less more/fewer increase/decrease increase/reduce raise/lower rise/fall better/worse improve/worsen best/worst "
        "highest/lowest with/without benefits/risks start/stop allowed/excluded single/double men/women man/woman"
    ).split()
)


def compared(text: str) -> str:
    """A question as it is compared: with one question mark, since with none its vector is another (cosine .91 of an example's two).

    >>> compared("is it approved"), compared("Is it approved??")
    ('is it approved?', 'Is it approved?')
    """
    return f"{text.rstrip(' ?!.')}?"


def place(
    pins: Sequence[Pin],
    sentences: Sequence[Sentence],
    quotable: frozenset[int],
    read: Callable[[str], tuple[str, ...]],
) -> tuple[PinQuestion, ...]:
    """The questions of all entries, in their order. `quotable` are the rows that may be quoted as an answer, `read` gives the wordings in
    which a question is compared.

    Raises CorpusError, naming the entry, for one that cuts a sentence or names words that answer nothing.
    """
    out: list[PinQuestion] = []
    for pin in pins:
        first, last = rows_of(pin, sentences, quotable)
        out += [PinQuestion(pin.ident, pin.action, first, last, form) for q in pin.questions for form in read(q)]
    return tuple(out)


def rows_of(pin: Pin, sentences: Sequence[Sentence], quotable: frozenset[int]) -> Span:
    """(first, last) row of an entry's sentences. Raises CorpusError, naming it, where they are not whole or may not be quoted."""
    rows = [i for i, s in enumerate(sentences) if pin.place.overlaps(Place(s.doc_id, s.start, s.end))]
    if not rows or (sentences[rows[0]].start, sentences[rows[-1]].end) != (pin.place.start, pin.place.end):
        raise CorpusError(f"pins.toml: {pin.ident}: cuts through a sentence; copy whole sentences from the text")
    if not quotable.issuperset(rows):
        raise CorpusError(
            f"pins.toml: {pin.ident}: names words that are no answer (a question, a table, a footnote); choose others or take it out"
        )
    return rows[0], rows[-1]


def meet(
    query: str,
    cosines: Vectors,
    pins: Sequence[PinQuestion],
    alike: Callable[[str, str], float],
    agrees: Callable[[str, str], bool],
) -> tuple[PinQuestion, ...]:
    """The entries that the query meets, likest first, each once. `cosines` (n,) are the query's with each of `pins`; `alike` is the
    probability that two questions ask the same. The very words of an entry meet it whatever the models say."""
    found: list[tuple[float, PinQuestion]] = []
    for pin, cosine in zip(pins, map(float, cosines), strict=True):
        if _letters(pin.question) == _letters(query):
            found.append((2.0, pin))
        elif cosine >= settings.PIN_COSINE and agrees(query, pin.question):
            likeness = alike(query, pin.question)
            if likeness >= settings.PIN_ALIKE:
                found.append((likeness, pin))
    out: dict[str, PinQuestion] = {}
    for _, pin in sorted(found, key=lambda item: -item[0]):
        out.setdefault(pin.ident, pin)
    return tuple(out.values())


def agree(one: str, other: str, facts: Callable[[str], object]) -> bool:
    """Whether two like questions agree in what changes an answer and hardly a vector: whether they deny, contraries, what they ask for,
    and their `facts`, which are the numbers and the source that a question names."""
    if bool(NEGATION.search(one)) != bool(NEGATION.search(other)) or _contrary(one, other):
        return False
    wanted = {asks_for(one), asks_for(other)} - {""}
    return len(wanted) < 2 and facts(one) == facts(other)


def asks_for(question: str) -> str:
    """What the first interrogative asks for: much, many, long, who, when, why, how ...; "either" for yes or no; "" for what and which, which
    may ask for any of these.

    >>> [asks_for(q) for q in ("How many people?", "What number of people?", "Does it last?", "How is it done?", "What is it?")]
    ['many', 'many', 'either', 'how', '']
    """
    found = INTERROGATIVE.search(question)
    if found is None:
        return ""
    if found["either"]:
        return "either"
    word = (found["how"] or found["what"] or found["word"] or "why").lower()
    return "" if word in ("what", "which") else ASKED.get(word, word)


def _contrary(one: str, other: str) -> bool:
    """Whether the one has a word and the other its contrary.

    >>> _contrary("What happens before it?", "What happens after it?"), _contrary("before and after", "after")
    (True, False)
    """
    mine, yours = (set(re.findall(r"[a-z]+", text.lower())) for text in (one, other))
    only, theirs = mine - yours, yours - mine
    return any((a in only and b in theirs) or (b in only and a in theirs) for a, b in CONTRARY)


def _letters(text: str) -> str:
    """The text without marks and capitals."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def rows_met(met: Sequence[PinQuestion]) -> tuple[int, ...]:
    """The rows of all pins and bans that were met, each once."""
    return tuple(dict.fromkeys(row for pin in met for row in range(pin.first, pin.last + 1)))


def silenced(scores: Vectors, rows: Sequence[Sequence[int]], banned: frozenset[int]) -> Vectors:
    """The scores with 0 where all of `rows` (of each score, some at least) are banned: a bank question that only they answer says nothing.

    >>> import numpy as np
    >>> silenced(np.array([0.5, 0.6, 0.7]), [[1], [1, 2], []], frozenset({1})).tolist()
    [0.0, 0.6, 0.7]
    """
    out = scores.copy()
    out[[i for i, of in enumerate(rows) if of and banned.issuperset(of)]] = 0.0
    return out


def bans(met: Sequence[PinQuestion]) -> tuple[PinQuestion, ...]:
    """The bans among what was met, likest question first."""
    return tuple(pin for pin in met if pin.action == "ban")


def banned_rows(met: Sequence[PinQuestion]) -> frozenset[int]:
    """The rows of all bans that were met."""
    return frozenset(row for pin in bans(met) for row in range(pin.first, pin.last + 1))


def pinned_spans(met: Sequence[PinQuestion]) -> tuple[Span, ...]:
    """The sentences of all pins that were met, likest question first; none of which a ban takes away a part."""
    banned = banned_rows(met)
    spans = [(pin.first, pin.last) for pin in met if pin.action == "pin"]
    return tuple(dict.fromkeys(s for s in spans if banned.isdisjoint(range(s[0], s[1] + 1))))


def spared(span: Span, own: Span, banned: frozenset[int]) -> Span:
    """The span that a quote needs to stand alone, or only its own sentences where the others are banned.

    >>> spared((3, 4), (4, 4), frozenset({3})), spared((3, 4), (4, 4), frozenset())
    ((4, 4), (3, 4))
    """
    return span if banned.isdisjoint(range(span[0], span[1] + 1)) else own


def before_all(first: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Pinned spans, then the others that have no sentence in common with them.

    >>> before_all([(4, 5)], [(1, 1), (5, 6)])
    [(4, 5), (1, 1)]
    """
    return [*first, *(s for s in others if all(s[1] < a or b < s[0] for a, b in first))]


def traced(evidence: Sequence[Evidence], aside: Sequence[Evidence], met: Sequence[PinQuestion]) -> tuple[Evidence, ...]:
    """The candidates as a trace has them. `aside` are sentences of pins or bans that took no part in the decision."""
    if not met:
        return tuple(evidence)
    banned, spans = banned_rows(met), pinned_spans(met)
    pinned = [row for first, last in spans for row in range(first, last + 1)]
    by_row = {e.row: e for e in (*aside, *evidence)}
    first = [_marked(by_row[row], PINNED, met) for row in dict.fromkeys(pinned) if row in by_row]
    last = [_marked(e, BANNED, met) for e in aside if e.row in banned]
    return (*first, *(e for e in evidence if e.row not in pinned), *last)


def _marked(evidence: Evidence, what: str, met: Sequence[PinQuestion]) -> Evidence:
    """The candidate with a signal that says what it was, and one for each entry that says so."""
    action = "pin" if what == PINNED else "ban"
    idents = [p.ident for p in met if p.action == action and p.first <= evidence.row <= p.last]
    return replace(evidence, signals=(*evidence.signals, (what, 1.0), *((f"{what}:{i}", 1.0) for i in idents)))
