"""Reads what Crossref says of a work: record, updates, licences, reference list; and writes the addresses to ask.

Source: the REST API (https://api.crossref.org, `works/DOI` and lists of works), and the same record by content negotiation, where it
has no envelope and titles are plain strings. Since January 2025 `updated-by` carries what Retraction Watch knows beside what
publishers register; `update-to` is the other direction, on the notice itself. DOIs come out bare and in lower case, texts without
markup. What it leaves out: abstracts, affiliations, funders, trials and counts; and asking, which is an edge's work.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from chatbot.corpus.registries.answers import read_json
from chatbot.corpus.registries.works import Licence, Link, Listed, Person, Relation, Update, Work
from chatbot.corpus.values import Record
from chatbot.datatypes import Author, Json
from chatbot.errors import FetchError

API = "https://api.crossref.org/works"
KINDS = {  # Crossref's types in the terms of CSL 1.0.2; a type that is not here is "document"
    "journal-article": "article-journal",
    "posted-content": "article",
    "proceedings-article": "paper-conference",
    **dict.fromkeys(("book", "monograph", "edited-book", "reference-book", "proceedings", "book-set"), "book"),
    **dict.fromkeys(("book-chapter", "book-section", "book-part", "book-track"), "chapter"),
    "reference-entry": "entry",
    **dict.fromkeys(("report", "report-component"), "report"),
    "dissertation": "thesis",
    **dict.fromkeys(("dataset", "database"), "dataset"),
    "peer-review": "review",
    "standard": "standard",
    **dict.fromkeys(("journal", "journal-issue", "journal-volume"), "periodical"),
}
CSL_KINDS = frozenset(KINDS.values()) | {"document", "webpage", "article-magazine", "article-newspaper", "software"}
DATES = ("published", "issued", "published-print", "published-online", "posted", "published-other")  # first one wins
OTHER_DATES = ("accepted", "approved", "content-created", "content-updated", "created", "deposited", "indexed")
VERSIONS = (
    "vor",
    "unspecified",
    "",
    "stm-asf",
    "tdm",
)  # of a licence, the most telling first; "am" is for a manuscript alone
TAG = re.compile(r"</?(?:[a-z]+:)?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
MAX_ESCAPES = 8  # of a text that was escaped again and again; two are common
FIELDS = "DOI,type,title,updated-by,update-to"  # all of them are elements that the API lets one select


def work_url(doi: str, contact: str = "") -> str:
    """Where to ask for one work.

    >>> work_url("10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y")
    'https://api.crossref.org/works/10.1002%2F%28SICI%291099-0771%28199806%2911%3A2%3C107%3A%3AAID-BDM292%3E3.0.CO%3B2-Y'
    """
    return f"{API}/{quote(doi, safe='')}" + (f"?{urlencode({'mailto': contact})}" if contact else "")


def works_url(dois: Sequence[str], contact: str = "") -> str:
    """Where to ask how many works stand at once: type, title and updates of each. A DOI with a comma must be asked alone."""
    where = {"filter": ",".join(f"doi:{doi}" for doi in dois), "select": FIELDS, "rows": str(len(dois))}
    return f"{API}?{urlencode({**where, **({'mailto': contact} if contact else {})})}"


def bare_doi(text: str) -> str:
    """A DOI without what is often written before it, in lower case; "" for what is none.

    >>> bare_doi("https://doi.org/10.5555/ABC")
    '10.5555/abc'
    """
    match = re.match(
        r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}(?:\.\d+)*/\S+)$", text.strip(), re.IGNORECASE
    )
    return match[1].lower() if match else ""


def plain(text: str) -> str:
    """A registered text on one line without markup.

    >>> plain("Mutations of p110 (\\n   <i>PIK3CA</i>\\n  ) &amp;amp; H<sub>2</sub>O")
    'Mutations of p110 (PIK3CA) & H2O'
    """
    for _ in range(MAX_ESCAPES):
        text = html.unescape(TAG.sub("", text))
    text = re.sub(r"\s+", lambda m: " \n"[m[0][0] == "\n" :] if "\n" in m[0] else " ", text)
    text = re.sub(r"([(\[])\n|\n(?=[)\],.;:?!])", r"\1", text)  # of a pretty-printer, not of the title
    text = re.sub(r" ?\n/ ?\n", "/", text)
    return " ".join(text.split())


def read_work(raw: bytes, where: str) -> Work:
    """The work of an answer to `where`. Raises FetchError for a list, an error in words, or anything else."""
    message = _message(raw, where)
    if isinstance(message.get("items"), list):
        raise FetchError(f"Crossref's answer for {where} is a list of works; ask for one DOI")
    return _work(message, where)


def read_works(raw: bytes, where: str) -> tuple[Work, ...]:
    """The works of an answer, in its order: of a list, or of one work. Raises FetchError for anything else."""
    message = _message(raw, where)
    items = message.get("items")
    rows = items if isinstance(items, list) else [message]
    return tuple(_work(row if isinstance(row, dict) else {}, where) for row in rows)


def _message(raw: bytes, where: str) -> Json:
    """What an answer holds within its envelope, or as it is when it has none."""
    try:
        answer = read_json(raw)
    except (ValueError, RecursionError) as error:
        start = " ".join(raw[:60].decode(errors="replace").split())
        raise FetchError(f"Crossref's answer for {where} is no work; it begins {start!r}: check the DOI") from error
    kind = answer.get("message-type", "work") if isinstance(answer, dict) else "no object"
    message = answer.get("message", answer) if isinstance(answer, dict) else None
    if kind not in ("work", "work-list") or not isinstance(message, dict):
        raise FetchError(f"Crossref's answer for {where} is no work; it is {kind!r}: check the address")
    return message


def _work(row: Json, where: str) -> Work:
    doi = _text(row, "DOI").lower()
    if not doi and not _texts(row, "title"):
        raise FetchError(f"Crossref's answer for {where} is no work; it has neither DOI nor title: check the DOI")
    people = tuple(_person(p, role) for role in ("author", "editor", "chair", "translator") for p in _rows(row, role))
    dates = tuple((key, day) for key in (*DATES, *OTHER_DATES) if (day := _day(row.get(key))))
    licences = tuple(
        Licence(_text(r, "URL"), _text(r, "content-version"), _day(r.get("start")), _whole(r.get("delay-in-days")))
        for r in _rows(row, "license")
    )
    resource = row.get("resource")
    primary = resource.get("primary") if isinstance(resource, dict) else None
    copy = ("URL", "content-type", "content-version", "intended-application")
    return Work(
        record=_record(row, doi, people, dict(dates), licences),
        kind=_text(row, "type"),
        people=people,
        dates=dates,
        containers=_texts(row, "container-title"),
        licences=licences,
        updates=tuple(_update(r) for r in _rows(row, "update-to")),
        updated_by=tuple(_update(r) for r in _rows(row, "updated-by")),
        relations=_relations(row.get("relation")),
        references=tuple(_listed(r) for r in _rows(row, "reference")),
        links=tuple(Link(*(_text(r, key) for key in copy)) for r in _rows(row, "link")),
        page=_text(primary, "URL") if isinstance(primary, dict) else "",
        numbers=_texts(row, "ISSN") + _texts(row, "ISBN"),
    )


def _record(
    row: Json, doi: str, people: Sequence[Person], dates: dict[str, str], licences: Sequence[Licence]
) -> Record:
    """The work in the terms of CSL."""
    registered = _text(row, "type")
    kind = KINDS.get(registered, registered if registered in CSL_KINDS else "document" if registered else "")
    containers = _texts(row, "container-title") or ("",)
    inner = kind in ("chapter", "paper-conference", "entry")  # its first container is the series, its last the book
    return Record(
        kind=kind,
        title=_with_subtitle(_texts(row, "title"), _texts(row, "subtitle")),
        authors=tuple(_author(p) for p in people if p.role == "author"),
        editors=tuple(_author(p) for p in people if p.role == "editor"),
        year=next(
            (dates[key][:4] for key in DATES if key in dates), "n.d." if any(key in row for key in DATES) else ""
        ),
        container=containers[-1 if inner else 0],
        volume=_text(row, "volume"),
        issue=_text(row, "issue"),
        pages=_pages(_text(row, "page")) or _text(row, "article-number"),
        edition=_text(row, "edition-number"),
        publisher=plain(_text(row, "publisher")),
        place=plain(_text(row, "publisher-location")),
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else _text(row, "URL"),
        licence=_best(licences, dates.get("indexed", "")),
    )


def _best(licences: Sequence[Licence], asked: str) -> str:
    """The licence of the published version that holds: one that starts after the record was made counts for nothing yet."""
    begun = [n for n in licences if not n.delay_days or (n.start and asked and n.start <= asked)]
    held = [n for n in begun if n.version in VERSIONS]
    held.sort(key=lambda n: (VERSIONS.index(n.version), "creativecommons.org" not in n.url))
    return held[0].url if held else ""


def _with_subtitle(titles: Sequence[str], subtitles: Sequence[str]) -> str:
    """`Title: subtitle`, once where the title holds the subtitle already."""
    title = titles[0] if titles else ""
    for subtitle in subtitles:
        if subtitle.lower() not in title.lower():
            title += f" {subtitle}" if title.endswith((":", "?", "!", "-", "–", "—")) else f": {subtitle}"
    return title


def _pages(text: str) -> str:
    """Pages with an en dash for the one hyphen of a range; a range of one page is that page.

    >>> _pages("635-641, 700-700")
    '635–641, 700'
    """
    ranges = [[page.strip() for page in part.split("-")] for part in text.split(",")]
    return ", ".join("–".join(dict.fromkeys(r)) if len(r) == 2 else "-".join(r) for r in ranges)


def _person(row: Json, role: str) -> Person:
    literal = _text(row, "literal") or _text(row, "name")
    family, given, suffix = (plain(_text(row, key)) for key in ("family", "given", "suffix"))
    return Person(family, given, suffix, plain(literal), _text(row, "ORCID"), role)


def _author(person: Person) -> Author:
    """As the project keeps a name: who registered only a given name goes by that."""
    if person.family:
        return Author(person.family, person.given)
    return Author(person.literal or person.given)


def _update(row: Json) -> Update:
    kind = re.sub(r"[\s-]+", "_", _text(row, "type").lower())
    source = _text(row, "source").lower()
    return Update(
        kind, _text(row, "DOI").lower(), _day(row.get("updated")), source, _text(row, "label"), _text(row, "record-id")
    )


def _relations(value: Any) -> tuple[Relation, ...]:
    kinds = value if isinstance(value, dict) else {}
    return tuple(
        Relation(kind, _text(row, "id"), _text(row, "id-type"), _text(row, "asserted-by"))
        for kind in kinds
        for row in _rows(kinds, kind)
    )


def _listed(row: Json) -> Listed:
    titles = ("article-title", "volume-title", "series-title")
    return Listed(
        key=_text(row, "key"),
        doi=_text(row, "DOI").lower(),
        author=plain(_text(row, "author")),
        year=_text(row, "year"),
        title=next((plain(t) for key in titles if (t := _text(row, key))), ""),
        container=plain(_text(row, "journal-title")),
        volume=_text(row, "volume"),
        page=_text(row, "first-page"),
        printed=plain(_text(row, "unstructured")),
    )


def _day(value: Any) -> str:
    """`{"date-parts": [[2012, 5, 8]]}` as 2012-05-08, as far as it is known; "" for none."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    numbers = [_whole(n) for n in first] if isinstance(first, list) else []
    if not numbers or not 1000 <= numbers[0] <= 2999:
        stamp = _text(value, "date-time") if isinstance(value, dict) else ""
        return stamp[:10] if re.match(r"\d{4}-\d\d-\d\d", stamp) else ""
    known = [f"{numbers[0]:04}"]
    for number, most in zip(numbers[1:3], (12, 31), strict=False):
        if not 1 <= number <= most:
            break
        known.append(f"{number:02}")
    return "-".join(known)


def _whole(value: Any) -> int:
    """A whole number, also one in digits; 0 for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) else 0


def _text(row: Json, key: str) -> str:
    """A field as text: a number in digits, the first of a list, "" for none."""
    value = row.get(key)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _texts(row: Json, key: str) -> tuple[str, ...]:
    """A field that is a text or a list of texts, without markup and empty ones."""
    value = row.get(key)
    found = value if isinstance(value, list) else [value]
    return tuple(text for one in found if isinstance(one, str) and (text := plain(one)))


def _rows(row: Json, key: str) -> list[Json]:
    """The objects in a list."""
    value = row.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
