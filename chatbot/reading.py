"""One question against one generation: candidates, signals, evidence and the confidence that any of it answers.

`Reader` holds a generation's indexes in memory and composes the steps of `answer` with those of `index`. It knows no
conversation, no triage and no wording: `pipeline` calls it once for each reading of each part of a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import Stemmer

from chatbot import settings
from chatbot.answer import decision, evidence, pinning, retrieval
from chatbot.answer.question import content_words, expand, replace_synonyms
from chatbot.answer.retrieval import Depth
from chatbot.datatypes import Embedder, Evidence, PinQuestion, SecondStage, Vectors
from chatbot.index.lexical import LexicalIndex
from chatbot.index.vectors import VectorIndex
from chatbot.loading import Loaded
from chatbot.pinboard import Board

VOTERS = 8
FULL = Depth(settings.MAX_CANDIDATES, settings.BANK_READ)
AGAIN = Depth(settings.MAX_CANDIDATES_AGAIN, settings.BANK_READ_AGAIN)  # of what has been read in other words before


@dataclass(frozen=True, slots=True)
class Reading:
    """A query with its evidence, best first, and the features that the decision was made from.

    `met` are the pins and bans whose question it asks, likest first; `aside` their sentences that took no part in the decision;
    `corrects` the rows that set right what it takes for granted, where a question of the bank that does so asks the same.
    """

    query: str
    evidence: tuple[Evidence, ...]
    features: dict[str, float]
    confidence: float
    unknown_terms: tuple[str, ...]
    met: tuple[PinQuestion, ...] = ()
    aside: tuple[Evidence, ...] = ()
    corrects: tuple[int, ...] = ()

    @property
    def top(self) -> float:
        """The best evidence's score, 0 when there is none."""
        return self.evidence[0].score if self.evidence else 0.0


