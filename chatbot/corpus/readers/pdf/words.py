"""Reads the positioned words of a PDF file.

pypdfium2 (BSD-3-Clause or Apache-2.0, as PDFium) gives every character with its place and font; this module makes words of them and
repairs what fonts break: ligatures are spelled out, an accent set apart is put on its letter, soft hyphens and characters without a
meaning are dropped. Turned pages are turned back; text at another angle than most of its page (a stamp in the margin) is left out,
as is all outside the page's visible box. What the words mean together is for `columns` and `paragraphs`. No picture is read: a scanned
page has no words.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from chatbot.corpus.readers.pdf.values import Page, Word
from chatbot.errors import UnreadableSource

MAX_PAGES = 600  # of one source; 300 dense pages took 22 s and 150 MB, so that all stay under `isolating.ParsingLimits`
MAX_CHARACTERS = 100_000  # of a page; a dense page of two columns has 8,000, a table over a whole page 15,000
LIGATURES = {chr(0xFB00 + i): s for i, s in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
# TeX's bitmap fonts name no characters: the codes of OT1 and T1 come through as they are.
TEX_LIGATURES = {
    **dict(zip("\x0b\x0c\x0d\x0e\x0f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
}
ACCENTS = dict(
    zip("`´¨ˆ˜¯ˇ˘˚¸˙˝", "\u0300\u0301\u0308\u0302\u0303\u0304\u030c\u0306\u030a\u0327\u0307\u030b", strict=True)
)
BOLD = re.compile(r"bold|black|heavy|demi|medi\b|-medi|cmbx|cmssbx|\.b\b|-b\b|,b", re.IGNORECASE)
ITALIC = re.compile(r"ital|obli|cmti|cmsl|\.i\b|-i\b", re.IGNORECASE)
BOLD_WEIGHT = 600  # PDFium's estimate; the regular fonts of the files tried have 250 to 500
MAX_TILT = 0.1  # quarter turns (9 degrees): the text under a page scanned askew still counts as level
CAPITAL = 0.69  # height of a capital letter or ascender, of the font's size (Computer Modern)
TEX_BULLET = "\x0f"  # alone, in TeX's symbol font
ON_TOP = 0.25  # of the size: how far the middles of an accent and its letter may lie apart
UNNAMED = "unnamed "  # and a number: a bitmap font (Type 3)
MIN_VOTES = 3  # pairs of characters that tell which way a font's text runs
MAX_SIDE, MAX_SIZE = (
    14_400.0,
    1_000.0,
)  # points: the largest page that PDF allows (200 inches), and a letter on a poster
LINE_HYPHEN = "\x02"  # how PDFium marks the hyphen at a line's end


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character in the page's own coordinates (upwards), with the point where its line runs. `text` "" is white space."""

    text: str
    x: float
    y: float
    box: tuple[float, float, float, float]
    size: float
    turn: int
    style: tuple[str, bool, bool]


def read_words(raw: bytes, where: str) -> tuple[tuple[Page, ...], str]:
    """Every page of the file with its words, and the title that the file's own data give, often wrong. Raises UnreadableSource for what is no PDF, is damaged, locked or too long."""
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource(_why_closed(raw, where, error.err_code)) from error
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableSource(
                f"{where}: the PDF has {len(document)} pages, at most {MAX_PAGES} are read; fetch the one article or chapter"
            )
        named = document.get_metadata_value("Title")
        return tuple(_read_page(document, number, where) for number in range(1, len(document) + 1)), named
    finally:
        document.close()


def _why_closed(raw: bytes, where: str, code: int) -> str:
    if b"%PDF-" not in raw[:1024]:
        return f"{where}: is no PDF (it begins with {raw[:12]!r}); look at the address it came from"
    if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return f"{where}: the PDF is encrypted and opens with a password only; use a copy without one"
    return f"{where}: the PDF is damaged and cannot be opened; fetch it again or use another copy"


def _read_page(document: pypdfium2.PdfDocument, number: int, where: str) -> Page:
    """One page; a page that cannot be loaded has no words."""
    try:
        page = document[number - 1]
        box = page.get_bbox()
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return Page(number, 0.0, 0.0, ())
    try:
        count = textpage.count_chars()
        if count > MAX_CHARACTERS:
            raise UnreadableSource(
                f"{where}: page {number} holds {count} characters, at most {MAX_CHARACTERS} are read; use another copy"
            )
        glyphs = _sized(_directed(list(_glyphs(textpage, count))))
    finally:
        textpage.close()
        page.close()
    return _upright(number, box, glyphs)


