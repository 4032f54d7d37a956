"""Question to reply: the only module, with `building` and `reading`, that knows all rooms.

    clean -> triage -> spelling -> parts -> readings of each part -> decision -> quotes -> reply

Triage comes first and needs neither index nor model, so that a person in danger is answered whatever else is broken.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot import settings
from chatbot.answer import bibliography, composing, question as asked, quoting
from chatbot.answer.spelling import Speller
from chatbot.answer.triage import Classify, read_rules, triage
from chatbot.building import Corpus, read_corpus
from chatbot.corpus.references import in_text_citations
from chatbot.datatypes import Citation, Document, Evidence, Source
from chatbot.errors import ChapterError, IndexMissing
from chatbot.reading import Reader, Reading
from chatbot.replies import (
    Abstention,
    Answer,
    Disclaimer,
    Outcome,
    Reason,
    Redirect,
    RedirectKind,
    Reply,
    Statement,
    Trace,
    Understood,
)

ALONE_IS_BETTER = 0.15  # how much more confident a follow-up's reading without the conversation must be to be kept


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question, its best reading, and the printed reference that answers it, if one does."""

    text: str
    reading: Reading
    answered: bool
    record: int | None = None
    record_first: bool = False


class Chatbot:
    """One corpus and one generation, ready to be asked. Thread-safe."""

    def __init__(self, corpus: Corpus, reader: Reader | None, classify: Classify | None, broken: ChapterError | None = None) -> None:
        self.corpus, self.reader, self._classify, self.broken = corpus, reader, classify, broken
        self._rules = read_rules(corpus.messages.substances)
        manifest = corpus.manifest
        self.sources: tuple[Source, ...] = manifest.sources
        self.documents: Mapping[str, Document] = corpus.documents
        self.generation: str = reader.loaded.generation if reader else ""
        self.examples: tuple[str, ...] = manifest.examples
        self.covered: tuple[str, ...] = manifest.covered
        article = corpus.documents[manifest.article]
        self.title: str = article.source.title
        start = article.text.index(manifest.disclaimer)
        quote = article.quote(start, start + len(manifest.disclaimer), self.generation)
        self.disclaimer = Disclaimer(quote, manifest.jurisdiction, manifest.as_of)
        words = [d.text for d in corpus.documents.values()]
        names = [n for s in manifest.sources for n in (*s.names, s.title, s.container, *(a.family for a in s.authors))]
        self._speller = Speller([*words, *names, *(lay for lay, _ in corpus.synonyms), *corpus.messages.substances])

    @classmethod
    def open(cls, corpus: Path, index: Path, *, strict: bool = True) -> Chatbot:
        """Opens corpus and index. With `strict` False a broken index or model is kept as `broken`: crisis messages are still
        answered, every other question raises it."""
        from chatbot.opening import open_reader, open_triage

        read = read_corpus(corpus)
        try:
            return cls(read, open_reader(read, index), open_triage())
        except ChapterError as error:
            if strict:
                raise
            return cls(read, None, None, error)

    def ask(self, question: str, history: Sequence[str] = ()) -> Outcome:
        """The reply to a question after `history` (earlier questions, oldest first).

        Raises QuestionError for an empty or too long question, IndexUnusable or ModelError when the chatbot is broken.
        """
        began = time.perf_counter()
        text = asked.clean(question)
        kind = triage(text, self._rules, self._classify)
        corrected, changes = (text, ()) if kind == "crisis" else self._speller.correct(text)
        if changes and kind is None:
            kind = triage(corrected, self._rules, self._classify)
        if kind == "crisis":
            return self._outcome(self._redirect(text, Understood(text, parts=(text,)), kind, ()), (), 1.0, began)
        if self.reader is None:
            raise self.broken or IndexMissing("no index is open; run `chatbot index build`")
        earlier = [self._speller.correct(asked.clean(h))[0] for h in history[-settings.MAX_HISTORY :] if h.strip()]
        parts = self._parts(corrected, earlier)
        carried = tuple(dict.fromkeys(w for p in parts for w in self._carried(p.reading.query, corrected)))
        understood = Understood(corrected, changes, carried, tuple(p.text for p in parts))
        reply = self._reply(text, understood, kind, parts)
        best = max(parts, key=lambda p: p.reading.confidence)
        return self._outcome(reply, best.reading.evidence, best.reading.confidence, began)

    def _outcome(self, reply: Reply, evidence: tuple[Evidence, ...], confidence: float, began: float) -> Outcome:
        """The reply with its trace."""
        digest = settings.digest(settings.answer_settings())
        return Outcome(reply, Trace(evidence, confidence, digest, time.perf_counter() - began))

    # --- understanding and reading ---------------------------------------------------------------------------------

    def _parts(self, text: str, history: list[str]) -> list[Part]:
        """Each part with its best reading; the whole question as one part when that answers and no part does."""
        pieces = asked.split_parts(text)
        parts = [self._part(piece, pieces[:i], history, text) for i, piece in enumerate(pieces)]
        if len(pieces) > 1 and not any(p.answered for p in parts):
            whole = self._part(text, (), history, text)
            if whole.answered or whole.reading.confidence > max(p.reading.confidence for p in parts):
                return [whole]
        return parts

    def _part(self, text: str, before: Sequence[str], history: list[str], whole: str) -> Part:
        """One part: every reading that the conversation allows, the better supported kept."""
        assert self.reader is not None
        alone = self._read(text)
        best = alone
        joined = [f"{before[0]} {text}"] if before and asked.POINTS_BACK.search(text) else []
        if not before and whole != text and len(whole) < 600:
            joined.append(whole)
        if history and (asked.is_follow_up(text) or len(asked.content_words(text)) < 3):
            joined = [asked.with_history(text, history), *self._ordinal(text, history)]
            readings = [self._read(query) for query in joined]
            best = max(readings, key=lambda r: r.confidence)
            if alone.confidence > best.confidence + (ALONE_IS_BETTER if asked.POINTS_BACK.search(text) else 0.0):
                best = alone
        elif joined:
            best = max([alone, *(self._read(query) for query in joined)], key=lambda r: r.confidence)
        answered = best.confidence >= self.reader.weights.threshold and bool(best.evidence)
        record, first = self._record(text, history, answered)
        return Part(text, best, answered or record is not None, record, first)

    def _read(self, text: str) -> Reading:
        """One reading: lay words explained to the second stage and added to what is searched."""
        assert self.reader is not None
        synonyms = self.corpus.synonyms
        return self.reader.read(
            asked.replace_synonyms(text, synonyms), searched=asked.expand(text, synonyms), typed=text
        )

    def _ordinal(self, text: str, history: Sequence[str]) -> list[str]:
        """The question about "the second one" with the item that the last answer enumerates in its place."""
        assert self.reader is not None
        at = asked.ordinal_of(text)
        if at is None:
            return []
        for item in self._read(history[-1]).evidence[:3]:
            listed = asked.enumerated(item.sentence.text)
            if -1 <= at < len(listed):
                return [f"What is {listed[at]}?", f"{listed[at]}: {text}"]
        return []

    def _carried(self, query: str, corrected: str) -> list[str]:
        """Words that a reading took over from the conversation."""
        own = set(asked.content_words(asked.replace_synonyms(corrected, self.corpus.synonyms)))
        return [w for w in asked.content_words(query) if w not in own]

    def _record(self, text: str, history: Sequence[str], answered: bool) -> tuple[int | None, bool]:
        """(row of the printed reference that answers, whether it goes first) for a question on what a source is."""
        assert self.reader is not None
        if not bibliography.asks_for_record(text):
            return None, False
        source = bibliography.named_source(" ".join([*history[-1:], text]), self.sources)
        if source is None or not source.reference:
            return None, False
        for row, sentence in enumerate(self.reader.loaded.sentences):
            if sentence.role == "reference" and sentence.text == source.reference:
                return row, bibliography.wants_reference_first(text) or not answered
        return None, False

    # --- composing -------------------------------------------------------------------------------------------------

    def _reply(self, text: str, understood: Understood, kind: RedirectKind | None, parts: list[Part]) -> Reply:
        """The reply of the right kind."""
        named = bibliography.named_source(understood.text, self.sources)
        unread = named is not None and named.text_kind == "none" and not any(p.record is not None for p in parts)
        statements = () if unread else self._statements(parts)
        if kind == "drug_request":
            shown = self._exact(self.corpus.messages.drug_request_show)
            return self._redirect(text, understood, kind, shown)
        if kind == "medical_advice":
            return self._redirect(text, understood, kind, tuple(c for s in statements for c in s.citations))
        if not statements:
            return self._abstain(text, understood, parts, "no_text" if unread else None)
        missing = tuple(p.text for p in parts if not p.answered) if len(parts) > 1 else ()
        confidence = max(p.reading.confidence for p in parts)
        return Answer(text, understood, self.disclaimer, self.generation, statements, confidence, missing)

    def _statements(self, parts: list[Part]) -> tuple[Statement, ...]:
        """Statements of all answered parts, each part's best first, numbered through, no sentence twice."""
        limit = settings.MAX_STATEMENTS if len(parts) == 1 else 2
        shown = [self._shown(part, limit) if part.answered else [] for part in parts]
        wanted = [(part, rows[at]) for at in range(settings.MAX_STATEMENTS) for part, rows in enumerate(shown) if at < len(rows)]
        kept: dict[tuple[int, int], int] = {}
        for part, rows in wanted:
            kept.setdefault(rows, part)
        return tuple(Statement((self._cite(*rows, at),), part) for at, (rows, part) in enumerate(kept.items(), 1))

    def _shown(self, part: Part, limit: int) -> list[tuple[int, int]]:
        """(first, last) sentence rows to quote for one answered part, best first, the printed reference in its place."""
        assert self.reader is not None
        sentences = self.reader.loaded.sentences
        confident = part.reading.confidence >= self.reader.weights.threshold
        chosen = composing.choose(
            part.reading.evidence if confident else (),
            max_statements=limit,
            share=settings.STATEMENT_SHARE,
            near_repeat=settings.NEAR_REPEAT,
        )
        shown = composing.spans(chosen, [quoting.span_of(sentences, e.row) for e in chosen], sentences)
        if part.record is not None:
            shown.insert(0 if part.record_first else len(shown), (part.record, part.record))
        return shown[: settings.MAX_STATEMENTS]

    def _cite(self, first: int, last: int, number: int) -> Citation:
        """The citation of sentences `first` to `last` of one paragraph."""
        assert self.reader is not None
        sentences = self.reader.loaded.sentences
        document = self.documents[sentences[first].doc_id]
        start, end = sentences[first].start, sentences[last].end
        cited = in_text_citations(document.text[start:end], self.sources) if document.source.text_kind == "full" else ()
        ids = dict.fromkeys(doc_id for c in cited for doc_id in c.doc_ids)
        return quoting.cite(
            document,
            start,
            end,
            number=number,
            generation=self.generation,
            section=" › ".join(sentences[first].heading_path),
            lead_ins=self.corpus.messages.lead_in,
            relies_on=[s for s in self.sources if s.doc_id in ids],
            role=sentences[first].role,
        )

    def _exact(self, wanted: Sequence[str]) -> tuple[Citation, ...]:
        """Citations of sentences given by their words; ones that the corpus no longer has are left out."""
        assert self.reader is not None
        rows = [i for text in wanted for i, s in enumerate(self.reader.loaded.sentences) if s.text == text]
        return tuple(self._cite(row, row, number) for number, row in enumerate(rows, 1))

    def _redirect(self, text: str, understood: Understood, kind: RedirectKind, citations: tuple[Citation, ...]) -> Redirect:
        """The fixed message of that kind."""
        messages = self.corpus.messages
        lines = tuple((h.country, h.name, h.contact) for h in messages.help_lines) if kind == "crisis" else ()
        message = {"crisis": messages.crisis, "drug_request": messages.drug_request, "medical_advice": messages.medical_advice}
        return Redirect(text, understood, self.disclaimer, self.generation, kind, message[kind], lines, citations)

    def _abstain(self, text: str, understood: Understood, parts: list[Part], reason: Reason | None) -> Abstention:
        """What is missing, what is close, what is covered, what to try."""
        assert self.reader is not None
        best = max(parts, key=lambda p: p.reading.confidence).reading
        near = [e for e in best.evidence if dict(e.signals)["cosine"] >= settings.NEAR_MISS_FLOOR]
        chosen = composing.choose(near, max_statements=settings.NEAR_MISSES, share=0.0, near_repeat=settings.NEAR_REPEAT)
        misses = tuple(self._cite(e.row, e.row, number) for number, e in enumerate(chosen, 1))
        why: Reason = reason or ("not_answered" if misses else "nothing_close")
        messages = self.corpus.messages
        wording = {"not_answered": messages.not_answered, "nothing_close": messages.nothing_close, "no_text": messages.no_text}
        return Abstention(
            text,
            understood,
            self.disclaimer,
            self.generation,
            why,
            wording[why],
            misses,
            best.unknown_terms[:5],
            self.covered,
            self.reader.suggest(best.query, [*self.examples], settings.SUGGESTIONS),
            best.confidence,
        )

