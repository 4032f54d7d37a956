"""`chatbot corpus status`: asks how the cited works stand, and stamps the manifest with the answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.commands.options import CORPUS, ContactOption, CorpusOption, progress_bar
from chatbot.commands.outward import contact_of, open_fetcher
from chatbot.errors import FetchError

if TYPE_CHECKING:
    from chatbot.sourcing.watching import StatusReport


def status(
    corpus: CorpusOption = CORPUS,
    offline: Annotated[
        bool, typer.Option("--offline", help="Report what was answered last; ask and write nothing.")
    ] = False,
    contact: ContactOption = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 3 when there is something that a person should see.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON (format 1).")] = False,
) -> None:
    """Asks Crossref and the web pages how each source stands and stamps sources.toml. Exit code 1: nothing could be asked.

    Without --strict a new retraction ends with 0, so that `chatbot corpus status && chatbot index build` brings its banner to readers.
    """
    from chatbot.sourcing.watching import as_json as json_of
    from chatbot.sourcing.watching import as_lines

    found = _check(corpus, offline=offline, contact=contact)
    if as_json:
        typer.echo(json.dumps(json_of(found), ensure_ascii=False, indent=2))
    else:
        for line in as_lines(found):
            typer.echo(line)
    raise typer.Exit(found.exit_status if strict or found.exit_status == 1 else 0)


def _check(corpus: Path, *, offline: bool, contact: str) -> StatusReport:
    """Opens the network, unless it is not wanted, and asks."""
    from chatbot.corpus import readings
    from chatbot.corpus.manifest import read_manifest
    from chatbot.sourcing.fetching import hosts_of
    from chatbot.sourcing.isolating import read_apart
    from chatbot.sourcing.watching import check_status

    def text_of(got: Any) -> str:
        return readings.text_of(read_apart(got.content, got.content_type, url=got.url, where=got.url))[0]

    today = datetime.now(UTC).date().isoformat()
    if offline:
        return check_status(corpus, no_network, today, text_of=text_of, offline=True)
    manifest = read_manifest(corpus)
    mail = contact_of(corpus, manifest.contact, contact)
    with open_fetcher(hosts_of(manifest.sources), mail) as fetcher, progress_bar() as tick:
        return check_status(corpus, fetcher.get, today, text_of=text_of, progress=tick)


def no_network(url: str, **_: object) -> Any:
    """What is asked of the network offline."""
    raise FetchError(f"{url}: is not asked offline; run the command without --offline")
