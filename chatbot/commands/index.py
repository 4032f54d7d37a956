"""`chatbot index`: builds, lists and proves what is searched."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, progress_bar

app = typer.Typer(help="Builds, lists and proves what is searched.", no_args_is_help=True)


@app.command()
def build(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    model: Annotated[str, typer.Option(help="'packaged', a hub name or a folder.")] = "",
) -> None:
    """Builds a generation from the corpus and puts it in use."""
    from chatbot import building, settings
    from chatbot.index.embedding import open_embedder

    with progress_bar() as report:
        found = building.build(corpus, index, open_embedder(model or settings.EMBEDDING_MODEL), report)
    typer.echo(f"{index / found}: built and in use")


@app.command("list")
def list_generations(index: IndexOption = INDEX, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Lists the generations on disk, the one in use marked."""
    from chatbot.errors import IndexUnusable
    from chatbot.index import generations

    try:
        used = generations.current(index)
    except IndexUnusable:
        used = ""
    rows = []
    for found in generations.list_ids(index):
        try:
            manifest = generations.read(index, found).manifest
            rows.append({"generation": found, "in_use": found == used, "built_on": manifest["built_on"], "counts": manifest["counts"],
                         "model": manifest["made_of"]["model"], "state": "intact"})  # fmt: skip
        except IndexUnusable as error:
            rows.append({"generation": found, "in_use": found == used, "state": str(error)})
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        typer.echo(f"{index}: nothing built yet; run `chatbot index build`", err=True)
    for row in rows:
        counts = row.get("counts", {})
        shown = (
            f"{counts['passages']} passages, {counts['sentences']} sentences, {row['model']}"
            if counts
            else row["state"]
        )
        typer.echo(f"{'*' if row['in_use'] else ' '} {row['generation']}  {row.get('built_on', '')}  {shown}")


@app.command()
def verify(index: IndexOption = INDEX) -> None:
    """Checks every byte of every generation and every span of the one in use. Exit code 1 when something is wrong."""
    from chatbot.errors import IndexUnusable
    from chatbot.index import generations

    wrong = 0
    for found in generations.list_ids(index):
        try:
            generation = generations.read(index, found)
            spans = 0
            for name in ("sentences.jsonl", "passages.jsonl"):
                for row in generations.from_lines(generation.files[name]):
                    text = generation.files[f"documents/{row['doc_id']}.txt"].decode()
                    if text[row["start"] : row["end"]] != row["text"]:
                        raise IndexUnusable(
                            f"{generation.folder / name}: {row['doc_id']}:{row['start']} is not its text"
                        )
                    spans += 1
            typer.echo(f"{found}: {len(generation.files)} files and {spans} spans intact")
        except IndexUnusable as error:
            wrong += 1
            typer.echo(f"{found}: {error}")
    typer.echo(f"in use: {generations.current(index)}")
    raise typer.Exit(1 if wrong else 0)
