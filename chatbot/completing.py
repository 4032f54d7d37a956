"""What a reply carries beside its quotes: emphasis, what to keep in mind, explained terms, a reading grade.

    complete    the reply with all of them; which quotes it has, and in which order, is never changed

All of it comes from the corpus's own sentences and marks; only a definition may be this project's words, and says so by having no
citation. Printed references are left alone. Of a source whose licence limits what may be shown, nothing is added beyond that limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from chatbot.answer.emphasis import emphasise
from chatbot.answer.glossary import find_terms, names_of, pattern_of
from chatbot.answer.keeping import keep_in_mind
from chatbot.answer.readability import reading_grade
from chatbot.citing import block_at, citation_at
from chatbot.datatypes import Citation
from chatbot.marked import Place, Term
from chatbot.reading import Reader
from chatbot.replies import Abstention, Definition, Disclaimer, Redirect, Reply

UNNUMBERED = 0  # the number of a citation that is no quote of the reply: a definition's


class Completer:
    """Completes the replies of one generation. Thread-safe."""

    def __init__(self, reader: Reader, disclaimer: Disclaimer) -> None:
        self._reader, self._corpus = reader, reader.loaded.corpus
        self._generation = reader.loaded.generation
        quote = disclaimer.quote
        self._always = (Place(quote.doc_id, quote.start, quote.end),)
        terms = self._corpus.glossary.terms
        self._finder, self._names = pattern_of(terms), names_of(terms)
        self._terms = {term.name: term for term in terms}

    def complete(self, reply: Reply, asked: Sequence[str]) -> Reply:
        """The reply with what belongs beside its quotes. `asked` are the parts of the question."""
        if isinstance(reply, Abstention):
            (misses,), glossary = self._explained([reply.near_misses])
            return replace(reply, near_misses=misses, glossary=glossary)
        if isinstance(reply, Redirect):
            kept = self._kept(reply.citations)
            (citations, kept), glossary = self._explained([reply.citations, kept])
            return replace(reply, citations=citations, keep_in_mind=kept, glossary=glossary)
        groups = [tuple(self._emphasised(c, asked[s.part]) for c in s.citations) for s in reply.statements]
        shown = [c for group in groups for c in group]
        (*quoted, kept), glossary = self._explained([*groups, self._kept(shown)])
        statements = tuple(replace(s, citations=q) for s, q in zip(reply.statements, quoted, strict=True))
        grade = reading_grade([self._sentences(c) for c in shown if self._is_prose(c)])
        return replace(reply, statements=statements, keep_in_mind=kept, glossary=glossary, reading_grade=grade)

    def _emphasised(self, citation: Citation, question: str) -> Citation:
        if not self._is_prose(citation):
            return citation
        return replace(citation, emphasis=emphasise(citation.quote.text, question, self._reader.stems))

    def _kept(self, shown: Sequence[Citation]) -> tuple[Citation, ...]:
        """The cautions beside the shown quotes, numbered after them."""
        found = keep_in_mind([place_of(c) for c in shown], self._corpus.marks, self._likeness, self._always)
        words = self._words_shown(shown)
        allowed = [c.place for c in found if self._may_show(c.place, words)]
        return tuple(self._cite(place, number) for number, place in enumerate(allowed, len(shown) + 1))

    def _explained(
        self, groups: Sequence[Sequence[Citation]]
    ) -> tuple[tuple[tuple[Citation, ...], ...], tuple[Definition, ...]]:
        """The groups of citations with their terms marked, and the definitions."""
        every = [c for group in groups for c in group]
        texts = [(place_of(c), c.quote.text if self._is_prose(c) else "") for c in every]
        terms = list(self._terms.values())
        found, names = find_terms(texts, terms, finder=self._finder, names=self._names)
        words = self._words_shown(every)
        defined = {name: self._definition(self._terms[name], words) for name in names}
        told = iter([tuple(t for t in marks if defined[t[2]]) for marks in found])
        out = tuple(tuple(replace(c, terms=next(told)) for c in group) for group in groups)
        return out, tuple(definition for definition in defined.values() if definition)

    def _definition(self, term: Term, words: Counter[str]) -> Definition | None:
        """What the term means, in a source's words where they may be shown; None when nothing can be said."""
        if term.place and self._may_show(term.place, words):
            citation = self._cite(term.place, UNNUMBERED)
            return Definition(term.name, citation.quote.text, citation)
        return Definition(term.name, term.definition) if term.definition else None

    def _may_show(self, place: Place, words: Counter[str]) -> bool:
        """Whether the source's licence lets the words at the place be shown too; if so they are counted."""
        document = self._corpus.documents[place.doc_id]
        count = len(document.text[place.start : place.end].split())
        if document.source.limited and words[place.doc_id] + count > document.source.max_words:
            return False
        words[place.doc_id] += count
        return True

    def _words_shown(self, citations: Sequence[Citation]) -> Counter[str]:
        """How many words of each source the citations show."""
        words = Counter[str]()
        for citation in citations:
            words[citation.quote.doc_id] += len(citation.quote.text.split())
        return words

    def _likeness(self, quoted: Sequence[Place], caution: Place) -> float:
        """The highest cosine of a quoted sentence and one of the caution's."""
        vectors = self._reader.loaded.sentence_vectors
        rows = [row for place in quoted for row in self._rows(place)]
        others = self._rows(caution)
        return float((vectors[rows] @ vectors[others].T).max()) if rows and others else 0.0

    def _rows(self, place: Place) -> list[int]:
        """The rows of the sentences that the place has a part of."""
        sentences = self._reader.loaded.sentences
        return [i for i, s in enumerate(sentences) if place.overlaps(Place(s.doc_id, s.start, s.end))]

    def _sentences(self, citation: Citation) -> list[str]:
        return [self._reader.loaded.sentences[row].text for row in self._rows(place_of(citation))]

    def _is_prose(self, citation: Citation) -> bool:
        """False for a printed reference."""
        block = block_at(self._corpus.documents[citation.quote.doc_id], citation.quote.start)
        return block is not None and block.role != "reference"

    def _cite(self, place: Place, number: int) -> Citation:
        return citation_at(self._corpus, self._generation, place.doc_id, place.start, place.end, number=number)


def place_of(citation: Citation) -> Place:
    """Where the quote stands."""
    return Place(citation.quote.doc_id, citation.quote.start, citation.quote.end)
