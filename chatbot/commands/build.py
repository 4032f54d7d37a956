"""`chatbot index build`: a new generation through the gate, once or whenever a file of the corpus is saved.

Exit code 0 in use or nothing changed, 3 built and kept back, 1 an error (also: another run holds the lock), 2 wrong usage.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot import files
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, progress_bar
from chatbot.errors import ChapterError, IndexUnusable

if TYPE_CHECKING:
    from chatbot.release.releasing import Tools

POLL_SECONDS = 0.5  # between two looks at the files while watching

ModelOption = Annotated[str, typer.Option("--model", help="'packaged', a hub name or a folder.")]
Stamp = dict[str, tuple[int, int]]


def build(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    model: ModelOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; write nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Embed everything anew, re-use no vector.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again whenever a file is saved, until Ctrl-C.")] = False,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Ask no case and compare nothing; the generation is not put in use.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of it as JSON.")] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Also write a summary for mail to this file, its first line the subject."),
    ] = None,
) -> None:
    """Builds a generation, asks it the test cases, and puts it in use unless a case breaks; exit code 3 when it is kept back."""

    def once() -> int:
        return _once(corpus, index, model, as_json, report, dry_run=dry_run, full=full, replay=not no_replay)

    if not watch:
        raise typer.Exit(once())
    _say(f"Watching {corpus}; stop with Ctrl-C.")
    try:
        for _ in changes(lambda: stamps(watched(corpus))):
            try:
                once()
            except ChapterError as error:
                _say(f"chatbot: {error}")
    except KeyboardInterrupt:
        _say("stopped")


def _once(
    corpus: Path,
    index: Path,
    model: str,
    as_json: bool,
    report: Path | None,
    *,
    dry_run: bool,
    full: bool,
    replay: bool,
) -> int:
    """One build, told on standard output and in the report; its exit code."""
    from chatbot.release.releasing import as_report, release, release_json

    command = "chatbot index build"
    try:
        with tools(model) as opened:
            found = release(corpus, index, opened, dry_run=dry_run, full=full, replay=replay)
    except ChapterError as error:
        write_report(report, f"{command}: failed (exit code 1)\n\n{error}\n")
        raise
    text = as_report(found)
    write_report(report, f"{command}: {found.result} (exit code {found.exit_code})\n\n{text}\n")
    typer.echo(json.dumps(release_json(found), ensure_ascii=False, indent=1) if as_json else text)
    return found.exit_code


@contextmanager
def tools(model: str = "") -> Iterator[Tools]:
    """The models, with progress on standard error."""
    from chatbot.release.releasing import shipped_tools

    with progress_bar() as tick:
        yield replace(shipped_tools(model), tick=tick)


def write_report(path: Path | None, text: str) -> None:
    """Writes the report whole. Raises IndexUnusable when it cannot be written."""
    if path is None:
        return
    try:
        files.replace(path, text.encode())
    except OSError as error:
        raise IndexUnusable(f"{path}: the report cannot be written ({error}); give --report another place") from error


def watched(corpus: Path) -> Iterator[Path]:
    """Files of which a change calls for a build: the corpus, its test cases, and their floors."""
    from chatbot.corpus.manifest import read_manifest

    yield from corpus.rglob("*")
    try:
        cases = read_manifest(corpus).cases
    except ChapterError:  # being edited; the build says what is wrong
        return
    if cases:
        yield from (corpus / cases).glob("*.jsonl")


def stamps(paths: Iterable[Path]) -> Stamp:
    """When each file was last written, and its size; what vanishes meanwhile is left out."""
    out = {}
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        if not path.name.startswith((".", "#")) and not path.name.endswith("~") and path.is_file():
            out[str(path)] = (stat.st_mtime_ns, stat.st_size)
    return out


def changes(look: Callable[[], Stamp], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Once at the beginning, then each time that the files have changed and lain still for one look."""
    done: Stamp | None = None
    before = look()
    while True:
        if before != done:
            done = before
            yield
        sleep(POLL_SECONDS)
        now = look()
        while now != before:
            before = now
            sleep(POLL_SECONDS)
            now = look()


def _say(line: str) -> None:
    typer.echo(line, err=True)