def _glyphs(textpage: pypdfium2.PdfTextPage, count: int) -> Iterator[_Glyph]:
    """The page's characters in the file's order, in the page's own coordinates (upwards)."""
    x, y, rect = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    known: dict[int, tuple[float, int, tuple[str, bool, bool]]] = {}
    for i in range(count):
        text = _text_of(textpage, i)
        if text is None:
            continue
        pdfium.FPDFText_GetCharOrigin(textpage, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(textpage, i, rect)
        drawn = ctypes.cast(pdfium.FPDFText_GetTextObject(textpage, i), ctypes.c_void_p).value or 0
        if drawn not in known or not drawn:
            known[drawn] = _style(textpage, i)
        size, turn, style = known[drawn]
        yield _Glyph(text, x.value, y.value, (rect.left, rect.bottom, rect.right, rect.top), size, turn, style)


def _text_of(textpage: pypdfium2.PdfTextPage, i: int) -> str | None:
    """A character as text: "" for white space, None for what has no meaning."""
    code = pdfium.FPDFText_GetUnicode(textpage, i)
    char = chr(code) if code < 0x110000 else ""
    if char == LINE_HYPHEN and pdfium.FPDFText_IsHyphen(textpage, i) == 1:
        return "-"
    if code < 0x20 and pdfium.FPDFText_HasUnicodeMapError(textpage, i) == 1:
        return char if char in TEX_LIGATURES else None
    if char in "\r\n":
        return None  # PDFium's own line ends; the layout finds them from the places
    if char.isspace():
        return ""
    if char == "\u00ad":
        return char
    return None if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") else LIGATURES.get(char, char)


def _style(textpage: pypdfium2.PdfTextPage, i: int) -> tuple[float, int, tuple[str, bool, bool]]:
    """Size as drawn in points, quarter turns clockwise (-1: at another angle), and (font, bold, italic)."""
    matrix, flags, name = pdfium.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(256)
    pdfium.FPDFText_GetMatrix(textpage, i, matrix)
    pdfium.FPDFText_GetFontInfo(textpage, i, name, 256, flags)
    size = pdfium.FPDFText_GetFontSize(textpage, i) * math.hypot(matrix.c, matrix.d)
    turns = pdfium.FPDFText_GetCharAngle(textpage, i) / (math.pi / 2)
    turn = round(turns) % 4 if abs(turns - round(turns)) < MAX_TILT else -1
    font = name.value.decode("utf-8", "replace").split("+")[-1]
    if not font:
        drawn = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(textpage, i))
        font = f"{UNNAMED}{ctypes.cast(drawn, ctypes.c_void_p).value}"
    bold = bool(BOLD.search(font)) or pdfium.FPDFText_GetFontWeight(textpage, i) >= BOLD_WEIGHT
    return size, turn, (font, bold, bool(ITALIC.search(font)) or bool(flags.value & 1 << 6))


def _directed(glyphs: list[_Glyph]) -> list[_Glyph]:
    """The same, each turned the way that its text runs: bitmap fonts drawn mirrored (dvips) tell their angle wrongly."""
    votes: dict[tuple[bool, int], Counter[int]] = {}
    for before, glyph in pairwise(glyphs):
        key = (glyph.style[0].startswith(UNNAMED), glyph.turn)
        if glyph.turn >= 0 and key == (before.style[0].startswith(UNNAMED), before.turn):
            x, y = glyph.x - before.x, glyph.y - before.y
            votes.setdefault(key, Counter())[(0 if x > 0 else 2) if abs(x) > abs(y) else (3 if y > 0 else 1)] += 1
    true = {key: found.most_common(1)[0][0] for key, found in votes.items() if found.total() >= MIN_VOTES}
    if all(key[1] == turn for key, turn in true.items()):
        return glyphs
    return [replace(g, turn=true.get((g.style[0].startswith(UNNAMED), g.turn), g.turn)) for g in glyphs]


