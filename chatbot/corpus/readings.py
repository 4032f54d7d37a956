"""A Reading as a file, and as a Document.

`NAME.reading.json` (format 1) is what a build reads in place of the foreign file itself: that was parsed once, in a child process of
limited memory, and its hash stands in the reading. The document's text is the parts' texts with an empty line between, so that every
offset follows from the parts and none can disagree with them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from chatbot.corpus.values import Mark, Part, Reading, Record, Reference
from chatbot.datatypes import Author, Block, Json, Role
from chatbot.errors import CorpusError

SUFFIX = ".reading.json"
FORMAT = 1
BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that was read: its name, the sha256 of its bytes and its media type."""

    file: str
    sha256: str
    media_type: str


def as_json(reading: Reading) -> Json:
    """A reading as JSON values."""
    return asdict(reading)


def from_json(row: Json) -> Reading:
    """The reading of JSON values. Raises KeyError, TypeError or ValueError for what is none."""
    parts = tuple(
        Part(p["role"], tuple(p["heading_path"]), p["text"], tuple(_mark(m) for m in p["marks"])) for p in row["parts"]
    )
    references = tuple(Reference(r["printed"], _record(r["record"]), r["label"]) for r in row["references"])
    for number, part in enumerate(parts):
        if part.role not in get_args(Role) or not isinstance(part.text, str) or not part.text.strip():
            raise ValueError(f"part {number} is {part.role!r} with text {part.text!r}")
        if len(part.text.splitlines()) > 1 or part.text != part.text.strip():
            raise ValueError(f"part {number} is not one line without white space around it: {part.text[:60]!r}")
        for mark in part.marks:
            if {type(n) for n in (mark.start, mark.end, *mark.references)} != {int}:
                raise ValueError(f"part {number} has a mark that is not of whole numbers")
            if not 0 <= mark.start < mark.end <= len(part.text):
                raise ValueError(f"part {number} has no text at {mark.start}-{mark.end}")
            if not all(0 <= r < len(references) for r in mark.references):
                raise ValueError(f"part {number} cites a reference that the reading does not have")
    return Reading(_record(row["record"]), parts, references, tuple(row["notes"]))


def _mark(row: Json) -> Mark:
    return Mark(row["start"], row["end"], tuple(row["references"]))


def _record(row: Json) -> Record:
    people = {key: tuple(Author(a["family"], a["given"]) for a in row[key]) for key in ("authors", "editors")}
    return Record(**{**row, **people})


def to_bytes(reading: Reading, origin: Origin) -> bytes:
    """The file's bytes: the same for the same reading."""
    content = {"format": FORMAT, "origin": asdict(origin), **as_json(reading)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def from_bytes(raw: bytes, path: Path) -> tuple[Reading, Origin]:
    """The reading in a file's bytes, and where it came from. Raises CorpusError naming the file for anything else."""
    again = "run `chatbot corpus fetch` again"
    try:
        row = json.loads(raw)
        if row["format"] != FORMAT:
            raise CorpusError(f"{path}: format is {row['format']!r}; this version reads {FORMAT}, {again}")
        return from_json(row), Origin(**row["origin"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorpusError(f"{path}: is no reading of a file ({error}); {again}") from error


def text_of(reading: Reading) -> tuple[str, tuple[Block, ...]]:
    """The document's text and its blocks, one a part.

    >>> parts = (Part("heading", ("Results",), "Results"), Part("body", ("Results",), "It fell."))
    >>> text_of(Reading(Record(), parts))[0]
    'Results\\n\\nIt fell.'
    """
    blocks, at = [], 0
    for part in reading.parts:
        blocks.append(Block(at, at + len(part.text), part.role, part.heading_path))
        at += len(part.text) + len(BETWEEN)
    return BETWEEN.join(part.text for part in reading.parts), tuple(blocks)
