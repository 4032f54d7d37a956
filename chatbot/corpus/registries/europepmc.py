"""Reads what Europe PMC says of a work, its notices and where its full text is; and writes the addresses to ask.

Source: the REST service (https://www.ebi.ac.uk/europepmc/webservices/rest), `search` in JSON as `search_url` asks for it, or in the same
form as XML; result types core, lite and idlist, each with fewer fields. Europe PMC's licence names no version ("cc by-nc"). What it
leaves out: abstracts, affiliations, MeSH terms, grants; the Dublin Core form, which is refused; and asking.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from chatbot.corpus.registries.answers import read_json
from chatbot.corpus.values import Record
from chatbot.datatypes import Author, Json
from chatbot.errors import FetchError

API = "https://www.ebi.ac.uk/europepmc/webservices/rest"
TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
INITIALS = re.compile(r"(?P<family>.+?) (?P<initials>[A-Z]{1,4})(?: (?:Jr|Sr|2nd|3rd|II|III|IV))?")
PMCID = re.compile(r"PMC[0-9]{1,12}", re.IGNORECASE)
REPEATED = {"result", "author", "fullTextUrl", "commentCorrection", "pubType"}  # elements that are lists, also of one


@dataclass(frozen=True, slots=True)
class TextLink:
    """An address of the text: style (html, pdf, doi), availability (OA open access, F free, S subscription) and site."""

    url: str
    style: str
    availability: str
    site: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A tie to another article: `kind` as in "Retraction in" or "Erratum for", its PubMed number or like, and how it is cited."""

    kind: str
    number: str
    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. `pmcid` is "" where no full text is kept; only an open one (`open_access`) may be had by `full_text_url`.

    `kinds` are publication types as printed ("Retracted Publication"); `licence` is as printed.
    """

    record: Record
    number: str
    source: str
    pmcid: str = ""
    pmid: str = ""
    open_access: bool = False
    in_epmc: bool = False
    has_pdf: bool = False
    licence: str = ""
    kinds: tuple[str, ...] = ()
    links: tuple[TextLink, ...] = ()
    notices: tuple[Notice, ...] = ()


def search_url(doi: str) -> str:
    """Where to ask for the article of a DOI, with all that Europe PMC knows of it.

    >>> search_url("10.5555/a<1>")
    'https://www.ebi.ac.uk/europepmc/webservices/rest/search?query=DOI%3A%2210.5555%2Fa%3C1%3E%22&resultType=core&format=json'
    """
    query = f'DOI:"{doi}"'
    return f"{API}/search?{urlencode({'query': query, 'resultType': 'core', 'format': 'json'})}"


def full_text_url(pmcid: str) -> str:
    """Where the full text is, as JATS XML. Raises ValueError for what is no PMC identifier.

    >>> full_text_url("pmc123")
    'https://www.ebi.ac.uk/europepmc/webservices/rest/PMC123/fullTextXML'
    """
    if not PMCID.fullmatch(pmcid):
        raise ValueError(f"{pmcid!r} is no PMC identifier; it is PMC and digits")
    return f"{API}/{pmcid.upper()}/fullTextXML"


def read_search(raw: bytes, where: str) -> tuple[Hit, ...]:
    """The articles of an answer to `where`, in its order; none where nothing was found. Raises FetchError for anything else."""
    try:
        answer = _from_xml(raw) if raw.lstrip()[:1] == b"<" else read_json(raw)
    except (ValueError, RecursionError, ElementTree.ParseError) as error:
        start = " ".join(raw[:60].decode(errors="replace").split())
        raise FetchError(
            f"Europe PMC's answer for {where} cannot be read; it begins {start!r}: ask again later"
        ) from error
    found = answer.get("resultList") if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise FetchError(
            f"Europe PMC's answer for {where} is no list of articles; ask for format=json, resultType=core"
        )
    return tuple(_hit(row) for row in _rows(found, "result"))


def exact(hits: tuple[Hit, ...], doi: str) -> Hit | None:
    """The article whose DOI is this one; of several that with a full text. Searches answer with near ones too."""
    same = [hit for hit in hits if hit.record.doi == doi.lower()]
    return max(same, key=lambda hit: (hit.open_access, bool(hit.pmcid), bool(hit.pmid)), default=None)


def _from_xml(raw: bytes) -> Json:
    """The answer's elements as objects. A document type, which no answer has, could declare entities: it is refused."""
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("a document type")
    root = ElementTree.fromstring(raw)  # noqa: S314 - without a document type no entity can be declared
    content = _object(root)
    return content if isinstance(content, dict) else {}


