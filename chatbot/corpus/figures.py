"""The measured figures that a corpus publishes about itself: figures.toml, and the filling in of what a run measured.

Names and baselines are written by people; day, generation and numbers come from a run of the evaluation alone. tomlkit keeps
everything else as it stands. No index depends on the file, so that measuring an index does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from chatbot import files
from chatbot.errors import CorpusError

FILE = "figures.toml"
FORMAT = 1
HEAD = ("measured", "generation", "data", "about")


@dataclass(frozen=True, slots=True)
class Published:
    """One figure as shown: shares of 1, the interval holds 95 %, `n` counts questions."""

    name: str
    value: float
    low: float
    high: float
    n: int
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, when, of which generation, on which questions."""

    measured: str
    generation: str
    data: str
    about: str
    rows: tuple[Published, ...]


def read_figures(folder: Path) -> Figures | None:
    """The figures of a corpus folder, None when it has none or none were measured. Raises CorpusError for a file of another form."""
    path = folder / FILE
    if not path.exists():
        return None
    data = _parsed(path).unwrap()
    rows = tuple(_row(path, number, row) for number, row in enumerate(data.get("figure", []), 1) if "value" in row)
    measured, generation, of, about = (str(data.get(key, "")) for key in HEAD)
    return Figures(measured, generation, of, about, rows) if rows else None


def published(path: Path, figures: Mapping[str, tuple[float, float, float, int]], head: Mapping[str, str]) -> str:
    """The file's text with the run's numbers filled in. `figures` are (value, low, high, n) by name, `head` measured, generation, data.

    Raises CorpusError naming a figure that the run does not have.
    """
    document: Any = _parsed(path)
    for key, said in head.items():
        document[key] = said
    for row in document.get("figure", []):
        if row.get("from") not in figures:
            raise CorpusError(
                f"{path}: figure {row.get('from')!r} is not in the run; it has {', '.join(sorted(figures))}"
            )
        value, low, high, n = figures[row["from"]]
        row["value"], row["low"], row["high"], row["n"] = round(value, 4), round(low, 4), round(high, 4), n
    return str(tomlkit.dumps(document))


def write_figures(folder: Path, text: str) -> None:
    """Puts the text in the place of the file. Raises CorpusError when the disk refuses."""
    try:
        files.replace(folder / FILE, text.encode())
    except OSError as error:
        raise CorpusError(
            f"{folder / FILE}: cannot be written ({error.strerror}); mend its rights or the disk"
        ) from error


def _parsed(path: Path) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise CorpusError(f"{path}: not a TOML file that can be read: {error}; correct or restore it") from error
    if document.get("format") != FORMAT:
        raise CorpusError(f"{path}: format is {document.get('format')!r}; this version reads format = {FORMAT}")
    return document


def _row(path: Path, number: int, row: Mapping[str, Any]) -> Published:
    try:
        value, low, high = (float(row[key]) for key in ("value", "low", "high"))
        found = Published(str(row["name"]), value, low, high, int(row["n"]), str(row.get("baseline", "")))
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(
            f"{path}: figure {number} is not whole ({error}); run `chatbot eval publish` again"
        ) from error
    if not 0.0 <= found.low <= found.value <= found.high <= 1.0:
        raise CorpusError(f"{path}: figure {number} has value {value} in [{low}, {high}]; shares lie in [0, 1]")
    return found
