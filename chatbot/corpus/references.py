"""The article's printed reference list and the in-text citations that point to it.

An in-text citation is found by the forms that APA 7 allows: "(Mitchell et al., 2021; WebMD, n.d.)", "Agin-Liebes, Mitchell,
and Zeifman (2025)". It is matched to a source by the family names that it prints and the year. What it leaves out: numbered
styles ("[3]") and footnotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.datatypes import Document, Source

YEAR = r"(?:(?:19|20)\d\d[a-z]?|n\.d\.)"
PARENTHESIS = re.compile(rf"\(([^()]*?,\s*{YEAR}[^()]*)\)")
NARRATIVE = re.compile(rf"((?:[A-Z][\w’'-]+(?:,\s+|,?\s+(?:and|&)\s+|\s+et al\.\s*)?)+)\s*\(({YEAR})\)")


@dataclass(frozen=True, slots=True)
class InTextCitation:
    """A citation at [start, end) of a text, and the ids of the sources that it names (empty: none was found)."""

    start: int
    end: int
    text: str
    doc_ids: tuple[str, ...]


def in_text_citations(text: str, sources: tuple[Source, ...]) -> tuple[InTextCitation, ...]:
    """Every in-text citation of `text`, in order.

    >>> [c.text for c in in_text_citations("It helps (Mitchell et al., 2021; WebMD, n.d.).", ())]
    ['(Mitchell et al., 2021; WebMD, n.d.)']
    """
    found = [(m.span(), m.group(), [match_source(m.group(), sources)]) for m in NARRATIVE.finditer(text)]
    for match in PARENTHESIS.finditer(text):
        works = [work for work in match.group(1).split(";") if re.search(YEAR, work)]
        found.append((match.span(), match.group(), [match_source(work, sources) for work in works]))
    return tuple(
        InTextCitation(start, end, text_, tuple(d for d in ids if d)) for (start, end), text_, ids in sorted(found)
    )


def match_source(work: str, sources: tuple[Source, ...]) -> str:
    """The id of the source that a citation such as "Mitchell et al., 2021" names, or "".

    The first family name printed must be the source's first author and the years must agree.
    """
    years = re.findall(YEAR, work)
    for source in sources:
        first = source.authors[0].family if source.authors else ""
        printed = re.match(r"\W*(?:see|e\.g\.,)?\s*([\w’'.-]+(?:\s[A-Z]\.)?)", work.strip())
        if first and printed and printed.group(1).strip(",") == first and source.year in years:
            return source.doc_id
    return ""


def printed_references(document: Document) -> tuple[tuple[int, int, str], ...]:
    """(start, end, text) of each entry of the document's reference list."""
    return tuple((b.start, b.end, document.text[b.start : b.end]) for b in document.blocks if b.role == "reference")


def unanswered_references(document: Document, sources: tuple[Source, ...]) -> tuple[tuple[int, str], ...]:
    """(line, text) of each printed reference that is no source's `reference`."""
    known = {s.reference for s in sources if s.reference}
    return tuple(
        (document.text.count("\n", 0, start) + 1, text)
        for start, _, text in printed_references(document)
        if text not in known
    )