def _sized(glyphs: list[_Glyph]) -> list[_Glyph]:
    """The same, with sizes for bitmap fonts, which have none of their own: from how high their letters reach.

    Where the heights are the font's box and not the letters', three mean widths are the most a size can be.
    """
    boxes: dict[str, list[tuple[float, float]]] = {}
    for glyph in glyphs:
        if glyph.turn >= 0 and glyph.style[0].startswith(UNNAMED):
            x0, y0, x1, y1 = glyph.box
            high = (y1 - glyph.y, x1 - glyph.x, glyph.y - y0, glyph.x - x0)[glyph.turn]
            boxes.setdefault(glyph.style[0], []).append((high, x1 - x0 if glyph.turn in (0, 2) else y1 - y0))
    sizes = {}
    for font, found in boxes.items():
        high = sorted(h for h, _ in found)[len(found) * 9 // 10] / CAPITAL
        sizes[font] = min(high, 3 * sum(w for _, w in found) / len(found))
    return [replace(g, size=sizes[g.style[0]]) if g.style[0] in sizes and g.turn >= 0 else g for g in glyphs]


def _upright(number: int, box: tuple[float, float, float, float], glyphs: list[_Glyph]) -> Page:
    """The page turned so that most of its text is level, and its words."""
    left, bottom, right, top = box
    found = Counter(g.turn for g in glyphs if g.text).most_common(1)
    turn = found[0][0] if found and found[0][0] >= 0 else 0
    width, height = (right - left, top - bottom) if turn in (0, 2) else (top - bottom, right - left)
    if not (0 < width < MAX_SIDE and 0 < height < MAX_SIDE):
        return Page(number, 0.0, 0.0, ())
    words: list[_Run] = []
    spaced = True
    for glyph in glyphs:
        if not glyph.text:
            spaced = True
        elif glyph.turn == turn:
            x0, y0, x1, y1 = glyph.box
            start, end, base = (
                (x0 - left, x1 - left, top - glyph.y),
                (top - y1, top - y0, right - glyph.x),
                (right - x1, right - x0, glyph.y - bottom),
                (y0 - bottom, y1 - bottom, glyph.x - left),
            )[turn]
            if 0 <= base <= height and -glyph.size <= start <= end <= 2 * width and 0 < glyph.size < MAX_SIZE:
                if spaced or not words or not words[-1].takes(glyph, start, end, base):
                    words.append(_Run(glyph, start, end, base, spaced))
                spaced = False
    _put_accents(words)
    made = (w.word() for w in words)
    return Page(number, width, height, tuple(w for w in made if w.text))


class _Run:
    """A word while it grows; `places` are the middles of its characters."""

    __slots__ = ("base", "left", "places", "right", "size", "spaced", "style", "text")

    def __init__(self, glyph: _Glyph, left: float, right: float, base: float, spaced: bool) -> None:
        self.text, self.size, self.style = glyph.text, glyph.size, glyph.style
        self.left, self.right, self.base, self.spaced = left, right, base, spaced
        self.places = [(left + right) / 2] * len(glyph.text)

    def takes(self, glyph: _Glyph, left: float, right: float, base: float) -> bool:
        """Puts a character behind and says so, unless it stands elsewhere or is of another font."""
        size = glyph.size
        if self.style != glyph.style or abs(self.size - size) > 0.1 or abs(self.base - base) > 0.1 * size:
            return False
        if not -0.7 * size < left - self.right < 0.25 * size:
            return False
        self.text += glyph.text
        self.places += [(left + right) / 2] * len(glyph.text)
        self.right = max(self.right, right)
        return True

    def word(self) -> Word:
        """The word as it is now; bitmap fonts lose their numbers, which say nothing outside a page."""
        font, bold, italic = self.style
        named = "" if font.startswith(UNNAMED) else font
        return Word(_repaired(self.text), self.left, self.right, self.base, self.size, named, bold, italic, self.spaced)

    def set_accent(self, at: int, accent: str) -> None:
        """Puts an accent on the letter at a place."""
        whole = unicodedata.normalize("NFC", self.text[at] + ACCENTS[accent])
        self.text = self.text[:at] + (whole if len(whole) == 1 else self.text[at]) + self.text[at + 1 :]


def _put_accents(words: list[_Run]) -> None:
    """Puts accents on the letters over which they are drawn: TeX prints ´ and e at one place for é."""
    for word in words:
        for at in [i for i, c in enumerate(word.text) if c in ACCENTS and len(word.text) > 1]:
            over = [i for i in (at - 1, at + 1) if 0 <= i < len(word.text) and word.text[i].isalpha()]
            near = [i for i in over if abs(word.places[i] - word.places[at]) < ON_TOP * word.size]
            if near:
                word.set_accent(near[0], word.text[at])
                word.text = word.text[:at] + "\x00" + word.text[at + 1 :]
    alone = [w for w in words if w.text in ACCENTS]
    for accent in alone:
        for word in words:
            if (
                word is not accent
                and abs(word.base - accent.base) < word.size
                and word.left < accent.places[0] < word.right
            ):
                at = min(range(len(word.text)), key=lambda i: abs(word.places[i] - accent.places[0]))
                if abs(word.places[at] - accent.places[0]) < ON_TOP * word.size and word.text[at].isalpha():
                    word.set_accent(at, accent.text)
                    accent.text = "\x00"
                    break


def _repaired(text: str) -> str:
    """Composed characters, ligatures spelled out; a soft hyphen is a hyphen at the end and nothing inside.

    >>> _repaired("co\u00adop\u00ad"), _repaired("e\u0301"), _repaired("o\x0ece"), _repaired("\x0f")
    ('coop-', 'é', 'office', '•')
    """
    text = text.replace("\x00", "")
    if text == TEX_BULLET:
        return "•"
    spelled = any(c.isalpha() for c in text)
    text = "".join((TEX_LIGATURES[c] if spelled else "") if c in TEX_LIGATURES else c for c in text)
    if text.endswith("\u00ad"):
        text = text.rstrip("\u00ad") + "-"
    return unicodedata.normalize("NFC", text.replace("\u00ad", ""))
