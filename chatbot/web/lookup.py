"""What may be looked up without a question: the list of sources, and any span of a document as a quote.

A span is looked up in its own generation, the one in use or any that is still kept, and is cut and cited by the same code as the
reply that showed it (`chatbot.citing`). Where that generation is gone nothing is shown: an old quote is never looked up in a
newer text. Left out: whole documents; a quote names the paragraph around it by its offsets.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.answer.quoting import alert
from chatbot.answer.rendering import FORMAT, disclaimer_json, quote_json, render_quote
from chatbot.citing import block_at, citation_at, disclaimer_of
from chatbot.datatypes import Citation, Json, Source
from chatbot.errors import Malformed
from chatbot.replies import Disclaimer
from chatbot.web.asking import Bot
from chatbot.web.problems import Problem

QUOTED = {
    "full": "its full text",
    "digest": "a note about it, written by this project",
    "none": "nothing; it is listed and linked",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A span as a quote; `paragraph` are the offsets of the paragraph, or paragraphs, that it stands in."""

    citation: Citation
    heading_path: tuple[str, ...]
    paragraph: tuple[int, int]
    disclaimer: Disclaimer

    def as_json(self) -> Json:
        """The public form of a quote, and what is around it."""
        start, end = self.paragraph
        return {
            "format": FORMAT,
            "generation": self.citation.quote.generation,
            **quote_json(self.citation),
            "heading_path": list(self.heading_path),
            "paragraph": {"start": start, "end": end},
            "disclaimer": disclaimer_json(self.disclaimer),
        }

    def as_text(self) -> str:
        """The same for a terminal."""
        return render_quote(self.citation, self.disclaimer)


def look_up(bot: Bot, doc_id: str, start: int, end: int, generation: str = "") -> Found | Problem:
    """The span as a quote of a generation ("": the one in use), or why it cannot be shown. May read files."""
    wanted = generation or bot.generation
    if not wanted:
        return Problem(503, "unavailable", "No index is in use at the moment, so that nothing can be quoted.")
    corpus = bot.corpus_of(wanted)
    if corpus is None:
        return Problem(404, "gone", f"Generation {wanted} is no longer kept here, so that nothing is quoted from it.")
    try:
        citation = citation_at(corpus, wanted, doc_id, start, end)
    except Malformed as raised:
        known = doc_id in corpus.documents
        return Problem(422 if known else 404, "malformed" if known else "not_found", str(raised))
    document = corpus.documents[doc_id]
    first, last = block_at(document, start), block_at(document, end - 1)
    assert first is not None  # otherwise there is no citation
    around = first.start, last.end if last else end
    return Found(citation, first.heading_path, around, disclaimer_of(corpus, wanted))


def quoted(source: Source) -> str:
    """What of a source is quoted, in words."""
    return (
        f"{QUOTED[source.text_kind]}, at most {source.max_words} words at once"
        if source.limited
        else QUOTED[source.text_kind]
    )


def source_json(source: Source) -> Json:
    """A source as JSON. `alert` is the banner that a quote of it never goes without, "" for a work in good standing."""
    return {
        "doc_id": source.doc_id,
        "kind": source.kind,
        "label": source.label,
        "title": source.title,
        "authors": [{"family": a.family, "given": a.given} for a in source.authors],
        "year": source.year,
        "reference": source.reference_corrected or source.reference,
        "link": source.link,
        "licence": source.licence,
        "text_kind": source.text_kind,
        "quoted": quoted(source),
        "alert": alert(source.status),
        "status": {
            "state": source.status.state,
            "checked": source.status.checked,
            "basis": source.status.basis,
            "relies_on": list(source.status.relies_on),
            "page": source.status.page,
        },
    }


def sources_json(bot: Bot) -> Json:
    """Every source of the generation in use."""
    return {"generation": bot.generation, "sources": [source_json(s) for s in bot.sources]}


def sources_text(bot: Bot) -> str:
    """The same for a terminal: a source a paragraph."""
    return "\n\n".join(
        "\n".join(
            filter(
                None,
                (
                    f"{s.doc_id}: {s.reference_corrected or s.reference or s.title}",
                    f"    quoted: {quoted(s)}",
                    f"    WARNING: {alert(s.status)}" if alert(s.status) else "",
                    f"    {s.link}",
                ),
            )
        )
        for s in bot.sources
    )
