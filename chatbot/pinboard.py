"""The pins and bans of a corpus, as a build makes them and as a reader's question meets them.

    pin_questions   the wordings of their questions, and the rows of their sentences
    Board           those of a generation with the models by which a question is held against them

A question is kept as a reader's would be read: spelling corrected, lay words explained. So the very question of an entry always meets
it. Left out: what decides and what follows (`answer.pinning`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatbot import settings
from chatbot.answer import bibliography, pinning
from chatbot.answer import question as asked
from chatbot.answer.decision import numbers_of
from chatbot.answer.evidence import probability
from chatbot.datatypes import Embedder, PinQuestion, SecondStage, Sentence, Vectors
from chatbot.gathering import Corpus, speller_of
from chatbot.index import generations
from chatbot.loading import Loaded, answering


def pin_questions(corpus: Corpus, sentences: Sequence[Sentence]) -> tuple[PinQuestion, ...]:
    """The questions of the corpus's pins and bans as a reader's would be read. Raises CorpusError for an entry that fits no sentence."""
    if not corpus.pins.entries:
        return ()
    speller = speller_of(corpus)

    def read(question: str) -> tuple[str, ...]:
        text = speller.correct(asked.clean(question))[0]
        parts = asked.split_parts(text)  # of a story also the one question in it, where that stands by itself
        alone = [p for p in parts if len(parts) == 1 and p != text and not asked.leans_on_history(p)]
        return tuple(pinning.compared(asked.replace_synonyms(form, corpus.synonyms)) for form in (text, *alone))

    return pinning.place(corpus.pins.entries, sentences, frozenset(answering(sentences)), read)


def pin_lines(pins: Sequence[PinQuestion]) -> bytes:
    """pins.jsonl as it stands in a generation."""
    rows = [{"id": p.ident, "action": p.action, "first": p.first, "last": p.last, "question": p.question} for p in pins]
    return generations.to_lines(rows)


class Board:
    """The pins of a generation. Costs nothing where there are none."""

    def __init__(
        self, loaded: Loaded, embedder: Embedder, second_stage: SecondStage, stem: Callable[[str], str]
    ) -> None:
        self._pins, self._vectors = loaded.pins, loaded.pin_vectors
        self._sources = loaded.corpus.manifest.sources
        self._embedder, self._second_stage, self._stem = embedder, second_stage, stem

    def meet(self, query: str, vector: Vectors) -> tuple[PinQuestion, ...]:
        """The pins and bans whose question a query asks, likest first. `vector` (dimension,) is the query's as it is written."""
        if not self._pins:
            return ()
        form = pinning.compared(query)
        own = vector if form == query else self._embedder.embed([form])[0]
        return pinning.meet(form, self._vectors @ own, self._pins, self.alike, self.agree)

    def alike(self, one: str, other: str) -> float:
        """The second stage's probability that two questions ask the same: the mean of both orders."""
        logits = (float(self._second_stage.score(a, [b])[0]) for a, b in ((one, other), (other, one)))
        return sum(map(probability, logits)) / 2

    def agree(self, one: str, other: str) -> bool:
        """Whether two like questions agree in what changes an answer and hardly a vector (`pinning.agree`)."""
        if not pinning.agree(one, other, self._facts):
            return False
        return min(self._nearest(one, other), self._nearest(other, one)) >= settings.PIN_WORD

    def _facts(self, text: str) -> tuple[object, ...]:
        """The numbers and the source that a question names."""
        source = bibliography.named_source(text, self._sources)
        return numbers_of(text, words=True) - {"1"}, source and source.doc_id  # "one" is seldom a number

    def _nearest(self, one: str, other: str) -> float:
        """Of the words of the one that the other has in no form: how near the one farthest from all words of the other is to them, as a
        cosine; 1 when there is none. What asks ("how much", "what amount of") is compared by `pinning.asks_for` instead."""
        words, mine = asked.content_words(other), asked.content_words(pinning.INTERROGATIVE.sub(" ", one, count=1))
        known = {self._stem(part) for word in words for part in (word, *word.split("-"))}
        only = [word for word in mine if self._stem(word) not in known]
        if not only or not words:
            return float(not only)
        return float((self._embedder.embed(only) @ self._embedder.embed(words).T).max(axis=1).min())
