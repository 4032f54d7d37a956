"""Runs on disk, as a table, and two of them side by side.

A run is one JSON file: format version, keys sorted, floats as they are, written beside and renamed. The table is plain
text with the target and what is known of other systems next to each figure. A comparison tells which figures moved and
what became of every question both runs asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot import files
from chatbot.errors import EvaluationError
from chatbot.evaluate.changes import CHANGES, change_of, direction
from chatbot.evaluate.targets import is_met, target_of
from chatbot.evaluate.values import BASELINE, Figure, Quoted, Row, Run, lower_is_better

FORMAT = 1

__all__ = ["Comparison", "Run", "compare", "load", "render_comparison", "save", "table"]


def save(run: Run, path: Path) -> None:
    """Writes the run. Raises EvaluationError when the file cannot be written."""
    text = json.dumps({"format": FORMAT, **asdict(run)}, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    try:
        files.replace(path, f"{text}\n".encode())
    except OSError as error:
        raise EvaluationError(f"{path}: the run cannot be written ({error}); give --json another place") from error


def load(path: Path) -> Run:
    """The run of a file. Raises EvaluationError when it is not one of this format."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: no run file ({error}); make one with `chatbot eval ... --json`") from error
    found = values.get("format") if isinstance(values, dict) else None
    if found != FORMAT:
        raise EvaluationError(f"{path}: run format {found!r}, this version reads {FORMAT}; measure again")
    try:
        return _run(values)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EvaluationError(f"{path}: not a whole run ({type(error).__name__}: {error}); measure again") from error


def _run(values: Mapping[str, Any]) -> Run:
    figures = {name: Figure(f["value"], f["low"], f["high"], f["n"]) for name, f in values["figures"].items()}
    names = ("task", "data", "data_sha256", "generation", "settings_digest", "date")
    task, data, sha256, generation, digest, date = (str(values[name]) for name in names)
    return Run(
        task, data, sha256, int(values["limit"]), generation, digest, date, figures, tuple(map(_row, values["rows"]))
    )


def _row(values: Mapping[str, Any]) -> Row:
    quotes = tuple(Quoted(q["doc_id"], q["start"], q["end"], q["text"]) for q in values["quotes"])
    ident, question, kind, outcome = (str(values[name]) for name in ("ident", "question", "kind", "outcome"))
    marks = {name: float(value) for name, value in values["marks"].items()}
    confidence, seconds = float(values["confidence"]), float(values["seconds"])
    return Row(ident, question, kind, outcome, quotes, marks, tuple(values["faults"]), confidence, seconds)


def table(run: Run) -> str:
    """The run's figures as lines of plain text, then every broken rule."""
    head = f"{run.task} on {run.data} ({run.data_sha256[:12]}), {run.date}"
    limited = f", the first {run.limit} questions of each set" if run.limit else ""
    made = f"generation {run.generation}, settings {run.settings_digest[:12]}"
    names = [name for name in run.figures if not name.startswith(BASELINE)]
    lines: list[tuple[str, ...]] = [("figure", "value", "95 % interval", "n", "target", "", "known")]
    lines += [_table_line(run, name) for name in names]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    out = [head + limited, *([made] if run.generation else []), ""]
    out += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    broken = [f"  {row.ident}: {fault}" for row in run.rows for fault in row.faults]
    return "\n".join(out + (["", "Rules broken:", *broken] if broken else []))


def _table_line(run: Run, name: str) -> tuple[str, ...]:
    figure, target = run.figures[name], target_of(name)
    met = is_met(name, figure)
    bound = "" if target.bound is None else f"{'<=' if lower_is_better(name) else '>='} {target.bound:.2f}"
    known = [f"{system} {value:.3f}" for system, value in target.known]
    here = run.figures.get(BASELINE + name)
    known = ([f"BM25 here {here.value:.3f}"] if here else []) + known
    interval = f"[{figure.low:.3f}, {figure.high:.3f}]"
    verdict = {True: "met", False: "MISSED", None: ""}[met]
    return (name, f"{figure.value:.3f}", interval, str(figure.n), bound, verdict, ", ".join(known))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs.

    `figures` are (name, before, after), None where a run lacks it, without those that are equal; `rows` (change,
    before, after) for every question of both, in the order of the first; `missing` and `added` idents of one run
    alone.
    """

    figures: tuple[tuple[str, Figure | None, Figure | None], ...]
    rows: tuple[tuple[str, Row, Row], ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    same_data: bool


def compare(before: Run, after: Run) -> Comparison:
    """The changes from one run to another. Raises EvaluationError for runs of two tasks."""
    if before.task != after.task:
        raise EvaluationError(f"a {before.task} run cannot be compared with a {after.task} run; give two of one task")
    names = dict.fromkeys((*before.figures, *after.figures))
    figures = ((name, before.figures.get(name), after.figures.get(name)) for name in names)
    old, new = ({row.ident: row for row in run.rows} for run in (before, after))
    return Comparison(
        tuple(change for change in figures if change[1] != change[2]),
        tuple((change_of(row, new[ident]), row, new[ident]) for ident, row in old.items() if ident in new),
        tuple(ident for ident in old if ident not in new),
        tuple(ident for ident in new if ident not in old),
        before.data_sha256 == after.data_sha256,
    )


def render_comparison(found: Comparison) -> str:
    """Counts, figures with their change, and the questions that were not kept."""
    counts = {change: sum(row[0] == change for row in found.rows) for change in CHANGES}
    out = [", ".join(f"{n} {change}" for change, n in counts.items())]
    if not found.same_data:
        out.append("The two runs were measured on different data.")
    for what, idents in (("only in the first", found.missing), ("only in the second", found.added)):
        out += [f"{len(idents)} {what}: {', '.join(idents)}"] if idents else []
    out += ["", "Figures that changed:"] if found.figures else ["", "No figure changed."]
    for name, old, new in found.figures:
        shown = [f"{figure.value:.3f}" if figure else "-" for figure in (old, new)]
        by = f"  {new.value - old.value:+.3f} {direction(name, old, new)}" if old and new else ""
        out.append(f"  {name}  {shown[0]} -> {shown[1]}{by}".rstrip())
    for change in CHANGES[1:]:
        rows = [row for row in found.rows if row[0] == change]
        out += ["", f"{change.capitalize()}:"] if rows else []
        for _, old_row, new_row in rows:
            out += [f"  {old_row.ident}: {old_row.question}", f"    - {_shown(old_row)}", f"    + {_shown(new_row)}"]
    return "\n".join(out)


def _shown(row: Row) -> str:
    """Outcome, place and words of a row's quotes, in one line."""
    quotes = " | ".join(f"{q.doc_id}:{q.start}-{q.end} {q.text}".replace("\n", " ") for q in row.quotes)
    return f"{row.outcome} {quotes}".rstrip()
