"""What several commands share: options, the progress bar, and how words reach a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot import settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
PIPED_WIDTH = 120
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


def terminal() -> Console:
    """Standard output, at a fixed width when piped."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def plain(text: str, style: str = "") -> Text:
    """Words as they are: no markup is read in them, no control character reaches the terminal."""
    from rich.text import Text

    return Text(CONTROL.sub("\ufffd", text), style)
