"""A span of a document as a citation: what a reply quotes, and any span that somebody points to later.

The words come from the document and the rest from the manifest, so that whoever names generation, document and offsets gets the
same citation as the reply that showed it, or an error; words that come from outside are never taken over. Left out: which span.
"""

from __future__ import annotations

from chatbot.answer import quoting
from chatbot.corpus.references.citations import in_text_citations
from chatbot.datatypes import ARTICLE, Block, Citation, Document
from chatbot.errors import Malformed
from chatbot.gathering import Corpus
from chatbot.index.sentences import split_spans
from chatbot.loading import QUOTABLE
from chatbot.replies import Disclaimer

HIDDEN = ("front_matter",)  # roles of blocks that nothing is shown of


def block_at(document: Document, start: int) -> Block | None:
    """The block that holds a position, None between blocks."""
    return next((b for b in document.blocks if b.start <= start < b.end), None)


def is_whole(document: Document, start: int, end: int) -> bool:
    """Whether a span is whole sentences, or whole paragraphs, of what may be quoted: a piece of a sentence can say its opposite."""
    blocks = [b for b in document.blocks if b.start < end and start < b.end]
    if not blocks or any(b.role not in (*QUOTABLE, "reference") for b in blocks):
        return False
    first, last = blocks[0], blocks[-1]
    starts = {first.start, *(first.start + a for a, _ in split_spans(document.text[first.start : first.end]))}
    ends = {last.end, *(last.start + b for _, b in split_spans(document.text[last.start : last.end]))}
    return start in starts and end in ends


def checked_span(corpus: Corpus, doc_id: str, start: int, end: int) -> Block:
    """The block in which a span begins. Raises Malformed for a document, a place or a length that may not be shown."""
    document = corpus.documents.get(doc_id)
    if document is None:
        raise Malformed(
            f"There is no document {doc_id[:60]!r} with a text. Those there are: {', '.join(sorted(corpus.documents))}."
        )
    if not 0 <= start < end <= len(document.text):
        raise Malformed(f"{doc_id} has no text at {start}-{end}; it has {len(document.text)} characters.")
    block = block_at(document, start)
    if block is None or any(b.role in HIDDEN and b.start < end and start < b.end for b in document.blocks):
        raise Malformed(f"{doc_id}: nothing that may be quoted begins at {start}.")
    source = document.source
    if source.limited and len(document.text[start:end].split()) > source.max_words:
        raise Malformed(f"{doc_id}: its licence lets at most {source.max_words} words be shown at once.")
    return block


def citation_at(corpus: Corpus, generation: str, doc_id: str, start: int, end: int, *, number: int = 1) -> Citation:
    """The citation of document.text[start:end]. Raises Malformed as `checked_span` does."""
    block = checked_span(corpus, doc_id, start, end)
    document, sources = corpus.documents[doc_id], corpus.manifest.sources
    own = document.source.kind == ARTICLE  # another source's citations point to that source's own list
    cited = in_text_citations(document.text[start:end], sources) if own else ()
    ids = {found for c in cited for found in c.doc_ids}
    ids |= {s.doc_id for s in sources if s.reference and s.reference == document.text[start:end]}
    return quoting.cite(
        document,
        start,
        end,
        number=number,
        generation=generation,
        section=" › ".join(block.heading_path),
        lead_ins=corpus.messages.lead_in,
        relies_on=[s for s in sources if s.doc_id in ids],
        role=block.role,
    )


def disclaimer_of(corpus: Corpus, generation: str) -> Disclaimer:
    """The sentence of the article that everything quoted from the corpus ends with."""
    manifest = corpus.manifest
    article = corpus.documents[manifest.article]
    start = article.text.index(manifest.disclaimer)
    quote = article.quote(start, start + len(manifest.disclaimer), generation)
    return Disclaimer(quote, manifest.jurisdiction, manifest.as_of)
