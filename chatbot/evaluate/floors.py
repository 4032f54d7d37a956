"""Pinned floors: a figure that falls below what was once reached stops the build.

    {"format": 1, "floors": {"domain on domain": {"data_sha256": "...", "figures": {"answerable.gold": 0.9}}},
     "lowered": [{"date", "run", "figure", "from", "to", "because"}]}

For a figure of which less is better the floor is a ceiling. Floors are pinned per task and data; on other data they
say nothing, so that counts as a breach too. Raising takes a run; lowering takes a reason, which stays in the file. The
known baselines and the figures that are only observed are never pinned.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot import files
from chatbot.errors import EvaluationError
from chatbot.evaluate.values import BASELINE, Figure, Run, lower_is_better

FORMAT = 1
PLACES = 3  # floors are rounded away from the value, so that a run never breaks a floor that it set


@dataclass(frozen=True, slots=True)
class Floors:
    """What is pinned: run name to data hash, run name to figure to floor, and every lowering so far."""

    data: Mapping[str, str]
    figures: Mapping[str, Mapping[str, float]]
    lowered: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """A floor that a run does not hold. `value` is None when the run lacks the figure; `text` says it in words."""

    figure: str
    floor: float
    value: float | None
    text: str


def run_name(run: Run) -> str:
    """Under which name a run's floors are pinned."""
    return f"{run.task} on {run.data}"


def check(run: Run, floors: Floors) -> tuple[Breach, ...]:
    """Every floor of this task and data that the run does not hold; none when nothing is pinned for it."""
    _refuse_limited(run)
    name = run_name(run)
    pinned = floors.data.get(name, run.data_sha256)
    if pinned != run.data_sha256:
        both = f"pinned on data {pinned[:12]}, measured on {run.data_sha256[:12]}"
        text = f"{name}: {both}; pin it anew with --lower --because"
        return (Breach("", math.nan, None, text),)
    return tuple(
        _breach(name, figure, floor, run.figures.get(figure))
        for figure, floor in floors.figures.get(name, {}).items()
        if not _holds(figure, floor, run.figures.get(figure))
    )


def _refuse_limited(run: Run) -> None:
    if run.limit:
        raise EvaluationError(f"{run_name(run)}: measured with --limit {run.limit}; floors need all questions")


def _holds(name: str, floor: float, figure: Figure | None) -> bool:
    if figure is None:
        return False
    return figure.value <= floor if lower_is_better(name) else figure.value >= floor


def _breach(run: str, name: str, floor: float, figure: Figure | None) -> Breach:
    side = "above its ceiling" if lower_is_better(name) else "below its floor"
    said = f"{figure.value:.4f} is {side} {floor:.3f}" if figure else f"not measured, its floor is {floor:.3f}"
    return Breach(name, floor, figure.value if figure else None, f"{run}: {name} {said}")


def raised(run: Run, floors: Floors) -> Floors:
    """The floors with every better figure of the run, and its new ones, pinned. Nothing is lowered."""
    _refuse_limited(run)
    name = run_name(run)
    if floors.data.get(name, run.data_sha256) != run.data_sha256:
        raise EvaluationError(f"{name}: the data changed since its floors were pinned; use --lower --because")
    before = floors.figures.get(name, {})
    better = {figure: floor for figure, floor in _own(run) if _better(figure, before.get(figure), floor)}
    return _with(floors, run, {**before, **better}, ())


def lowered(run: Run, floors: Floors, because: str, date: str) -> Floors:
    """The floors with each one that the run breaks set to the run's value, and the reason kept for each.

    On other data than was pinned, all figures are pinned anew. Raises EvaluationError without a reason.
    """
    _refuse_limited(run)
    if not because.strip():
        raise EvaluationError("lowering a floor takes a reason; give --because")
    name = run_name(run)
    own, before = dict(_own(run)), floors.figures.get(name, {})
    same = floors.data.get(name, run.data_sha256) == run.data_sha256
    broken = [breach.figure for breach in check(run, floors)] if same else list(before)
    after = {**before, **{figure: own[figure] for figure in broken if figure in own}} if same else own
    gone = [figure for figure in broken if figure not in own]
    kept = {figure: floor for figure, floor in after.items() if figure not in gone}
    said = {"date": date, "run": name, "because": because}
    notes = tuple({**said, "figure": figure, "from": before[figure], "to": kept.get(figure)} for figure in broken)
    return _with(floors, run, kept, notes)


def _own(run: Run) -> list[tuple[str, float]]:
    """The floors that a run's figures make."""
    pinnable = (name for name in run.figures if not name.startswith(BASELINE) and ".observed_" not in name)
    return [(name, _rounded(name, run.figures[name].value)) for name in pinnable]


def _rounded(name: str, value: float) -> float:
    scale: int = 10**PLACES
    scaled = value * scale
    return (math.ceil(scaled - 1e-9) if lower_is_better(name) else math.floor(scaled + 1e-9)) / scale


def _better(name: str, before: float | None, after: float) -> bool:
    return before is None or (after < before if lower_is_better(name) else after > before)


def _with(floors: Floors, run: Run, figures: Mapping[str, float], notes: tuple[Mapping[str, Any], ...]) -> Floors:
    name = run_name(run)
    data = {**floors.data, name: run.data_sha256}
    return Floors(data, {**floors.figures, name: figures}, floors.lowered + notes)


def load_floors(path: Path) -> Floors:
    """The floors of a file, none when it does not exist. Raises EvaluationError for another form."""
    if not path.exists():
        return Floors({}, {})
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise EvaluationError(f"{path}: floors format {values['format']!r}, this version reads {FORMAT}")
        entries = values["floors"].items()
        data = {name: str(entry["data_sha256"]) for name, entry in entries}
        figures = {name: {f: float(v) for f, v in entry["figures"].items()} for name, entry in entries}
        return Floors(data, figures, tuple(dict(note) for note in values["lowered"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{path}: not a floors file ({type(error).__name__}: {error}); restore it from version control"
        raise EvaluationError(problem) from error


def save_floors(floors: Floors, path: Path) -> None:
    """Writes the floors whole. Raises EvaluationError when the file cannot be written."""
    entries = {name: {"data_sha256": sha, "figures": dict(floors.figures[name])} for name, sha in floors.data.items()}
    values = {"format": FORMAT, "floors": entries, "lowered": [dict(note) for note in floors.lowered]}
    text = json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False)
    try:
        files.replace(path, f"{text}\n".encode())
    except OSError as error:
        raise EvaluationError(f"{path}: the floors cannot be written ({error}); give --floors another place") from error
