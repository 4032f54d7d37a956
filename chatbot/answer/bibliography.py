"""Questions on what a source is: who wrote it, when, where, and how to find it.

They are answered with the reference that the article prints, a slice of its reference list, or not at all: the article itself
prints no author and no date. A source is recognised by its names in the manifest, its first authors, its year, its journal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatbot.datatypes import Source

FIELDS = re.compile(
    r"\b(?:who\s+(?:wrote|authored|published|are\s+the\s+authors|is\s+the\s+author|were\s+the\s+authors)|authors?\b|written\s+by"
    r"|when\s+(?:was|were|did)\b.*\b(?:published|written|come\s+out|appear)|(?:what|which)\s+year\b.*\b(?:published|written|from|out|paper|study|"
    r"article)|publication\s+(?:date|year)|(?:which|what)\s+journal|journal\b.*\b(?:published|appear)|published\s+in\b|doi\b|url\b"
    r"|link\s+(?:to|for)|web\s*(?:address|link|page)|volume\b|issue\s+number|page\s+numbers?|pages\b|citation|cite\b|"
    r"references?\b|bibliograph\w*|full\s+title|title\s+of|peer[\s-]?review\w*|sources?\s+(?:does|did|are|is|list))",
    re.IGNORECASE,
)
POINTED = re.compile(
    r"\b(?:doi|url|link|citation|cite|reference|bibliograph\w*|title|volume|pages?|issue number|web address)\b",
    re.IGNORECASE,
)


def asks_for_record(question: str) -> bool:
    """True when the question asks for author, date, journal, address or reference of a work."""
    return bool(FIELDS.search(question))


def wants_reference_first(question: str) -> bool:
    """True when only the printed reference can answer: an address, a volume, a citation."""
    return bool(POINTED.search(question))


def named_source(question: str, sources: Sequence[Source]) -> Source | None:
    """The source that the question names, or None when none or several are named equally."""
    low = f" {re.sub(r'[^a-z0-9]+', ' ', question.lower().replace('’', ''))} "
    scores: list[tuple[float, Source]] = []
    for source in sources:
        score = 0.0
        for name in source.names:
            bare = re.sub(r"[^a-z0-9]+", " ", name.lower()).strip().removeprefix("the ").removeprefix("this ")
            score = max(score, 2.0 + len(bare.split()) / 10 if f" {bare} " in low else 0.0)
        score += sum(1.0 for a in source.authors[:3] if f" {re.sub(r'[^a-z0-9]+', ' ', a.family.lower())} " in low)
        if source.year.isdigit() and f" {source.year} " in low:
            score += 1.0
        if source.container and f" {source.container.lower()} " in low:
            score += 1.5
        words = [w for w in re.findall(r"[a-z0-9]+", source.title.lower()) if len(w) > 3]
        score += 1.2 * sum(f" {w} " in low for w in words) / max(len(words), 1)
        scores.append((score, source))
    scores.sort(key=lambda item: -item[0])
    if not scores or scores[0][0] < 1.0 or (len(scores) > 1 and scores[0][0] - scores[1][0] < 0.15):
        return None
    return scores[0][1]
