"""Reads corpus/sources.toml: the sources, the disclaimer, the example questions.

Form: `format = 1`, one `[corpus]` table and one `[[source]]` table a work, the article first. Every key is known and typed;
an unknown or missing one is an error that names file, line and mend. What it leaves out: opening the files it names (`text`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from chatbot import settings
from chatbot.datatypes import ARTICLE, Author, Source, Status, TextKind
from chatbot.errors import CorpusError

FILE = "sources.toml"
FORMAT = 1
SOURCE_KEYS: dict[str, type] = {
    "id": str,
    "kind": str,
    "title": str,
    "authors": list,
    "year": str,
    "container": str,
    "volume": str,
    "issue": str,
    "pages": str,
    "doi": str,
    "url": str,
    "licence": str,
    "open_access": bool,
    "file": str,
    "sha256": str,
    "text": str,
    "reference": str,
    "reference_corrected": str,
    "reference_corrected_reason": str,
    "cited_as": list,
    "names": list,
    "status": dict,
    "hosts": list,
    "max_words": int,
}
CORPUS_KEYS: dict[str, type] = {
    "article": str,
    "subject": str,
    "disclaimer": str,
    "jurisdiction": str,
    "as_of": str,
    "covered": list,
    "examples": list,
    "cases": str,
    "contact": str,
    "max_words": int,
}
OPTIONAL = {"cases", "contact", "max_words"}
STATES = ("clear", "correction", "concern", "retracted")
PAGE = re.compile(r"(?:(?:changed|gone) \d{4}-\d{2}-\d{2})?")  # what became of a web page, and when that was seen


@dataclass(frozen=True, slots=True)
class Manifest:
    """sources.toml as values. `hashes` maps a file to the sha256 of its bytes; `disclaimer` is a slice of the article.

    `subject` is what "it" means in a question that names nothing; `covered` are topics in a reader's words, `examples` questions
    that the corpus answers. `cases` is the folder of test cases, relative to the corpus, that every new generation is asked before
    it is used; "" for none. `contact` is the address that a fetch names to the servers it asks. `replaced` are sources as
    sources.toml describes them, where a fetched text stands in for the file that it names.
    """

    sources: tuple[Source, ...]
    hashes: dict[str, str]
    article: str
    subject: str
    disclaimer: str
    jurisdiction: str
    as_of: str
    covered: tuple[str, ...]
    examples: tuple[str, ...]
    cases: str = ""
    contact: str = ""
    replaced: tuple[Source, ...] = ()


def line_of(text: str, *needles: str) -> int:
    """The line (from 1) where the needles stand one after the other; 1 when they do not."""
    at = 0
    for needle in needles:
        found = text.find(needle, at)
        if found < 0:
            break
        at = found
    return text.count("\n", 0, at) + 1


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a corpus folder. Raises CorpusError at the first thing wrong."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; a corpus folder needs one, see corpus/README.md") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path}: not TOML: {error}; correct or restore the file") from error
    if data.get("format") != FORMAT:
        raise CorpusError(f"{path}:1: format is {data.get('format')!r}; this version reads format = {FORMAT}")
    unknown = sorted(set(data) - {"format", "corpus", "source"})
    if unknown:
        raise CorpusError(f"{path}:{line_of(text, unknown[0])}: unknown key {unknown[0]!r}; remove or correct it")
    head = data.get("corpus", {})
    _typed(path, text, "[corpus]", head, CORPUS_KEYS, required=set(CORPUS_KEYS) - OPTIONAL)
    rows = data.get("source", [])
    sources = tuple(_source(path, text, row, head.get("max_words", settings.MAX_WORDS_SHOWN)) for row in rows)
    ids = [s.doc_id for s in sources]
    for doc_id in ids:
        if ids.count(doc_id) > 1:
            where = line_of(text, f'id = "{doc_id}"', "\n[[source]]", f'id = "{doc_id}"')
            raise CorpusError(f"{path}:{where}: id {doc_id!r} stands twice; give one source another id")
    if head["article"] not in ids:
        where = line_of(text, "article =")
        raise CorpusError(
            f"{path}:{where}: article {head['article']!r} is no source's id; it is one of {', '.join(ids)}"
        )
    for source in sources:
        if (source.kind == ARTICLE) != (source.doc_id == head["article"]):
            where = line_of(text, f'id = "{source.doc_id}"')
            raise CorpusError(
                f"{path}:{where}: source {source.doc_id!r} is of kind {source.kind!r}; {ARTICLE!r} is the one that `article` names"
            )
    return Manifest(
        sources=sources,
        hashes={row["file"]: row["sha256"] for row in rows if row.get("file")},
        article=head["article"],
        subject=head["subject"],
        disclaimer=head["disclaimer"],
        jurisdiction=head["jurisdiction"],
        as_of=head["as_of"],
        covered=tuple(head["covered"]),
        examples=tuple(head["examples"]),
        cases=head.get("cases", ""),
        contact=head.get("contact", ""),
    )


def _typed(
    path: Path, text: str, where: str, row: dict[str, Any], keys: dict[str, type], *, required: set[str]
) -> None:
    """Every key known and of its type, every required key there."""
    anchor = f'id = "{row.get("id", "")}"' if where == "[[source]]" else where
    for key, value in row.items():
        line = line_of(text, anchor, f"\n{key}") + (1 if f"\n{key}" in text else 0)
        if key not in keys:
            raise CorpusError(f"{path}:{line}: unknown key {key!r} in {where}; known: {', '.join(sorted(keys))}")
        if not isinstance(value, keys[key]):
            raise CorpusError(f"{path}:{line}: {key} = {value!r} in {where}; expected {keys[key].__name__}")
    for key in sorted(required - set(row)):
        raise CorpusError(
            f"{path}:{line_of(text, anchor)}: {where} has no {key!r}; add it (an empty string is allowed)"
        )


def _source(path: Path, text: str, row: dict[str, Any], max_words: int) -> Source:
    """One [[source]] table as a Source. `max_words` is what holds where the table names none."""
    required = {"id", "kind", "title", "authors", "year", "url", "file", "text", "reference", "status"}
    _typed(path, text, "[[source]]", row, SOURCE_KEYS, required=required)
    line = line_of(text, f'id = "{row["id"]}"')
    where = f"{path}:{line}: source {row['id']!r}"
    if not row["id"].replace("-", "").isalnum() or row["id"] != row["id"].lower():
        raise CorpusError(f"{where}: an id is lower-case letters, digits and hyphens")
    if row["text"] not in get_args(TextKind):
        raise CorpusError(f"{where}: text = {row['text']!r}; expected full, digest or none")
    if (row["text"] == "none") == bool(row["file"]):
        raise CorpusError(
            f"{where}: text = {row['text']!r} with file = {row['file']!r}; none has no file, others have one"
        )
    if row["file"] and len(row.get("sha256", "")) != 64:
        raise CorpusError(f"{where}: no sha256 of {row['file']}; run `chatbot corpus check` to see the right one")
    if row["file"] and not (path.parent / row["file"]).resolve().is_relative_to(path.parent.resolve()):
        raise CorpusError(f"{where}: file = {row['file']!r} lies outside the corpus folder; keep it inside")
    status = row["status"]
    named = set(status) - {"relies_on", "page"} == {"state", "checked", "basis"}
    listed, page = status.get("relies_on", []), status.get("page", "")
    sound = all(isinstance(work, str) for work in listed) and isinstance(page, str) and PAGE.fullmatch(page)
    if not named or status["state"] not in STATES or not sound:
        raise CorpusError(
            f"{where}: status = {status!r}; expected state ({', '.join(STATES)}), checked, basis and, where needed, relies_on and page ('changed' or 'gone' and a day)"
        )
    return Source(
        doc_id=row["id"],
        kind=row["kind"],
        title=row["title"],
        authors=tuple(Author(a["family"], a.get("given", "")) for a in row["authors"]),
        year=row["year"],
        container=row.get("container", ""),
        doi=row.get("doi", ""),
        url=row["url"],
        licence=row.get("licence", "unknown"),
        text_kind=row["text"],
        reference=row["reference"],
        status=Status(status["state"], status["checked"], status["basis"], tuple(listed), page),
        volume=row.get("volume", ""),
        issue=row.get("issue", ""),
        pages=row.get("pages", ""),
        file=row["file"],
        reference_corrected=row.get("reference_corrected", ""),
        reference_corrected_reason=row.get("reference_corrected_reason", ""),
        cited_as=tuple(row.get("cited_as", [])),
        names=tuple(row.get("names", [])),
        hosts=tuple(row.get("hosts", [])),
        max_words=row.get("max_words", max_words),
    )
