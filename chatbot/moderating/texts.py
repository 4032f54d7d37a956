"""The documents and the threshold of a generation, for whoever reviews what it answered.

A record is looked at beside the texts that its reply was taken from, never beside newer ones under its own offsets. Where its generation is
gone, the texts of now serve for one thing only: to find a sentence that answers.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Protocol

from chatbot import settings
from chatbot.answer.decision import read_weights
from chatbot.datatypes import Document, Sentence
from chatbot.errors import ChapterError
from chatbot.gathering import Corpus, read_corpus
from chatbot.index import generations
from chatbot.index.sentences import split_sentences
from chatbot.loading import DECISION
from chatbot.marked import Place
from chatbot.shelf import Shelf


class Texts(Protocol):
    """What the desk needs to know of generations."""

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that a generation carries, None where it is gone or cannot be trusted."""
        ...

    def now(self) -> Corpus | None:
        """The corpus of the generation in use."""
        ...

    def current(self) -> str:
        """The generation in use, "" for none."""
        ...

    def threshold_of(self, generation: str) -> float | None:
        """The probability from which a generation answers, None where it is gone."""
        ...


class Shelved:
    """Texts from an index folder; where nothing is in use there, from a corpus folder. Thread-safe."""

    def __init__(self, index: Path, corpus: Path | None = None, *, shelf: Shelf | None = None) -> None:
        self._index, self._corpus = index, corpus
        self._shelf = shelf or Shelf(index)
        self._thresholds: dict[str, float] = {}
        self._folder: Corpus | None = None
        self._lock = threading.Lock()

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that a generation carries, None where it is gone or cannot be trusted."""
        return self._shelf.corpus_of(generation)

    def current(self) -> str:
        """The generation in use, "" for none."""
        try:
            return generations.current(self._index)
        except ChapterError:
            return ""

    def now(self) -> Corpus | None:
        """The corpus of the generation in use; of the corpus folder, as first read, where none is."""
        found = self._shelf.corpus_of(self.current())
        if found is not None or self._corpus is None:
            return found
        with self._lock:
            if self._folder is None:
                self._folder = read_corpus(self._corpus)
            return self._folder

    def threshold_of(self, generation: str) -> float | None:
        """The probability from which a generation answers, None where it is gone."""
        with self._lock:
            known = self._thresholds.get(generation)
        if known is not None or self.corpus_of(generation) is None:
            return known
        try:
            said = json.loads(generations.read(self._index, generation).files[DECISION])
            threshold = float(said["threshold"])
        except (ChapterError, KeyError, TypeError, ValueError):
            return None
        with self._lock:
            self._thresholds[generation] = threshold
        return threshold


def sentences_at(document: Document, place: Place) -> list[Sentence]:
    """The sentences of a document that a place has a part of, in order."""
    return [s for s in split_sentences(document) if place.overlaps(Place(s.doc_id, s.start, s.end))]


def shipped_threshold() -> float:
    """The threshold of the shipped weights, for where no generation tells its own."""
    return read_weights(settings.WEIGHTS / DECISION, bank=True).threshold
