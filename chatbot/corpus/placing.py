"""Finds in the documents what a file beside them names by its words: a sentence, sentences in a row, a section.

Used by `marks`, `glossary` and `pins`. A name that fits nothing is an error with file and line, except where a fetched text stands in place of a
note and the note still has the words: such a one is set aside, as the rows of the question bank are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.datatypes import Document
from chatbot.errors import CorpusError
from chatbot.marked import Place

HIDDEN = ("front_matter", "title", "heading", "reference")  # roles of blocks in which nothing may be marked


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a file, with the line on which it stands."""

    path: Path
    line: int
    values: Mapping[str, Any]

    def problem(self, what: str, mend: str) -> CorpusError:
        """The error of this table, with its id where it has one."""
        named = f"{self.values['id']}: " if self.values.get("id") else ""
        return CorpusError(f"{self.path}:{self.line}: {named}{what}; {mend}")

    def text(self, key: str, default: str = "") -> str:
        """The string under the key. Raises CorpusError for anything else."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.problem(f"{key} = {value!r} is no text", "put it in quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The string or list of strings under the key, none when it is missing. Raises CorpusError for anything else."""
        value = self.values.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(v, str) and v for v in listed):
            raise self.problem(f"{key} = {value!r} is no list of texts", 'write ["one", "another"]')
        return tuple(listed)


def read_entries(path: Path, keys: Mapping[str, frozenset[str]]) -> tuple[tuple[str, Entry], ...]:
    """(table name, entry) of a file of [[name]] tables, in its order by table; none when there is no such file.

    `keys` are the tables that may stand in it with the keys that they may have. Raises CorpusError for others.
    """
    if not path.exists():
        return ()
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not TOML: {error}; correct or restore the file") from error
    lines = text.split("\n")
    out = []
    for name, rows in data.items():
        if name not in keys or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CorpusError(f"{path}: unknown {name!r}; it holds {' and '.join(f'[[{k}]]' for k in keys)}")
        heads = [number for number, line in enumerate(lines, 1) if line.split("#")[0].strip() == f"[[{name}]]"]
        for at, row in enumerate(rows):
            entry = Entry(path, heads[at] if len(heads) == len(rows) else 1, row)
            unknown = sorted(set(row) - keys[name])
            if unknown:
                raise entry.problem(f"unknown key {unknown[0]!r}", f"known: {', '.join(sorted(keys[name]))}")
            out.append((name, entry))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents as they are quoted, and the notes that they replace, both by source id. `sources` are all ids of the manifest."""

    documents: Mapping[str, Document]
    replaced: Mapping[str, Document]
    sources: Sequence[str]

    def document(self, entry: Entry, doc_id: str) -> Document:
        """The document that an entry names. Raises CorpusError for one without a text."""
        if doc_id not in self.documents:
            known = ", ".join(self.documents)
            raise entry.problem(f"source {doc_id!r} is no source with a text", f"known: {known}")
        return self.documents[doc_id]

    def sentences(self, entry: Entry, doc_id: str, wanted: Sequence[str]) -> Place | None:
        """Where the sentences stand one after the other; None when only the note that was replaced has them."""
        document = self.document(entry, doc_id)
        place = found_in(document, wanted)
        if place is None and doc_id in self.replaced and found_in(self.replaced[doc_id], wanted):
            return None
        if place is None:
            gone = next((text for text in wanted if not found_in(document, [text])), None)
            if gone is None:
                raise entry.problem(
                    f"{wanted[0][:60]!r} does not stand right before the next", "give each a table of its own"
                )
            raise entry.problem(f"{gone[:60]!r} is no slice of the text of {doc_id}", "copy it exactly")
        return place

    def section(self, entry: Entry, doc_id: str, heading: str) -> tuple[Place, ...] | None:
        """The paragraphs under a heading; None when only the note that was replaced has such a section."""
        document = self.document(entry, doc_id)
        found = under(document, heading)
        if not found and doc_id in self.replaced and under(self.replaced[doc_id], heading):
            return None
        if not found:
            known = dict.fromkeys(b.heading_path[-1] for b in document.blocks if b.role == "body" and b.heading_path)
            raise entry.problem(
                f"section {heading!r} is none of {doc_id}", f"its sections: {'; '.join(known) or 'it has none'}"
            )
        return found


def found_in(document: Document, wanted: Sequence[str]) -> Place | None:
    """The first place where the texts stand one after the other, white space between them, in one block that may be quoted."""
    for block in document.blocks:
        if block.role in HIDDEN:
            continue
        at = document.text.find(wanted[0], block.start, block.end)
        while at >= 0:
            end = at
            for text in wanted:
                skipped = len(document.text[end : block.end]) - len(document.text[end : block.end].lstrip())
                if not document.text.startswith(text, end + skipped):
                    break
                end += skipped + len(text)
            else:
                if end <= block.end:
                    return Place(document.doc_id, at, end)
            at = document.text.find(wanted[0], at + 1, block.end)
    return None


def under(document: Document, heading: str) -> tuple[Place, ...]:
    """The paragraphs that stand under a heading of that name, at any depth."""
    return tuple(
        Place(document.doc_id, b.start, b.end)
        for b in document.blocks
        if b.role not in HIDDEN and heading in b.heading_path
    )