def _object(element: ElementTree.Element) -> Any:
    """An element without children as its text; with some as an object, names that repeat as lists."""
    if not len(element):
        return {} if element.tag.endswith("List") else element.text or ""
    out: Json = {}
    for child in element:
        if child.tag in REPEATED:
            out.setdefault(child.tag, []).append(_object(child))
        else:
            out[child.tag] = _object(child)
    return out


def _hit(row: Json) -> Hit:
    doi = _text(row, "doi").lower()
    journal = _inner(row, "journalInfo")
    licence, pmcid = _text(row, "license"), _text(row, "pmcid")
    people = _rows(_inner(row, "authorList"), "author")
    record = Record(
        kind="article-journal" if journal or _text(row, "journalTitle") else "article",
        title=re.sub(r"(?<!\.)\.$", "", _plain(_text(row, "title"))),
        authors=tuple(_author(p) for p in people) or _authors(_text(row, "authorString")),
        year=_text(row, "pubYear") or _text(journal, "yearOfPublication"),
        container=_plain(_text(_inner(journal, "journal"), "title") or _text(row, "journalTitle")),
        volume=_text(journal, "volume") or _text(row, "journalVolume"),
        issue=_text(journal, "issue") or _text(row, "issue"),
        pages=_text(row, "pageInfo").replace("-", "–"),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else "",
        licence=licence,
    )
    types = _inner(row, "pubTypeList").get("pubType") or row.get("pubType") or []
    kinds = types if isinstance(types, list) else [types]
    return Hit(
        record=record,
        number=_text(row, "id"),
        source=_text(row, "source"),
        pmcid=pmcid if PMCID.fullmatch(pmcid) else "",
        pmid=_text(row, "pmid"),
        open_access=_text(row, "isOpenAccess") == "Y",
        in_epmc=_text(row, "inEPMC") == "Y",
        has_pdf=_text(row, "hasPDF") == "Y",
        licence=licence,
        kinds=tuple(kind for line in kinds if isinstance(line, str) for kind in line.split("; ")),
        links=tuple(
            TextLink(*(_text(r, key) for key in ("url", "documentStyle", "availabilityCode", "site")))
            for r in _rows(_inner(row, "fullTextUrlList"), "fullTextUrl")
        ),
        notices=tuple(
            Notice(*(_text(r, key) for key in ("type", "id", "source", "reference")))
            for r in _rows(_inner(row, "commentCorrectionList"), "commentCorrection")
        ),
    )


def _author(row: Json) -> Author:
    family = _text(row, "lastName")
    if not family:
        return Author(_text(row, "collectiveName") or _text(row, "fullName"))
    return Author(family, _text(row, "firstName") or ". ".join([*_text(row, "initials"), ""]).strip())


def _authors(listed: str) -> tuple[Author, ...]:
    """The people of `authorString`, which prints family names and initials.

    >>> _authors("O'Neill AF, Sleep Group.")
    (Author(family="O'Neill", given='A. F.'), Author(family='Sleep Group', given=''))
    """
    out = []
    for name in listed.removesuffix(".").split(", "):
        match = INITIALS.fullmatch(name)
        out.append(Author(match["family"], ". ".join([*match["initials"], ""]).strip()) if match else Author(name))
    return tuple(author for author in out if author.family)


def _plain(text: str) -> str:
    """Text on one line without markup."""
    return " ".join(html.unescape(TAG.sub("", html.unescape(text))).split())


def _text(row: Json, key: str) -> str:
    """A field as text; "" for none."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _inner(row: Json, key: str) -> Json:
    """A field that is an object; an empty one for none."""
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _rows(row: Json, key: str) -> list[Json]:
    """The objects in a list."""
    value = row.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
