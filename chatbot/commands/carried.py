"""`chatbot review cases`, `export` and `import`: verdicts out of the log, and into it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from chatbot.commands.desk import ReviewerOption, acting, desk, one_line
from chatbot.commands.log import LOG, Format, LogOption
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import ReviewError


def cases(
    into: Annotated[Path, typer.Option("--into", help="The evaluation folder to write or add to.")],
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Writes the cases made at the desk, and of every other judged reply the one its last verdict makes; `chatbot eval domain --data DIR` runs them."""
    with desk(log, corpus, index) as found:
        written = found.write_cases(acting(), into)
    for reason in written.left_out:
        typer.echo(f"left out: {reason}", err=True)
    for pair in written.contradictions:
        typer.echo(f"cannot both be met: {one_line(pair)}; judge one again", err=True)
    for name, count in written.files.items():
        typer.echo(f"{into / name}: {count}")
    typer.echo(f"{written.n_cases} cases from {written.n_verdicts} verdicts", err=True)


def export(
    form: Format = "jsonl",
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Prints every verdict with its question, also those that later ones replaced."""
    with desk(log, corpus, index) as found:
        for line in found.export(acting(reviewer), form):
            typer.echo(line, nl=False)


def bring_in(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSONL as `chatbot review export` writes it; - for standard input.")
    ],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the lines that are right where others are wrong.")
    ] = False,
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Takes in verdicts that an export took out: all lines or none. Exit code 1 when nothing was taken because a line is wrong."""
    with desk(log, corpus, index) as found, _lines(path) as lines:
        done = found.import_verdicts(acting(reviewer), lines, skip_bad=skip_bad)
    for line in done.lines:
        about = line.words or (line.verdict.record_id if line.verdict else "")
        typer.echo(f"{path}:{line.number}: {'there already' if line.what == 'there' else line.what}: {about}")
    taken, there, wrong = done.count("taken"), done.count("there"), done.count("wrong")
    counted = f"{taken} taken, {there} there already, {wrong} wrong"
    if not done.written:
        raise ReviewError(
            f"{path}: {counted}; nothing was written; mend the wrong lines, or take the others with --skip-bad"
        )
    typer.echo(counted, err=True)


@contextmanager
def _lines(path: Path) -> Iterator[TextIO]:
    """The lines of a file or of standard input."""
    if str(path) == "-":
        yield sys.stdin
        return
    try:
        with path.open(encoding="utf-8", newline="\n") as found:
            yield found
    except (OSError, UnicodeDecodeError) as error:
        raise ReviewError(f"{path}: cannot be read ({error}); give a JSONL file, or -") from error
