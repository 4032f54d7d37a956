"""`chatbot corpus fetch`: brings in the cited works' own texts, or takes them away again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.commands.options import CORPUS, ContactOption, CorpusOption, progress_bar
from chatbot.commands.outward import contact_of, open_fetcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chatbot.sourcing.fetching import Fetch

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
    if remove:
        gone = provenance.remove(corpus, names or list(provenance.read_fetched(corpus)))
        typer.echo(f"{', '.join(gone) or 'nothing'} removed; run `chatbot index build`")
        return
    found = _fetch(corpus, names, contact, again=again, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(fetching.as_json(found), ensure_ascii=False, indent=2))
    else:
        for line in lines_of(found, dry_run=dry_run):
            typer.echo(line)
    raise typer.Exit(fetching.exit_code(found))


def _fetch(corpus: Path, idents: Sequence[str], contact: str, *, again: bool, dry_run: bool) -> tuple[Fetch, ...]:
    """Opens the network and the parsing child, and fetches."""
    from chatbot.corpus.manifest import read_manifest
    from chatbot.sourcing import fetching
    from chatbot.sourcing.isolating import read_apart

    manifest = read_manifest(corpus)
    mail = contact_of(corpus, manifest.contact, contact)
    with open_fetcher(fetching.hosts_of(manifest.sources), mail) as fetcher, progress_bar() as tick:
        return fetching.fetch(corpus, fetcher.get, read_apart, idents=idents, again=again, dry_run=dry_run, tick=tick)


def lines_of(found: Sequence[Fetch], *, dry_run: bool) -> list[str]:
    """The report for a person: one source a paragraph, a summary, what to do next."""
    done = "would be fetched" if dry_run else "fetched"
    words = {
        "fetched": done,
        "unchanged": "unchanged since it was fetched",
        "kept": "not to be had",
        "skipped": "fetched before",
    }
    out = []
    for row in found:
        out.append(f"{row.doc_id}: {words[row.result]}")
        known = row.provenance
        if row.result in ("fetched", "unchanged") and known is not None:
            licence = known.licence or "no licence found"
            terms = "open, kept whole" if known.open else "not open: for this machine only, few words a reply"
            out.append(f"    {known.url} ({known.media_type}); {licence} ({terms})")
            out.append(
                f"    {row.words_before} words before, {row.words_after} now; sections: {'; '.join(row.sections) or 'none'}"
            )
        if row.result == "kept":
            out.append(f"    what is quoted stays as it was, {row.words_before} words")
        out += [f"    not taken: {a.url}: {a.why}" for a in row.attempts if a.why]
        out += [f"    note: {note}" for note in row.notes]
    counts = {result: sum(row.result == result for row in found) for result in words}
    out.append("; ".join(f"{count} {words[result]}" for result, count in counts.items() if count))
    if counts["fetched"] and not dry_run:
        out.append("Run `chatbot index build`: readers see nothing of this before.")
    return out
