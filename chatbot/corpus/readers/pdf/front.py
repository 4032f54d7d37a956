"""Finds what a document says of itself on its first page: title, DOI, year; and tells authors and addresses from the text.

The title is the group of lines in the largest type, or the one that the file's own title names. What it leaves out: the authors' names,
which no form tells from addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatbot.corpus.identifiers import doi_of
from chatbot.corpus.readers.pdf.values import WHOLE, Line, Stretch
from chatbot.corpus.values import Part, Record

MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
YEARS = (
    re.compile(r"[Pp]ublished(?: online)?:?[^.;]{0,30}?\b((?:19|20)\d\d)\b"),
    re.compile(r"(?:©|\([cC]\)|[Cc]opyright)\s*(?:by\s)?\D{0,40}?((?:19|20)\d\d)\b"),
    re.compile(r"\b((?:19|20)\d\d)[,;]\s*(?:[Vv]ol\.?\s*)?\d+\s*[:(,]"),
    re.compile(r"\(((?:19|20)\d\d)\)\s*\d+"),
    re.compile(r"\b[Vv]ol(?:ume|\.)?\s*\d+[\s,(]*((?:19|20)\d\d)\b"),
    re.compile(
        rf"^(?!.*(?:[Rr]eceived|[Aa]ccepted|[Rr]evised)).*\b{MONTH}(?:\s\d{{1,2}}(?:\s?[-–]\s?\d{{1,2}})?)?,?\s((?:19|20)\d\d)\b",
        re.MULTILINE,
    ),
)
MAX_TITLE_LINES = 6
TITLE_WORDS = 4  # titles with fewer words are taken only where nothing longer is found: logos have them
UPPER = 0.66  # of the page's height: the title stands above
SAME_TITLE = 0.7  # share of the file's title words found in a group of lines, so that it is the title
MIN_PROSE = 300  # characters of a paragraph, so that it is text and no address


def title_lines(lines: Sequence[Line], named: str = "") -> tuple[int, ...]:
    """The numbers of the lines that make the title; `named` is what the file's own data give as one, often wrong."""
    if not lines:
        return ()
    first = lines[0].page
    groups: list[list[int]] = []
    for i, line in enumerate(lines):
        if line.page != first or line.base > UPPER * line.height:
            continue
        if i and groups and groups[-1][-1] == i - 1 and _goes_on(lines[i - 1], line):
            groups[-1].append(i)
        else:
            groups.append([i])
    likely = [g for g in groups if len(g) <= MAX_TITLE_LINES and _is_title(" ".join(lines[i].text for i in g))]
    wanted = _words(named)
    if len(wanted) > 2:
        for group in likely:
            found = _words(" ".join(lines[i].text for i in group))
            if len(wanted & found) >= SAME_TITLE * max(len(wanted), len(found)):
                return tuple(group)
    if not likely:
        return ()
    long = [g for g in likely if sum(len(lines[i].text.split()) for i in g) >= TITLE_WORDS]
    best: list[int] = max(long or likely, key=lambda g: (round(lines[g[0]].size), lines[g[0]].bold, -g[0]))
    return tuple(best)


def _goes_on(before: Line, line: Line) -> bool:
    """Whether two lines may be of one title: of one type, one closely under the other."""
    same = abs(before.size - line.size) < 0.6 and (before.bold >= WHOLE) == (line.bold >= WHOLE)
    return same and (before.italic >= WHOLE) == (line.italic >= WHOLE) and 0 < line.base - before.base < 2.2 * line.size


def _is_title(text: str) -> bool:
    return sum(c.isalpha() for c in text) > 9 and len(text.split()) > 1 and len(text) < 400


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", text.lower()))


def record_of(stretches: Sequence[Stretch], title: str) -> Record:
    """Title, DOI and year, as far as the first page's words say them plainly."""
    text = "\n".join(s.text for s in stretches)
    year = next((m.group(1) for pattern in YEARS if (m := pattern.search(text))), "")
    return Record(title=title, doi=doi_of(text).split("|")[0], year=year)


def with_front_matter(parts: Sequence[Part]) -> list[Part]:
    """The same, with the role front_matter for text before the first heading or the first paragraph of prose, if there is one."""
    starts = (
        i for i, part in enumerate(parts) if part.role == "heading" or (part.role == "body" and _is_prose(part.text))
    )
    first = next(starts, 0)
    loose = ("body", "table")
    return [replace(p, role="front_matter") if i < first and p.role in loose else p for i, p in enumerate(parts)]


def _is_prose(text: str) -> bool:
    return len(text) >= MIN_PROSE and len(re.findall(r"[a-z][.?!)] ", text)) > 1 and "@" not in text
