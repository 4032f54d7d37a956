"""The works behind proved turns for a reference manager: BibTeX, RIS, CSL-JSON.

Each work once: what was quoted first, then what the quoted sentences rely on. The record of a work whose quotes came from this
project's note is the work's own, with a note that says so, since the quoted words are not the work's. Left out: the quotes.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.answer.quoting import alert
from chatbot.corpus.references import styles
from chatbot.corpus.values import record_of
from chatbot.datatypes import Source
from chatbot.errors import Malformed
from chatbot.sharing.values import Proved

THROUGH_NOTE = "Quoted by way of a note that the project Chapter and Verse wrote on this work; the quoted words are not the work’s own."
RELIED_ON = "Not quoted itself: a quoted sentence relies on it."


def works_of(turns: Sequence[Proved]) -> list[tuple[Source, str]]:
    """(source, note) of every work, each once; one that is quoted anywhere is not called unquoted. Raises Malformed for none."""
    quoted = {c.quote.doc_id for turn in turns for c in turn.citations}
    sources = {source.doc_id: source for turn in turns for source in turn.works}
    if not sources:
        raise Malformed("Nothing is quoted here, so that there is no work to write down. Choose html, pdf or markdown.")
    listed = sorted(sources.values(), key=lambda source: source.doc_id not in quoted)
    return [(source, note_on(source, quoted=source.doc_id in quoted)) for source in listed]


def note_on(source: Source, *, quoted: bool) -> str:
    """How the work was used, and the banner of one that was retracted or is under concern."""
    use = RELIED_ON if not quoted else THROUGH_NOTE if source.text_kind == "digest" else ""
    return " ".join(piece for piece in (alert(source.status), use) if piece)


def as_bibtex(turns: Sequence[Proved]) -> str:
    """BibTeX entries."""
    works = works_of(turns)
    return styles.as_bibtex([record_of(source) for source, _ in works], [note for _, note in works])


def as_ris(turns: Sequence[Proved]) -> str:
    """RIS records."""
    works = works_of(turns)
    return styles.as_ris([record_of(source) for source, _ in works], [note for _, note in works])


def as_csl(turns: Sequence[Proved]) -> str:
    """A CSL-JSON list."""
    works = works_of(turns)
    return styles.csl_text([record_of(source) for source, _ in works], [note for _, note in works])
