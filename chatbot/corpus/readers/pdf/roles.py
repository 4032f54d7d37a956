"""Tells what each line is: heading, caption, table row, footnote, reference or running text.

From its type (size, weight, slant, capitals) against the type of most of the text, its numbering, its place on the page and the words
with which headings, captions and reference lists begin. What it leaves out: the words inside figures, which are marked as tables are:
read, and not quoted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from chatbot.corpus.readers.pdf.values import WHOLE, Line, Marked, Text, gap_of

LARGER, SMALLER = 0.8, 0.6  # points from the text's size at which type is that of a heading, of a note
SMALLEST, SMALLEST_KNOWN = (
    1.6,
    3.0,
)  # points below the text's size that a heading can have, and one whose words are known
WIDE = 1.3  # of the usual distance of lines: white space that sets paragraphs apart
MAX_HEADING, MAX_HEADING_LINES = 130, 4  # characters of one line; more lines than that are text in bold
MIN_LIST = 5  # entries that count up from 1, so that a list at the end is one of works
FIGURE_WORDS = 4  # a line of other type with no more words belongs to a picture
NUMBERING = re.compile(
    r"(?:(\d{1,2}(?:\.\d{1,2}){0,4})\.?|([IVX]{1,5}|[A-Z])\.(?!\s?[A-Z]\.)|\(?[a-z]\))\s+(?=[A-ZÀ-Þ“\"'])"
)
CERTAIN = re.compile(r"(?:\d{1,2}|[IVX]{1,5}\.)\.?\s")  # "A. Author" is none
KNOWN = re.compile(
    r"(?:abstract|summary|introduction|background|(?:materials? and |patients and |subjects and )?methods?(?: and materials?)?"
    r"|methodology|results?(?: and discussion)?|discussion|(?:general )?conclusions?|references|bibliography"
    r"|literature cited|works cited|reference list|acknowledge?ments?|appendix(?: [a-z0-9])?|limitations|related works?"
    r"|competing interests?|conflicts? of interests?|funding|authors?['’]? contributions?|author contributions?|keywords?"
    r"|supplementary (?:material|information|data)|data availability|abbreviations|author details|additional files?)[:.]?",
    re.IGNORECASE,
)
REFERENCES = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,5})\.?\s+)?(?:references|bibliography|literature cited|works cited|reference list|literature"
    r"|references and notes|notes and references|cited references|r\s?e\s?f\s?e\s?r\s?e\s?n\s?c\s?e\s?s)[:.]?",
    re.IGNORECASE,
)
CAPTION = re.compile(
    r"(?:supplementary |supplemental |extended data )?(fig(?:ure|\.)?|table|scheme|box|algorithm|plate|chart|appendix table)\s?\.?\s*"
    r"((?:[A-Z]?\d{1,3}(?:\.\d+)?[a-zA-Z]?)|[IVX]{1,5})(?P<after>\s*[.:|–—-]|\s|$)",
    re.IGNORECASE,
)
TABLE = re.compile(r"(?:supplementary |supplemental |extended data |appendix )?table", re.IGNORECASE)
NOTE_START = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§¶©]|\d{1,2}[A-Zh]|Correspondence")


def type_of(lines: Sequence[Line]) -> Text:
    """The type in which most characters before the reference list are set (or of all, if little stands before it)."""
    heads = [i for i, line in enumerate(lines) if REFERENCES.fullmatch(line.text)]
    body = lines[: heads[-1]] if heads and heads[-1] > len(lines) / 4 else lines
    found: Counter[tuple[float, str, bool]] = Counter()
    for line in body:
        found[(line.size, line.font, line.bold >= WHOLE)] += len(line.text)
    (size, font, bold), _ = found.most_common(1)[0]
    gaps = [gap for a, b in pairwise(lines) if abs(b.size - size) < 0.5 and (gap := gap_of(a, b)) is not None]
    near = [g for g in gaps if 0.9 * size < g < 2.6 * size]
    return Text(size, font, bold, median(near) if near else 1.2 * size)


def mark(lines: Sequence[Line], text: Text, title: Collection[int]) -> list[Marked]:
    """Every line with its role, in the same order; `title` are the numbers of the lines that make the title."""
    notes = _notes(lines, text)
    out: list[Marked] = []
    listing: Line | None = None  # the heading of the reference list that is open
    closing = False  # whether what stands small at the foot is back matter with headings, not notes
    for i, line in enumerate(lines):
        before = lines[i - 1] if i else None
        after = lines[i + 1] if i + 1 < len(lines) else None
        last = out[-1] if out else None
        gap = gap_of(before, line)
        closing = closing and i in notes
        if i in title:
            out.append(Marked(line, "title"))
        elif REFERENCES.fullmatch(line.text) and _stands_out(line, text):
            listing = line
            out.append(Marked(line, "heading", True))
        elif _is_caption(line, last, gap, text):
            out.append(Marked(line, "caption", True))
        elif last and last.role == "caption" and _goes_on(last.line, line, gap):
            out.append(Marked(line, "caption"))
        elif is_heading(line, last, after, gap, text) and (listing is None or _ends_list(line, listing)):
            listing, closing = None, i in notes
            out.append(Marked(line, "heading"))
        elif listing is not None and (i not in notes or _of_list(line, last)):
            out.append(Marked(line, "reference"))
        elif (i not in notes or (gap and gap < 3 * line.size and _in_table(out, line))) and _is_row(
            line, after, out, text
        ):
            out.append(Marked(line, "table", True))
        elif i in notes and not closing:
            out.append(Marked(line, "footnote", bool(NOTE_START.match(line.text))))
        else:
            out.append(Marked(line, "body"))
    out = _without_early_headings(_without_long_headings(out))
    return out if any(m.role == "reference" for m in out) else _with_list_at_end(out)


def _stands_out(line: Line, text: Text) -> bool:
    """Whether a line is set unlike the text, or stands alone in a short line."""
    other = line.bold >= WHOLE > text.bold or abs(line.size - text.size) > SMALLER / 2 or line.text.isupper()
    return other or line.italic >= WHOLE or line.right - line.left < 0.6 * (line.column_right - line.column_left)


def is_heading(line: Line, last: Marked | None, after: Line | None, gap: float | None, text: Text) -> bool:
    """Whether a line is a heading, or one more line of the heading before it."""
    words = line.text
    letters = sum(c.isalpha() for c in words)
    numbered = NUMBERING.match(words)
    known = KNOWN.fullmatch(words[numbered.end() :] if numbered else words)
    if line.size < text.size - (SMALLEST_KNOWN if known else SMALLEST):
        return False
    if letters < 3 or letters * 2 < len(words.replace(" ", "")) or len(words) > MAX_HEADING or "=" in words:
        return False
    if not numbered and re.search(r"[a-z]{2}[.:] +[A-Z]", words):
        return False  # "Procedure. The patients": a heading that runs into its text
    if words[0].islower() and not numbered and not (last and last.role == "heading" and _same_type(last.line, line)):
        return False
    if len(line.cells) > (2 if numbered else 1) or words[-1] in ",;" or (words[-1] == "." and not numbered):
        return False
    if (
        after
        and after.page == line.page
        and len(after.cells) > 1
        and not (numbered or known or NUMBERING.match(after.text))
    ):
        return False
    if line.size > text.size + LARGER:
        return letters > 3
    apart = gap is None or gap > WIDE * text.leading or bool(last and last.role in ("heading", "caption", "table"))
    ended = last is None or last.role != "body" or bool(re.search(r"[.?!:)\]”\d⁰¹²³⁴-⁹]$", last.line.text))
    width = line.column_right - line.column_left
    short = line.right < line.column_right - 0.08 * width or bool(numbered)
    short = short or bool(after and (_same_type(line, after) or line.bold >= WHOLE > 0.2 > after.bold))
    return short and _is_set_apart(line, after, text, apart, ended, bool(numbered), bool(known))


def _is_set_apart(
    line: Line, after: Line | None, text: Text, apart: bool, ended: bool, numbered: bool, known: bool
) -> bool:
    """Whether a short line of the text's size is a heading by its weight, capitals, slant or font."""
    if (line.bold >= WHOLE and not text.bold) or (line.text.isupper() and sum(c.isalpha() for c in line.text) > 4):
        return apart or ended
    face = bool(line.font and text.font) and line.font != text.font and (after is None or line.font != after.font)
    if known and (apart or (face and ended)):
        return True
    if not (apart and ended):
        return False
    if line.italic >= WHOLE:
        return numbered or (after is not None and after.italic < WHOLE)
    above = after is not None and gap_of(line, after) is not None and after.font == text.font
    return face and above and after is not None and len(after.text) > len(line.text)


