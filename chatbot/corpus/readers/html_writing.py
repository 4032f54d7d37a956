"""What trafilatura would lose of a page, written into the page's text before it reads it.

Formulas become words, captions paragraphs, superscripts raised characters, and links to the page's own reference list the
marks of `lines`. Those are control characters, which no tree may hold, so they pass through as characters of the private use
area, which are first taken out of the page itself. What it leaves out: citations without a link.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urldefrag

from chatbot.corpus.readers.lines import cite, formula_line, plain, raised

Node = Any  # an element of lxml, which has no types

LOOSE = "\x01\x02\x03\x04"
KEPT = "\ue0f1\ue0f2\ue0f3\ue0f4"
IN, OUT = str.maketrans(LOOSE, KEPT), str.maketrans(KEPT, LOOSE)
TARGET = re.compile("\ue0f5(\\d+)\ue0f5")  # stands before a reference that the text cites
WRITTEN = re.compile(rf"{KEPT[0]}\d+{KEPT[1]}|{KEPT[3]}\d+{KEPT[3]}|{KEPT[2]}|{TARGET.pattern}")
RESERVED = dict.fromkeys(map(ord, KEPT + "\ue0f5"))  # for str.translate
BACK = re.compile(r"[\^↑↩↵⤴\ufe0e\ufe0f]+|[a-z]")  # the words of a link from a reference back to the text
LABELS = {
    "article", "google scholar", "pubmed", "pubmed central", "cas", "crossref", "ads", "view article", "full text", "web of science",
    "scopus", "medline", "free full text", "abstract", "download", "mathscinet", "math", "pmc free article", "publisher full text",
}  # fmt: skip
ITEMS = ("li", "p", "dd", "tr", "dt")


def bare(raw: str) -> str:
    """A line without what this module wrote into it but words."""
    return plain(WRITTEN.sub("", raw))


def write_formulas(tree: Node) -> None:
    """MathML becomes words, in place of all that a page shows for the same formula; links that edit a section go."""
    for node in list(tree.iter("math")):
        words = plain(formula_line(node)) or node.get("alttext") or ""
        shown = [
            n for n in node.iterancestors() if n.tag == "mjx-container" or "katex" in (n.get("class") or "").split()
        ]
        whole = shown[-1] if shown else node
        whole[:] = []
        whole.text = f" {words} " if node.get("display") == "block" else words
        whole.drop_tag()
    for node in tree.xpath("//*[contains(concat(' ', @class, ' '), ' mw-editsection ')]"):
        node.drop_tree()


def write_captions(tree: Node) -> set[str]:
    """Captions, which would be lost with their pictures, become paragraphs beside them. Returns their words."""
    found = set()
    for caption in list(
        tree.xpath("//figcaption | //table/caption | //*[contains(@class, 'caption') and ancestor::figure]")
    ):
        text = plain(spaced(caption))
        whole = next(caption.iterancestors("figure", "table"), None)
        if text and whole is not None and whole.getparent() is not None and text not in found:
            found.add(text)
            line = tree.makeelement("p")
            line.text = text
            (whole.addprevious if whole.tag == "table" else whole.addnext)(line)
            if whole.tag != "table":
                line.tail, whole.tail = whole.tail, None
            caption.drop_tree()
    return found


def write_citations(tree: Node, url: str) -> list[int]:
    """Links to the page's own reference list become marks; what they point at is numbered. Returns each one's target."""
    cited: list[int] = []
    homes: dict[str, Node] = {n.get("id") or n.get("name"): n for n in tree.xpath("//*[@id]|//a[@name]")}
    targets: dict[Node, int] = {}
    for link in list(tree.iter("a")):
        address, fragment = urldefrag(link.get("href") or "")
        home = homes.get(unquote(fragment)) if fragment and address in ("", urldefrag(url)[0]) else None
        words = link.text_content()
        if plain(words).casefold().strip("[]() ") in LABELS and next(link.iterancestors("li"), None) is not None:
            _unlabel(link)
            continue
        if home is None or not words.strip():
            continue
        item = next((n for n in (home, *home.iterancestors()) if n.tag in ITEMS), None)
        if BACK.fullmatch(words.strip()) and next(link.iterancestors(*ITEMS), None) is not None:
            link.drop_tree()
        elif item is not None and item not in link.iterancestors() and _is_citation(words):
            number = targets.setdefault(item, len(targets))
            cited.append(number)
            before = _before(link)
            link[:] = []
            link.text = cite(before, words, len(cited) - 1, False).translate(IN)
            link.drop_tag()
    for item, number in targets.items():
        item.text = f"\ue0f5{number}\ue0f5{item.text or ''}"
    return cited


def _unlabel(link: Node) -> None:
    """A label such as "Google Scholar" beside a reference goes; where it leads to a DOI, that is told instead."""
    doi = re.search(r"doi\.org/(10\.\d{4,9}/[^\s\"<>?#]+)", unquote(link.get("href") or ""))
    if doi and doi[1] not in link.getparent().text_content():
        link[:] = []
        link.text = f" https://doi.org/{doi[1]} "
        link.drop_tag()
    else:
        link.drop_tree()


def _is_citation(words: str) -> bool:
    """Whether a link's words look like one: a number, or a year.

    >>> [_is_citation(w) for w in ("[12]", "3", "Smith et al., 2020", "Jump to the menu")]
    [True, True, True, False]
    """
    return bool(
        re.fullmatch(r"\W*\d{1,3}(?:\W+\d{1,3})*\W*", words) or re.search(r"\b(?:1[89]|20)\d\d[a-z]?\b|n\.d\.", words)
    )


def write_raised(tree: Node) -> None:
    """Superscripts become text: see `lines`."""
    for node in list(tree.iter("sup")):
        inner = node.text_content().translate(OUT)
        text = raised(_before(node), inner).translate(IN)
        node[:] = []
        node.text = text
        node.drop_tag()


def _before(node: Node) -> str:
    previous = node.getprevious()
    if previous is None:
        return (node.getparent().text or "").translate(OUT)
    return ((previous.tail or "") or previous.text_content()).translate(OUT)


def spaced(item: Node) -> str:
    """The words of a list's item in the page itself, blocks parted by spaces."""
    out = item.text or ""
    for child in item:
        inner = spaced(child) if isinstance(child.tag, str) and child.tag not in ("script", "style") else ""
        out += (f" {inner} " if child.tag in ("div", "p", "br", "li", "ul", "ol") else inner) + (child.tail or "")
    return out
