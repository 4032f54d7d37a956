"""`chatbot corpus fetch`: brings in the cited works' own texts, or takes them away again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.commands.options import CORPUS, ContactOption, CorpusOption, plain, progress_bar, terminal
from chatbot.commands.outward import contact_of, open_fetcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chatbot.sourcing.fetching import Fetch

WORDS = {"fetched": "fetched", "unchanged": "unchanged", "kept": "not to be had", "skipped": "fetched before"}
Idents = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Sources; none: all that are cited.")]


def fetch(
    idents: Idents = None,
    corpus: CorpusOption = CORPUS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask the network, write nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also sources that were fetched before.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take fetched texts away; their notes are used again.")
    ] = False,
    contact: ContactOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Fetches the cited works' own texts, over the network. Exit code 3 when one could not be had, 1 when none could."""
    from chatbot.corpus import provenance
    from chatbot.sourcing import fetching

    names = idents or []
    if remove and dry_run:
        raise typer.BadParameter("--remove asks no network and cannot be tried with --dry-run; leave one out")
    if remove:
        gone = provenance.remove(corpus, names or list(provenance.read_fetched(corpus)))
        typer.echo(f"{', '.join(gone) or 'nothing'} removed; run `chatbot index build`")
        return
    found = _fetch(corpus, names, contact, again=again, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(fetching.as_json(found), ensure_ascii=False, indent=2))
    else:
        show(found, dry_run=dry_run)
    raise typer.Exit(fetching.exit_code(found))


def _fetch(corpus: Path, idents: Sequence[str], contact: str, *, again: bool, dry_run: bool) -> tuple[Fetch, ...]:
    """Opens the network and the parsing child, and fetches."""
    from chatbot.corpus import provenance
    from chatbot.corpus.manifest import read_manifest
    from chatbot.sourcing import fetching
    from chatbot.sourcing.isolating import read_apart

    manifest = read_manifest(corpus)
    mail = contact_of(corpus, manifest.contact, contact)
    before = provenance.read_fetched(corpus)
    try:
        with open_fetcher(fetching.hosts_of(manifest.sources), mail) as fetcher, progress_bar() as tick:
            return fetching.fetch(
                corpus, fetcher.get, read_apart, idents=idents, again=again, dry_run=dry_run, tick=tick
            )
    except KeyboardInterrupt:
        new = [k for k, found in provenance.read_fetched(corpus).items() if found != before.get(k)]
        kept = f"{', '.join(new)} kept" if new else "nothing new was kept"
        typer.echo(f"\nStopped; {kept}. The same command goes on with the rest.", err=True)
        raise typer.Exit(130) from None


def show(found: Sequence[Fetch], *, dry_run: bool) -> None:
    """The report for a person: a table, what was not taken and why, what to do next."""
    from rich.table import Table

    words = WORDS | ({"fetched": "would be fetched"} if dry_run else {})
    table = Table("source", "result", "licence", "words", box=None, pad_edge=False, header_style="bold")
    for row in found:
        known, done = row.provenance, row.result in ("fetched", "unchanged")
        licence = f"{known.licence or 'none found'}{'' if known.open else ' (not open)'}" if known else ""
        counts = f"{row.words_before} -> {row.words_after}" if done else str(row.words_before or "")
        table.add_row(row.doc_id, words[row.result], plain(licence), counts)
    terminal().print(table)
    for row in found:
        notes = [f"not taken: {a.url}: {a.why}" for a in row.attempts if a.why] + list(row.notes)
        if row.provenance is not None:
            sections = f"; sections: {'; '.join(row.sections)}" if row.sections else ""
            notes.insert(0, f"from {row.provenance.url} ({row.provenance.media_type}){sections}")
        for line in (f"\n{row.doc_id}", *(f"    {note}" for note in notes)) if notes else ():
            typer.echo(plain(line).plain)
    if any(row.provenance and not row.provenance.open and row.result != "kept" for row in found):
        typer.echo("\nNot open: for this machine only, and few words a reply (`max_words` in sources.toml).")
    if any(row.result == "kept" for row in found):
        typer.echo("\nWhat could not be had stays as it was.")
    if any(row.result == "fetched" for row in found) and not dry_run:
        typer.echo("\nRun `chatbot index build`: readers see nothing of this before.")