def _same_type(one: Line, other: Line) -> bool:
    return (
        abs(one.size - other.size) < 0.3
        and (one.bold >= WHOLE) == (other.bold >= WHOLE)
        and (one.italic >= WHOLE) == (other.italic >= WHOLE)
        and one.text.isupper() == other.text.isupper()
    )


def _ends_list(line: Line, listing: Line) -> bool:
    """Whether a heading is of the rank of the reference list's own, so that the list ends."""
    same = abs(line.size - listing.size) < 0.4 and (line.bold >= WHOLE) == (listing.bold >= WHOLE)
    return (same and line.text.isupper() == listing.text.isupper() and line.italic < WHOLE) or bool(
        KNOWN.fullmatch(line.text)
    )


def _is_caption(line: Line, last: Marked | None, gap: float | None, text: Text) -> bool:
    """Whether a line begins as captions do and not as a sentence about a figure."""
    found = CAPTION.match(line.text)
    if not found or found.group(1)[0].islower():
        return False
    rest = line.text[found.end() :].lstrip()
    marked = found.group("after").strip() or not rest or line.bold > 0.1 or line.size < text.size - SMALLER / 2
    alone = last is None or last.role != "body" or gap is None or gap > WIDE * text.leading
    ended = last is not None and last.line.text[-1:] in ".:)"
    return bool(marked or (alone and rest[:1].isupper())) and (alone or ended)


