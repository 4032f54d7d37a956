"""`chatbot corpus audit`: the article's claims beside the words of the sources that they lean on, and who signed them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot import files
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import IndexUnusable, ReviewError

if TYPE_CHECKING:
    from chatbot.audit.audited import Audit

VERDICTS = "supported, partly, not supported, needs a source, no claim"


def audit(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    as_json: Annotated[bool, typer.Option("--json", help="Print the audit as JSON (format 1).")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page to read, print and sign by.")] = None,
    ident: Annotated[str, typer.Option("--sign", metavar="ID", help="Sign the sentence whose id begins so.")] = "",
    verdict: Annotated[str, typer.Option("--verdict", help=f"What you found: {VERDICTS}.")] = "",
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who signs.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
) -> None:
    """Holds every claim of the article against the sources that it cites, in the generation in use; --sign signs one."""
    from chatbot.audit.audited import sign, with_signatures
    from chatbot.audit.page import as_json as json_of
    from chatbot.audit.page import as_lines, as_page
    from chatbot.corpus.signoffs import read_signoffs

    if not ident and (verdict or reviewer or note):
        raise ReviewError("--verdict, --reviewer and --note belong to a signature; say which sentence with --sign ID")
    today = datetime.now(UTC).date().isoformat()
    found = _audit(corpus, index)
    if ident:
        row = sign(corpus, found, ident, verdict, reviewer, note, today)
        typer.echo(f"{row.sentence_sha256[:10]}: {row.verdict}, signed by {row.reviewer}", err=True)
        found = with_signatures(found, read_signoffs(corpus))
    if html is not None:
        _write(html, as_page(found, today))
    if as_json:
        typer.echo(json.dumps(json_of(found), ensure_ascii=False, indent=1))
    elif not ident:
        typer.echo(as_lines(found))


def _audit(corpus: Path, index: Path) -> Audit:
    """The audit of the generation in use, with the corpus folder's signatures."""
    from chatbot.audit.auditing import audit as audit_of
    from chatbot.corpus.signoffs import read_signoffs
    from chatbot.gathering import read_corpus
    from chatbot.index import generations
    from chatbot.loading import load
    from chatbot.opening import open_embedder_of, open_second_stage

    signed = read_signoffs(corpus)
    generation = generations.current(index)
    manifest = generations.read_manifest(index, generation)
    embedder = open_embedder_of(manifest)
    if read_corpus(corpus).sha256 != manifest["made_of"]["corpus_sha256"]:
        typer.echo(
            f"{corpus} has changed since generation {generation} was built, which is audited here as readers see it;"
            " run `chatbot index build` to audit what is in the folder",
            err=True,
        )
    return audit_of(load(index, generation, embedder), embedder, open_second_stage(), signed)


def _write(path: Path, page: str) -> None:
    """Writes the page whole. Raises IndexUnusable when it cannot be written."""
    try:
        files.replace(path, page.encode())
    except OSError as error:
        raise IndexUnusable(f"{path}: the page cannot be written ({error}); give --html another place") from error
    typer.echo(f"{path}: written", err=True)
