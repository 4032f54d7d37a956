"""Reads an article in JATS or NLM XML, the form in which Europe PMC gives open full texts, into a Reading.

Parsed by lxml without network, DTD, entity expansion or huge trees; what is not well formed is an error, never half a text.
In order: title, abstract, body, floating figures and tables, back matter, funding and competing interests of the head, and
the references last. How superscripts and citations read is told in `lines`; subscripts join the word (CO2). A formula is its
MathML on one line, else its own words or alt text, else its TeX. A note in a paragraph comes after it.

Left out: keywords, affiliations, answers and translations, pictures, and entities that only a DTD would explain.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any

from lxml import etree

from chatbot.corpus.readers import jats_records as records
from chatbot.corpus.readers.lines import DASH, Cell, cite, filled, finished, formula_line, in_words, plain, raised, span
from chatbot.corpus.values import Part, Reading, Record, Reference
from chatbot.datatypes import Role
from chatbot.errors import UnreadableSource

Node = Any  # an lxml element; lxml has no types
Path = tuple[str, ...]

APART = {
    "table-wrap", "table-wrap-group", "fig", "fig-group", "fn", "fn-group", "supplementary-material", "table-wrap-foot"
}  # fmt: skip
FLOWING = {"list", "def-list", "disp-quote", "boxed-text", "verse-group", "speech", "statement"}
GATHERED = FLOWING - {"boxed-text", "statement"} | {"fn-group", "app-group", "sec-group", "array", "disp-formula-group"}
SECTIONS = {"sec", "app", "ack", "notes", "glossary", "boxed-text", "abstract", "trans-abstract", "statement"}
OWN_LINES = {"p", "title", "label", "list-item", "td", "th", "def", "term", "caption", "attrib", "sec", "break"}
FORMULAS = {"disp-formula", "inline-formula", "math", "tex-math", "alternatives", "chem-struct"}
SILENT = {
    "ref-list", "object-id", "sec-meta", "graphic", "media", "inline-graphic", "alt-text", "long-desc", "permissions",
    "index-term", "bio", "kwd-group", "inline-supplementary-material",
}  # fmt: skip
UNTITLED = {"abstract": "Abstract", "trans-abstract": "Abstract"}
DECLARED = {
    "conflict": "Competing interests", "coi-statement": "Competing interests", "financial-disclosure": "Funding",
    "supported-by": "Funding", "con": "Author contributions",
}  # fmt: skip
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_jats(raw: bytes, where: str) -> Reading:
    """The reading of a JATS file. `where` names it in errors. Raises UnreadableSource for what is no such file."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(raw, parser)
        for node in root.iter(etree.Element):
            node.tag = etree.QName(node).localname
        articles = [a for a in root.iter("article") if any(a.find(tag) is not None for tag in ("front", "body"))]
        if not articles:
            raise UnreadableSource(f"{where}: <{root.tag}> holds no JATS article; fetch its full text")
        reading = _Reader(articles[0]).read(extra=len(articles) - 1)
    except (etree.LxmlError, ValueError, LookupError, RecursionError) as error:
        raise UnreadableSource(f"{where}: is not XML that can be read ({error}); fetch it again") from error
    if not any(part.role in ("body", "table") for part in reading.parts):
        raise UnreadableSource(f"{where}: the article has neither abstract nor text; look for another source of it")
    return reading


