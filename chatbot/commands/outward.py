"""The one door outward, for the commands of a maintainer who runs them: fetch, status, new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.errors import CorpusError

if TYPE_CHECKING:
    from chatbot.corpus.network.fetcher import Fetcher


def contact_of(corpus: Path, named: str, given: str) -> str:
    """The mail address that the servers are told: the one given on the command line, or the manifest's. Raises CorpusError for none."""
    if not (given or named):
        raise CorpusError(
            f'{corpus / "sources.toml"}: [corpus] has no contact; add contact = "you@your.site", or give --contact: the servers that '
            "are asked want to know whom to write to"
        )
    return given or named


def open_fetcher(hosts: frozenset[str], contact: str) -> Fetcher:
    """A Fetcher that may ask these hosts and no other."""
    from chatbot.corpus.network.addresses import check_url, is_public
    from chatbot.corpus.network.connection import Line
    from chatbot.corpus.network.fetcher import Fetcher

    return Fetcher(hosts, contact=contact, check=check_url, ask=Line(is_public).ask)
