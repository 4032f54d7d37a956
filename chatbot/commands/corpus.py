"""`chatbot corpus`: looks after what may be quoted."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from chatbot.commands.audit import audit
from chatbot.commands.fetch import fetch
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.commands.status import status
from chatbot.errors import CorpusError


class Style(StrEnum):
    """How references are written."""

    apa = "apa"
    bibtex = "bibtex"
    ris = "ris"
    csl = "csl-json"


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
    from chatbot.index.embedding import open_embedder
    from chatbot.opening import open_triage
    from chatbot.pinchecks import check_pins

    problems = check_corpus(corpus)
    if not any(p.severity == "error" for p in problems):
        problems = (*problems, *check_pins(corpus, open_embedder, open_triage))
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
    """Lists every source with what of it is quoted, its standing, its licence and its link."""
    from chatbot.answer.quoting import status_line
    from chatbot.corpus import provenance
    from chatbot.gathering import read_described

    fetched = provenance.read_fetched(corpus)
    for source in read_described(corpus).sources:
        found = fetched.get(source.doc_id)
        text = source.text_kind + (f", fetched {found.fetched_at[:10]}" if found else "")
        typer.echo(
            f"{source.doc_id}\n    {source.label}; text: {text}; {status_line(source.status)}\n"
            f"    licence: {source.licence or 'unknown'}\n    {source.link}"
        )


@app.command("pins")
def list_pins(corpus: CorpusOption = CORPUS, index: IndexOption = INDEX) -> None:
    """Lists what is pinned or banned for which questions, with its place, and whether readers' answers follow it yet."""
    from chatbot.gathering import read_corpus
    from chatbot.pinchecks import standing

    places = {p.ident: p.place for p in read_corpus(corpus).pins.entries}
    for row, how in standing(corpus, index):
        place = places.get(row.ident)
        where = f"{row.source} {place.start}-{place.end}" if place else row.source
        typer.echo(f"{row.action} {row.ident}: {where}; {how}; since {row.since}, approved by {row.approved_by}")
        for question in row.questions:
            typer.echo(f"    for: {question}")
        typer.echo(f"    “{' '.join(row.sentences)}”" + (f"\n    why: {row.why}" if row.why else ""))


@app.command()
def cite(
    idents: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Sources; none: all.")] = None,
    style: Annotated[Style, typer.Option("--as", help="apa, bibtex, ris or csl-json.")] = Style.apa,
    corpus: CorpusOption = CORPUS,
) -> None:
    """Prints the sources' records as references: APA 7, or a form that reference managers take in."""
    from chatbot.corpus.references import styles
    from chatbot.corpus.values import record_of
    from chatbot.gathering import read_described

    sources = {s.doc_id: s for s in read_described(corpus).sources}
    for ident in idents or ():
        if ident not in sources:
            raise CorpusError(f"{ident!r} is no source of {corpus}; they are: {', '.join(sources)}")
    records = [record_of(sources[ident]) for ident in idents or sources]
    write = {
        Style.apa: lambda: "\n".join(styles.as_apa(record) for record in records),
        Style.bibtex: lambda: styles.as_bibtex(records),
        Style.ris: lambda: styles.as_ris(records),
        Style.csl: lambda: styles.csl_text(records),
    }
    typer.echo(write[style]().rstrip("\n"))
