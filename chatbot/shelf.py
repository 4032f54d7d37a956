"""The corpora of generations that are no longer in use, so that a quote can be looked up where its reply took it from.

A generation carries its corpus; the shelf opens it, every byte checked, and keeps the last few. A generation that was pruned or is
damaged is not there, and whoever asks must say so: an old quote is never looked up in a newer text.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from pathlib import Path

from chatbot.errors import ChapterError
from chatbot.gathering import Corpus, read_corpus
from chatbot.index import generations
from chatbot.loading import COPY

logger = logging.getLogger(__name__)

FORGET_SECONDS = 60.0  # after which a generation that could not be opened is tried again
MAX_KEPT = 4  # corpora in memory; the shipped one takes under a megabyte


class Shelf:
    """Corpora by generation. Thread-safe; opening one takes tens of milliseconds."""

    def __init__(self, index: Path, *, max_kept: int = MAX_KEPT) -> None:
        self._index, self._max = index, max_kept
        self._kept: OrderedDict[str, Corpus] = OrderedDict()
        self._missed: dict[str, float] = {}
        self._lock = threading.Lock()

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that a generation carries, None where there is no such generation, or none that can be trusted."""
        with self._lock:
            if generation not in self._kept:
                if time.monotonic() - self._missed.get(generation, -FORGET_SECONDS) < FORGET_SECONDS:
                    return None
                found = self._open(generation)
                if found is None:
                    self._missed = {**self._missed, generation: time.monotonic()} if len(self._missed) < 100 else {}
                    return None
                self._kept[generation] = found
            self._kept.move_to_end(generation)
            if len(self._kept) > self._max:
                self._kept.popitem(last=False)
            return self._kept[generation]

    def _open(self, generation: str) -> Corpus | None:
        try:
            if generation not in generations.list_ids(self._index):
                return None
            return read_corpus(generations.read(self._index, generation).folder / COPY)
        except ChapterError as error:
            logger.warning("generation %s cannot be looked into: %s", generation, error)
            return None
