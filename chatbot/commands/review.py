"""`chatbot review`: what to look at, a verdict on it, and verdicts as test cases. For who may open the log's file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from chatbot.commands.log import LOG, Format, LogOption, audit, documents_of, me, opened
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import ReviewError

if TYPE_CHECKING:
    from chatbot.log.database import Database
    from chatbot.log.records import Record
    from chatbot.log.thumbs import Thumb
    from chatbot.review.queue import Queued
    from chatbot.review.values import Label, Triage

app = typer.Typer(help="Judges replies and turns verdicts into test cases.", no_args_is_help=True)

JSON = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
LABELS = "good, should_have_refused, should_have_answered, wrong_triage, unsafe"


@app.command("list")
def list_queue(
    log: LogOption = LOG,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="From which confidence replies answer; else worked out.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Lists replies that nobody has judged, the most worth seeing first."""
    from chatbot.log.notebook import Notebook
    from chatbot.log.thumbs import KIND, latest
    from chatbot.review.queue import review_queue
    from chatbot.review.verdicts import verdicts

    with opened(log) as found:
        audit(found, "list", "queue")
        book = Notebook(found)
        thumbs = latest(found.events(KIND))
        queued = review_queue(
            found.records(),
            judged={verdict.record_id for verdict in verdicts(book)},
            thumbed_down={ident: thumb.reason for ident, thumb in thumbs.items() if thumb.thumb == "down"},
            threshold=threshold,
        )
    for item in queued[:limit]:
        thumb = thumbs.get(item.record.record_id)
        typer.echo(_queued_json(item, thumb) if as_json else _queued_text(item, thumb))
    typer.echo(f"{len(queued)} to judge", err=True)


def _queued_text(item: Queued, thumb: Thumb | None) -> str:
    record = item.record
    reasons = f"  ({', '.join(item.reasons)})" if item.reasons else ""
    lines = [f"{record.record_id}  {record.asked_at}  {record.kind}  {record.confidence:.2f}{reasons}"]
    lines.append(f"    {_one_line(record.question)}" if record.question else "    (the text of a crisis is not logged)")
    lines += [f"      “{quote['text']}” {quote.get('label', '')}" for quote in record.reply.get("quotes") or ()]
    if thumb and thumb.comment:
        lines.append(f"      a reader: {_one_line(thumb.comment)}")
    return "\n".join(lines)


def _one_line(typed: str) -> str:
    """What a reader typed on one line, without the control characters that a terminal obeys."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(typed.split()))


def _queued_json(item: Queued, thumb: Thumb | None) -> str:
    record = item.record
    shown = {
        name: getattr(record, name) for name in ("record_id", "asked_at", "kind", "question", "confidence", "reply")
    }
    more = {"reasons": list(item.reasons), "worth": round(item.worth, 4), "thumb": thumb.as_json() if thumb else None}
    return json.dumps(shown | more, ensure_ascii=False)


@app.command()
def judge(
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="The id that `chatbot review list` shows.")],
    label: Annotated[str, typer.Argument(metavar="VERDICT", help=f"{LABELS}.")],
    note: Annotated[str, typer.Option(help="Why.")] = "",
    gold: Annotated[
        list[str] | None, typer.Option("--gold", help="A sentence of a source that answers; repeat for more.")
    ] = None,
    triage: Annotated[
        str, typer.Option(help="How it should have been taken: crisis, drug_request, medical_advice, benign_lookalike.")
    ] = "",
    reviewer: Annotated[str, typer.Option(help="Who judges; else the name by which the system knows you.")] = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Writes down a verdict on one reply. A later one on the same reply counts instead; none is lost."""
    from chatbot.log.notebook import Notebook
    from chatbot.review import verdicts
    from chatbot.review.values import Verdict

    with opened(log) as found:
        record = _record(found, record_id)
        verdict = Verdict(
            record_id,
            cast("Label", label),
            reviewer or me(),
            note,
            datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            tuple(gold or ()),
            cast("Triage", triage) if triage else None,
        )
        verdicts.judge(Notebook(found), verdict, record, _quotable(corpus, index, record.generation))
    typer.echo(f"{record_id}: {label}")


def _record(log: Database, record_id: str) -> Record:
    record = next(log.records(record_id=record_id), None)
    if record is None:
        raise ReviewError(f"{record_id[:40]!r} is no record of {log.name}; `chatbot review list` shows their ids")
    return record


def _quotable(corpus: Path, index: Path, generation: str) -> Callable[[str], bool]:
    """Whether a text is a slice of a document; documents are read only when asked."""

    def holds(text: str) -> bool:
        documents = documents_of(corpus, index)(generation) or {}
        return any(text in document.text for document in documents.values()) and bool(text.strip())

    return holds


@app.command()
def cases(
    into: Annotated[Path, typer.Option("--into", help="The evaluation folder to write or add to.")],
    log: LogOption = LOG,
) -> None:
    """Writes the last verdict on each reply as a case that `chatbot eval domain --data DIR` runs."""
    from chatbot.log.notebook import Notebook
    from chatbot.review.cases import case_of, write_cases
    from chatbot.review.verdicts import latest, verdicts

    made = []
    with opened(log) as found:
        audit(found, "cases", "all")
        given = latest(verdicts(Notebook(found)))
        for record in found.records():
            if record.record_id in given:
                try:
                    made.append(case_of(given[record.record_id], record))
                except ReviewError as error:
                    typer.echo(f"left out: {error}", err=True)
    for name, count in write_cases(made, into).items():
        typer.echo(f"{into / name}: {count}")
    typer.echo(f"{len(made)} cases from {len(given)} verdicts", err=True)


@app.command()
def export(form: Format = "jsonl", log: LogOption = LOG) -> None:
    """Prints every verdict with its question, also those that later ones replaced."""
    from chatbot.log.export import csv_line
    from chatbot.log.notebook import Notebook
    from chatbot.review.verdicts import verdicts

    with opened(log) as found:
        audit(found, f"export verdicts {form}", "all")
        questions = {record.record_id: record.question for record in found.records()}
        rows = [asdict(v) | {"question": questions.get(v.record_id)} for v in verdicts(Notebook(found))]
    if form == "csv":
        columns = ("record_id", "label", "reviewer", "judged_at", "question", "note", "gold", "triage")
        typer.echo(csv_line(columns), nl=False)
        for row in rows:
            typer.echo(csv_line(_cell(row[name]) for name in columns), nl=False)
        return
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False))


def _cell(value: Any) -> Any:
    """A list as lines, nothing as an empty cell."""
    return "\n".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value or ""


@app.command("add-user")
def add_user(
    name: Annotated[str, typer.Argument(help="2 to 32 of a-z, 0-9, dot, hyphen and underscore.")],
    role: Annotated[str, typer.Option(help="moderator or lead.")] = "moderator",
    password_file: Annotated[
        str, typer.Option("--password-file", help="Read the password from this file, - for standard input; else asked.")
    ] = "",
    log: LogOption = LOG,
) -> None:
    """Adds an account for the review pages, or gives one a new role and password."""
    from chatbot.log import open_log
    from chatbot.log.notebook import Notebook
    from chatbot.review.access import Access

    password = _password(password_file)
    found = open_log(log, create=True)
    try:
        account = Access(Notebook(found)).add(name, role, password, by=me())
    finally:
        found.close()
    typer.echo(f"{account.name}: {account.role}")


def _password(path: str) -> str:
    """The first line of a file or of standard input, or what is typed twice."""
    if path == "-":
        return sys.stdin.readline().rstrip("\n")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").split("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            raise ReviewError(f"{path}: no password can be read ({error}); give a text file, or -") from error
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
