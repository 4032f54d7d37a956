"""A document with one place in it marked: what a reader sees who opens a citation, beside the chat or as a page of its own.

Everything is cut from the corpus of the reply's own generation, so that a place is right for a sentence that stands there twice,
for a span over several paragraphs, and after any re-index. Of a text whose licence lets nobody pass it on whole, only the place
is shown. Left out: finding the generation (`pages`), and who may name a place (`chatbot.citing`).
"""

from __future__ import annotations

from chatbot.answer import quoting
from chatbot.citing import HIDDEN, citation_at
from chatbot.datatypes import Block, Document, Source
from chatbot.gathering import Corpus
from chatbot.web.markup import Span, anchor, marked, read_address, text

NOTE = "A note written by this project about the work, not the work’s own words."
LIMITED = "The licence of this text lets nobody pass it on whole. Shown is the quoted place alone; the publisher has the rest."
GONE = (
    "The index from which that reply was quoted is no longer kept here, so the place cannot be shown as it was. "
    "This is the text as it is quoted today; nothing in it is marked."
)
CLOSED = "The licence of this text lets nobody pass it on whole; it is shown here only where a reply quotes it."
CLASSES = {"reference": "ref", "footnote": "foot", "table": "row", "caption": "caption", "disclaimer": "said"}


def title_of(source: Source) -> str:
    """What the document is: the work's title, or whose note it is."""
    return f"Note on “{source.title}”" if source.text_kind == "digest" else source.title


def sections(document: Document) -> list[tuple[str, str, int]]:
    """(id, heading, level from 0) of each heading, in order."""
    return [
        (f"s{number}", block.heading_path[-1], len(block.heading_path) - 1)
        for number, block in enumerate(document.blocks)
        if block.role == "heading" and block.heading_path
    ]


def written(document: Document, marks: tuple[Span, ...]) -> str:
    """The document's blocks as markup, `marks` (half-open offsets into its text) laid over them. The first has the id `here`. A block's
    `data-at` is where its words begin in the text."""
    out = []
    for number, block in enumerate(document.blocks):
        if block.role in HIDDEN or block.role == "title":
            continue
        inner = _cut(document, block, marks)
        if block.role == "heading":
            out.append(f'<h3 id="s{number}">{text(block.heading_path[-1]) if block.heading_path else inner}</h3>')
        else:
            out.append(f'<p class="{CLASSES.get(block.role, "body")}" data-at="{block.start}">{inner}</p>')
    whole = "".join(out)
    return whole.replace("<mark>", '<mark id="here" tabindex="-1">', 1)


def _cut(document: Document, block: Block, marks: tuple[Span, ...]) -> str:
    """The block's own words, with what of the marks lies in it."""
    inside = [(max(a, block.start) - block.start, min(b, block.end) - block.start) for a, b in marks]
    return marked(document.text[block.start : block.end], [(a, b) for a, b in inside if a < b])


def contents(document: Document, address: str) -> str:
    """The list of sections, folded; `address` is the page's own, since the base of all links is the root."""
    items = "".join(
        f'<li class="level-{min(level, 2)}"><a href="{address}#{ident}">{text(words)}</a></li>'
        for ident, words, level in sections(document)
    )
    return f'<details class="sections"><summary>Sections</summary><ul>{items}</ul></details>' if items else ""


def about_source(source: Source, link: str, alert: str) -> str:
    """Whose words these are, how the work stands, where to read it."""
    note = f'<p class="note">{NOTE}</p>' if source.text_kind == "digest" else ""
    banner = f'<p class="alert"><strong>Warning:</strong> {text(alert)}</p>' if alert else ""
    words = "Open the work that this note is about" if source.text_kind == "digest" else "Open the publisher’s page"
    standing = f"{text(source.label)} · {text(quoting.status_line(source.status))}"
    return f'{note}{banner}<p class="byline">{standing} · {anchor(link, words)}</p>'


def place(corpus: Corpus, generation: str, doc_id: str, span: Span) -> str:
    """The document with the span marked. Raises Malformed for a place that may not be shown."""
    citation = citation_at(corpus, generation, doc_id, *span)
    document = corpus.documents[doc_id]
    if document.source.limited:
        body = f'<p class="stale">{LIMITED}</p><p class="body" data-at="{span[0]}">{marked(citation.quote.text, [(0, len(citation.quote.text))])}</p>'
        body = body.replace("<mark>", '<mark id="here" tabindex="-1">', 1)
    else:
        body = contents(document, read_address(generation, doc_id, span)) + written(document, (span,))
    return _article(document.source, citation.link, body, citation.alert)


def whole(corpus: Corpus, generation: str, doc_id: str, *, stale: bool = False) -> str:
    """The document with nothing marked, `stale` where a marked place was asked for and its generation is gone."""
    document = corpus.documents[doc_id]
    source = document.source
    said = f'<p class="stale">{GONE}</p>' if stale else ""
    shown = contents(document, read_address(generation, doc_id)) + written(document, ())
    if source.limited:
        said, shown = f'<p class="stale">{CLOSED}</p>', ""
    body = shown
    return _article(source, source.link, said + body, quoting.alert(source.status))


def _article(source: Source, link: str, body: str, alert: str) -> str:
    """The document's frame; page.js takes it over into the panel."""
    named = f'data-doc="{text(source.doc_id)}" aria-label="{text(title_of(source))}"'
    return f'<article id="document" class="document" {named}>{about_source(source, link, alert)}{body}</article>'
