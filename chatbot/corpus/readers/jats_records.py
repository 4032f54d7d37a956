"""The bibliographic data in a JATS file: the article's own record, and each reference's record and printed line.

A reference is printed as its mixed-citation has it. An element-citation, or a mixed one without any punctuation of its own,
is put together in a plain APA form. Numbers that only a repository adds (PMID, PMCID) are left out of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chatbot.corpus.identifiers import doi_of
from chatbot.corpus.readers.lines import plain
from chatbot.corpus.values import Record, Reference
from chatbot.datatypes import Author

Node = Any  # an lxml element; lxml has no types
Text = Callable[[Node], str]

CITATIONS = ("mixed-citation", "element-citation", "citation", "nlm-citation")
KINDS = {
    "journal": "article-journal", "book": "book", "confproc": "paper-conference", "conf-proc": "paper-conference",
    "conference": "paper-conference", "thesis": "thesis", "web": "webpage", "webpage": "webpage", "website": "webpage",
    "report": "report", "gov": "report", "preprint": "article", "data": "dataset", "newspaper": "article-newspaper",
    "patent": "patent", "software": "software",
}  # fmt: skip
NAMES = {"name", "string-name", "person-group"}
TOUCHING = NAMES | {
    "surname", "given-names", "suffix", "collab", "year", "article-title", "chapter-title", "source", "volume", "issue",
    "fpage", "lpage", "publisher-name", "publisher-loc", "edition", "comment", "pub-id",
}  # fmt: skip
DATES = ("ppub", "collection", "pub", "epub-ppub", "epub", "")  # the volume's first: it is what is cited
HREF = "{http://www.w3.org/1999/xlink}href"


def article_record(front: Node, text: Text) -> Record:
    """What the head of an article says of it; the year is that of the volume, where it differs from the first one online."""
    meta = front.find("article-meta")
    meta = front if meta is None else meta
    of = _finder(meta, text)
    subtitle = of("title-group/subtitle")
    title = of("title-group/article-title")
    people = [c for c in meta.iterfind("contrib-group/contrib") if c.get("contrib-type", "author") == "author"]
    dates = {d.get("pub-type", d.get("date-type", "")): of("year", d) for d in reversed(meta.findall("pub-date"))}
    year = next((dates[kind] for kind in DATES if dates.get(kind)), next(iter(dates.values()), ""))
    return Record(
        kind="article-journal",
        title=f"{title}: {subtitle}" if subtitle else title,
        authors=tuple(author for person in people if (author := _author(person, text)) is not None),
        year=year[:4],
        container=next((t for n in front.iter("journal-title") if (t := plain(text(n)))), ""),
        volume=of("volume"),
        issue=of("issue"),
        pages=_pages(of),
        publisher=next((t for n in front.iter("publisher-name") if (t := plain(text(n)))), ""),
        doi=next((doi_of(text(n)) for n in meta.iterfind("article-id") if n.get("pub-id-type") == "doi"), ""),
        licence=_licence(meta),
    )


def reference(ref: Node, text: Text) -> Reference:
    """One entry of the reference list; `printed` is empty when the entry says nothing."""
    citations = list(ref.iter(*CITATIONS)) or [ref]
    lines = [_printed(citation, text) for citation in citations if citation.getparent().tag != "citation-alternatives"]
    lines = lines or [_printed(citations[0], text)]
    label = ref.find("label")
    label = citations[0].find("label") if label is None else label
    return Reference(
        " ".join(filter(None, lines)),
        citation_record(citations[0], text),
        plain(text(label)) if label is not None else "",
    )


def citation_record(node: Node, text: Text) -> Record:
    """What the elements of a citation say; its doi and address also from its links and words."""
    of = _finder(node, text)
    source, chapter, article = of("source"), of("chapter-title"), of("article-title") or of("data-title")
    people: dict[str, list[Author]] = {"author": [], "editor": []}
    for person in node.iter("name", "string-name", "collab", "institution", "on-behalf-of"):
        above = [a.tag for a in person.iterancestors()]
        if person.tag == "institution" and not (of("collab") == "" and above[0] == "person-group"):
            continue
        if above[0] == "name-alternatives" and person.getprevious() is not None:
            continue
        group = next(person.iterancestors("person-group"), None)
        role = (group.get("person-group-type") or "author") if group is not None else "author"
        author = _author(person, text)
        if author is not None and role.rstrip("s") in people:
            people[role.rstrip("s")].append(author)
    kind = KINDS.get((node.get("publication-type") or node.get("citation-type") or "").lower(), "")
    if chapter or (kind == "book" and article and source):
        kind = "chapter"
    links = [a for n in node.iter("ext-link", "uri") if (a := plain(n.get(HREF) or text(n)))]
    ids = [doi_of(text(n)) for n in node.iter("pub-id", "object-id") if n.get("pub-id-type") == "doi"]
    doi = next(filter(None, [*ids, *map(doi_of, links), doi_of(text(node))]), "")
    year = re.search(r"\d{4}", of("year") or of("date"))
    return Record(
        kind=kind,
        title=chapter or article or source,
        authors=tuple(people["author"]),
        editors=tuple(people["editor"]),
        year=year[0] if year else "",
        container=source if chapter or article else "",
        volume=of("volume"),
        issue=of("issue"),
        pages=_pages(of),
        edition=of("edition"),
        publisher=of("publisher-name"),
        place=of("publisher-loc"),
        doi=doi,
        url=next((link for link in links if not doi_of(link) and link.startswith("http")), ""),
    )


def _finder(node: Node, text: Text) -> Callable[..., str]:
    def of(path: str, inside: Node | None = None) -> str:
        """The text of the first such element, "" without one."""
        start = node if inside is None else inside
        found = start.find(path)
        found = start.find(f".//{path}") if found is None and start.tag in CITATIONS else found
        return plain(text(found)).strip(" ,;") if found is not None else ""

    return of


def _pages(of: Callable[..., str]) -> str:
    first, last = of("fpage"), of("lpage")
    if first:
        return f"{first}–{last}" if last and last != first else first
    return re.sub(r"\s*[-–—]+\s*", "–", of("page-range")) or of("elocation-id")


def _licence(meta: Node) -> str:
    """The address of the licence: an attribute, a licence reference, or a link in its words; "" without one."""
    for node in meta.iterfind("permissions/license"):
        said = [node.get(HREF) or "", *("".join(n.itertext()) for n in node.iter("license_ref"))]
        said += [n.get(HREF) or "" for n in node.iter("ext-link", "uri")] + ["".join(node.itertext())]
        for words in said:
            address = re.search(r"https?://[^\s)<>\"]+", plain(words))
            if address:
                return address[0].rstrip(".,;")
    return ""


def _author(person: Node, text: Text) -> Author | None:
    """The name of a person or body, or None; a body's own members are not its name."""
    name = next(person.iter("name", "string-name"), None)
    collab = next(person.iter("collab", "institution", "on-behalf-of"), None)
    if name is not None and (collab is None or collab not in list(name.iterancestors())):
        family, given, suffix = (
            plain(text(found)).strip(" ,") if (found := name.find(tag)) is not None else ""
            for tag in ("surname", "given-names", "suffix")
        )
        if family or given:
            return Author(family, " ".join(filter(None, (given, suffix)))) if family else Author(given)
        return Author(plain(text(name)).strip(" ,")) if plain(text(name)) else None
    if collab is None:
        return None
    own = [collab.text or "", *(text(c) for c in collab if c.tag != "contrib-group"), *(c.tail or "" for c in collab)]
    return Author(plain(" ".join(own)).strip(" ,;")) if plain(" ".join(own)) else None


