"""The values that pass between the steps of this room: what a reader of files makes of a file, and what is known of a work.

A Reading is a file as parts in reading order; a Record is a work's bibliographic data in the terms of CSL 1.0.2, wherever it
came from: Crossref, Europe PMC, the head of a JATS file, a printed reference. Fields are empty where nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chatbot.datatypes import ARTICLE, Author, Role, Source

REFERENCE_HEADINGS = {  # in lower case: what stands under one of them is the reference list
    "references", "bibliography", "works cited", "reference list", "sources", "literature cited", "references and notes",
    "notes and references", "article sources", "citations", "literature", "references cited",
}  # fmt: skip
KINDS = {
    "journal-article": "article-journal",
    "web-page": "webpage",
    "work": "",
}  # ours -> CSL's; others are the same


@dataclass(frozen=True, slots=True)
class Record:
    """A work. `kind` is a CSL type (article-journal, chapter, book, webpage ...), `year` four digits or "n.d.", `doi` bare and in lower
    case (10.1038/s41591-021-01336-3), `pages` as printed with an en dash, `licence` an address, an SPDX name, or "".
    """

    kind: str = ""
    title: str = ""
    authors: tuple[Author, ...] = ()
    editors: tuple[Author, ...] = ()
    year: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    edition: str = ""
    publisher: str = ""
    place: str = ""
    doi: str = ""
    url: str = ""
    licence: str = ""


def record_of(source: Source) -> Record:
    """What the manifest says of a source, as a record."""
    of_article = "article-journal" if source.volume else "webpage"
    return Record(
        kind=of_article if source.kind == ARTICLE else KINDS.get(source.kind, source.kind),
        title=source.title,
        authors=source.authors,
        year=source.year,
        container=source.container,
        volume=source.volume,
        issue=source.issue,
        pages=source.pages,
        doi=source.doi,
        url=source.url,
        licence="" if source.licence == "unknown" else source.licence,
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a reference list: as printed, the number or label before it ("" when there is none), and what it says."""

    printed: str
    record: Record
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An in-text citation at [start, end) of a part's text; `references` are indices into `Reading.references`."""

    start: int
    end: int
    references: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph, heading, table row, caption, footnote or printed reference; `text` is one line, never empty.

    `heading_path` are the headings above it, outermost first; a heading's own path ends with itself.
    """

    role: Role
    heading_path: tuple[str, ...]
    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. `record` is what the file says of itself; `references` are those of the parts whose role is "reference",
    in the same order. `notes` tell a maintainer what could not be read ("page 3 has no text"), in plain words.
    """

    record: Record
    parts: tuple[Part, ...]
    references: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()


class Got(Protocol):
    """A file as it came."""

    @property
    def url(self) -> str:
        """Where it was in the end."""

    @property
    def content_type(self) -> str:
        """`type/subtype`, "" when the server named none."""

    @property
    def charset(self) -> str:
        """In lower case, "" when the server named none."""

    @property
    def content(self) -> bytes:
        """The bytes, decompressed."""

    @property
    def fetched_at(self) -> str:
        """When, ISO 8601 in UTC."""


class Get(Protocol):
    """Gets an address; raises FetchError."""

    def __call__(self, url: str, *, accept: str = ..., robots: bool = ...) -> Got:
        """The file."""


class Read(Protocol):
    """Reads bytes apart from this process; raises UnreadableSource."""

    def __call__(self, raw: bytes, media_type: str, *, url: str, where: str) -> Reading:
        """The reading."""
