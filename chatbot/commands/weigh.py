"""`chatbot eval documents` and `chatbot eval references`: how well foreign files and printed references are read, beside baselines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chatbot.errors import EvaluationError

Data = Annotated[Path, typer.Option("--data", help="Folder of the evaluation data.", show_default=False)]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")]


def documents(data: Data, json_file: JsonFile = None) -> None:
    """Read real JATS articles, web pages and PDFs and hold the text against gold extracts: recall, precision, F1."""
    from chatbot.sourcing.parsing import read_pdf
    from chatbot.weighing import weigh_documents

    rows = weigh_documents(data, read_pdf)
    for row in rows:
        unreadable = f", {row.n_unreadable} unreadable" if row.n_unreadable else ""
        typer.echo(f"{row.kind}, {row.reader}: {row.n_files} files{unreadable}, {row.seconds:.1f} s")
        for name, figure in row.figures.items():
            typer.echo(f"    {name:<12} {figure.value:.3f}  ({figure.low:.3f}-{figure.high:.3f})")
    _write(json_file, [asdict(row) for row in rows])


def references(data: Data, json_file: JsonFile = None) -> None:
    """Read labelled reference strings and count the fields that are right. The packaged weights were fitted on such strings: on the very
    ones the figures are in-sample, and `python -m chatbot.training.references` prints the cross-validated ones."""
    from chatbot.corpus.references.entries import fields_of
    from chatbot.corpus.references.labelling import packaged_labeller
    from chatbot.corpus.references.rules import by_rules
    from chatbot.evaluate.fields import weigh_references

    files = sorted(data.glob("*.jsonl"))
    if not files:
        raise EvaluationError(f"{data}: no .jsonl file of labelled references in it; give the folder that holds one")
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines() if line]
    found = {}
    for name, label in (("labeller", packaged_labeller()), ("rules", by_rules)):
        found[name] = weigh_references(rows, lambda printed, label=label: fields_of(printed, label))  # type: ignore[misc]
        typer.echo(f"{name}: {len(rows)} references")
        for score in found[name]:
            counts = f"{score.n_gold} to find, {score.n_found} given"
            typer.echo(
                f"    {score.label:<16} F1 {score.f1:.3f}  precision {score.precision:.3f}  recall {score.recall:.3f}  ({counts})"
            )
    _write(json_file, {name: [asdict(score) for score in scores] for name, scores in found.items()})


def _write(path: Path | None, content: object) -> None:
    """Writes the figures. Raises EvaluationError when the disk refuses."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be written ({error.strerror}); give --json another place") from error
