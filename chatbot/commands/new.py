"""`chatbot new`: a corpus from any article with a reference list."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from chatbot.commands.options import ContactOption, progress_bar


def new(
    article: Annotated[Path, typer.Argument(help="The article: text, Markdown, HTML, JATS XML or PDF.")],
    into: Annotated[Path, typer.Option("--into", help="Folder to make; it must be empty or not there yet.")],
    disclaimer: Annotated[
        str, typer.Option("--disclaimer", help="An exact sentence of the article that every reply ends with.")
    ] = "",
    contact: ContactOption = "",
) -> None:
    """Makes a corpus from any article with a reference list. With --contact its records are completed by Crossref, over the network."""
    from chatbot.commands.outward import open_fetcher
    from chatbot.corpus.references.entries import parse_reference
    from chatbot.corpus.references.labelling import packaged_labeller
    from chatbot.sourcing.fetching import REGISTRIES
    from chatbot.sourcing.founding import found
    from chatbot.sourcing.isolating import read_apart

    today = datetime.now(UTC).date().isoformat()
    with ExitStack() as opened:
        get = opened.enter_context(open_fetcher(REGISTRIES, contact)).get if contact else None
        tick = opened.enter_context(progress_bar())
        made = found(
            article,
            into,
            read=read_apart,
            parse=partial(parse_reference, label=packaged_labeller()),
            today=today,
            disclaimer=disclaimer,
            get=get,
            tick=tick,
        )
    completed = f", {made.n_completed} completed by Crossref" if contact else ""
    typer.echo(
        f"{made.folder}: “{made.title}”, {made.n_references} references, {made.n_cited} of them cited in the text{completed}"
    )
    for doubt in made.doubts:
        typer.echo(f"not completed: {doubt}")
    for point in made.must:
        typer.echo(f"must be filled in: {point}")
    for point in made.should:
        typer.echo(f"better filled in: {point}")
    where = f"--corpus {made.folder} --index {made.folder.parent / (made.folder.name + '-index')}"
    typer.echo(f"Then: chatbot corpus check --corpus {made.folder}; chatbot index build {where}; chatbot serve {where}")