class Reader:
    """A generation ready to be searched. Thread-safe as far as its models are."""

    def __init__(
        self, loaded: Loaded, embedder: Embedder, second_stage: SecondStage, weights: decision.DecisionWeights
    ) -> None:
        self.loaded, self.embedder, self.second_stage, self.weights = loaded, embedder, second_stage, weights
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
        self._unasked = np.array([not b.answers for b in loaded.bank], dtype=bool)
        self._passages_of: dict[int, list[int]] = {}
        for number, passage in enumerate(loaded.passages):
            for row in range(passage.first, passage.last + 1):
                self._passages_of.setdefault(row, []).append(number)
        self._stem = Stemmer.Stemmer("english").stemWord
        self.board = Board(loaded, embedder, second_stage, self._stem)
        texts = [self._window_text(row) for row in self._rows]
        self._lexical = LexicalIndex(texts)
        self._window_words = [frozenset(self.stems(t)) for t in texts]
        self._rarity = self._count_rarity()
        self._unseen = float(np.log(1 + len(texts)))
        self._stems = {self._stem(w) for w in loaded.vocabulary} | {s for words in self._window_words for s in words}
        self._word_vectors: dict[str, Vectors] = {}
        examples = loaded.corpus.manifest.examples
        plain = [n for n, b in enumerate(loaded.bank) if b.plain and b.answers and b.question not in examples]
        self._offered = [*examples, *(loaded.bank[n].question for n in plain)]
        offered = [embedder.embed(examples)] if examples else []
        self._offered_vectors = np.concatenate([*offered, loaded.bank_vectors[plain]])

    def stems(self, text: str) -> list[str]:
        """Stems of the content words, parts of a hyphenated word too."""
        words = [p for w in content_words(text) for p in (w, *(w.split("-") if "-" in w else ()))]
        return [self._stem(w) for w in words]

    def read(self, query: str, searched: str = "", typed: str = "", depth: Depth = FULL) -> Reading:
        """Reads one query. `searched` is what is retrieved with (synonyms added), `typed` the reader's own words, `depth` how much the
        second stage reads."""
        vectors = self.embedder.embed(list(dict.fromkeys((query, searched or query))))
        query_vector, searched_vector = vectors[0], vectors[-1]
        lexical = self._lexical.scores(searched or query)
        met = self.board.meet(query, query_vector)
        banned = pinning.banned_rows(met)
        if banned:
            lexical = pinning.silenced(lexical, [[row] for row in self._rows], banned)
        rows, bank = self._candidates(query_vector, searched_vector, lexical, depth.sentences)
        if banned:
            rows = [row for row in rows if row not in banned]
            bank = pinning.silenced(bank, [b.answers for b in self.loaded.bank], banned)
        same = self._same_questions(query, bank, depth.questions)
        texts = [self.loaded.sentences[row].text for row in rows]

        def measure(rows: Sequence[int]) -> np.ndarray:
            return self._table(query, query_vector, searched_vector, lexical, bank, same, rows)

        table = measure(rows)
        model = self.weights.evidence
        columns = [evidence.SIGNALS.index(name) for name in model.names]
        sums = model.logits(table[:, columns]) if rows else np.zeros(0)
        scores, order = evidence.shares(sums), sorted(range(len(rows)), key=lambda i: (-sums[i], rows[i]))
        found = tuple(self._evidence(rows[i], float(scores[i]), table[i]) for i in order)
        others = [row for row in pinning.rows_met(met) if row not in rows]
        aside = tuple(self._evidence(row, 0.0, line) for row, line in zip(others, measure(others), strict=True))
        features = self._features(query, [float(sums[i]) for i in order], table, lexical, bank, texts, order)
        features["same"] = max((p for n, p in same.items() if not self._unasked[n]), default=0.0)
        features["refused"] = max((p for n, p in same.items() if self._unasked[n]), default=0.0)
        features["unknown"] = self._unknown_share(typed or query)
        features["far"] = self._farthest_word(typed or query)
        confidence = evidence.probability(self.weights.answerable.logit(features))
        likely = {e.row for e in found if e.score >= settings.CORRECTS_SHARE}
        corrects = tuple(row for row in self._corrections(same) if row in likely)
        return Reading(query, found, features, confidence, self.unknown_terms(typed or query), met, aside, corrects)

    def _corrections(self, same: Mapping[int, float]) -> tuple[int, ...]:
        """The rows that correct the question of the bank which most surely asks the same; none when it is not sure or has none."""
        number = max(same, key=lambda n: same[n], default=None)
        if number is None or same[number] < settings.CORRECTS_FROM:
            return ()
        return self.loaded.bank[number].corrects

    def _table(
        self,
        query: str,
        query_vector: Vectors,
        searched_vector: Vectors,
        lexical: Vectors,
        bank: Vectors,
        same: Mapping[int, float],
        rows: Sequence[int],
    ) -> np.ndarray:
        """(rows, signals): what is measured of each sentence against the query."""
        table = np.zeros((len(rows), len(evidence.SIGNALS)))
        if not len(rows):
            return table
        stems = list(dict.fromkeys(self.stems(query)))
        logits = self.second_stage.score(query, [self.loaded.sentences[row].text for row in rows])
        passage_cosines = self.loaded.passage_vectors @ searched_vector
        best_lexical = float(lexical.max()) if len(lexical) else 0.0
        for i, row in enumerate(rows):
            at = self._at[row]
            asked = self._bank_rows.get(row)
            table[i] = (
                logits[i],
                max(
                    float(self._sentences.vectors[at] @ query_vector),
                    float(self._sentences.vectors[at] @ searched_vector),
                ),
                float(self._windows.vectors[at] @ searched_vector),
                max((float(passage_cosines[p]) for p in self._passages_of.get(row, ())), default=0.0),
                float(lexical[at]) / best_lexical if best_lexical else 0.0,
                evidence.overlap(stems, self._window_words[at], self._rarity, self._unseen),
                float(self.loaded.corpus.documents[self.loaded.sentences[row].doc_id].source.text_kind == "full"),
                max((float(bank[n]) for n in asked), default=0.0) if asked and len(bank) else 0.0,
                max((same.get(n, 0.0) for n in asked), default=0.0) if asked else 0.0,
            )
        return table

    def _evidence(self, row: int, score: float, signals: np.ndarray) -> Evidence:
        """A candidate with what was measured of it."""
        named = tuple(zip(evidence.SIGNALS, map(float, signals), strict=True))
        return Evidence(row, self.loaded.sentences[row], score, named)

    def read_as_asked(self, text: str, typed: str = "", depth: Depth = FULL) -> Reading:
        """Reads a text, lay words explained to the second stage and added to what is searched.

        `typed` are the reader's own words where `text` holds others too: only they can be unknown to the corpus.
        """
        synonyms = self.loaded.corpus.synonyms
        searched = expand(text, synonyms)
        return self.read(replace_synonyms(text, synonyms), searched=searched, typed=typed or text, depth=depth)

    def _candidates(self, query: Vectors, searched: Vectors, lexical: Vectors, count: int) -> tuple[list[int], Vectors]:
        """The `count` rows that the second stage reads, and the cosines of all bank questions."""
        depth = settings.LIST_DEPTH
        near, _ = self._sentences.search(query, depth)
        near_searched, _ = self._sentences.search(searched, depth)
        windows, _ = self._windows.search(searched, depth)
        passages, _ = self._passages.search(searched, 6)
        by_words = [int(i) for i in np.argsort(-lexical, kind="stable")[:depth] if lexical[i] > 0]
        asked, _ = self._bank.search(query, depth)
        spans = [(p.first, p.last) for p in self.loaded.passages]
        lists = [
            *([self._rows[i] for i in ranked] for ranked in (near, near_searched, windows, by_words)),
            retrieval.sentences_of_passages(spans, passages)[:depth],
            retrieval.sentences_of_bank([b.answers for b in self.loaded.bank], asked),
        ]
        kept = [[row for row in ranked if row in self._at] for ranked in lists]
        fused = retrieval.fuse(kept, constant=settings.RRF_CONSTANT, top_k=count)
        cosines = self.loaded.bank_vectors @ query if len(self.loaded.bank) else np.zeros(0, dtype=np.float32)
        return [row for row, _ in fused], cosines

    def _same_questions(self, query: str, bank: Vectors, count: int) -> dict[int, float]:
        """Of the `count` bank questions likest by cosine: the second stage's probability that they ask what the query asks."""
        nearest = [int(n) for n in np.argsort(-bank, kind="stable")[:count]]
        logits = self.second_stage.score(query, [self.loaded.bank[n].question for n in nearest])
        return {n: evidence.probability(float(logit)) for n, logit in zip(nearest, logits, strict=True)}

    def _features(
        self,
        query: str,
        sums: Sequence[float],
        table: np.ndarray,
        lexical: Vectors,
        bank: Vectors,
        texts: Sequence[str],
        order: Sequence[int],
    ) -> dict[str, float]:
        """The decision's features, but for those about words."""
        column = {name: table[:, i] for i, name in enumerate(evidence.SIGNALS)}
        best = [texts[i] for i in order[:4]]
        records = [s.reference + s.year for s in self.loaded.corpus.manifest.sources]
        out = {
            "top": sums[0] if sums else -10.0,
            "second_stage": float(column["second_stage"].max(initial=-10.0)),
            "margin": sums[0] - float(np.mean(sums[1:6])) if len(sums) > 1 else 0.0,
            "cosine": float(column["cosine"].max(initial=0.0)),
            "lexical": float(lexical.max(initial=0.0)),
            "overlap": float(column["overlap"].max(initial=0.0)),
            "number": float(decision.has_foreign_number(query, [*best, *records])),
        }
        answered = bank[~self._unasked] if len(bank) else bank
        unasked_cosines = bank[self._unasked] if len(bank) else bank
        nearest = np.argsort(-bank)[:VOTERS] if len(bank) else np.zeros(0, dtype=int)
        likeness = np.maximum(bank[nearest], 0.0) ** 4 if len(bank) else np.zeros(0)
        asked, unasked = float(answered.max(initial=0.0)), float(unasked_cosines.max(initial=0.0))
        likest = max(asked, unasked)
        share = float((likeness * ~self._unasked[nearest]).sum() / likeness.sum()) if likeness.sum() > 0 else 0.5
        out["asked"] = asked
        out["lean"] = (asked - unasked) * likest
        out["vote"] = (share - 0.5) * likest**2
        return out

    def suggest(self, query: str, count: int) -> tuple[str, ...]:
        """The `count` questions nearest to the query, of the corpus's examples and the bank's plainly worded answered ones."""
        cosines = self._offered_vectors @ self.embedder.embed([query])[0]
        return tuple(self._offered[int(i)] for i in np.argsort(-cosines, kind="stable")[:count])

    def unknown_terms(self, text: str) -> tuple[str, ...]:
        """Content words of the text that the corpus never uses, as typed, in order."""
        typed = {w.lower(): w for w in re.findall(r"[A-Za-z0-9][\w’'-]*", text)}
        return tuple(
            typed.get(w, w)
            for w in content_words(text)
            if self._stem(w) not in self._stems and not all(self._stem(p) in self._stems for p in w.split("-"))
        )

    def _unknown_share(self, query: str) -> float:
        """Share of the query's content words, by rarity, that the corpus never uses."""
        words = content_words(query)
        total = sum(self._rarity.get(self._stem(w), self._unseen) for w in words)
        return len(self.unknown_terms(query)) * self._unseen / total if total else 0.0

    def _farthest_word(self, query: str) -> float:
        """1 - cosine of the content word that lies farthest from every word of the corpus; 0 when all are known."""
        words = [w.lower() for w in self.unknown_terms(query)][:12]
        new = [w for w in words if w not in self._word_vectors]
        if new:
            if len(self._word_vectors) > 20_000:
                self._word_vectors.clear()
            self._word_vectors.update(zip(new, self.embedder.embed(new), strict=True))
        return max(
            (1.0 - float((self.loaded.vocabulary_vectors @ self._word_vectors[w]).max()) for w in words), default=0.0
        )

    def _window_text(self, row: int) -> str:
        """Headings, sentence before and sentence: what the lexical index holds."""
        sentence = self.loaded.sentences[row]
        before = self.loaded.sentences[row - 1].text if sentence.position else ""
        return f"{' '.join(sentence.heading_path)} {before} {sentence.text} {sentence.text}"

    def _count_rarity(self) -> dict[str, float]:
        """log(1 + n / df) of each stem over the windows."""
        counts: dict[str, int] = {}
        for words in self._window_words:
            for stem in words:
                counts[stem] = counts.get(stem, 0) + 1
        return {stem: float(np.log(1 + len(self._window_words) / n)) for stem, n in counts.items()}
