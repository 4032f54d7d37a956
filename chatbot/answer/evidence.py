"""How well a sentence answers, among the candidates: a weighted sum of signals, as a share.

The signals of a (question, sentence) pair, in the order of SIGNALS:

    second_stage   logit of the cross-encoder, which reads both together
    cosine         of question and sentence
    window         cosine of question and (headings, sentence before, sentence)
    passage        highest cosine of the question and a passage that holds the sentence
    lexical        BM25 of the sentence, as a share of the best sentence's (0 when no word is shared)
    overlap        share of the question's content words, weighted by rarity, that the window holds
    whole          1 for a sentence of a text that is there whole, 0 for one of a note about a text
    bank           highest cosine of the question and a bank question that the sentence answers (0: none)
    same           the second stage's highest probability that one of those asks the same (0: none)
    votes          share of the votes of all bank questions that were read which those have: each votes for its sentences with the
                   probability that it asks the same x its cosine to the fourth

The weights are a conditional logit (McFadden 1974; the listwise loss of ListNet, Cao et al. 2007): they make the golds' share of
each question's candidates large. They are fitted on the development cases (`chatbot.training.decision`) and standardised by
the means and scales that stand beside them. Whether the best sentence answers at all is `decision`'s to say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from chatbot.datatypes import Evidence
from chatbot.errors import ModelError

SIGNALS = ("second_stage", "cosine", "window", "passage", "lexical", "overlap", "whole", "bank", "same", "votes")
SECOND_STAGE = SIGNALS.index("second_stage")
POOL_FLOOR = 1e-3  # on 58 follow-ups .01 led with two fewer right sentences, .0001 with one more or one fewer


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A linear model over named inputs: logit = bias + sum of weight * (x - mean) / scale."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) logits of an (n, len(names)) array."""
        scaled = (rows - np.array(self.means)) / np.array(self.scales)
        return np.asarray(scaled @ np.array(self.weights) + self.bias)

    def logits_of(self, table: NDArray[np.float64], columns: Sequence[str]) -> NDArray[np.float64]:
        """(n,) logits of an (n, len(columns)) array whose `columns` hold every name of the model. Raises ValueError for a missing one."""
        return self.logits(table[:, [columns.index(name) for name in self.names]])

    def logit(self, values: Mapping[str, float]) -> float:
        """The logit of one row given by name. Raises KeyError for a missing name."""
        return float(self.logits(np.array([[values[name] for name in self.names]]))[0])


def shares(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each candidate's share: e^logit over the sum of all of them. (n,), sums to 1; empty for none.

    >>> shares(np.array([0.0, 0.0, -50.0])).round(3).tolist()
    [0.5, 0.5, 0.0]
    """
    if not len(logits):
        return logits
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


def pool(readings: Sequence[Sequence[Evidence]]) -> tuple[Evidence, ...]:
    """What several readings of one question find together, best first: the geometric mean of the shares, summing to 1.

    A sentence that one of them did not find has the share POOL_FLOOR there, and its signals are those of the first that found it. The
    logarithmic opinion pool of Genest & Zidek (1986) with equal weights: what one reading alone finds, such as the answer to the
    question before, gives way to what all of them find well.
    """
    found: dict[int, Evidence] = {}
    for item in chain(*readings):
        found.setdefault(item.row, item)
    logs = np.zeros(len(found))
    for items in readings:
        scores = {item.row: item.score for item in items}
        logs += [math.log(max(scores.get(row, 0.0), POOL_FLOOR)) / len(readings) for row in found]
    pooled = [replace(item, score=float(s)) for item, s in zip(found.values(), shares(logs), strict=True)]
    return tuple(sorted(pooled, key=lambda item: (-item.score, item.row)))


def probability(logit: float) -> float:
    """1 / (1 + e^-logit), without overflow. Raises ModelError for a logit that is no number: a guess would be an answer."""
    if math.isnan(logit):
        raise ModelError(
            "a model gave no number for this question; reinstall the models and run `chatbot index verify`"
        )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def overlap(
    question_words: Sequence[str], text_words: frozenset[str], rarity: Mapping[str, float], unseen: float
) -> float:
    """Share of the question's words, weighted by rarity, that the text holds; 0 for no words.

    >>> overlap(["a", "b"], frozenset({"a"}), {"a": 1.0, "b": 3.0}, 5.0)
    0.25
    """
    total = sum(rarity.get(w, unseen) for w in question_words)
    return sum(rarity.get(w, unseen) for w in question_words if w in text_words) / total if total else 0.0