def _goes_on(before: Line, line: Line, gap: float | None) -> bool:
    return (
        gap is not None
        and gap < 1.5 * max(before.size, line.size)
        and abs(before.size - line.size) < SMALLER
        and len(line.cells) < 3
    )


def _of_list(line: Line, last: Marked | None) -> bool:
    """Whether a line in small type at a page's foot is one more of a reference list in small type, or the first."""
    return last is not None and (
        last.role == "heading" or (last.role == "reference" and abs(last.line.size - line.size) < SMALLER)
    )


def _in_table(out: Sequence[Marked], line: Line) -> bool:
    """Whether the line before is a row of a table on the same page or the caption above one."""
    if not out or out[-1].line.page != line.page:
        return False
    return out[-1].role == "table" or (out[-1].role == "caption" and bool(TABLE.match(_caption_start(out))))


def _is_row(line: Line, after: Line | None, out: Sequence[Marked], text: Text) -> bool:
    """Whether a line is a row of a table, or the words of a picture."""
    last = out[-1].line if out else None
    in_table = _in_table(out, line)
    other = abs(line.size - text.size) > SMALLER / 2
    # A justified line of few words has wide gaps too, but stands alone with them.
    if len(line.cells) > 1:
        return in_table or other or any(o and o.page == line.page and len(o.cells) > 1 for o in (last, after))
    if in_table and other and line.size < text.size:
        return True
    return other and len(line.text.split()) <= FIGURE_WORDS and not re.search(r"[a-z]{2}[.!?]$", line.text)


def _caption_start(out: Sequence[Marked]) -> str:
    """The first line of the caption that is open."""
    for marked in reversed(out):
        if marked.role == "caption" and marked.begins:
            return marked.line.text
    return ""


def _notes(lines: Sequence[Line], text: Text) -> set[int]:
    """The numbers of lines in small type below all text of their page, in its lower half."""
    out: set[int] = set()
    pages: dict[int, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        pages[line.page].append(i)
    for numbers in pages.values():
        large = [lines[i] for i in numbers if lines[i].size > text.size - SMALLER]
        for i in numbers:
            line = lines[i]
            if line.size > text.size - SMALLER or line.base < line.height / 2:
                continue
            above = [o.base for o in large if o.left < line.right and o.right > line.left]
            if above and max(above) < line.base:
                out.add(i)
    return out


def _without_long_headings(marked: list[Marked]) -> list[Marked]:
    """The same, with runs of headings that are too long to be one made text: a paragraph in bold."""
    out = list(marked)
    start = 0
    for i in range(1, len(marked) + 1):
        inside = i < len(marked) and marked[i].role == "heading" == marked[start].role and not marked[i].begins
        if inside and _same_type(marked[start].line, marked[i].line) and gap_of(marked[i - 1].line, marked[i].line):
            continue
        if marked[start].role == "heading" and i - start > MAX_HEADING_LINES:
            out[start:i] = [Marked(m.line, "body") for m in marked[start:i]]
        start = i
    return out


def _without_early_headings(marked: list[Marked]) -> list[Marked]:
    """The same, with what looks like headings before the first certain one made text: authors and addresses in bold."""
    for i, item in enumerate(marked):
        if item.line.page > marked[0].line.page + 1:
            return marked
        if item.role == "heading" and (KNOWN.fullmatch(item.line.text) or CERTAIN.match(item.line.text)):
            return [replace(m, role="body") if m.role == "heading" else m for m in marked[:i]] + marked[i:]
    return marked


def _with_list_at_end(marked: list[Marked]) -> list[Marked]:
    """The same, with a numbered list of works at the end made references where no heading says so."""
    for i in range(len(marked) - 1, len(marked) // 2, -1):
        if not re.match(r"(?:\[1\]|\(1\)|1\.)\s", marked[i].line.text):
            continue
        labels = [int(m.group(1)) for k in marked[i:] if (m := re.match(r"[\[(]?(\d{1,3})[\]).]\s", k.line.text))]
        years = sum(bool(re.search(r"\b(?:19|20)\d\d\b", k.line.text)) for k in marked[i:])
        if len(labels) >= MIN_LIST and labels[:MIN_LIST] == list(range(1, MIN_LIST + 1)) and years * 2 >= len(labels):
            return marked[:i] + [replace(k, role="reference", begins=False) for k in marked[i:]]
    return marked
