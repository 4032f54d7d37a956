"""One question against one generation: candidates, signals, evidence and the confidence that any of it answers.

`Reader` composes the first stage (`searching`), the second and the steps of `answer`. It knows no conversation, no triage and no
wording: `listening` calls it once for each reading of each part of a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot import settings
from chatbot.answer import decision, evidence, pinning, retrieval
from chatbot.answer.question import content_words, expand, replace_synonyms
from chatbot.answer.retrieval import Depth
from chatbot.datatypes import Embedder, Evidence, PinQuestion, SecondStage, Vectors
from chatbot.loading import Loaded
from chatbot.pinboard import Board
from chatbot.searching import Query, Search

VOTERS = 8
# A message of so few words of its own, of which the corpus knows none, asks nothing of it ("hello", "how are you?"): of 23 such calibration
# questions all but one have no answer, and that one points to the subject and is answered by that.
FEW = 2
LIKE = 0.6  # cosine of a question of the bank that has an answer: then few words are enough, as in "what is overidentifcation"
FULL = Depth(settings.MAX_CANDIDATES, settings.BESIDE_BANK, settings.WITHOUT_BANK, settings.BANK_READ)
AGAIN = Depth(  # of what has been read in other words before
    settings.MAX_CANDIDATES_AGAIN, settings.BESIDE_BANK_AGAIN, settings.WITHOUT_BANK_AGAIN, settings.BANK_READ_AGAIN
)


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
        self.search = Search(loaded)
        self._rows = loaded.rows
        self._unasked = np.array([not b.answers for b in loaded.bank], dtype=bool)
        self.stems, self._stem = self.search.stems, self.search.stem
        self.board = Board(loaded, embedder, second_stage, self._stem)
        self._stems = {self._stem(w) for w in loaded.vocabulary} | {
            s for words in self.search.window_words for s in words
        }
        self._word_vectors: dict[str, Vectors] = {}
        examples = loaded.corpus.manifest.examples
        plain = [n for n, b in enumerate(loaded.bank) if b.plain and b.answers and b.question not in examples]
        self._offered = [*examples, *(loaded.bank[n].question for n in plain)]
        offered = [embedder.embed(examples)] if examples else []
        self._offered_vectors = np.concatenate([*offered, loaded.bank_vectors[plain]])

    def read(self, query: str, searched: str = "", typed: str = "", depth: Depth = FULL) -> Reading:
        """Reads one query. `searched` is what is retrieved with (synonyms added), `typed` the reader's own words, `depth` how much the
        second stage reads."""
        vectors = self.embedder.embed(list(dict.fromkeys((query, searched or query))))
        met = self.board.meet(query, vectors[0])
        banned = pinning.banned_rows(met)
        asked = self._asked(query, searched or query, vectors, banned, depth.questions)
        pool = [row for row in self.search.pool(asked) if row not in banned]
        measured = self.search.measured(asked, pool)
        first = [model.logits_of(measured, evidence.SIGNALS) for model in self.weights.first]
        leaders = retrieval.leaders(first, depth.counts(len(first)))
        rows = [pool[i] for i in leaders]
        table = self._read_together(query, rows, measured[leaders])
        model = self.weights.evidence
        sums = model.logits_of(table, evidence.SIGNALS)
        scores, order = evidence.shares(sums), sorted(range(len(rows)), key=lambda i: (-sums[i], rows[i]))
        found = tuple(self._evidence(rows[i], float(scores[i]), table[i]) for i in order)
        others = [row for row in pinning.rows_met(met) if row not in rows]
        beside = self._read_together(query, others, self.search.measured(asked, others))
        aside = tuple(self._evidence(row, 0.0, line) for row, line in zip(others, beside, strict=True))
        best = [self.loaded.sentences[rows[i]].text for i in order[:4]]
        features = self._features(asked, [float(sums[i]) for i in order], table, measured, best)
        features["same"] = max((p for n, p in asked.same.items() if not self._unasked[n]), default=0.0)
        features["refused"] = max((p for n, p in asked.same.items() if self._unasked[n]), default=0.0)
        features["unknown"] = self._unknown_share(typed or query)
        features["far"] = self._farthest_word(typed or query)
        confidence = evidence.probability(self.weights.answerable.logit(features))
        if features["asked"] < LIKE and self.says_nothing(searched or query):
            confidence = 0.0
        likely = {e.row for e in found if e.score >= settings.CORRECTS_SHARE}
        corrects = tuple(row for row in self._corrections(asked.same) if row in likely)
        return Reading(query, found, features, confidence, self.unknown_terms(typed or query), met, aside, corrects)

    def _corrections(self, same: Mapping[int, float]) -> tuple[int, ...]:
        """The rows that correct the question of the bank which most surely asks the same; none when it is not sure or has none."""
        number = max(same, key=lambda n: same[n], default=None)
        if number is None or same[number] < settings.CORRECTS_FROM:
            return ()
        return self.loaded.bank[number].corrects

    def _asked(self, text: str, searched: str, vectors: Vectors, banned: frozenset[int], count: int) -> Query:
        """The text as it is searched with, without what leads to `banned` rows, and what the `count` likest bank questions have in common
        with it. `vectors` is (1 or 2, dimension): of the text, and of `searched` where that is another."""
        lexical, bank = self.search.lexical(searched), self.search.bank(vectors[0])
        if banned:
            lexical = pinning.silenced(lexical, [[row] for row in self._rows], banned)
            bank = pinning.silenced(bank, [b.answers for b in self.loaded.bank], banned)
        return Query(text, vectors[0], vectors[-1], lexical, bank, self._same_questions(text, bank, count))

    def _read_together(self, query: str, rows: Sequence[int], measured: np.ndarray) -> np.ndarray:
        """`measured`, which is (rows, signals), with the second stage's column filled: a copy."""
        table = measured.copy()
        table[:, evidence.SECOND_STAGE] = self.second_stage.score(query, [self.loaded.sentences[r].text for r in rows])
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

    def goes_on(self, reading: Reading, row: int) -> bool:
        """Whether a sentence after a leading quote, read before or only now, has to do with what is asked too."""
        found = next((e for e in reading.evidence if e.row == row), None)
        if found and found.score >= settings.GOES_ON_SHARE * reading.top:
            return True
        text = self.loaded.sentences[row].text
        logit = dict(found.signals)["second_stage"] if found else self.second_stage.score(reading.query, [text])[0]
        return float(logit) >= settings.GOES_ON_LOGIT

    def _same_questions(self, query: str, bank: Vectors, count: int) -> dict[int, float]:
        """Of the `count` bank questions likest by cosine: the second stage's probability that they ask what the query asks."""
        nearest = [int(n) for n in np.argsort(-bank, kind="stable")[:count]]
        logits = self.second_stage.score(query, [self.loaded.bank[n].question for n in nearest])
        return {n: evidence.probability(float(logit)) for n, logit in zip(nearest, logits, strict=True)}

    def _features(
        self, asked: Query, sums: Sequence[float], table: np.ndarray, pool: np.ndarray, best: Sequence[str]
    ) -> dict[str, float]:
        """The decision's features, but for those about words: of what was read (`table`, its `sums` in falling order and its `best` texts)
        and of the whole pool."""
        column = {name: pool[:, i] for i, name in enumerate(evidence.SIGNALS)}
        records = [s.reference + s.year for s in self.loaded.corpus.manifest.sources]
        bank, lexical = asked.bank, asked.lexical
        out = {
            "top": sums[0] if sums else -10.0,
            "second_stage": float(table[:, evidence.SECOND_STAGE].max(initial=-10.0)),
            "margin": sums[0] - float(np.mean(sums[1:6])) if len(sums) > 1 else 0.0,
            "cosine": float(column["cosine"].max(initial=0.0)),
            "lexical": float(lexical.max(initial=0.0)),
            "overlap": float(column["overlap"].max(initial=0.0)),
            "number": float(decision.has_foreign_number(asked.text, [*best, *records])),
        }
        answered = bank[~self._unasked] if len(bank) else bank
        unasked_cosines = bank[self._unasked] if len(bank) else bank
        nearest = np.argsort(-bank)[:VOTERS] if len(bank) else np.zeros(0, dtype=int)
        likeness = np.maximum(bank[nearest], 0.0) ** 4 if len(bank) else np.zeros(0)
        known, unknown = float(answered.max(initial=0.0)), float(unasked_cosines.max(initial=0.0))
        likest = max(known, unknown)
        share = float((likeness * ~self._unasked[nearest]).sum() / likeness.sum()) if likeness.sum() > 0 else 0.5
        out["asked"] = known
        out["lean"] = (known - unknown) * likest
        out["vote"] = (share - 0.5) * likest**2
        return out

    def suggest(self, query: str, count: int) -> tuple[str, ...]:
        """The `count` questions nearest to the query, of the corpus's examples and the bank's plainly worded answered ones."""
        cosines = self._offered_vectors @ self.embedder.embed([query])[0]
        return tuple(self._offered[int(i)] for i in np.argsort(-cosines, kind="stable")[:count])

    def says_nothing(self, text: str) -> bool:
        """Whether a text holds nothing that could be looked for: of few words of its own the corpus has none."""
        words = content_words(text)
        return len(words) <= FEW and len(self.unknown_terms(text)) == len(words)

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
        total = sum(self.search.rarity.get(self._stem(w), self.search.unseen) for w in words)
        return len(self.unknown_terms(query)) * self.search.unseen / total if total else 0.0

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
