"""What a page's bytes are, and what the page says of itself.

The encoding is a byte order mark's, else UTF-8 where the bytes are valid UTF-8, else what the page names, else Windows-1252,
the web's default, unless so many bytes are foreign to it that a detector is asked. The record is of the tags that publishers
write for indexes (citation_title ...), else of what trafilatura found; an author whom no tag of the page names is left out,
because a guessed one would stand in a citation.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import charset_normalizer

from chatbot.corpus.identifiers import doi_of
from chatbot.corpus.readers.lines import plain
from chatbot.corpus.values import Record
from chatbot.datatypes import Author
from chatbot.errors import UnreadableSource

Node = Any  # an element of lxml, which has no types

MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
ALIKE = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
}
BINARY = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "compressed"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"))  # fmt: skip
JATS = re.compile(r"<!DOCTYPE\s+article\b|<article-meta\b|<pmc-articleset\b|//NLM//DTD")
TAG = re.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|p|div|h[1-6]|table|ul|ol|article|section|main|span|br)\b", re.IGNORECASE
)
WALL = re.compile(
    r"accept (?:all|the use of)? ?cookies|we (?:and our partners )?(?:use|value)\b.{0,40}(?:cookies|your privacy)|manage (?:my |your )?(?:consent|cookie"
    r" preferences)|enable java ?script|java ?script is (?:disabled|required)|requires java ?script|verify (?:that )?you are (?:a )?human|are you a robot|"
    r"unusual traffic|access (?:to this page has been )?denied|checking your browser|page (?:was )?not found|403 forbidden",
    re.IGNORECASE,
)
FOREIGN = (
    0.1  # share of bytes over 127 from which the detector is asked; on Western text it errs more than the web's default
)
WALL_WORDS = 150  # a page with fewer words and such a phrase is taken for a wall; real articles have more
BODIES = {
    "staff", "news", "clinic", "team", "institute", "editors", "association", "foundation", "department", "university", "society",
    "organization", "organisation", "center", "centre", "office", "board", "council", "group", "committee", "service", "agency",
    "ministry", "hospital", "contributors", "media", "press", "writer", "writers", "network", "today", "college", "of", "for", "the", "&",
}  # fmt: skip
DEGREES = re.compile(
    r",?\s+(?:M\.?D|Ph\.?D|M\.?[AS]|R\.?[DN]|M\.?P\.?H|Psy\.?D|B\.?[AS]c?|D\.?O|LCSW|FAAP)\b\.?", re.IGNORECASE
)


def decoded(raw: bytes, where: str, charset: str = "") -> str:
    """The page's text. Raises UnreadableSource for bytes that are no page: empty, binary, JSON, JATS, plain text."""
    if not raw.strip():
        raise UnreadableSource(f"{where}: the file is empty; fetch it again")
    encoding = next((name for mark, name in MARKS if raw.startswith(mark)), "")
    kind = next((kind for mark, kind in BINARY if raw.lstrip()[:8].startswith(mark)), "")
    if kind or (b"\x00" in raw[:4096] and not encoding):
        raise UnreadableSource(f"{where}: is {kind or 'binary'}, not a web page; name the right reader for it")
    text = raw.decode(encoding, "replace").lstrip("\ufeff") if encoding else _guessed(raw, charset)
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            raise UnreadableSource(f"{where}: is JSON, not a web page; fetch the page's own address")
    head = text[:20_000]
    if JATS.search(head) or (
        text.lstrip().startswith("<?xml") and not re.search(r"<(?:\w+:)?html\b", head, re.IGNORECASE)
    ):
        raise UnreadableSource(f"{where}: is XML, not a web page; a JATS article has a reader of its own")
    if not TAG.search(text):
        raise UnreadableSource(f"{where}: holds no HTML; save plain text as .txt")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _guessed(raw: bytes, charset: str) -> str:
    """What is UTF-8 throughout is UTF-8; else the server's word goes before the page's own, as in a browser."""
    named = CHARSET.search(raw[:4096])
    name = charset or (named[1].decode("ascii", "replace").lower() if named else "")
    try:
        if not name.startswith("iso-2022"):
            return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        codec = codecs.lookup(ALIKE.get(name, name)).name if name and "utf" not in name else ""
        if codec and codec not in ("idna", "punycode", "unicode_escape", "raw_unicode_escape"):
            return raw.decode(codec, "replace")
    except (LookupError, ValueError):
        pass
    text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if "utf" in name and broken <= sum(c > "\x7f" for c in text) - broken:
        return text  # UTF-8 with a few bad bytes
    if sum(byte > 0x7F for byte in raw) > FOREIGN * len(raw):
        best = charset_normalizer.from_bytes(raw[:100_000]).best()
        if best is not None:
            return raw.decode(best.encoding, "replace")
    return raw.decode("cp1252", "replace")


