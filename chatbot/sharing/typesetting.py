"""Text on the pages of a PDF: lines, faces, links, and the tags by which a screen reader walks them.

Lines break at spaces only, so that words copied out of the file are whole (fpdf2's own breaking parts words at hyphens, and a reader
that copies "double-blind" gets "doubleblind"). Signs that no font has are shown as a box and counted, or refused (`exact`). Left out:
shaping and writing from the right, so that scripts which need them are among those signs; pictures; what is written (`paper`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatbot.errors import Malformed
from chatbot.sharing.fonts import FIRST, SECOND, STYLES, font_bytes, in_first, lacking, shapeless

BOX = "□"  # stands for a sign that no font has; Source Sans has it
WIDTH, HEIGHT = 210.0, 297.0  # mm, A4
LEFT, RIGHT, TOP, BOTTOM = 24.0, 24.0, 20.0, 24.0  # mm; the footer stands in the last
INK, SOFT, ACCENT = (29, 35, 39), (86, 96, 103), (28, 90, 76)
DOUBT, CARE, RULE = (95, 74, 28), (29, 68, 104), (221, 215, 203)
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Face:
    """How a block is set: points, bold or not, colour, mm from line to line, its tag in the structure tree."""

    size: float
    colour: Colour = INK
    bold: bool = False
    leading: float = 1.45
    tag: str = "P"

    @property
    def height(self) -> float:
        """Of a line, in mm."""
        return self.size * self.leading * 25.4 / 72


class Sheet:
    """Pages that are written from top to bottom."""

    def __init__(self, title: str, footer: str, made: str) -> None:
        from fpdf import FPDF
        from fpdf.prefs import ViewerPreferences

        self._boxes, self._footer = 0, footer
        self._pdf: Any = FPDF(unit="mm", format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0.0
        self._pdf.set_lang("en")
        self._pdf.set_title(title)
        self._pdf.set_creation_date(datetime.fromisoformat(made).replace(tzinfo=UTC))
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._families: set[str] = set()
        self._widths: dict[tuple[str, str], float] = {}
        self._add_family(FIRST)
        self.y = TOP
        self._page()

    def _add_family(self, family: str) -> None:
        """Loads a font from memory; fpdf2's own `add_font` takes files only and would unpack them each time."""
        from fpdf.fonts import TTFFont

        self._families.add(family)
        for style in STYLES:
            key = f"{family.lower()}{style}"
            content: Any = io.BytesIO(font_bytes(family, style))
            self._pdf.fonts[key] = TTFFont(self._pdf, content, key, style)
        if family != FIRST:
            self._pdf.set_fallback_fonts([family], exact_match=False)

    def _page(self) -> None:
        """A new page with its footer."""
        self._pdf.add_page()
        self.y, self._marks = TOP, 0
        with self._artifact():
            self._set(Face(8, SOFT))
            self._pdf.text(LEFT, HEIGHT - 13, self._footer)
            number = f"{self._pdf.page_no()}"
            self._pdf.text(WIDTH - RIGHT - self._pdf.get_string_width(number), HEIGHT - 13, number)

    def _set(self, face: Face) -> None:
        self._pdf.set_font(FIRST, "B" if face.bold else "", face.size)
        self._pdf.set_text_color(*face.colour)

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        """What a screen reader passes over."""
        self._pdf._out("/Artifact BMC")
        yield
        self._pdf._out("EMC")

    @contextmanager
    def _tagged(self, tag: str) -> Iterator[None]:
        """An element of the structure tree; one that goes over pages is one a page."""
        pdf = self._pdf
        mcid, self._marks = self._marks, self._marks + 1
        _, parents = pdf.struct_builder.add_marked_content(page_number=pdf.page, struct_type=f"/{tag}", mcid=mcid)
        pdf.pages[pdf.page].struct_parents = parents
        pdf._out(f"/{tag} <</MCID {mcid}>> BDC")
        yield
        pdf._out("EMC")

    def shown(self, text: str) -> str:
        """`text` as the faces can show it; signs that they lack become boxes and are counted."""
        missing = set(lacking(text))
        self._boxes += sum(c in missing for c in text)
        whole = "".join(BOX if c in missing else c for c in text if not shapeless(c))
        if SECOND not in self._families and not in_first(whole):
            self._add_family(SECOND)
        return whole

    def told(self) -> int:
        """How many signs became boxes since this was last asked."""
        count, self._boxes = self._boxes, 0
        return count

    def exact(self, text: str) -> str:
        """`text`, every sign of it. Raises Malformed where a sign has no shape here: words of a source are never shown in part."""
        missing = lacking(text)
        if missing:
            named = ", ".join(f"U+{ord(c):04X}" for c in missing[:5])
            raise Malformed(
                f"The sources' words hold signs that this PDF cannot show ({named}). Take the HTML file along and print that."
            )
        return self.shown(text)

    def width(self, text: str) -> float:
        """Of a text in the face that is set, in mm: the sum of its signs' widths, each asked for once."""
        size: float = self._pdf.font_size_pt
        style, total = self._pdf.font_style, 0.0
        for sign in text:
            if (style, sign) not in self._widths:
                self._widths[style, sign] = self._pdf.get_string_width(sign) / size
            total += self._widths[style, sign]
        return total * size

    def lines(self, text: str, width: float) -> list[str]:
        """`text` in lines of at most `width` mm in the face that is set, broken at spaces; a longer word is broken where it must."""
        out: list[str] = []
        space = self.width(" ")
        for paragraph in text.replace("\t", "    ").split("\n"):
            line, used = "", 0.0
            for number, word in enumerate(paragraph.split(" ")):
                long = self.width(word)
                if number and used + space + long <= width:
                    line, used = f"{line} {word}", used + space + long
                    continue
                out += [line] if number else []
                while long > width and len(word) > 1:
                    cut = self._fitting(word, width)
                    out.append(word[:cut])
                    word = word[cut:]
                    long = self.width(word)
                line, used = word, long
            out.append(line)
        return out

    def _fitting(self, word: str, width: float) -> int:
        """How many signs of a long word fit, at least one; an address is rather parted behind one of its own marks."""
        used = 0.0
        for at, sign in enumerate(word):
            used += self.width(sign)
            if used > width and at:
                mark = max(word.rfind(m, 0, at) for m in "/-?&=.")
                return mark + 1 if mark > at // 2 else at
        return len(word)

    def block(
        self,
        text: str,
        face: Face,
        *,
        indent: float = 0.0,
        gap: float = 0.0,
        link: str = "",
        rule: Colour | None = None,
    ) -> None:
        """A paragraph under `gap` mm, made a link where `link` is an address, with a line at its side where `rule` is a colour."""
        self._set(face)
        lines = self.lines(text, WIDTH - LEFT - RIGHT - indent)
        self.y += gap
        self.room(face.height * min(len(lines), 2))
        while lines:
            fitting = max(1, int((HEIGHT - BOTTOM - self.y) / face.height))
            part, lines = lines[:fitting], lines[fitting:]
            self._write(part, face, indent, link)
            if rule:
                self._side(rule, face.height * len(part), indent)
            if lines:
                self._page()
                self._set(face)

    def _write(self, lines: list[str], face: Face, indent: float, link: str) -> None:
        """Lines on this page, as one element."""
        top = self.y
        leads = link.startswith(("https://", "http://", "tel:"))
        with self._tagged("Link" if leads else face.tag):
            for line in lines:
                if line:
                    self._pdf.set_xy(LEFT + indent, self.y)
                    self._pdf.cell(h=face.height, text=line)
                self.y += face.height
        if leads:
            width = max(self._pdf.get_string_width(line) for line in lines)
            self._pdf.link(LEFT + indent, top, width, self.y - top, link, contents=" ".join(lines))

    def _side(self, colour: Colour, height: float, indent: float) -> None:
        """A line beside what was written last."""
        with self._artifact():
            self._pdf.set_fill_color(*colour)
            self._pdf.rect(LEFT + indent - 4, self.y - height + 0.8, 0.8, height - 0.8, style="F")

    def across(self, colour: Colour, gap: float = 0.0) -> None:
        """A line over the whole width."""
        self.y += gap
        with self._artifact():
            self._pdf.set_fill_color(*colour)
            self._pdf.rect(LEFT, self.y, WIDTH - LEFT - RIGHT, 0.4, style="F")
        self.y += 0.4

    def room(self, height: float) -> None:
        """Goes to a new page where less than `height` mm are left on this one."""
        if self.y > TOP and self.y + height > HEIGHT - BOTTOM:
            self._page()

    def section(self, name: str, level: int) -> None:
        """An entry of the file's outline that leads here."""
        self._pdf.set_y(self.y)
        self._pdf.start_section(name, level=level)

    def content(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())
