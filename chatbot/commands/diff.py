"""`chatbot index diff`: what separates two generations, or the corpus as it is now from the generation in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot import files, settings
from chatbot.commands.build import tools
from chatbot.commands.log import LOG, audit, opened
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import IndexUnusable

if TYPE_CHECKING:
    from chatbot.evaluate.values import Case
    from chatbot.release.comparing import Comparison

Before = Annotated[str, typer.Argument(metavar="[A]", help="The earlier generation; else the one in use before B.")]
After = Annotated[str, typer.Argument(metavar="[B]", help="The later one; else the newest on disk.")]


def diff(
    before: Before = "",
    after: After = "",
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON (format 1).")] = False,
    page: Annotated[Path | None, typer.Option("--page", help="Also write a page to print and sign.")] = None,
    log: Annotated[str, typer.Option("--answers", help="The answer log that --log draws from.")] = LOG,
    with_log: Annotated[
        bool, typer.Option("--log/--no-log", help="Ask both a sample of logged questions too; else none.")
    ] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask every case again, also where the replies were kept.")
    ] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Show every figure, not only those that moved.")] = False,
) -> None:
    """Compares two generations: sources, passages, and the replies to every test case and to a sample of logged questions."""
    from chatbot.commands.differences import show
    from chatbot.commands.options import terminal
    from chatbot.gathering import read_corpus
    from chatbot.release.contrasting import measure
    from chatbot.release.releasing import judge
    from chatbot.release.showing import as_json as json_of

    one, two = pair(index, before, after)
    logged = logged_sample(log) if with_log else ()
    with tools() as opened_tools:
        found = measure(read_corpus(corpus), index, opened_tools, one, two, logged=logged, fresh=fresh)
    verdict = judge(found)
    if page is not None:
        write_page(page, found, verdict)
    if as_json:
        typer.echo(json.dumps({**json_of(found), "gate": list(verdict)}, ensure_ascii=False, indent=1))
    else:
        show(found, verdict, terminal(), all_figures=figures)


def pair(index: Path, before: str, after: str) -> tuple[str, str]:
    """The two generations meant. Raises IndexUnusable where there are not two.

    None named: the one in use against the newest that is not; where the newest is in use, the one in use before it against it.
    One named: that one against the one in use.
    """
    from chatbot.index import activations, generations

    used = generations.current(index)
    if before and after:
        return before, after
    if before:
        return before, used
    ids = generations.list_ids(index)
    if ids and ids[-1] != used:
        return used, ids[-1]
    previous = activations.used_before(generations.history(index))
    if previous not in ids:
        raise IndexUnusable(
            f"{index}: there is no second generation to compare {used} with; `chatbot index list` shows them"
        )
    return previous, used


def logged_sample(log: str) -> tuple[Case, ...]:
    """A sample of logged questions, drawn under audit; none where there is no log yet."""
    from chatbot.release.rehearsing import logged_cases

    if "://" not in log and not Path(log).exists():
        return ()
    with opened(log) as found:
        audit(found, "index diff", f"a sample of {settings.LOG_SAMPLE}")
        return logged_cases(found.records(), settings.LOG_SAMPLE)


def write_page(path: Path, found: Comparison, verdict: tuple[str, ...]) -> None:
    """Writes the page whole. Raises IndexUnusable when it cannot be written."""
    from datetime import UTC, datetime

    from chatbot.release.showing import page as page_of

    try:
        files.replace(path, page_of(found, verdict=verdict, made_on=datetime.now(UTC).date().isoformat()).encode())
    except OSError as error:
        raise IndexUnusable(f"{path}: the page cannot be written ({error}); give --page another place") from error
    typer.echo(f"{path}: written", err=True)