def refuse(words: str, n_words: int, fewest: int, where: str) -> None:
    """Raises UnreadableSource where too little was read; `words` are the page's first ones, menus and all."""
    wall = WALL.search(words)
    if wall and n_words < WALL_WORDS:
        raise UnreadableSource(f"{where}: looks like a wall before the page ({wall[0]!r}); fetch it in another way")
    if n_words < fewest:
        raise UnreadableSource(
            f"{where}: has no readable text ({n_words} words), perhaps scripts write it; fetch it in another way"
        )


def page_record(tree: Node, url: str, found: Any) -> Record:
    """The record of a page; `found` is trafilatura's metadata."""
    tags: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if (meta.get("content") or "").strip():
            tags.setdefault(name, []).append(plain(meta.get("content")))

    def tag(*names: str) -> str:
        return next((tags[name][0] for name in names if name in tags), "")

    journal = tag("citation_journal_title")
    title = tag("citation_title", "dc.title") or _title(
        tree, plain(found.title or ""), tag("og:title", "twitter:title")
    )
    site = plain(found.sitename or "")
    cut = re.match(r"(.{8,})\s+[|–—-]\s+(.+)$", title)
    if (
        cut
        and site
        and not tag("citation_title")
        and (site.lower().startswith(cut[2].lower()) or cut[2].lower() in site.lower())
    ):
        title = cut[1]
    authors = tags.get("citation_author") or tags.get("dc.creator") or _named(tree, tags, found.author or "", site)
    date = tag("citation_publication_date", "citation_date", "citation_online_date", "dc.date") or (found.date or "")
    year = re.search(r"\b(?:1[89]|20)\d\d\b", date)
    pages = "–".join(filter(None, (tag("citation_firstpage"), tag("citation_lastpage"))))
    doi = doi_of(tag("citation_doi", "prism.doi", "dc.identifier", "bepress_citation_doi"))
    licence = next((a.get("href") for a in tree.xpath("//*[@rel='license'][@href]")), "") or tag("dc.rights")
    return Record(
        kind="article-journal" if journal else "webpage",
        title=title,
        authors=tuple(author for name in authors if (author := author_of(name)) is not None),
        year=year[0] if year else "n.d.",
        container=journal or (site if site.lower() != title.lower() else ""),
        volume=tag("citation_volume"),
        issue=tag("citation_issue"),
        pages=pages,
        publisher=tag("citation_publisher") if journal else "",
        doi=doi,
        url=url,
        licence=plain(licence) if licence.startswith("http") else "",
    )


def _title(tree: Node, found: str, shared: str) -> str:
    """trafilatura's title, unless it is a headline that neither the page's <title> nor its title for sharing has."""
    printed = plain(next((n.text_content() for n in tree.xpath("/html/head/title")), ""))
    first = re.split(r"\s+[|–—]\s+|\s+-\s+", printed)[0]
    if (
        found.casefold() in f"{printed} {shared}".casefold()
        or not first
        or not any(first in plain(p.text_content()) for p in tree.iter("h1", "h2", "h3", "p"))
    ):
        return found or first
    return first


def _named(tree: Node, tags: dict[str, list[str]], authors: str, site: str) -> list[str]:
    """Those of trafilatura's authors whom the page itself names as such; the site itself where it signs as a body."""
    if site and site.casefold() in (tag.casefold() for tag in tags.get("author", ())):
        return [site]
    said = [*(c for name, cs in tags.items() if "author" in name or "byl" in name for c in cs)]
    said += [script.text or "" for script in tree.xpath("//script[contains(@type, 'json')]")]
    said += [n.text_content() for n in tree.xpath("//*[@rel='author' or contains(@itemprop, 'author')]")]
    classed = tree.xpath(
        "//*[contains(translate(@class, 'AUTHORBYLINE', 'authorbyline'), 'byline')]|//*[contains(@class, 'author-name')]"
    )
    everything = plain(" ".join([*said, *(n.text_content() for n in classed)])).casefold()
    return [name for name in re.split(r"\s*;\s*", authors) if len(name) > 2 and name.casefold() in everything]


def author_of(name: str) -> Author | None:
    """A printed name as a person, or as a body where it looks like one.

    >>> author_of("Grant Tinsley, PhD"), author_of("Tinsley, Grant"), author_of("Mayo Clinic Staff")
    (Author(family='Tinsley', given='Grant'), Author(family='Tinsley', given='Grant'), Author(family='Mayo Clinic Staff', given=''))
    """
    name = DEGREES.sub("", plain(re.sub(r"^\s*(?:by|written by|reviewed by)\s+", "", name, flags=re.IGNORECASE))).strip(
        " ,;"
    )
    words = name.replace(",", " ").split()
    if DEGREES.fullmatch(f" {name}") or not words or "http" in name or "@" in name:
        return None
    if len(words) == 1 or len(words) > 5 or any(word.lower() in BODIES for word in words):
        return Author(name)
    family, comma, given = name.partition(",")
    if comma:
        return Author(family.strip(), given.strip())
    cut = next((i for i, word in enumerate(words[1:], 1) if word.islower()), len(words) - 1)
    return Author(" ".join(words[cut:]), " ".join(words[:cut]))
