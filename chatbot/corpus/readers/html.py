"""Reads a web page into a Reading: an article of a publisher or a plain health page alike.

trafilatura finds what of the page is its content, with the settings that measured best (see `SETTINGS`); before that, what it
would lose is written into the text: formulas, raised characters, links to the page's own reference list. What it then lost of
a page's structure is looked up in the page: headings before a paragraph that it kept, and a reference list that it left out.
A page that is no page, a consent wall and a page of scripts are errors with a word. How a line reads is told in `lines`.

Left out: comments, menus, pictures, links to other pages, and spans of table cells, which trafilatura does not keep.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import html as lxml_html

from chatbot.corpus.identifiers import doi_of, ended
from chatbot.corpus.readers.html_pages import decoded, page_record, refuse
from chatbot.corpus.readers.html_writing import (
    OUT,
    RESERVED,
    TARGET,
    bare,
    spaced,
    write_captions,
    write_citations,
    write_formulas,
    write_raised,
)  # fmt: skip
from chatbot.corpus.readers.lines import filled, finished, in_words, plain
from chatbot.corpus.values import REFERENCE_HEADINGS, Part, Reading, Record, Reference
from chatbot.datatypes import Role
from chatbot.errors import UnreadableSource

Node = Any  # an element of lxml, which has no types
Path = tuple[str, ...]

# Measured with this reader on the 12 pages of ../shared/eval (run `weighing.weigh_documents` after a change), recall and precision
# of words: .977 .970; without favor_recall .974 .970; favor_precision .972 .981; fast .940 .973; without tables .973 .970. The
# first three do not differ by more than chance; recall was preferred because text that is missing cannot be quoted.
SETTINGS: dict[str, Any] = {
    "favor_recall": True,
    "include_comments": False,
    "include_tables": True,
    "with_metadata": True,
}
DATES = {"original_date": True, "extensive_search": False}  # a guessed year is worse in a citation than none
MIN_WORDS = 12  # of a page; the shortest page of health advice tried has 60
BLOCKS = {
    "p",
    "head",
    "list",
    "item",
    "quote",
    "code",
    "table",
    "row",
    "cell",
    "div",
    "body",
    "section",
    "details",
    "summary",
}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CAPTION = re.compile(r"(?:Fig(?:ure|\.)?|Table|Box|Chart)\s*S?\d+[.:|]?\s")
logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # its warnings come back as our errors


def read_html(raw: bytes, url: str, where: str, charset: str = "") -> Reading:
    """The reading of a page fetched from `url`, in the `charset` that its server named, if it did.

    `where` names it in errors. Raises UnreadableSource for what is none.
    """
    text = decoded(raw, where, charset)
    try:
        page = _Page(text, url)
        reading = page.read()
    except Exception as error:  # neither trafilatura nor its helpers say what they raise
        raise UnreadableSource(f"{where}: the page cannot be read ({type(error).__name__}: {error})") from error
    n_words = sum(len(part.text.split()) for part in reading.parts if part.role != "title")
    refuse(page.words, n_words, MIN_WORDS, where)
    return reading


class _Page:
    """One page: its tree as prepared, and the parts read so far as (role, path, raw line)."""

    def __init__(self, text: str, url: str) -> None:
        parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        self.tree = lxml_html.document_fromstring(text.translate(RESERVED).encode("utf-8", "replace"), parser=parser)
        self.rows: list[tuple[Role, Path, str]] = []
        self.levels: list[tuple[int, str]] = []
        self.record = page_record(self.tree, url, trafilatura.extract_metadata(self.tree, None, DATES))
        write_formulas(self.tree)
        self.cited = write_citations(self.tree, url)
        write_raised(self.tree)
        self.words = plain(" ".join(t for t in self.tree.itertext() if t.strip()))[:4000]
        self.captions = write_captions(self.tree)

    def read(self) -> Reading:
        """The whole reading."""
        found: Any = trafilatura.bare_extraction(self.tree, date_extraction_params=DATES, **SETTINGS)
        body = found.body if found is not None else None
        if body is None or len(plain(" ".join(body.itertext())).split()) < MIN_WORDS:
            body = trafilatura.baseline(self.tree)[0]
        self.lost = self._lost_headings(body)
        self._walk(body, "body")
        if not any(role == "reference" for role, _, _ in self.rows):
            self._find_references()
        return self._finish()

    def _finish(self) -> Reading:
        references: list[Reference] = []
        numbers: dict[int, int] = {}
        for role, _, raw in self.rows:
            if role == "reference":
                numbers.update({int(n): len(references) for n in TARGET.findall(raw)})
                references.append(_reference(bare(raw)))
        cited = [(numbers[target],) if target in numbers else () for target in self.cited]
        parts = [Part("title", (), self.record.title)] if self.record.title else []
        for role, path, raw in self.rows:
            line = TARGET.sub("", raw).translate(OUT)
            text, marks = finished(line, cited) if role != "reference" else (bare(raw), ())
            if text:
                parts.append(Part(role, path, text, marks))
        return Reading(self.record, tuple(parts), tuple(references))

    def _lost_headings(self, body: Node) -> dict[str, list[tuple[int, str]]]:
        """By the first words of a paragraph, the headings before it that the extraction dropped."""
        kept = {plain("".join(head.itertext())) for head in body.iter("head")}
        out: dict[str, list[tuple[int, str]]] = {}
        for heading in self.tree.iter(*HEADINGS[1:]):
            text = plain(heading.text_content())
            after = next((n for n in heading.itersiblings() if n.tag not in HEADINGS and plain(n.text_content())), None)
            if (
                text
                and text not in kept
                and after is not None
                and after.tag in ("p", "div", "ul", "ol", "font", "span")
            ):
                out.setdefault(_opening(after.text_content()), []).append((int(heading.tag[1]), text))
        return out

    def _heading(self, level: int, text: str) -> None:
        if text.casefold() == self.record.title.casefold() or (level == 1 and self.record.title.startswith(text)):
            return
        self.levels = [above for above in self.levels if above[0] < level] + [(level, text)]
        self.rows.append(("heading", self._path(), text))

    def _path(self) -> Path:
        return tuple(text for _, text in self.levels)

    def _emit(self, role: Role, raw: str) -> None:
        text = bare(raw)
        for level, heading in self.lost.pop(_opening(raw), ()) if role == "body" else ():
            self._heading(level, heading)
        path = self._path()
        if path and any(heading.casefold().strip(" :") in REFERENCE_HEADINGS for heading in path):
            role = "reference"
        elif role == "body" and (text in self.captions or (CAPTION.match(text) and len(text) < 1500)):
            role = "caption"
        if text:
            self.rows.append((role, path, raw))

    def _walk(self, node: Node, role: Role) -> None:
        """The lines of an extracted element, blocks inside it each for itself."""
        raw = node.text or ""
        for child in node:
            if child.tag in BLOCKS:
                self._emit(role, raw)
                self._block(child, role)
                raw = child.tail or ""
            else:
                raw += _inline(child) + (child.tail or "")
        self._emit(role, raw)

    def _block(self, node: Node, role: Role) -> None:
        if node.tag == "head":
            level, text = (node.get("rend") or "h2")[1:], bare(_inline(node))
            if text:
                self._heading(int(level) if level.isdigit() else 2, text)
        elif node.tag == "table":
            self._table(node)
        else:
            self._walk(node, role)

    def _table(self, table: Node) -> None:
        rows = [list(row.iter("cell")) for row in table.iter("row")]
        grid, alone = filled([[(_inline(cell), 1, 1) for cell in row] for row in rows])
        heads = [bool(row) and all(c.get("role") == "head" or not _inline(c).strip() for c in row) for row in rows]
        header = next((number for number, head in enumerate(heads) if not head), len(heads))
        if not header and grid and not grid[0][0][0].strip() and sum(bool(text.strip()) for text, _ in grid[0]) > 1:
            header = 1  # an empty corner over the first column
        role, _, above = self.rows[-1] if self.rows else ("body", (), "")
        name = re.match(r"Table\s+\w+", above) if role == "caption" else None
        for words in in_words(grid, header, alone):
            self._emit("table" if max(map(len, rows)) > 1 else "body", f"{name[0]}. {words}" if name else words)

    def _find_references(self) -> None:
        """The list under a heading of references, where the extraction left it out."""
        for heading in self.tree.iter(*HEADINGS, "summary", "strong"):
            title = plain(heading.text_content())
            if title.casefold().strip(" :") not in REFERENCE_HEADINGS:
                continue
            items = next((list(found.iter("li")) for found in _after(heading) if found.tag in ("ol", "ul")), [])
            likely = [i for i in items if re.search(r"\b(?:1[89]|20)\d\d\b|doi|https?:|n\.d\.", i.text_content())]
            if items and len(likely) * 2 >= len(items):
                self.levels = []
                self._heading(2, title)
                for item in items:
                    self._emit("reference", spaced(item))
                return


def _after(heading: Node) -> Iterator[Node]:
    """Elements after a heading, up to the next heading."""
    for node in heading.xpath("following::*"):
        if node.tag in HEADINGS:
            return
        yield node


def _inline(node: Node) -> str:
    out = node.text or ""
    for child in node:
        inner = _inline(child)
        out += (f" {inner} " if child.tag in BLOCKS or child.tag in ("lb", "graphic") else inner) + (child.tail or "")
    return out


def _opening(raw: str) -> str:
    return plain(TARGET.sub("", raw))[:40]


def _reference(printed: str) -> Reference:
    doi = doi_of(printed)
    link = re.search(r"https?://[^\s)>\]]+", printed)
    return Reference(printed, Record(doi=doi, url=ended(link[0]) if link and not doi else ""))
