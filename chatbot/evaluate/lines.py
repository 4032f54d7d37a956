"""Lines of evaluation files with their place, so that a bad one can be named: JSON lines, and qrels between tabs.

A typed getter a key; each raises EvaluationError with file, line and key. Also the fingerprint of the files a run read.
Nothing is repaired and nothing guessed; blank lines are passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import EvaluationError

HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, slots=True)
class Line:
    """One JSON object and where it stands."""

    path: Path
    number: int
    values: Mapping[str, object]

    def problem(self, key: str, what: str) -> EvaluationError:
        """The error to raise about one key of this line."""
        return EvaluationError(f"{self.path}, line {self.number}, key {key!r}: {what}; correct or remove the line")

    def has(self, *keys: str) -> bool:
        """Whether all keys are there."""
        return all(key in self.values for key in keys)

    def _get(self, key: str, default: object = None) -> object:
        if key not in self.values and default is None:
            raise self.problem(key, f"missing (the line has {', '.join(self.values) or 'no keys'})")
        return self.values.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required when no default is given."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.problem(key, f"expected a string, found {_show(value)}")
        return value

    def ident(self, key: str) -> str:
        """A string or a whole number, as a string that is not empty."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self.problem(key, f"expected an identifier, found {_show(value)}")
        return str(value)

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self._get(key)
        if not isinstance(value, bool):
            raise self.problem(key, f"expected true or false, found {_show(value)}")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of the allowed strings."""
        value, known = self.text(key, default), tuple(allowed)
        if value not in known:
            raise self.problem(key, f"expected one of {', '.join(known)}, found {_show(value)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.problem(key, f"expected a list of strings, found {_show(value)}")
        return tuple(value)

    def offset(self, key: str) -> int:
        """A whole number, 0 or more."""
        return self._whole(key, self._get(key))

    def offsets(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, 0 or more."""
        value = self._get(key)
        if not isinstance(value, list):
            raise self.problem(key, f"expected a list of whole numbers, found {_show(value)}")
        return tuple(self._whole(key, item) for item in value)

    def offset_sets(self, key: str) -> tuple[tuple[int, ...], ...]:
        """A list of lists of whole numbers, 0 or more."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, list) for item in value):
            raise self.problem(key, f"expected a list of lists of whole numbers, found {_show(value)}")
        return tuple(tuple(self._whole(key, number) for number in item) for item in value)

    def parts(self, key: str) -> tuple[Line, ...]:
        """A list of objects, each as a Line at the same place."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.problem(key, f"expected a list of objects, found {_show(value)}")
        return tuple(Line(self.path, self.number, item) for item in value)

    def part(self, key: str) -> Line:
        """An object, as a Line at the same place."""
        value = self._get(key)
        if not isinstance(value, dict):
            raise self.problem(key, f"expected an object, found {_show(value)}")
        return Line(self.path, self.number, value)

    def _whole(self, key: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.problem(key, f"expected a whole number of 0 or more, found {_show(value)}")
        return value


def _show(value: object) -> str:
    """The value in at most 60 characters."""
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def read_lines(path: Path) -> tuple[Line, ...]:
    """Every JSON object of a file, at least one."""
    out = []
    for number, text in _numbered(path):
        try:
            values = json.loads(text)
        except ValueError as error:
            raise EvaluationError(f"{path}, line {number}: not JSON ({error}); correct or remove the line") from error
        if not isinstance(values, dict):
            raise EvaluationError(f"{path}, line {number}: expected an object, found {_show(values)}; correct the line")
        out.append(Line(path, number, values))
    if not out:
        raise EvaluationError(f"{path}: the file is empty; remove it or fetch the data again")
    return tuple(out)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id to document id to grade; a header line is passed over."""
    out: dict[str, dict[str, int]] = {}
    for number, text in _numbered(path):
        cells = text.rstrip("\r\n").split("\t")
        if cells == HEADER:
            continue
        if len(cells) != len(HEADER):
            raise EvaluationError(
                f"{path}, line {number}: expected {', '.join(HEADER)} between tabs, found {_show(text)}"
            )
        try:
            out.setdefault(cells[0], {})[cells[1]] = int(cells[2])
        except ValueError as error:
            found = f"expected a whole number, found {_show(cells[2])}; correct or remove the line"
            raise EvaluationError(f"{path}, line {number}, key 'score': {found}") from error
    return out


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers and lines that are not blank. Only a newline ends a line: JSON may hold U+2028 as it is."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield number, text
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path}: cannot be read as UTF-8 text ({error}); check the --data folder") from error


def unique(lines: Iterable[Line], key: str) -> tuple[Line, ...]:
    """The lines, when no identifier occurs twice."""
    seen: dict[str, int] = {}
    kept = tuple(lines)
    for line in kept:
        ident = line.ident(key)
        if ident in seen:
            raise line.problem(key, f"{_show(ident)} was already on line {seen[ident]}")
        seen[ident] = line.number
    return kept


def fingerprint(folder: Path, files: Iterable[Path]) -> str:
    """sha256 over the files' paths within the folder and their bytes, in order of path."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(
            f"{path.relative_to(folder).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return total.hexdigest()
