"""The record of which generation was put in use when, by what and why: index/activations.jsonl, one JSON line each.

A line is written before the pointer moves. One whose activation was never finished (the builder was killed in between) is known
by the next line's `from`, or by the pointer, and does not count. Each line carries its own sha256. Pure functions over bytes;
`generations` reads and writes the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

By = Literal["build", "activate", "rollback"]
FILE = "activations.jsonl"
UNKNOWN = "?"  # in the place of a generation's id, where the pointer could not be read


@dataclass(frozen=True, slots=True)
class Activation:
    """`generation` came into use in the place of `before` ("" for none, "?" for a pointer that could not be read).

    `overridden` says that the gate had kept it back.
    """

    when: str
    generation: str
    before: str
    by: By
    because: str = ""
    overridden: bool = False
    summary: str = ""


def to_line(activation: Activation) -> bytes:
    """The activation as a JSON line with its hash; `before` is written as "from"."""
    row = {("from" if key == "before" else key): value for key, value in asdict(activation).items()}
    return json.dumps({**row, "sha256": _hash(row)}, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def from_line(line: bytes) -> Activation | None:
    """The activation of a line; None for one that is not what was written."""
    try:
        row = json.loads(line)
        found = row.pop("sha256")
        if found != _hash(row):
            return None
        return Activation(**{("before" if key == "from" else key): value for key, value in row.items()})
    except (ValueError, TypeError, AttributeError, KeyError):
        return None


def damaged_lines(raw: bytes) -> tuple[int, ...]:
    """Numbers (from 1) of lines that are not what was written; a last line without its end is none."""
    lines = raw.split(b"\n")
    return tuple(n for n, line in enumerate(lines, 1) if line and (n == len(lines) or from_line(line) is None))


def finished(raw: bytes, pointer: str) -> tuple[Activation, ...]:
    """The activations that took place, the oldest first. `pointer` is the generation in use now."""
    rows = [row for line in raw.split(b"\n") if (row := from_line(line)) is not None]
    after = [*(row.before for row in rows[1:]), pointer] if rows else []
    return tuple(row for row, then in zip(rows, after, strict=True) if then in (row.generation, UNKNOWN))


def used_before(history: Sequence[Activation]) -> str:
    """The generation in use before the one of now; a rollback goes back in time and is no new use. "" when there is none.

    >>> rows = [("a", "", "build"), ("b", "a", "build"), ("c", "b", "build"), ("b", "c", "rollback")]
    >>> used_before([Activation("", g, f, by) for g, f, by in rows])
    'a'
    """
    stack: list[str] = []
    for row in history:
        if row.by == "rollback" and row.generation in stack:
            while stack[-1] != row.generation:
                stack.pop()
        elif not stack or stack[-1] != row.generation:
            stack.append(row.generation)
    return stack[-2] if len(stack) > 1 else ""


def _hash(row: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
