"""Options that several commands share, and the progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from chatbot import settings

CorpusOption = Annotated[Path, typer.Option("--corpus", help="Folder of the corpus.")]
IndexOption = Annotated[Path, typer.Option("--index", help="Folder of the index.")]
ContactOption = Annotated[
    str, typer.Option("--contact", help="Mail address that the servers are told; else `contact` in sources.toml.")
]
CORPUS = settings.CORPUS
INDEX = settings.INDEX


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, of) that draws bars with rate and remaining time on standard error; quiet when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def report(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done)  # type: ignore[arg-type]

        yield report
