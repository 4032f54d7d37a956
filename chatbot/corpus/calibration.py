"""Reads a corpus's calibration cases: questions whose right reply is known, by which a build chooses its threshold.

calibration.jsonl holds rows {"question", "history", "gold", "kind", ...} in the form of the question bank; `kind` is answerable,
near, far or false_premise, and `correction` are the sentences that set a false premise right. They are in no bank and no
model was trained on them. A corpus works without any.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from chatbot.errors import CorpusError

FILE = "calibration.jsonl"
CalibrationKind = Literal["answerable", "near", "far", "false_premise"]


@dataclass(frozen=True, slots=True)
class CalibrationCase:
    """A question after its history, and the sentences that answer it, or correct it; none for one that nothing answers."""

    question: str
    history: tuple[str, ...]
    gold: tuple[str, ...]
    kind: CalibrationKind


def parse_calibration(raw: bytes, path: Path) -> tuple[CalibrationCase, ...]:
    """The cases of a file's bytes, in order. Raises CorpusError with the line of a row that is not one."""
    try:
        lines = raw.decode().split("\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    out = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            kind = row.get("kind", "answerable")
            texts = (row["question"], *(row.get("history") or ()), *row["gold"], *row.get("correction", ()))
            if kind not in get_args(CalibrationKind) or not all(isinstance(t, str) for t in texts):
                raise ValueError(
                    f"kind is {kind!r}" if all(isinstance(t, str) for t in texts) else "a text is no string"
                )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            kinds = ", ".join(get_args(CalibrationKind))
            raise CorpusError(
                f"{path}:{number}: not a row with question, gold and a kind of {kinds} ({error}); correct or remove it"
            ) from error
        gold = (*row["gold"], *row.get("correction", ()))
        out.append(CalibrationCase(row["question"], tuple(row.get("history") or ()), gold, kind))
    return tuple(out)


def read_calibration(folder: Path) -> tuple[CalibrationCase, ...]:
    """The cases of a corpus folder, none when it has no such file. Raises CorpusError."""
    path = folder / FILE
    return parse_calibration(path.read_bytes(), path) if path.exists() else ()


def choose(cases: Sequence[CalibrationCase], count: int) -> tuple[CalibrationCase, ...]:
    """At most `count` cases, in the order of the file: the same ones whatever else the file holds."""

    def key(case: CalibrationCase) -> bytes:
        return hashlib.sha256("\0".join((*case.history, case.question)).encode()).digest()

    kept = {id(case) for case in sorted(cases, key=key)[:count]}
    return tuple(case for case in cases if id(case) in kept)
