"""Which sentences may answer: several ranked lists of sentences, fused.

The lists are of both sizes, sentence and passage, dense and lexical, and by way of the question bank; reciprocal rank fusion
(Cormack, Clarke and Büttcher 2009) needs no scores on one scale. What it leaves out: reading question and sentence together,
which is the second stage's (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Depth:
    """How many candidate sentences, and questions of the bank, the second stage reads."""

    sentences: int
    questions: int


def fuse(lists: Iterable[Sequence[int]], *, constant: float, top_k: int) -> list[tuple[int, float]]:
    """(row, fused score) of the `top_k` best rows, best first; ties by the lower row.

    A row at rank r of a list earns 1 / (constant + r).

    >>> fuse([[7, 3], [3]], constant=60.0, top_k=2)
    [(3, 0.03252247488101534), (7, 0.01639344262295082)]
    """
    scores: dict[int, float] = {}
    for ranked in lists:
        for rank, row in enumerate(dict.fromkeys(ranked), 1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (constant + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:top_k]


def sentences_of_passages(passages: Sequence[tuple[int, int]], ranked: Iterable[int]) -> list[int]:
    """Sentence rows of passages in ranked order; `passages` are (first, last) sentence rows, both included."""
    return list(dict.fromkeys(row for p in ranked for row in range(passages[p][0], passages[p][1] + 1)))


def sentences_of_bank(answers: Sequence[Sequence[int]], ranked: Iterable[int]) -> list[int]:
    """Sentence rows that answer bank questions, in ranked order."""
    return list(dict.fromkeys(row for q in ranked for row in answers[q]))