def _printed(citation: Node, text: Text) -> str:
    """The citation's line: its own words, or an APA form where its elements stand without punctuation."""
    between = "".join([citation.text or "", *(child.tail or "" for child in citation)])
    if citation.tag == "element-citation" or (len(citation) > 2 and not re.search(r"[\w.,;:()]", between)):
        return _apa(citation, text)
    return re.sub(r" ([.,;:])(?=\s|$)", r"\1", plain(_spelled(citation, text)))


def _spelled(node: Node, text: Text) -> str:
    """A citation's own words; elements that touch (<source>Nature</source><volume>7</volume>) are parted."""
    out, before = node.text or "", ""
    for child in node:
        if child.tag == "label" or (child.tag == "pub-id" and child.get("pub-id-type") != "doi"):
            out += child.tail or ""
            continue
        said = _spelled(child, text) if child.tag in NAMES else text(child)
        if child.tag in TOUCHING and re.search(r"[\w.?!]$", out) and re.match(r"\w", said):
            out += ", " if before == child.tag in NAMES else "–" if child.tag == "lpage" else " "
        out, before = out + said + (child.tail or ""), child.tag
    return out


def _apa(citation: Node, text: Text) -> str:
    record = citation_record(citation, text)
    year = plain(text(found)) if (found := next(citation.iter("year"), None)) is not None else "n.d."
    more = next(citation.iter("etal"), None) is not None
    authors, editors = _names(record.authors, more), _names(record.editors, more and not record.authors)
    title = " ".join(filter(None, (record.title, f"({record.edition})" if record.edition else ""))).rstrip(".")
    who = authors or (f"{editors} (Eds.)" if editors and record.kind != "chapter" else "")
    pages = f"pp. {record.pages}" if record.pages and record.kind == "chapter" else record.pages
    volume = record.volume + (f"({record.issue})" if record.issue else "")
    where = ", ".join(filter(None, (record.container, volume, pages)))
    if record.kind == "chapter":
        where = "In " + (f"{editors} (Eds.), " if editors else "") + where
    comments = [plain(text(n)).rstrip(".") for n in citation.iter("comment") if not doi_of(text(n))]
    house = ": ".join(filter(None, (record.place, record.publisher)))
    sentences = [f"{who} ({year})" if who and title else who, title, where, *comments, house]
    if title and not who:
        sentences[0:2] = [f"{title} ({year})"]
    link = f"https://doi.org/{record.doi}" if record.doi else record.url
    return " ".join(
        [*(s if s.endswith((".", "?", "!")) else f"{s}." for s in sentences if s), *([link] if link else [])]
    )


def _names(people: tuple[Author, ...], more: bool) -> str:
    """Names in APA's order: "Cohen, S., & Smith, A. P."."""
    names = [", ".join(filter(None, (p.family, _initials(p.given)))) for p in people]
    if more and names:
        return ", ".join([*names, "et al."])
    return f"{', '.join(names[:-1])}, & {names[-1]}" if len(names) > 1 else "".join(names)


def _initials(given: str) -> str:
    """
    >>> _initials("DA"), _initials("Jean-Paul M."), _initials("E. R. Jr")
    ('D. A.', 'J.-P. M.', 'E. R., Jr')
    """
    words = re.findall(r"[\w’'-]+", given)
    suffix = [w for w in words if w.rstrip(".") in ("Jr", "Sr", "II", "III", "IV")]
    out = []
    for word in (w for w in words if w not in suffix):
        letters = list(word) if word.isupper() and len(word) <= 3 and "-" not in word else [word]
        out += ["-".join(f"{half[0]}." for half in letter.split("-") if half) for letter in letters]
    return ", ".join(filter(None, (" ".join(out), *suffix)))
