"""`chatbot review`: what to look at and a verdict on it; the rest is in `carried`, `deciding` and `users`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from chatbot.commands import carried, deciding, users
from chatbot.commands.desk import JsonOption, ReviewerOption, acting, desk, one_line
from chatbot.commands.log import LOG, LogOption
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import ReviewError

if TYPE_CHECKING:
    from chatbot.log.records import Record
    from chatbot.log.thumbs import Thumb
    from chatbot.moderating.values import Row
    from chatbot.review.values import Label, QuoteLabel, QuoteVerdict, Triage

app = typer.Typer(help="Judges replies and turns verdicts into test cases.", no_args_is_help=True)
app.command("cases")(carried.cases)
app.command("export")(carried.export)
app.command("import")(carried.bring_in)
app.command("proposals")(deciding.proposals)
app.command("decide")(deciding.decide)
app.command("pins")(deciding.pins)
app.command("gaps")(deciding.gaps)
app.command("agreement")(deciding.agreement)
app.command("dashboard")(deciding.dashboard)
app.command("add-user")(users.add_user)
app.command("users")(users.users)
app.command("close-user")(users.close_user)

LABELS = "good, should_have_refused, should_have_answered, wrong_triage, unsafe"
QUOTE = re.compile(r"(?P<doc_id>[^:]+):(?P<start>\d{1,9})-(?P<end>\d{1,9})=(?P<label>\w+)")


@app.command("list")
def list_queue(
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many.")] = 20,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="From which confidence replies answer; else that of the index.")
    ] = None,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Lists replies that nobody has judged, the most worth seeing first."""
    from chatbot.log.finding import UNJUDGED, Filters

    who = acting(reviewer)
    with desk(log, corpus, index) as found:
        page = found.queue(who, Filters(verdict=UNJUDGED), limit=limit, threshold=threshold)
        for row in page.rows:
            record, thumb = found.shown(who, row.record_id)
            typer.echo(_as_json(row, record, thumb) if as_json else _as_text(row, record, thumb))
    typer.echo(f"{page.total} to judge", err=True)


def _as_text(row: Row, record: Record, thumb: Thumb | None) -> str:
    reasons = f"  ({', '.join(row.reasons)})" if row.reasons else ""
    lines = [f"{row.record_id}  {row.asked_at}  {row.kind}  {row.confidence:.2f}{reasons}"]
    lines.append(f"    {one_line(row.question)}" if row.question else "    (the text of a crisis is not logged)")
    lines += [f"      “{quote['text']}” {quote.get('label', '')}" for quote in record.reply.get("quotes") or ()]
    if thumb and thumb.comment:
        lines.append(f"      a reader: {one_line(thumb.comment)}")
    if row.assigned_to:
        lines.append(f"      on the desk of {row.assigned_to}")
    return "\n".join(lines)


def _as_json(row: Row, record: Record, thumb: Thumb | None) -> str:
    names = ("record_id", "asked_at", "kind", "question", "confidence", "generation", "repeated", "assigned_to")
    shown: dict[str, Any] = {name: getattr(row, name) for name in names}
    more = {"reply": record.reply, "reasons": list(row.reasons), "worth": round(row.worth, 4)}
    more["thumb"] = thumb.as_json() if thumb else None
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
    quote: Annotated[
        list[str] | None,
        typer.Option(
            "--quote",
            metavar="DOC:START-END=VERDICT",
            help="A verdict on one quote of the reply: answers, partly, does_not, misleading; repeat for more.",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="A word to find it by, lower case with hyphens; repeat for more.")
    ] = None,
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Writes down a verdict on one reply. A later one on the same reply counts instead; none is lost."""
    from chatbot.moderating.values import Judgement

    judgement = Judgement(
        label=cast("Label", label),
        note=note,
        tags=tuple(tag or ()),
        quotes=tuple(quote_verdict(said) for said in quote or ()),
        triage=cast("Triage", triage) if triage else None,
        gold=tuple(gold or ()),
    )
    with desk(log, corpus, index) as found:
        verdict = found.judge(acting(reviewer), record_id, judgement)
    typer.echo(f"{record_id}: {label}{', blind' if verdict.blind else ''}")


def quote_verdict(said: str) -> QuoteVerdict:
    """DOC:START-END=VERDICT as a value.

    >>> quote_verdict("mitchell-2021:10-42=partly")
    QuoteVerdict(doc_id='mitchell-2021', start=10, end=42, label='partly')
    """
    from chatbot.review.values import QuoteVerdict

    found = QUOTE.fullmatch(said)
    if found is None:
        raise ReviewError(f"--quote {said[:80]!r} is not DOC:START-END=VERDICT, such as mitchell-2021:10-42=answers")
    return QuoteVerdict(found["doc_id"], int(found["start"]), int(found["end"]), cast("QuoteLabel", found["label"]))
