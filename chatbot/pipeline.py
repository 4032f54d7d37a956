"""Question to reply: the only module, with `building` and `reading`, that knows all rooms.

    clean -> triage -> spelling -> parts -> readings of each part -> decision -> quotes -> reply -> what belongs beside them

Triage comes first and needs neither index nor model, so that a person in danger is answered whatever else is broken.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatbot import settings
from chatbot.answer import bibliography, pinning
from chatbot.answer import question as asked
from chatbot.answer.decision import has_foreign_number
from chatbot.answer.triage import Classify, read_rules, triage
from chatbot.choosing import Chooser
from chatbot.citing import citation_at, disclaimer_of
from chatbot.completing import Completer
from chatbot.corpus.references.citations import in_text_citations
from chatbot.datatypes import Citation, Document, Embedder, Evidence, Json, SecondStage, Source
from chatbot.errors import ChapterError, IndexMissing
from chatbot.gathering import Corpus, read_corpus, speller_of
from chatbot.listening import Listener, Part
from chatbot.loading import Loaded
from chatbot.reading import Reader
from chatbot.replies import (
    Abstention,
    Answer,
    Outcome,
    Reason,
    Redirect,
    RedirectKind,
    Reply,
    Statement,
    Trace,
    Understood,
)


class Chatbot:
    """One corpus and one generation, ready to be asked. Thread-safe."""

    def __init__(
        self, corpus: Corpus, reader: Reader | None, classify: Classify | None, broken: ChapterError | None = None
    ) -> None:
        self.corpus, self.reader, self._classify, self.broken = corpus, reader, classify, broken
        self.listener = Listener(reader, corpus.manifest.sources) if reader else None
        self._rules = read_rules(corpus.messages.substances)
        manifest = corpus.manifest
        self.sources: tuple[Source, ...] = manifest.sources
        self.documents: Mapping[str, Document] = corpus.documents
        self.generation: str = reader.loaded.generation if reader else ""
        self.examples: tuple[str, ...] = manifest.examples
        self.covered: tuple[str, ...] = manifest.covered
        self.notice: tuple[str, ...] = corpus.messages.notice
        self.title: str = corpus.documents[manifest.article].source.title
        self.disclaimer = disclaimer_of(corpus, self.generation)
        self.decision: Json = reader.loaded.decision if reader else {}
        self._speller = speller_of(corpus)
        limits = {d.doc_id: d.source.max_words for d in corpus.documents.values() if d.source.limited}
        self._chooser = Chooser(reader, limits) if reader else None
        self._completer = Completer(reader, self.disclaimer) if reader else None

    @classmethod
    def open(cls, corpus: Path, index: Path, *, strict: bool = True) -> Chatbot:
        """Opens the index of a corpus. With `strict` False a broken or stale index or a broken model is kept as `broken`: crisis
        messages are still answered, every other question raises it."""
        from chatbot.opening import open_reader, open_triage

        read = read_corpus(corpus)
        try:
            reader = open_reader(read, index)
            return cls(reader.loaded.corpus, reader, open_triage())
        except ChapterError as error:
            if strict:
                raise
            return cls(read, None, None, error)

    @classmethod
    def open_generation(cls, index: Path, generation: str) -> Chatbot:
        """Opens a generation on disk, in use or not, with the corpus that it carries."""
        from chatbot.opening import open_reader_of, open_triage

        reader = open_reader_of(index, generation)
        return cls(reader.loaded.corpus, reader, open_triage())

    @classmethod
    def open_in_use(cls, corpus: Path, index: Path) -> Chatbot:
        """Opens the generation in use, whatever became of the corpus folder since. Without a usable one the folder is opened and
        only crisis messages are answered."""
        from chatbot.index import generations

        try:
            return cls.open_generation(index, generations.current(index))
        except ChapterError as error:
            return cls(read_corpus(corpus), None, None, error)

    @classmethod
    def over(
        cls,
        loaded: Loaded,
        embedder: Embedder,
        second_stage: SecondStage | None = None,
        classify: Classify | None = None,
    ) -> Chatbot:
        """A chatbot over values in memory, such as a draft's; models that are not given are the shipped ones."""
        from chatbot.opening import open_triage, reader_over

        return cls(loaded.corpus, reader_over(loaded, embedder, second_stage), classify or open_triage())

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that the replies of a generation are quoted from, None for another generation than this one."""
        return self.corpus if generation == self.generation else None

    def ask(self, question: str, history: Sequence[str] = (), *, as_typed: bool = False) -> Outcome:
        """The reply to a question after `history` (earlier questions, oldest first).

        With `as_typed` True the question is read exactly as it was typed: no spelling corrected, nothing taken from the conversation.
        Raises QuestionError for an empty or too long question, IndexUnusable or ModelError when the chatbot is broken.
        """
        began = time.perf_counter()
        text = asked.clean(question)
        before = asked.clean(history[-1]) if history and history[-1].strip() and not as_typed else ""
        kind, corrected, changes = self._triage(text, before)
        if as_typed:
            corrected, changes, history = text, (), ()
        if kind == "crisis":
            return self._in_danger(text, began)
        if self.reader is None or self.listener is None or self._completer is None:
            raise self.broken or IndexMissing("no index is open; run `chatbot index build`")
        earlier = [self._speller.correct(asked.clean(h))[0] for h in history[-settings.MAX_HISTORY :] if h.strip()]
        parts = self.listener.parts(corrected, earlier, pins=kind is None)
        carried = tuple(dict.fromkeys(w for p in parts for w in self.listener.carried(p.reading.query, corrected)))
        understood = Understood(corrected, changes, carried, tuple(p.text for p in parts))
        reply = self._completer.complete(self._reply(text, understood, kind, parts), understood.parts)
        best = max(parts, key=lambda p: p.reading.confidence).reading
        met = tuple(pin for p in parts for pin in p.reading.met)
        aside = tuple(e for p in parts for e in p.reading.aside)
        return self._outcome(reply, pinning.traced(best.evidence, aside, met), best.confidence, began)

    def urgent(self, question: str, *, patterns_only: bool = False) -> Outcome | None:
        """The reply to somebody in danger, None for any other message. Needs no index, and takes milliseconds.

        `patterns_only` leaves out the classifier and the spelling. Raises QuestionError as `ask` does.
        """
        began = time.perf_counter()
        text = asked.clean(question)
        kind = triage(text, self._rules, None) if patterns_only else self._triage(text)[0]
        return self._in_danger(text, began) if kind == "crisis" else None

    def _triage(self, text: str, before: str = "") -> tuple[RedirectKind | None, str, tuple[tuple[str, str], ...]]:
        """The kind of message, the text corrected, and what was changed. Danger counts as typed or as corrected; the other kinds
        are told from the corrected text, since typing errors alone look like slang to the classifier; and a text without a word of its own
        ("And by how much?") together with the question `before` it, which alone says what is meant."""
        kind = triage(text, self._rules, self._classify)
        if kind == "crisis":
            return kind, text, ()
        corrected, changes = self._speller.correct(text)
        if before and not asked.content_words(corrected):
            return triage(f"{before} {corrected}", self._rules, self._classify), corrected, changes
        return triage(corrected, self._rules, self._classify) if changes else kind, corrected, changes

    def _in_danger(self, text: str, began: float) -> Outcome:
        """The fixed message with help lines."""
        return self._outcome(self._redirect(text, Understood(text, parts=(text,)), "crisis", ()), (), 1.0, began)

    def _outcome(self, reply: Reply, evidence: tuple[Evidence, ...], confidence: float, began: float) -> Outcome:
        """The reply with its trace."""
        digest = settings.digest(settings.answer_settings())
        return Outcome(reply, Trace(evidence, confidence, digest, time.perf_counter() - began))

    def _reply(self, text: str, understood: Understood, kind: RedirectKind | None, parts: list[Part]) -> Reply:
        """The reply of the right kind."""
        named = bibliography.named_source(understood.text, self.sources)
        statements = self._statements(parts)
        lead = statements[0].citations[0].quote.text if statements else ""
        told = any(named.doc_id in c.doc_ids for c in in_text_citations(lead, self.sources)) if named else False
        unread = (
            named is not None
            and named.text_kind == "none"
            and not told
            and not any(p.record is not None or p.pinned for p in parts)
        )
        statements = () if unread else statements
        if kind == "drug_request":
            shown = self._exact(self.corpus.messages.drug_request_show)
            return self._redirect(text, understood, kind, shown)
        if kind == "medical_advice":
            return self._redirect(text, understood, kind, tuple(c for s in statements for c in s.citations))
        if not statements:
            return self._abstain(text, understood, parts, "no_text" if unread else None)
        missing = tuple(p.text for p in parts if not p.told) if len(parts) > 1 else ()
        confidence = max(p.reading.confidence for p in parts)
        known = [c.quote.text for s in statements for c in s.citations] + [
            f"{s.reference} {s.year}" for s in self.sources
        ]
        doubtful = has_foreign_number(understood.text, known) and all(p.record is None for p in parts)
        premise = doubtful or any(p.wrong_premise for p in parts)
        message = self.corpus.messages.false_premise if premise else ""
        return Answer(text, understood, self.disclaimer, self.generation, statements, confidence, missing, (), message)

    def _statements(self, parts: list[Part]) -> tuple[Statement, ...]:
        """Statements of all answered parts, numbered through."""
        assert self._chooser is not None
        kept = self._chooser.quoted(parts)
        return tuple(Statement((self._cite(*rows, at),), part) for at, (rows, part) in enumerate(kept, 1))

    def _cite(self, first: int, last: int, number: int) -> Citation:
        """The citation of sentences `first` to `last` of one paragraph."""
        assert self.reader is not None
        sentences = self.reader.loaded.sentences
        place = sentences[first].doc_id, sentences[first].start, sentences[last].end
        return citation_at(self.corpus, self.generation, *place, number=number)

    def _exact(self, wanted: Sequence[str]) -> tuple[Citation, ...]:
        """Citations of sentences given by their words; ones that the corpus no longer has are left out."""
        assert self.reader is not None
        rows = [i for text in wanted for i, s in enumerate(self.reader.loaded.sentences) if s.text == text]
        return tuple(self._cite(row, row, number) for number, row in enumerate(rows, 1))

    def _redirect(
        self, text: str, understood: Understood, kind: RedirectKind, citations: tuple[Citation, ...]
    ) -> Redirect:
        """The fixed message of that kind."""
        messages = self.corpus.messages
        lines = tuple((h.country, h.name, h.contact) for h in messages.help_lines) if kind == "crisis" else ()
        message = messages.of_redirect(kind, quoted=bool(citations))
        return Redirect(text, understood, self.disclaimer, self.generation, kind, message, lines, citations)

    def _abstain(self, text: str, understood: Understood, parts: list[Part], reason: Reason | None) -> Abstention:
        """What is missing, what is close, what is covered, what to try."""
        assert self.reader is not None and self._chooser is not None
        best = max(parts, key=lambda p: p.reading.confidence).reading
        shown = self._chooser.closest(best.evidence)
        misses = tuple(self._cite(*rows, number) for number, rows in enumerate(shown, 1))
        why: Reason = reason or ("not_answered" if misses else "nothing_close")
        return Abstention(
            text,
            understood,
            self.disclaimer,
            self.generation,
            why,
            self.corpus.messages.of_abstention(why),
            misses,
            best.unknown_terms[:5],
            self.covered,
            self.reader.suggest(best.query, settings.SUGGESTIONS),
            best.confidence,
        )
