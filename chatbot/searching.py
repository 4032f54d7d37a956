"""The first stage: which sentences may answer a query, and all that is cheaply measured of them.

Several ranked lists are fused to a pool, and each of the pool is measured by every signal but the second stage, which is read
later and only of those whom these signals together put first (`answer.retrieval.leaders`). `Search` holds a generation's
indexes; it knows neither models nor weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import Stemmer

from chatbot import settings
from chatbot.answer import evidence, retrieval
from chatbot.answer.question import content_words
from chatbot.datatypes import Vectors
from chatbot.index.lexical import LexicalIndex
from chatbot.index.vectors import VectorIndex
from chatbot.loading import Loaded

VOTE_POWER = 4  # of a bank question's cosine in its vote
ABSTAINING = (
    0.1  # votes for nothing, so that a question of the bank that is hardly like the reader's does not decide alone
)
PASSAGES = 6  # passages whose sentences are a list of the fusion


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it is searched with.

    `vector` is of its words, `searched` of its words with synonyms, both (dimension,); `lexical` are the BM25 scores of the rows that
    may be quoted, `bank` the cosines of all bank questions; `same` the probabilities that those of the bank which were read ask the same.
    """

    text: str
    vector: Vectors
    searched: Vectors
    lexical: Vectors
    bank: Vectors
    same: Mapping[int, float]


class Search:
    """A generation's indexes. Thread-safe."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._rows = loaded.rows
        self._at = {row: at for at, row in enumerate(self._rows)}
        self._sentences = VectorIndex(loaded.sentence_vectors[self._rows])
        self._windows = VectorIndex(loaded.window_vectors[self._rows])
        self._passages = VectorIndex(loaded.passage_vectors)
        self._bank = VectorIndex(loaded.bank_vectors)
        self._bank_rows: dict[int, list[int]] = {}
        for number, entry in enumerate(loaded.bank):
            for row in entry.answers:
                self._bank_rows.setdefault(row, []).append(number)
        self._passages_of: dict[int, list[int]] = {}
        for number, passage in enumerate(loaded.passages):
            for row in range(passage.first, passage.last + 1):
                self._passages_of.setdefault(row, []).append(number)
        self.stem = Stemmer.Stemmer("english").stemWord
        texts = [self._window_text(row) for row in self._rows]
        self._lexical = LexicalIndex(texts)
        self.window_words = [frozenset(self.stems(t)) for t in texts]
        self.rarity = self._count_rarity()
        self.unseen = float(np.log(1 + len(texts)))

    def stems(self, text: str) -> list[str]:
        """Stems of the content words, parts of a hyphenated word too."""
        words = [p for w in content_words(text) for p in (w, *(w.split("-") if "-" in w else ()))]
        return [self.stem(w) for w in words]

    def lexical(self, text: str) -> Vectors:
        """(rows that may be quoted,) float32: BM25 of their windows."""
        return self._lexical.scores(text)

    def bank(self, vector: Vectors) -> Vectors:
        """(bank questions,) float32: their cosines to a query's vector."""
        return self._loaded.bank_vectors @ vector if len(self._loaded.bank) else np.zeros(0, dtype=np.float32)

    def pool(self, query: Query) -> list[int]:
        """The rows that the first stage measures, by the fusion of their ranks."""
        depth = settings.LIST_DEPTH
        near, _ = self._sentences.search(query.vector, depth)
        near_searched, _ = self._sentences.search(query.searched, depth)
        windows, _ = self._windows.search(query.searched, depth)
        passages, _ = self._passages.search(query.searched, PASSAGES)
        lexical = query.lexical
        by_words = [int(i) for i in np.argsort(-lexical, kind="stable")[:depth] if lexical[i] > 0]
        asked, _ = self._bank.search(query.vector, depth)
        spans = [(p.first, p.last) for p in self._loaded.passages]
        lists = [
            *([self._rows[i] for i in ranked] for ranked in (near, near_searched, windows, by_words)),
            retrieval.sentences_of_passages(spans, passages)[:depth],
            retrieval.sentences_of_bank([b.answers for b in self._loaded.bank], asked),
        ]
        kept = [[row for row in ranked if row in self._at] for ranked in lists]
        return [row for row, _ in retrieval.fuse(kept, constant=settings.RRF_CONSTANT, top_k=settings.POOL)]

    def measured(self, query: Query, rows: Sequence[int]) -> np.ndarray:
        """(rows, signals): what is measured of each sentence against the query, the second stage's column still 0."""
        table = np.zeros((len(rows), len(evidence.SIGNALS)))
        if not len(rows):
            return table
        loaded = self._loaded
        stems = list(dict.fromkeys(self.stems(query.text)))
        passages = loaded.passage_vectors @ query.searched
        best_lexical = float(query.lexical.max()) if len(query.lexical) else 0.0
        votes = {n: p * max(float(query.bank[n]), 0.0) ** VOTE_POWER for n, p in query.same.items()}
        cast = sum(votes.values()) + ABSTAINING
        for i, row in enumerate(rows):
            at = self._at[row]
            asked = self._bank_rows.get(row, [])
            sentence = self._sentences.vectors[at]
            table[i, 1:] = (
                max(float(sentence @ query.vector), float(sentence @ query.searched)),
                float(self._windows.vectors[at] @ query.searched),
                max((float(passages[p]) for p in self._passages_of.get(row, ())), default=0.0),
                float(query.lexical[at]) / best_lexical if best_lexical else 0.0,
                evidence.overlap(stems, self.window_words[at], self.rarity, self.unseen),
                float(loaded.corpus.documents[loaded.sentences[row].doc_id].source.text_kind == "full"),
                max((float(query.bank[n]) for n in asked), default=0.0),
                max((query.same.get(n, 0.0) for n in asked), default=0.0),
                sum(votes.get(n, 0.0) for n in asked) / cast,
            )
        return table

    def _window_text(self, row: int) -> str:
        """Headings, sentence before and sentence: what the lexical index holds."""
        sentence = self._loaded.sentences[row]
        before = self._loaded.sentences[row - 1].text if sentence.position else ""
        return f"{' '.join(sentence.heading_path)} {before} {sentence.text} {sentence.text}"

    def _count_rarity(self) -> dict[str, float]:
        """log(1 + n / df) of each stem over the windows."""
        counts: dict[str, int] = {}
        for words in self.window_words:
            for stem in words:
                counts[stem] = counts.get(stem, 0) + 1
        return {stem: float(np.log(1 + len(self.window_words) / n)) for stem, n in counts.items()}
