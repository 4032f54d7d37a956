"""What a registry says of a work, as values: the record, notices of and by it, licences, its reference list.

Only values, like `values`, which they stand beside: `crossref` makes them, `status` judges them. Fields are empty where the
registry says nothing; DOIs are bare and in lower case, dates ISO as far as they are known (2012-05-08, 2012-05, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.corpus.values import Record


@dataclass(frozen=True, slots=True)
class Person:
    """An author or editor as registered; a body has only a `literal` name. `role` is author, editor, chair or translator."""

    family: str
    given: str
    suffix: str
    literal: str
    orcid: str
    role: str


@dataclass(frozen=True, slots=True)
class Licence:
    """An address, the version that it is for (vor: as published, am: accepted manuscript, tdm: mining) and its first day."""

    url: str
    version: str
    start: str
    delay_days: int


@dataclass(frozen=True, slots=True)
class Update:
    """A notice that joins two works: its kind (retraction, expression_of_concern ...), the other work's DOI, the date, who says so
    (publisher, retraction-watch), the publisher's word for it and the number in Retraction Watch's database.
    """

    kind: str
    doi: str
    date: str = ""
    source: str = ""
    label: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """Another tie to a work: `kind` as in is-preprint-of, `name` its identifier, `scheme` what sort of one."""

    kind: str
    name: str
    scheme: str
    asserted_by: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the work's reference list; `printed` is the whole of it where the publisher registered it so."""

    doi: str = ""
    key: str = ""
    author: str = ""
    year: str = ""
    title: str = ""
    container: str = ""
    volume: str = ""
    page: str = ""
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A copy of the text: address, media type, version, and what it is meant for (text-mining, similarity-checking)."""

    url: str
    media_type: str
    version: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Work:
    """A work as registered. `updates` are the works that it is a notice of, `updated_by` the notices of it.

    `kind` is Crossref's type; `dates` are (Crossref's name of it, date); `page` is the publisher's page, `numbers` ISSN and ISBN.
    """

    record: Record
    kind: str = ""
    people: tuple[Person, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    containers: tuple[str, ...] = ()
    licences: tuple[Licence, ...] = ()
    updates: tuple[Update, ...] = ()
    updated_by: tuple[Update, ...] = ()
    relations: tuple[Relation, ...] = ()
    references: tuple[Listed, ...] = ()
    links: tuple[Link, ...] = ()
    page: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered of one source on the day `checked`: of a DOI the `work`, of a page without one the sha256 of its text.

    `cited` are works of its reference list that have notices, `unasked` DOIs there that could not be asked; `page` is "" for a page
    that is gone, `since` the day on which the page first had this text. `base` and `base_since` are the same of the text that stands for
    the page here: the first that was seen, or the one that was there when a person took the mark of a change away.
    """

    checked: str
    work: Work | None = None
    cited: tuple[Work, ...] = ()
    unasked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    page: str = ""
    since: str = ""
    base: str = ""
    base_since: str = ""
