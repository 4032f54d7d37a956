"""The page /sources: each work with its record, its standing, its licence, and what of it is quoted.

Taken from the manifest and the documents of the generation in use. Left out: the texts themselves (`places`).
"""

from __future__ import annotations

import re

from chatbot.answer.quoting import alert, status_line
from chatbot.datatypes import ARTICLE, Document, Source
from chatbot.gathering import Corpus
from chatbot.index.sentences import split_sentences
from chatbot.loading import QUOTABLE
from chatbot.web.html import counted, reference
from chatbot.web.markup import anchor, read_address, text
from chatbot.web.places import sections

BASIS = re.compile(r'^basis:\s*"(.*)"\s*$', re.MULTILINE)
KINDS = {
    "journal-article": "Paper",
    "web-page": "Web page",
    ARTICLE: "The article",
    "book": "Book",
    "chapter": "Chapter",
}


def basis_of(document: Document) -> str:
    """On what a note rests, as its front matter says; "" where it says nothing."""
    front = next((b for b in document.blocks if b.role == "front_matter"), None)
    found = BASIS.search(document.text[front.start : front.end]) if front else None
    return found[1] if found else ""


def quoted(source: Source, document: Document | None) -> str:
    """What of a source is quoted, in words."""
    if document is None:
        return "Nothing of it is quoted: its text is not part of this collection."
    count = sum(s.role in QUOTABLE for s in split_sentences(document))
    of = f"{counted(count, 'sentence')} in {counted(len(sections(document)), 'section')}"
    if source.text_kind == "digest":
        basis = basis_of(document)
        return f"Quoted through a note of {of}, written by this project." + (
            f" The note rests on: {basis}" if basis else ""
        )
    if source.limited:
        return f"Its full text, {of}; at most {source.max_words} words of it in one reply, as its licence is not open."
    return f"Its full text, {of}."


def row(term: str, words: str) -> str:
    """One line of what is known; `words` are markup."""
    return f"<dt>{term}</dt><dd>{words}</dd>" if words else ""


def item(source: Source, document: Document | None, generation: str) -> str:
    """One source."""
    banner = alert(source.status)
    printed = source.reference_corrected or source.reference
    differs = source.reference_corrected_reason if source.reference else ""
    read = (
        f'<a href="{read_address(generation, source.doc_id)}">Read what is quoted from</a>'
        if document and generation and not source.limited
        else ""
    )
    basis = f" ({text(source.status.basis)})" if source.status.basis else ""
    return (
        f'<li id="{text(source.doc_id)}"><h2>{text(source.title)}</h2>'
        + (f'<p class="alert"><strong>Warning:</strong> {text(banner)}</p>' if banner else "")
        + '<dl class="facts">'
        + row("What it is", KINDS.get(source.kind, text(source.kind.replace("-", " ").capitalize())))
        + row("Reference", reference(printed, source.link) if printed else anchor(source.link, text(source.link)))
        + row(
            "As the article prints it",
            text(source.reference) if source.reference and source.reference != printed else "",
        )
        + row("Why they differ", text(differs))
        + row("Quoted", text(quoted(source, document)))
        + row("Standing", text(status_line(source.status)) + basis)
        + row("Licence", text(source.licence or "unknown"))
        + f"</dl>{f'<p>{read}</p>' if read else ''}</li>"
    )


def listing(corpus: Corpus, generation: str) -> str:
    """The page's text."""
    items = "".join(item(s, corpus.documents.get(s.doc_id), generation) for s in corpus.manifest.sources)
    lead = (
        "These are all the works that an answer can come from. A note is this project’s own summary of a work whose text may not "
        "be copied here; it is never shown as the work’s words."
    )
    return f'<p class="lead">{lead}</p><ol class="works">{items}</ol><p class="scope">Sources as of {text(corpus.manifest.as_of)}.</p>'
