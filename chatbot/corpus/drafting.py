"""Writes a manifest for an article that has none yet: sources.toml from its text, its references and what is known of them.

The inverse of `manifest`: the same keys in the order that people edit them in, empty where nothing is known, so that a person sees
what there is to fill in. What it leaves out: reading the article, and finding out anything.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomlkit
from tomlkit.items import Array, Table

from chatbot.corpus.values import KINDS, REFERENCE_HEADINGS, Record, Reference
from chatbot.datatypes import ARTICLE, Block

KIND_OF = {csl: ours for ours, csl in KINDS.items()}
MAX_TOPICS = 12  # headings that stand for what the article covers
HEAD = """What this chatbot may quote: one [[source]] table a work, the article first, then its references in the printed order.
Made by `chatbot new`; everything is yours to edit. `chatbot corpus check` names what is missing or does not fit.
disclaimer must be an exact slice of the article; every reply ends with it. jurisdiction says where it holds.
text: full = whole text in `file`; digest = a note of yours in `file`; none = listed and linked, never quoted."""


@dataclass(frozen=True, slots=True)
class Outline:
    """An article as far as its manifest speaks of it: title, record, the file that holds its text, that file's bytes, its blocks."""

    title: str
    record: Record
    file: str
    raw: bytes
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A work of the reference list: its entry, the record that a registry has of it (None: not known), and where the two differ the
    corrected entry and the differences in words."""

    reference: Reference
    known: Record | None = None
    corrected: str = ""
    reason: str = ""


def slug(record: Record, taken: set[str]) -> str:
    """A source's id: first author and year, or the title's first words; a letter is added where one stands already.

    >>> from chatbot.datatypes import Author
    >>> slug(Record(authors=(Author("Ot’alora G.", "M."),), year="2021"), {"otalora-g-2021"})
    'otalora-g-2021-b'
    """
    who = record.authors[0].family if record.authors else " ".join(record.title.split()[:4])
    plain = unicodedata.normalize("NFKD", f"{who} {record.year.replace('.', '')}").encode("ascii", "ignore").decode()
    base = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60].strip("-") or "work"
    letters = ["", *(f"-{letter}" for letter in "bcdefghijklmnopqrstuvwxyz"), *(f"-{n}" for n in range(2, 1000))]
    return next(f"{base}{letter}" for letter in letters if f"{base}{letter}" not in taken)


def describe(
    article: Outline,
    works: Sequence[Listed],
    cited: Mapping[int, Sequence[str]],
    *,
    disclaimer: str,
    today: str,
) -> bytes:
    """sources.toml. `works` are the reference list, `cited` the in-text citations of each by
    its index."""
    document = tomlkit.document()
    for line in HEAD.split("\n"):
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    document.add("format", tomlkit.item(1))
    taken = {slug(Record(title=article.title), set())}
    ident = next(iter(taken))
    sections = [b.heading_path[0] for b in article.blocks if b.role == "heading" and b.heading_path]
    topics = [s for s in dict.fromkeys(sections) if s != article.title and s.lower() not in REFERENCE_HEADINGS]
    document.add(
        "corpus",
        _table(
            article=ident,
            subject=article.title.split(":")[0],
            disclaimer=disclaimer,
            jurisdiction="",
            as_of=today,
            covered=_lines(topics[:MAX_TOPICS]),
            examples=_lines([]),
            contact="",
        ),
    )
    rows = tomlkit.aot()
    own = article.record
    link = f"https://doi.org/{own.doi}" if own.doi else own.url
    rows.append(
        _source(
            ident,
            ARTICLE,
            own,
            title=article.title,
            url=link,
            file=article.file,
            raw=article.raw,
            names=["the article"],
        )
    )
    for number, work in enumerate(works):
        record = work.known or work.reference.record
        name = slug(record, taken)
        taken.add(name)
        link = record.url or (f"https://doi.org/{record.doi}" if record.doi else "")
        kind = KIND_OF.get(record.kind, record.kind)
        heading = record.title or work.reference.printed
        forms = list(dict.fromkeys(cited.get(number, [])))
        rows.append(_source(name, kind, record, title=heading, url=link, listed=work, cited_as=forms))
    document.add("source", rows)
    return tomlkit.dumps(document).encode()


def _source(
    ident: str,
    kind: str,
    record: Record,
    *,
    title: str,
    url: str,
    file: str = "",
    raw: bytes = b"",
    listed: Listed | None = None,
    cited_as: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Table:
    """One [[source]] table."""
    people = _lines([])
    for author in record.authors:
        person = tomlkit.inline_table()
        person.update({"family": author.family, "given": author.given})
        people.append(person)
    status = tomlkit.inline_table()
    status.update({"state": "clear", "checked": "", "basis": "never asked"})
    return _table(
        id=ident,
        kind=kind,
        title=title,
        authors=people.multiline(len(record.authors) > 1),
        year=record.year or "n.d.",
        container=record.container,
        volume=record.volume,
        issue=record.issue,
        pages=record.pages,
        doi=record.doi,
        url=url,
        licence=record.licence or "unknown",
        open_access=False,
        file=file,
        sha256=hashlib.sha256(raw).hexdigest() if file else "",
        text="full" if file else "none",
        reference=listed.reference.printed if listed else "",
        reference_corrected=listed.corrected if listed else "",
        reference_corrected_reason=listed.reason if listed else "",
        cited_as=_lines(cited_as),
        names=_lines(names),
        status=status,
    )


def _table(**values: object) -> Table:
    """A TOML table of these keys, in their order."""
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, value)
    return table


def _lines(values: Sequence[str]) -> Array:
    """A TOML array, a value a line where there are several."""
    array = tomlkit.array()
    array.extend(values)
    return array.multiline(len(values) > 1)
