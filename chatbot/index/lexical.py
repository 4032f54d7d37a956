"""BM25 over sentences, by bm25s (Lù 2024) with the Snowball stemmer; k1 = 1.5, b = .75, Lucene's variant."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer

from chatbot.datatypes import Vectors


class LexicalIndex:
    """BM25 scores of every text for a query."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._n = len(texts)
        self._index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        tokens = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        self._vocabulary = {word for row in tokens for word in row}
        if self._vocabulary:
            self._index.index(tokens, show_progress=False)

    def scores(self, query: str) -> Vectors:
        """(n,) float32: 0 for a text that shares no stem with the query."""
        tokens = bm25s.tokenize([query], stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False)[
            0
        ]
        known = [word for word in tokens if word in self._vocabulary]
        if not known:
            return np.zeros(self._n, dtype=np.float32)
        return np.asarray(self._index.get_scores(known), dtype=np.float32)
