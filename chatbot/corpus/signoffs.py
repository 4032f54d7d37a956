"""What people have signed about the article's sentences: corpus/audit.jsonl, one row a signature, never changed, the latest counts.

A row is {"sentence_sha256", "sentence", "verdict", "reviewer", "note", "date", "evidence_sha256"}. `evidence_sha256` is of the texts that
the sentence was held against; where it, or the sentence, is another one today, the signature is stale. No index depends on this file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from chatbot.datatypes import Document
from chatbot.errors import CorpusError, ReviewError

FILE = "audit.jsonl"
MAX_NOTE = 2000  # characters, as for a verdict on a reply
Judgement = Literal["supported", "partly", "not supported", "needs a source", "no claim"]
JUDGEMENTS: tuple[str, ...] = get_args(Judgement)


@dataclass(frozen=True, slots=True)
class SignOff:
    """A signature under one sentence. `date` is a day, YYYY-MM-DD."""

    sentence_sha256: str
    sentence: str
    verdict: Judgement
    reviewer: str
    note: str
    date: str
    evidence_sha256: str


def check(signed: SignOff) -> None:
    """Raises ReviewError unless the signature says who, and what of the five."""
    if signed.verdict not in JUDGEMENTS:
        raise ReviewError(f"{signed.verdict!r} is no verdict; choose one of {', '.join(JUDGEMENTS)}")
    if not signed.reviewer.strip():
        raise ReviewError("a signature needs a reviewer; give a name")
    if len(signed.note) > MAX_NOTE:
        raise ReviewError(f"the note has {len(signed.note)} characters; at most {MAX_NOTE} are kept, shorten it")


def parse(raw: bytes, path: Path) -> tuple[SignOff, ...]:
    """The signatures of a file's bytes, in order. Raises CorpusError with the line of a row that is none."""
    out = []
    names = {field.name for field in fields(SignOff)}
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode())
            if set(row) != names or not all(isinstance(value, str) for value in row.values()):
                raise ValueError(f"its keys are {', '.join(sorted(row))}")
            signed = SignOff(**row)
            if signed.verdict not in JUDGEMENTS or signed.sentence_sha256 != Document.digest(signed.sentence):
                raise ValueError(f"verdict {signed.verdict!r}, or the hash is not the sentence's")
        except (ValueError, TypeError, AttributeError) as error:
            raise CorpusError(
                f"{path}:{number}: is no signature ({error}); restore the line, a signature is never edited"
            ) from error
        out.append(signed)
    return tuple(out)


def read_signoffs(folder: Path) -> tuple[SignOff, ...]:
    """The signatures of a corpus folder, oldest first; none when it has no such file. Raises CorpusError."""
    path = folder / FILE
    try:
        return parse(path.read_bytes(), path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); mend its rights and run it again") from error


def latest(signed: Iterable[SignOff]) -> dict[str, SignOff]:
    """The last signature under each sentence, by the sentence's hash."""
    return {row.sentence_sha256: row for row in signed}


def append(folder: Path, signed: SignOff) -> None:
    """Adds a signature at the end, in one write, on the disk before it returns. Raises ReviewError or CorpusError."""
    check(signed)
    path = folder / FILE
    row = json.dumps(asdict(signed), ensure_ascii=False).encode() + b"\n"
    try:
        torn = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, b"\n" + row if torn else row)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written ({error.strerror}); mend its rights and sign again") from error
