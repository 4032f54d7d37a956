"""Questions on what a source is: who wrote it, when, where, how to find it, and whether it still stands.

They are answered with the reference that the article prints, a slice of its reference list, or not at all: the article itself
prints no author and no date. Whether a work was retracted is told by the stamp that every citation carries. A source is
recognised by its names in the manifest, its first authors, its year, its journal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatbot.datatypes import Source

WORK = r"(?:paper|study|article|report|page|source|text)"
FIELDS = re.compile(
    rf"""\b(?:
      who\s+(?:co-?)?(?:wrote|authored|published) | (?:written|authored)\s+by | by\s+whom
    | (?:who|what)\s+(?:is|are|was|were)\s+(?:the\s+)?(?:\w+\s+){{0,3}}authors? | (?:which|how\s+many)\s+authors
    | (?:name|list)\s+(?:all\s+)?(?:the\s+)?authors | when\s+(?:is|was|were|did)\b.*\b(?:published|written|released|come\s+out)
    | when\s+did\s+(?:it|(?:\S+\s+){{1,5}}{WORK})\s+appear | (?:date|year)\s+of\s+publication | publication\s+(?:date|year)
    | (?:what|which)\s+year\b.*\b(?:published|written|released|come\s+out|came\s+out|appear\w*)
    | (?:what|which)\s+year\s+(?:is|was)\b.*\b{WORK}(?:\s+from)?\W*$
    | (?:which|what)\s+journal | journal\b.*\b(?:published|appear\w*) | published\s+in | where\s+(?:is|was)\b.*\bpublished
    | where\s+(?:can|could|do)\s+i\s+(?:read|find|access|download|see|get|open)\s+(?:it|(?:the|this|that)\s+(?:\S+\s+){{0,4}}?{WORK})
    | doi | url | web\s*(?:address|link) | address\s+of\s+(?:the|this)\s+(?:\S+\s+){{0,4}}?{WORK}
    | link\s+(?:to|for)\s+(?:it|(?:(?:the|this|that)\s+|\w+['’]s\s+)(?:\S+\s+){{0,4}}?{WORK}) | (?:give|send|share|show)\s+me\b.*\blink
    | (?:which|what)\s+(?:volume|pages) | volume\s+(?:number|and) | issue\s+number | page\s+(?:numbers?|range) | how\s+many\s+pages
    | citation\s+(?:for|of) | (?:the|apa|full|correct|proper)\s+citation | how\s+(?:\w+\s+){{1,3}}cite | cite\s+(?:the|this|it)
    | (?:apa|full|printed|exact|complete)\s+reference | references?\s+(?:for|of|list|section|entry) | bibliograph\w*
    | what\s+(?:is|are)\s+the\s+references? | full\s+title | title\s+of | titled | peer[\s-]?review\w*
    | (?:what|which)\s+(?:sources|references)\s+(?:does|did|are)
    | retract(?:ed|ions?) | expressions?\s+of\s+concern | errat(?:um|a) | corrigend(?:um|a)
    )\b | (?:citation|reference|authors?|journal)\W*$ | ^\W*(?:the\s+)?authors?\b(?:\s+of\b.*)?\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
POINTED = re.compile(
    r"\b(?:doi|url|link|citation|cite|reference|bibliograph\w*|title|volume|pages?|issue number|address|where (?:can|could|do) i"
    r"|retract(?:ed|ions?)|expressions? of concern|errat(?:um|a)|corrigend(?:um|a))\b",
    re.IGNORECASE,
)


def asks_for_record(question: str) -> bool:
    """True when the question asks for author, date, journal, address, reference or standing of a work."""
    return bool(FIELDS.search(question))


def wants_reference_first(question: str) -> bool:
    """True when only the printed reference can answer: an address, a volume, a citation; or its stamp: a retraction."""
    return bool(POINTED.search(question))


def named_source(question: str, sources: Sequence[Source]) -> Source | None:
    """The source that the question names, or None when none or several are named equally."""
    low = f" {_plain(question)} "
    titled = asks_for_record(question)  # else the words of a title are the words of its subject
    scores: list[tuple[float, Source]] = []
    for source in sources:
        score = max((_weight(name) for name in source.names if f" {_bare(name)} " in low), default=0.0)
        for at, author in enumerate(
            source.authors[:3]
        ):  # works are called by their first author; "page" is seldom Page
            as_printed = not at or author.family in question
            score += (1.0 if at else 1.3) * (as_printed and f" {_plain(author.family)} " in low)
        if source.year.isdigit() and f" {source.year} " in low:
            score += 1.2
        if source.container and f" {source.container.lower()} " in low:
            score += 1.5
        words = [w for w in _plain(source.title).split() if len(w) > 3]
        score += 1.2 * titled * sum(f" {w} " in low for w in words) / max(len(words), 1)
        scores.append((score, source))
    scores.sort(key=lambda item: -item[0])
    if not scores or scores[0][0] < 1.0 or (len(scores) > 1 and scores[0][0] - scores[1][0] < 0.15):
        return None
    return scores[0][1]


def _plain(text: str) -> str:
    """Lower-case words with single spaces between them."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _bare(name: str) -> str:
    """A name without its article."""
    return _plain(name).removeprefix("the ").removeprefix("this ")


def _weight(name: str) -> float:
    """How surely a name names: "the article" is said of any of them, "WebMD" and "the 2021 trial" of one."""
    words = len(_bare(name).split())
    return 1.0 if words == 1 and _bare(name) != _plain(name) else 2.0 + words / 10
