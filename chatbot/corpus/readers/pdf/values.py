"""The values that pass between the steps of reading a PDF: words, stretches of words, lines. Places are points from a page's top left.

`base` is a baseline's distance from the page's top; `size` is a font's size as drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.datatypes import Role

UP, DOWN = 0.7, 0.2  # of the size: what of a line lies above and below its baseline, for telling lines apart
OVERLAP = 0.5  # share of the smaller height that two things of one line have in common
GLUE = 0.12  # of the size: with less white space than this and no space in the file, two words are one
SMALL, RAISE = 0.85, 0.2  # of the line's size: raised numbers are smaller than the one and higher than the other
WHOLE = 0.85  # share of a line's characters in bold or italic, so that the line is
RAISED = str.maketrans("0123456789-−–+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻⁺")


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without white space in one font. `spaced`: white space stands before it in the file.

    A word in two fonts is two of these, the second one not spaced.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str
    bold: bool
    italic: bool
    spaced: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright; `number` counts from 1, `words` are in the file's own order."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Words side by side with no wide gap between them. Two are equal only if they are the same one."""

    words: tuple[Word, ...]
    left: float
    right: float
    base: float
    size: float
    text: str
    letters: int


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. `cells` are its texts between wide gaps (one, outside tables); `column_left` and `column_right` the edges of the
    column it stands in; `bold` and `italic` are shares of its characters, 0 to 1; `font` that of most; `height` is the page's.
    """

    page: int
    cells: tuple[str, ...]
    font: str
    left: float
    right: float
    base: float
    size: float
    bold: float
    italic: float
    column_left: float
    column_right: float
    height: float

    @property
    def text(self) -> str:
        """The whole line."""
        return " ".join(self.cells)


def same_line(one: Stretch | Word, other: Stretch | Word) -> bool:
    """Whether two lie so level that they are of one line (a raised number lies level with its word)."""
    top = max(one.base - UP * one.size, other.base - UP * other.size)
    bottom = min(one.base + DOWN * one.size, other.base + DOWN * other.size)
    return bottom - top >= OVERLAP * (UP + DOWN) * min(one.size, other.size)


def join(words: Sequence[Word]) -> str:
    """Words of one line as text: a space where the file has one or the page shows one, raised digits as such.

    >>> plain = Word("billion.", 0, 40, 100, 10, "Times", False, False, False)
    >>> join([plain, Word("4", 40, 43, 96, 6, "Times", False, False, False)])
    'billion.⁴'
    """
    if not words:
        return ""
    main = max(words, key=lambda w: w.size)
    out, raised_before = words[0].text, False
    for i, word in enumerate(words):
        raised = word.size < SMALL * main.size and word.base < main.base - RAISE * main.size
        text = (
            word.text.translate(RAISED)
            if raised and re.fullmatch(r"[\d,\-−–+*†‡§¶]*\d[\d,\-−–+*†‡§¶]*", word.text)
            else word.text
        )
        if i == 0:
            out = text
        else:
            gap = word.left - words[i - 1].right
            apart = word.spaced or gap > GLUE * max(word.size, words[i - 1].size)
            # "billion.⁴ Many": the space after a raised number is too narrow to be told, its capital tells.
            apart = apart or (
                raised_before and not raised and text[:1].isupper() and out[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹" and len(out) > 2
            )
            out += (" " if apart else "") + text
        raised_before = raised
    return out


@dataclass(frozen=True, slots=True)
class Marked:
    """A line and what it is. `begins`: it begins a part of its own, whatever stands before it."""

    line: Line
    role: Role
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """The type of most of a document's text: its size and font, whether it is bold, the usual distance between its lines."""

    size: float
    font: str
    bold: bool
    leading: float


def gap_of(before: Line | None, line: Line) -> float | None:
    """How far a line stands below the one before it; None over a column's or page's end."""
    if before is None or before.page != line.page or line.base <= before.base:
        return None
    if line.left > before.right or line.right < before.left:
        return None
    return line.base - before.base