class _Reader:
    """Walks one article and collects its parts."""

    def __init__(self, article: Node) -> None:
        self.article = article
        self.parts: list[Part] = []
        self.notes: list[str] = []
        self.cited: list[tuple[int, ...]] = []
        self.waiting: list[Node] = []  # figures, notes and lists met inside a line, read after it
        self.numbers: dict[str, int] = {}  # of each reference, by the ids that a citation may name
        self.references: list[tuple[Node, Reference]] = []
        for ref in article.iter("ref"):
            reference = records.reference(ref, self._text)
            if reference.printed and not any(a.tag in ("sub-article", "response") for a in ref.iterancestors()):
                self.numbers.update({n.get("id"): len(self.references) for n in ref.iter() if n.get("id")})
                self.references.append((ref, reference))
        self.waiting.clear()

    def read(self, extra: int) -> Reading:
        """The whole reading; `extra` further articles of the file are only counted."""
        front = self.article.find("front")
        record = records.article_record(front, self._text) if front is not None else Record(kind="article-journal")
        if record.title:
            self.parts.append(Part("title", (), record.title))
        self.waiting.clear()  # notes to the title and the authors
        for node in front.iter("abstract", "trans-abstract") if front is not None else ():
            if node.tag == "abstract" or node.get(LANGUAGE, "").startswith("en"):
                self._section(node, ())
        for tag in ("body", "floats-group", "floats-wrap", "back"):
            for part in self.article.iterchildren(tag):
                self._children(part, ())
        for node in front.iter("funding-statement", "fn") if front is not None else ():
            heading = "Funding" if node.tag == "funding-statement" else DECLARED.get(node.get("fn-type", "").lower())
            said = finished(self._text(node), self.cited)[0]
            if heading and not any(said in part.text for part in self.parts):
                self._emit("body", (heading,), said)
        for ref, reference in self.references:
            title = next((t for a in ref.iterancestors("ref-list") if (t := self._of(a, "title"))), "")
            path = (finished(title, self.cited)[0] or "References",)
            if title and not any(p.role == "heading" and p.heading_path == path for p in self.parts):
                self._emit("heading", path, title)
            self._emit("reference", path, f"{reference.label} {reference.printed}")
        left_out = extra + sum(1 for _ in self.article.iter("sub-article", "response"))
        if left_out:
            self.notes.append(f"{left_out} further articles, answers or translations in the file are left out")
        if self.article.find("body") is None:
            self.notes.append("the file has no full text, only what stands before it")
        notes = tuple(dict.fromkeys(self.notes))
        return Reading(record, tuple(self.parts), tuple(reference for _, reference in self.references), notes)

    def _emit(self, role: Role, path: Path, raw: str) -> None:
        text, marks = finished(raw, self.cited)
        if text:
            self.parts.append(Part(role, path, text, marks))
        waiting, self.waiting = self.waiting, []
        for node in waiting:
            self._block(node, path)

    def _children(self, node: Node, path: Path) -> None:
        for child in node:
            if child.tag not in ("title", "label"):
                self._block(child, path)

    def _block(self, node: Node, path: Path) -> None:
        """One block of a section, in the form that its element asks for."""
        tag = node.tag
        if tag in SECTIONS:
            self._section(node, path)
        elif tag in ("table-wrap", "table-wrap-foot"):
            self._table(node, path)
        elif tag in ("fig", "supplementary-material", "fig-group", "table-wrap-group"):
            self._emit("caption", path, self._caption(node))
            for child in node.iterchildren("fig", "table-wrap", "p"):
                self._block(child, path)
        elif tag == "fn":
            declared = DECLARED.get(node.get("fn-type", "").lower())
            self._emit("body" if declared else "footnote", (*path, declared) if declared else path, self._text(node))
        elif tag == "def-item":
            self._emit("body", path, ": ".join(t.strip() for t in (self._of(node, "term"), self._of(node, "def")) if t))
        elif tag in GATHERED:
            self._children(node, path)
        elif tag in FORMULAS:
            self._emit("body", path, self._formula(node))
        elif isinstance(tag, str) and tag not in SILENT:
            self._paragraph(node, path)

    def _of(self, node: Node, tag: str) -> str:
        found = node.find(tag)
        return self._text(found) if found is not None else ""

    def _section(self, node: Node, path: Path) -> None:
        printed, marks = finished(f"{self._of(node, 'label')} {self._of(node, 'title')}", self.cited)
        unprinted = "Acknowledgements" if node.tag == "ack" and not printed else UNTITLED.get(node.tag, "")
        for heading in (unprinted, printed):
            if heading and heading.casefold() != "".join(path[-1:]).casefold():
                path = (*path, heading)
        if printed:
            self.parts.append(Part("heading", path, printed, marks))
        self._children(node, path)

    def _paragraph(self, node: Node, path: Path) -> None:
        """A paragraph; lists and quotes inside it stand between its halves."""
        raw = node.text or ""
        for child in node:
            if child.tag in FLOWING:
                self._emit("body", path, raw)
                self._block(child, path)
                raw = child.tail or ""
            else:
                raw = self._joined(raw, child) + (child.tail or "")
        self._emit("body", path, raw)

    def _caption(self, node: Node) -> str:
        words = [n for n in node.iterfind("caption/*") if n.tag not in SILENT]
        lines = [raw.strip() for raw in (self._of(node, "label"), *(self._text(n) for n in words))]
        return " ".join(line if line.endswith((".", ":", "?", "!")) else f"{line}." for line in lines if line)

    def _table(self, node: Node, path: Path) -> None:
        """A table's caption, its rows and its notes, in this order."""
        self._emit("caption", path, self._caption(node))
        name = plain(self._of(node, "label")).rstrip(".:")
        for table in node.iter("table"):
            header = 0
            rows: list[list[Cell]] = []
            for tr in table.iter("tr"):
                cells = list(tr.iterchildren("td", "th"))
                heads = bool(cells) and all(cell.tag == "th" for cell in cells)
                header += len(rows) == header and (tr.getparent().tag == "thead" or heads)
                rows.append([(self._text(c), span(c.get("colspan")), span(c.get("rowspan"))) for c in cells])
            grid, alone = filled(rows)
            for row in in_words(grid, header, alone):
                self._emit("table", path, f"{name}. {row}" if name else row)
        for foot in [node] if node.tag == "table-wrap-foot" else node.findall("table-wrap-foot"):
            for note in foot.iter("fn", "p", "attrib"):
                if note.tag == "fn" or not any(a.tag == "fn" for a in note.iterancestors()):
                    self._emit("footnote", path, self._text(note))

    def _text(self, node: Node) -> str:
        """The raw line of an element: see `lines`."""
        out = node.text or ""
        for child in node:
            out = self._joined(out, child) + (child.tail or "")
        return out

    def _joined(self, out: str, child: Node) -> str:
        """`out` with an element of the line added as it reads."""
        tag = child.tag
        if not isinstance(tag, str):
            known = html5.get(f"{child.name};")
            if known is None:
                self.notes.append(f"the entity {child.text} is not known and is left out")
            return out + (known or "")
        if tag in APART or tag in FLOWING:
            self.waiting.append(child)
            return out
        if tag in FORMULAS:
            return out + self._formula(child)
        if tag in SILENT or (tag == "xref" and next(child.iterancestors("title-group"), None) is not None):
            return out
        inner = self._text(child)
        if tag == "xref":
            return out + self._citation(child, out, inner)
        if tag == "sup":
            return out + raised(out, inner)
        return f"{out} {inner} " if tag in OWN_LINES else out + inner

    def _citation(self, node: Node, out: str, inner: str) -> str:
        """What a cross-reference reads as; one to the reference list becomes a citation."""
        superscript = [c.tag for c in node] == ["sup"] and not (node.text or node[0].tail or "").strip()
        if node.get("ref-type") in ("fn", "table-fn") and not superscript and re.search(r"\w$", out):
            return raised(out, inner)
        found = tuple(self.numbers[r] for r in (node.get("rid") or "").split() if r in self.numbers)
        if not found or node.get("ref-type", "bibr") != "bibr":
            return inner
        ends = re.fullmatch(rf"\W*(\d{{1,3}})\s*[{DASH}]\s*(\d{{1,3}})\W*", inner)
        more = int(ends[2]) - int(ends[1]) if ends else 0
        if len(found) <= 2 and 0 < more < len(self.references) - found[0]:
            found = tuple(range(found[0], found[0] + more + 1))
        self.cited.append(found)
        return cite(out, inner, len(self.cited) - 1, superscript)

    def _formula(self, node: Node) -> str:
        """A formula once, from the first of its forms that has words."""
        math = next(node.iter("math"), None)
        tex = "".join(next(node.iter("tex-math"), etree.Element("none")).itertext())
        if math is not None:
            words = plain(formula_line(math))
        elif node.tag == "tex-math" or tex:
            words = re.sub(r".*\\begin\{document\}|\\end\{document\}.*", "", tex, flags=re.DOTALL).strip().strip("$")
        else:
            own = [n for n in node if n.tag not in ("label", *SILENT)]
            words = (node.text or "") + "".join(self._text(n) + (n.tail or "") for n in own)
            words = words if words.strip() else "".join(next(node.iter("alt-text"), node).itertext())
        if not words.strip():
            self.notes.append("a formula is only a picture and is left out")
        label = self._of(node, "label").strip()
        block = node.tag == "disp-formula"
        return f" {words} {label} " if block else words
