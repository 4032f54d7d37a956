"""Proves a reply against the documents: which rules does it break?

The rules are those a reader relies on. Every quote is a slice of a document of the corpus, with that document's hash
and the reply's generation; the disclaimer is there and verbatim; an answer has one to three statements a part, each
cited; a note is called a note. Whether the answer is a good one is not judged here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from chatbot import settings
from chatbot.datatypes import Citation, Document, Quote
from chatbot.replies import Abstention, Answer, Disclaimer, Redirect, Reply


def answer_quotes(reply: object) -> tuple[Quote, ...]:
    """The quotes that make up an answer, best first; none for any other reply."""
    return tuple(c.quote for s in reply.statements for c in s.citations) if isinstance(reply, Answer) else ()


def faults(reply: object, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Every rule broken, in words; empty for a reply that keeps them all. `documents` is the corpus, by doc_id."""
    if not isinstance(reply, Answer | Abstention | Redirect):
        return (f"not a reply but {type(reply).__name__}",)
    found = [fault for citation in _citations(reply) for fault in _citation_faults(citation, reply, documents)]
    if not isinstance(reply.disclaimer, Disclaimer):
        return (*found, "the disclaimer is missing")
    found += [f"disclaimer: {fault}" for fault in _quote_faults(reply.disclaimer.quote, reply, documents)]
    if not _is_disclaimer(reply.disclaimer.quote, documents):
        found.append("disclaimer: the quote is not the corpus's disclaimer")
    if isinstance(reply, Answer):
        found += _answer_faults(reply)
    return tuple(found)


def _citations(reply: Reply) -> Iterator[Citation]:
    """All citations a reply shows, whatever they are for."""
    if isinstance(reply, Answer):
        for statement in reply.statements:
            yield from statement.citations
        yield from reply.keep_in_mind
    elif isinstance(reply, Abstention):
        yield from reply.near_misses
    else:
        yield from (*reply.citations, *reply.keep_in_mind)
    yield from (d.citation for d in reply.glossary if d.citation)


def _citation_faults(citation: Citation, reply: Reply, documents: Mapping[str, Document]) -> Iterator[str]:
    yield from _quote_faults(citation.quote, reply, documents)
    document = documents.get(citation.quote.doc_id)
    if document is not None and document.source.text_kind == "digest" and not citation.label.startswith("Note on"):
        yield f"{document.doc_id} is a note and its citation says {citation.label!r}"


def _quote_faults(quote: Quote, reply: Reply, documents: Mapping[str, Document]) -> Iterator[str]:
    """What is wrong with one quote: words, place, hash or generation."""
    place = f"{quote.doc_id}:{quote.start}-{quote.end}"
    document = documents.get(quote.doc_id)
    if document is None:
        yield f"{place} is of no document of the corpus"
        return
    if not 0 <= quote.start < quote.end <= len(document.text):
        yield f"{place} is outside the document"
    elif document.text[quote.start : quote.end] != quote.text:
        yield f"{place} is not what the document says there"
    if quote.sha256 != Document.digest(document.text):
        yield f"{place} has the hash of another text"
    if quote.generation != reply.generation:
        yield f"{place} is of generation {quote.generation!r}, the reply of {reply.generation!r}"


def _is_disclaimer(quote: Quote, documents: Mapping[str, Document]) -> bool:
    """Whether the quote lies in a disclaimer block, where the documents mark one at all."""
    marked = [(d.doc_id, b) for d in documents.values() for b in d.blocks if b.role == "disclaimer"]
    inside = (doc_id == quote.doc_id and b.start <= quote.start and quote.end <= b.end for doc_id, b in marked)
    return not marked or any(inside)


def _answer_faults(answer: Answer) -> Iterator[str]:
    a_part = Counter(statement.part for statement in answer.statements)
    if len(a_part) > settings.MAX_PARTS:
        yield f"answers {len(a_part)} parts, at most {settings.MAX_PARTS}"
    yield from (
        f"{n} statements on part {part}, at most {settings.MAX_STATEMENTS}"
        for part, n in a_part.items()
        if n > settings.MAX_STATEMENTS
    )
    for number, statement in enumerate(answer.statements, 1):
        if not statement.citations:
            yield f"statement {number} has no citation"
