"""`chatbot log`: proves, purges and exports the answer log, and serves readers who show their receipt."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chatbot import settings
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, progress_bar
from chatbot.datatypes import Document
from chatbot.errors import LogError

if TYPE_CHECKING:
    from chatbot.log.chain import Head
    from chatbot.log.database import Database
    from chatbot.log.proof import Verification

app = typer.Typer(help="Proves, purges and exports the answer log.", no_args_is_help=True)

LogOption = Annotated[str, typer.Option("--log", help="The answer log: a path, or the URL of a PostgreSQL database.")]
LOG = str(settings.LOG)
Format = Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="jsonl is exact, csv is for spreadsheets.")]
Receipt = Annotated[str, typer.Option("--receipt", help="The code that a reader was given for one visit.")]


@contextmanager
def opened(where: str, *, create: bool = False) -> Iterator[Database]:
    """The log at a path or URL, closed afterwards."""
    from chatbot.log import open_log

    log = open_log(where, create=create)
    try:
        yield log
    finally:
        log.close()


def me() -> str:
    """The name by which the system knows whoever runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def audit(log: Database, what: str, subject: str) -> None:
    """Notes who read something of the log."""
    from chatbot.log import auditing

    auditing.audit(log, me(), what, subject, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def documents_of(corpus: Path, index: Path) -> Callable[[str], Mapping[str, Document] | None]:
    """A function from a generation's id to its documents: its own where it is still on disk, else the corpus's of now."""

    @cache
    def find(generation: str) -> Mapping[str, Document]:
        from chatbot.building import read_corpus
        from chatbot.gathering import read_described
        from chatbot.index import generations

        if generation not in generations.list_ids(index):
            return read_corpus(corpus).documents
        found = generations.read(index, generation)
        out = {}
        copy = found.folder / "corpus"
        for source in read_described(copy if copy.is_dir() else found.folder).sources:  # format 1 had it at the top
            raw = found.files.get(f"documents/{source.doc_id}.txt")
            if raw is not None:
                text = raw.decode()
                out[source.doc_id] = Document(source, text, Document.digest(text))
        return out

    return find


@app.command()
def verify(
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    expect: Annotated[str, typer.Option(help="A head noted earlier, ROW:LINK, that must still be in the chain.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Fail also when a quote's document is not at hand.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Proves the chain of rows, and every quote against its generation's documents; looks whether the search has all of them. Exit code 1
    when something is broken or does not fit."""
    from chatbot.log.proof import verify as prove

    expected = _head(expect) if expect else None
    with opened(log) as found, progress_bar() as report:
        documents = documents_of(corpus, index)
        result = prove(found, documents, expected=expected, tick=lambda done, of: report("rows", done, of))
    typer.echo(_as_json(result) if as_json else _as_text(log, result))
    raise typer.Exit(1 if result.broken or result.strays or (strict and result.unproved) else 0)


def _head(text: str) -> Head:
    """ROW:LINK as a Head."""
    from chatbot.log.chain import Head

    row, _, link = text.partition(":")
    if not row.isdecimal() or len(link) != 64:
        raise LogError(f"--expect {text[:80]!r} is not ROW:LINK; copy it from an earlier `chatbot log verify`")
    return Head(int(row), link)


def _as_text(log: str, result: Verification) -> str:
    lines = [
        f"{log}: {result.n_records} records, {result.n_removed} removed, {result.n_proved} quotes proved",
        f"head {result.head.seq}:{result.head.link}",
    ]
    for (generation, doc_id), count in result.unproved.items():
        lines.append(
            f"not proved: {count} quotes of {doc_id} by generation {generation}, whose text of then is not at hand; "
            f"keep that generation under --index, or restore the file in --corpus"
        )
    lines += [f"broken: {finding}" for finding in result.broken]
    lines += [f"search: {stray}" for stray in result.strays]
    return "\n".join(lines)


def _as_json(result: Verification) -> str:
    return json.dumps(
        {
            "records": result.n_records,
            "removed": result.n_removed,
            "head": {"row": result.head.seq, "link": result.head.link},
            "proved": result.n_proved,
            "unproved": [{"generation": g, "doc_id": d, "quotes": n} for (g, d), n in result.unproved.items()],
            "broken": [{"row": finding.seq, "what": finding.what} for finding in result.broken],
            "search": list(result.strays),
        },
        indent=2,
    )


@app.command()
def purge(
    log: LogOption = LOG,
    days: Annotated[int, typer.Option(min=0, help="Keep the replies of so many days.")] = settings.RETENTION_DAYS,
) -> None:
    """Removes replies past retention, down to their bytes. The application does so itself, at start and daily."""
    from chatbot.log.records import hours_ago

    until = hours_ago(datetime.now(UTC), 24 * days)
    with opened(log) as found:
        count = found.remove("retention", until=until)
    typer.echo(f"{log}: {count} records of {until} and earlier removed")


@app.command()
def rebuild(
    log: LogOption = LOG,
    vectors: Annotated[
        bool,
        typer.Option("--vectors", help="Also embed the questions that have no vector, so that like ones are grouped."),
    ] = False,
) -> None:
    """Makes what records are found and counted by again, from the rows and what was done about them. No row changes."""
    from chatbot.log.grouping import Embed, Marker

    embed: Embed | None = None
    if vectors:
        from chatbot.index.embedding import open_embedder

        embedder = open_embedder(settings.EMBEDDING_MODEL)
        embed = lambda text: embedder.embed([text])[0]  # noqa: E731
    with opened(log) as found, progress_bar() as report:
        count = found.rebuild(Marker(embed).mark, lambda done, of: report("rows", done, of))
    typer.echo(f"{log}: {count} records can be found again")


@app.command()
def export(form: Format = "jsonl", receipt: Receipt = "", log: LogOption = LOG) -> None:
    """Prints every record, or those of one receipt."""
    from chatbot.log.export import export as lines_of
    from chatbot.log.records import owner_of
    from chatbot.log.thumbs import KIND, latest

    with opened(log) as found:
        owners = [owner_of(receipt)] if receipt else None
        if owners and next(found.records(owners=owners), None) is None:
            raise _no_rows(log)
        audit(found, f"export {form}", "of a receipt" if receipt else "all")
        for line in lines_of(found.records(owners=owners), form, latest(found.events(KIND))):
            typer.echo(line, nl=False)


@app.command()
def forget(receipt: Receipt, log: LogOption = LOG) -> None:
    """Removes the records of one receipt, down to their bytes."""
    from chatbot.log.records import owner_of

    with opened(log) as found:
        count = found.remove("receipt", owners=[owner_of(receipt)])
    if not count:
        raise _no_rows(log)
    typer.echo(f"{log}: {count} records removed")


def _no_rows(log: str) -> LogError:
    return LogError(f"{log}: no record has this receipt; check the code, or its records are past retention and gone")
