"""Which sentences may answer: several ranked lists of sentences, fused.

The lists are of both sizes, sentence and passage, dense and lexical, and by way of the question bank; reciprocal rank fusion
(Cormack, Clarke and Büttcher 2009) needs no scores on one scale. Of the pool that it gives, `leaders` takes what linear models of cheap
signals put first. What it leaves out: reading question and sentence together, which is the second stage's (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Depth:
    """How much the second stage reads: of the pool the `sentences` that all cheap signals put first and, `beside` them, those that they put
    first without the bank's; `alone` those of a corpus that has no bank; and `questions` of the bank."""

    sentences: int
    beside: int
    alone: int
    questions: int

    def counts(self, n_models: int) -> tuple[int, ...]:
        """How many sentences for each of the first stage's models, of which a corpus with a bank has two and one without it one."""
        return (self.sentences, self.beside) if n_models > 1 else (self.alone,)


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


def leaders(sums: Sequence[NDArray[np.float64]], counts: Sequence[int]) -> list[int]:
    """The positions that several models of one pool put first: `counts[0]` by the first, then by each next one as many more that
    those before it left out. `sums` are (pool,) arrays; ties by the earlier position; fewer where the pool ends.

    >>> leaders([np.array([3.0, 2.0, 1.0, 0.0]), np.array([9.0, 0.0, 1.0, 5.0])], [2, 1])
    [0, 1, 3]
    """
    found: list[int] = []
    for logits, count in zip(sums, counts, strict=True):
        left = [int(i) for i in np.argsort(-logits, kind="stable") if int(i) not in found]
        found += left[:count]
    return found


def sentences_of_passages(passages: Sequence[tuple[int, int]], ranked: Iterable[int]) -> list[int]:
    """Sentence rows of passages in ranked order; `passages` are (first, last) sentence rows, both included."""
    return list(dict.fromkeys(row for p in ranked for row in range(passages[p][0], passages[p][1] + 1)))


def sentences_of_bank(answers: Sequence[Sequence[int]], ranked: Iterable[int]) -> list[int]:
    """Sentence rows that answer bank questions, in ranked order."""
    return list(dict.fromkeys(row for q in ranked for row in answers[q]))
