"""`chatbot review proposals`, `decide`, `pins`, `gaps`, `agreement`, `dashboard`: what follows from verdicts, and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from chatbot.commands.desk import JsonOption, ReviewerOption, acting, desk, json_of, one_line
from chatbot.commands.log import LOG, LogOption
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, plain, terminal

if TYPE_CHECKING:
    from rich.table import Table

    from chatbot.moderating.values import Dashboard, Gap, Proposal, Series

Decision = Literal["approve", "reject", "withdraw"]
STATE = {"approve": "approved", "reject": "rejected"}


def proposals(
    state: Annotated[str, typer.Option(help="proposed, approved, rejected or withdrawn; else all.")] = "",
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Lists what was proposed to be shown first, or never to be shown, for a question."""
    with desk(log, corpus, index) as found:
        for proposal in found.proposals(acting(reviewer), state):
            typer.echo(json_of(proposal) if as_json else _proposal(proposal))


def _proposal(proposal: Proposal) -> str:
    decided = f" by {proposal.decided_by}" if proposal.decided_by else ""
    lines = [f"{proposal.proposal_id}  {proposal.action}  {proposal.state}{decided}, proposed by {proposal.by}"]
    if not proposal.question:
        return f"{lines[0]}\n    (its record was removed, and its words with it)"
    place = proposal.place
    lines += [f"    {one_line(proposal.question)}", f"      “{proposal.text}” {place.doc_id}:{place.start}-{place.end}"]
    return "\n".join([*lines, *(f"      {one_line(said)}" for said in (proposal.note, proposal.decision) if said)])


def decide(
    proposal_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `chatbot review proposals` shows.")],
    decision: Annotated[Decision, typer.Argument(help="approve, reject or withdraw.")],
    note: Annotated[str, typer.Option(help="Why.")] = "",
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Approves or rejects a proposal, not your own unless you are the only lead; or takes one back."""
    who = acting(reviewer)
    with desk(log, corpus, index) as found:
        if decision == "withdraw":
            done = found.withdraw(who, proposal_id, note)
        else:
            done = found.decide(who, proposal_id, STATE[decision], note)
    typer.echo(f"{done.proposal_id}: {done.state}")


def pins(
    into: Annotated[
        Path, typer.Option("--into", metavar="CORPUS", help="The corpus folder whose pins.toml is brought up to date.")
    ],
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    index: IndexOption = INDEX,
) -> None:
    """Writes approved proposals into pins.toml of a corpus and takes withdrawn ones out; `chatbot index build` puts them to work."""
    with desk(log, into, index) as found:
        done = found.write_pins(acting(reviewer), into)
    for ident in done.added:
        typer.echo(f"{ident}: written")
    for ident in done.removed:
        typer.echo(f"{ident}: taken out")
    for reason in done.left_out:
        typer.echo(f"left out: {reason}", err=True)
    typer.echo(f"{len(done.added)} written, {len(done.removed)} taken out", err=True)


def gaps(
    close: Annotated[
        list[str] | None, typer.Option("--close", metavar="ID", help="Closes one; repeat for more.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="List closed ones too.")] = False,
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: JsonOption = False,
) -> None:
    """Lists what readers ask and no source tells, or closes such a gap."""
    who = acting(reviewer)
    with desk(log, corpus, index) as found:
        for gap_id in close or ():
            typer.echo(f"{found.close_gap(who, gap_id).gap_id}: closed")
        for gap in () if close else found.gaps(who, closed=closed):
            typer.echo(json_of(gap) if as_json else _gap(gap))


def _gap(gap: Gap) -> str:
    end = f", closed by {gap.closed_by}" if gap.closed_by else ""
    lines = [f"{gap.gap_id}  {gap.at[:10]}  {gap.by}{end}"]
    lines.append(
        f"    {one_line(gap.question)}" if gap.question else "    (its record was removed, and its words with it)"
    )
    return "\n".join([*lines, *([f"      {one_line(gap.words)}"] if gap.words else [])])


def agreement(
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tells how far first and blind second verdicts agree: Cohen's kappa."""
    from chatbot.moderating.figures import in_words

    with desk(log, corpus, index) as found:
        done = found.agreement(acting(reviewer))
    if as_json:
        typer.echo(json_of(done))
        return
    typer.echo(in_words(done))
    for first, second, count in done.table:
        typer.echo(f"    {count:5}  {first} / {second}")


def dashboard(
    days: Annotated[int, typer.Option(min=1, max=366, help="Of so many days, today included.")] = 30,
    reviewer: ReviewerOption = "",
    log: LogOption = LOG,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows what was asked, answered and judged, and what waits."""
    with desk(log, corpus, index) as found:
        done = found.dashboard(acting(reviewer), days)
    if as_json:
        typer.echo(json_of(done))
        return
    _show(done)


def _show(done: Dashboard) -> None:
    out = terminal()
    for name, value in done.figures:
        out.print(plain(f"{name}: {value}"))
    for series in done.series:
        out.print(_table(series))
    for topic in done.topics:
        out.print(plain(f"not answered, {topic.count} times: {one_line(topic.question)}"))


def _table(series: Series) -> Table:
    """A series as rows; days on which nothing was counted are left out."""
    from rich import box
    from rich.table import Table

    shares = any(low != value for _, value, low, _ in series.points)
    columns = ("", series.unit, "95 % interval", "of") if shares else ("", series.unit)
    table = Table(*columns, title=series.name, box=box.SIMPLE, title_justify="left")
    for (label, value, low, high), n in zip(series.points, series.counts, strict=True):
        row: list[Any] = (
            [label, f"{value:.2f}", f"{low:.2f} to {high:.2f}", str(n)] if shares else [label, f"{value:g}"]
        )
        if n:
            table.add_row(*map(plain, row))
    return table
