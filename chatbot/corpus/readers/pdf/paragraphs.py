"""Makes parts of marked lines: paragraphs joined over columns and pages, headings with their rank, printed references.

A paragraph ends where its last line is short and ended, where the next stands in or farther below, and at a heading; a note, a caption
or a table between two columns does not end it. A heading's rank is what its numbering says, else the place of its type among those of
the headings, larger and bolder first. What it leaves out: lists within lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from chatbot.corpus.readers.pdf.values import WHOLE, Line, Marked, Text, gap_of
from chatbot.corpus.values import Part
from chatbot.datatypes import Role

INDENT = (0.6, 6.0)  # of the size: how far a paragraph's first line stands in, at least and at most
# Of the column's width: by how much the last line of a paragraph is shorter, and where the next one would stand in too.
SHORT, VERY_SHORT = 0.1, 0.25
WIDE = 1.35  # of the usual distance of lines: white space that sets paragraphs apart
ENDED = re.compile(r"[.?!:][)\]”’\"'⁰¹²³⁴-⁹,⁻]*$")
BULLET = re.compile(r"(?:[•◦▪■●–-]|\(?(?:\d{1,2}|[ivx]{1,4}|[a-h])[).])\s")
NUMBERING = re.compile(r"(\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}(?=\.))\.?\s")
ABSTRACT = re.compile(r"(abstract|summary)\s*(?:[.:—–-]\s*|\s+(?=[A-ZÀ-Þ]))(?=\S)", re.IGNORECASE)

FIRST_RANK = re.compile(r"(?:abstract|introduction|references|bibliography|acknowledge?ments?)[:.]?", re.IGNORECASE)

Join = Callable[[Sequence[str]], str]
Entries = Callable[[Sequence[Line]], Sequence[tuple[str, Sequence[Line]]]]
Block = tuple[Role, list[Line]]


def parts_of(marked: Sequence[Marked], text: Text, join: Join, entries: Entries) -> tuple[list[Part], list[str]]:
    """The parts in order, and the label of each one that is a reference."""
    blocks = _blocks(marked, text)
    ranks = _ranks([lines[0] for role, lines in blocks if role == "heading"])
    path: list[tuple[int, str]] = []
    parts: list[Part] = []
    labels: list[str] = []
    for role, lines in blocks:
        if role == "reference":
            for label, entry in entries(lines):
                parts.append(Part("reference", tuple(h for _, h in path), join([line.text for line in entry])))
                labels.append(label)
            continue
        words = " | ".join(lines[0].cells) if role == "table" else join([line.text for line in lines])
        if role == "heading":
            rank = 1 if FIRST_RANK.fullmatch(words) else _numbered_rank(words) or ranks[_type(lines[0])]
            path = [*(p for p in path if p[0] < rank), (rank, words)]
        elif role == "body" and (found := ABSTRACT.match(words)) and not path:
            path = [(1, found.group(1))]
            parts.append(Part("heading", (found.group(1),), found.group(1)))
            words = words[found.end() :]
        parts.append(Part(role, tuple(h for _, h in path), words))
    kept = [p for p in parts if p.text.strip()]
    return kept, labels


def _blocks(marked: Sequence[Marked], text: Text) -> list[Block]:
    """Lines that make one part each; all references of a list are one."""
    blocks: list[Block] = []
    open_: list[Line] | None = None  # the paragraph that may go on
    stands_in = sum(_indent(m.line) and m.role == "body" for m in marked) > len(marked) / 60
    for i, item in enumerate(marked):
        line, role = item.line, item.role
        last = blocks[-1] if blocks else None
        before = marked[i - 1].line if i else None
        if role == "body":
            if open_ and not item.begins and _same_paragraph(open_, line, before, text, stands_in):
                open_.append(line)
            else:
                open_ = [line]
                blocks.append((role, open_))
            continue
        if role in ("heading", "title", "reference"):
            open_ = None
        follows = last is not None and last[0] == role and not item.begins
        if follows and role == "heading":
            gap = gap_of(before, line)
            follows = gap is not None and gap < 1.6 * line.size and _type(before or line) == _type(line)
            follows = follows and not NUMBERING.match(line.text)
        elif follows and role in ("caption", "footnote"):
            gap = gap_of(before, line)
            follows = role == "footnote" if gap is None else gap < 1.8 * line.size
        if last is not None and follows:
            last[1].append(line)
        else:
            blocks.append((role, [line]))
    return blocks


def _indent(line: Line) -> bool:
    return INDENT[0] * line.size < line.left - line.column_left < INDENT[1] * line.size


def _short(line: Line, share: float = SHORT) -> bool:
    return line.right < line.column_right - share * (line.column_right - line.column_left)


def _same_paragraph(paragraph: list[Line], line: Line, before: Line | None, text: Text, stands_in: bool) -> bool:
    """Whether a line goes on with the paragraph; `stands_in`: the document's paragraphs begin with an indent."""
    last = paragraph[-1]
    gap = gap_of(last, line) if last is before else None
    ended = bool(ENDED.search(last.text))
    if abs(last.size - line.size) > 1.0:
        return gap is not None and not ended and line.text[:1].islower()
    if BULLET.match(line.text) and (ended or BULLET.match(paragraph[0].text)) and line.left <= paragraph[0].left + 1:
        return False
    if gap is None:
        if not ended:
            return not (line.text[:1].isupper() and _short(last) and _short(line) and last.page == line.page)
        return stands_in and not _short(last) and not _indent(line)
    if gap > WIDE * max(text.leading, 1.1 * line.size):
        return False
    if BULLET.match(paragraph[0].text):
        return line.left > paragraph[0].left or not ended or not _short(last)
    if line.left - last.left > INDENT[0] * line.size and len(paragraph) >= 1 and _indent(line) and not _indent(last):
        return False
    return not (ended and _short(last, VERY_SHORT if stands_in else SHORT))


def _type(line: Line) -> tuple[float, bool, bool, bool]:
    """What of a heading's type tells its rank: size, capitals, weight, slant."""
    return round(line.size), line.text.isupper(), line.bold >= WHOLE, line.italic >= WHOLE


def _ranks(headings: Sequence[Line]) -> dict[tuple[float, bool, bool, bool], int]:
    """The rank of each type, 1 the highest: as numbered headings of it have it, else by size, capitals, weight and slant."""
    order = sorted({_type(line) for line in headings}, key=lambda t: (-t[0], not t[1], not t[2], t[3]))
    told: dict[tuple[float, bool, bool, bool], Counter[int]] = {}
    for line in headings:
        if rank := _numbered_rank(line.text):
            told.setdefault(_type(line), Counter())[rank] += 1
    ranks: dict[tuple[float, bool, bool, bool], int] = {}
    for place, kind in enumerate(order, start=1):
        ranks[kind] = told[kind].most_common(1)[0][0] if kind in told else place
    return ranks


def _numbered_rank(words: str) -> int:
    """The depth that a heading's numbering says, or 0.

    >>> _numbered_rank("2.1 Node Types"), _numbered_rank("3. Results"), _numbered_rank("IV. Results"), _numbered_rank("Results")
    (2, 1, 1, 0)
    """
    found = NUMBERING.match(words)
    return found.group(1).count(".") + 1 if found else 0
