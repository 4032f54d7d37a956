"""`chatbot corpus`: looks after what may be quoted."""

from __future__ import annotations

from typing import Annotated

import typer

from chatbot.commands.audit import audit
from chatbot.commands.fetch import fetch
from chatbot.commands.options import CORPUS, CorpusOption
from chatbot.commands.status import status

app = typer.Typer(help="Looks after what may be quoted.", no_args_is_help=True)
app.command()(fetch)
app.command()(status)
app.command()(audit)


@app.command()
def check(
    corpus: CorpusOption = CORPUS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Validates everything under the corpus folder and names file, line and mend. Exit code 1 when something is wrong."""
    import json

    from chatbot.checking import check_corpus

    problems = check_corpus(corpus)
    if as_json:
        rows = [
            {"file": p.file, "line": p.line, "problem": p.problem, "mend": p.mend, "severity": p.severity}
            for p in problems
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(f"{problem.file}:{problem.line}: {problem.severity}: {problem.problem}\n    {problem.mend}")
    errors = sum(p.severity == "error" for p in problems)
    notes = len(problems) - errors
    typer.echo(f"{corpus}: {errors} errors, {notes} notes", err=True)
    raise typer.Exit(1 if errors else 0)


@app.command("list")
def list_sources(corpus: CorpusOption = CORPUS) -> None:
    """Lists every source with what of it is quoted, its standing and its link."""
    from chatbot.gathering import read_described

    for source in read_described(corpus).sources:
        state = f"{source.status.state}, checked {source.status.checked}"
        typer.echo(f"{source.doc_id}\n    {source.label}; text: {source.text_kind}; {state}\n    {source.link}")
