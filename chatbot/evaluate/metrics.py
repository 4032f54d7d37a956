"""The counting: ranking measures, agreement with gold, refusal measures, bootstrap intervals.

Pure functions on plain values. Ranks count from 1. Ties never depend on the order of the input. nDCG is trec_eval's
(the grade itself is the gain), as in BEIR. The bootstrap is the percentile bootstrap over questions, 1,000 resamples
with a fixed seed; for a share of 0 or 1 its interval has no width, so read it with its n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.evaluate.values import Figure, Row

RESAMPLES = 1_000  # the usual number for a 95 % interval; the ends move by about .002 between seeds at n = 100
SEED = 20_250_101  # any fixed number; the same run gives the same interval
LEVEL = 0.95

Floats = NDArray[np.float64]


def hit_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """1 when one of the first k is a gold, else 0.

    >>> hit_at_k(["b", "a"], {"a"}, 1), hit_at_k(["b", "a"], {"a"}, 2)
    (0.0, 1.0)
    """
    return float(any(item in gold for item in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 / rank of the first gold, 0 when there is none.

    >>> reciprocal_rank(["b", "c", "a", "d"], {"a", "d"})  # the first gold is third
    0.3333333333333333
    """
    return next((1 / rank for rank, item in enumerate(ranked, 1) if item in gold), 0.0)


def ndcg_at_k(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Discounted gain of the first k over that of the best order of all graded documents, in [0, 1].

    Worked by hand: grades a = 2, b = 1. Ranked x, b, a: 0/log2(2) + 1/log2(3) + 2/log2(4) = .6309 + 1 = 1.6309.
    Best order a, b: 2/log2(2) + 1/log2(3) = 2.6309. 1.6309 / 2.6309 = .6199.

    >>> round(ndcg_at_k(["x", "b", "a"], {"a": 2, "b": 1}), 4)
    0.6199
    """
    gains = [max(grades.get(item, 0), 0) for item in ranked[:k]]
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def recall_at_k(ranked: Sequence[str], gold: Collection[str], k: int = 100) -> float:
    """The share of the golds among the first k; 0 when there is no gold.

    >>> recall_at_k(["b", "a"], {"a", "z"}, 100)
    0.5
    """
    return len(set(ranked[:k]) & set(gold)) / len(set(gold)) if gold else 0.0


def precision(matches: Sequence[Sequence[bool]]) -> float:
    """The share of quotes that match a gold. `matches[i][j]`: quote i matches gold j. 0 without quotes.

    >>> precision([[True, False], [False, False]])
    0.5
    """
    return sum(map(any, matches)) / len(matches) if matches else 0.0


def recall(matches: Sequence[Sequence[bool]], n_gold: int) -> float:
    """The share of golds that some quote matches. 0 without golds.

    >>> recall([[True, False, False], [True, True, False]], 3)
    0.6666666666666666
    """
    return sum(any(row[j] for row in matches) for j in range(n_gold)) / n_gold if n_gold else 0.0


def auroc(positive: Sequence[float] | Floats, negative: Sequence[float] | Floats) -> float:
    """The chance that a positive scores above a negative; ties count one half. NaN when a side is empty.

    Worked by hand: of the pairs (.9, .8) (.9, .4) (.4, .8) (.4, .4) two are won, one is lost, one is a tie: 2.5 / 4.

    >>> auroc([0.9, 0.4], [0.8, 0.4])
    0.625
    """
    if not len(positive) or not len(negative):
        return math.nan
    ordered = np.sort(np.asarray(negative, dtype=np.float64))
    below = np.searchsorted(ordered, positive, side="left")
    up_to = np.searchsorted(ordered, positive, side="right")
    return float((below + up_to).sum() / 2 / (len(positive) * len(negative)))


def risk_coverage(confidence: Sequence[float] | Floats, error: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """(coverage, risk), from the most confident question on: risk is the mean error of those answered so far.

    Questions of equal confidence share their mean error. Worked by hand: errors 0, 1, 1 at confidence .9, .5, .5 give
    risks 0, (0 + 1) / 2, (0 + 1 + 1) / 3 at coverages 1/3, 2/3, 1.

    >>> [x.round(3).tolist() for x in risk_coverage([0.5, 0.9, 0.5], [1, 0, 1])]
    [[0.333, 0.667, 1.0], [0.0, 0.5, 0.667]]
    """
    n = len(confidence)
    _, group, size = np.unique(-np.asarray(confidence, dtype=np.float64), return_inverse=True, return_counts=True)
    mean_error = np.bincount(group, weights=np.asarray(error, dtype=np.float64)) / size
    counts = np.arange(1, n + 1)
    return counts / n, np.cumsum(np.repeat(mean_error, size)) / counts


def risk_coverage_area(confidence: Sequence[float] | Floats, error: Sequence[float] | Floats) -> float:
    """The mean risk over all coverages, in [0, 1], lower is better. NaN without questions.

    >>> round(risk_coverage_area([0.5, 0.9, 0.5], [1, 0, 1]), 4)  # (0 + 1/2 + 2/3) / 3
    0.3889
    """
    return float(risk_coverage(confidence, error)[1].mean()) if len(confidence) else math.nan


def threshold_at(answerable: Sequence[float] | Floats, false_refusals: float) -> float:
    """The highest threshold that refuses at most this share of answerable questions; a score at it is answered.

    >>> threshold_at([0.1, 0.4, 0.6, 0.9], 0.25)  # .1 is refused, .4 is not
    0.4
    """
    ordered = np.sort(np.asarray(answerable, dtype=np.float64))
    allowed = math.floor(false_refusals * len(ordered) + 1e-9)  # .1 * 30 must count as 3
    return math.inf if allowed >= len(ordered) else float(ordered[allowed])


def refusal_curve(answerable: Sequence[float], unanswerable: Sequence[float]) -> tuple[tuple[float, float, float], ...]:
    """(threshold, false refusals, false answers) for every threshold that changes something, lowest threshold first.

    >>> refusal_curve([0.5, 0.9], [0.5])
    ((0.5, 0.0, 1.0), (0.9, 0.5, 0.0), (inf, 1.0, 0.0))
    """
    positive, negative = np.sort(answerable), np.sort(unanswerable)
    out = []
    for threshold in (*np.unique(np.concatenate([positive, negative])).tolist(), math.inf):
        refused = np.searchsorted(positive, threshold, side="left") / len(positive)
        answered = 1 - np.searchsorted(negative, threshold, side="left") / len(negative)
        out.append((threshold, float(refused), float(answered)))
    return tuple(out)


def mean_figure(values: Sequence[float]) -> Figure:
    """The mean of at least one value.

    >>> mean_figure([1.0, 1.0])
    Figure(value=1.0, low=1.0, high=1.0, n=2)
    """
    return estimate(lambda sample: float(sample.mean()), values)


def estimate(statistic: Callable[..., float], *groups: Sequence[float]) -> Figure:
    """The statistic of the groups, with its interval: each group is resampled by itself. Groups must not be empty."""
    arrays = [np.asarray(group, dtype=np.float64) for group in groups]
    rng = np.random.default_rng(SEED)
    drawn = [statistic(*(a[rng.integers(0, len(a), len(a))] for a in arrays)) for _ in range(RESAMPLES)]
    return _figure(statistic(*arrays), drawn, sum(map(len, arrays)))


def estimate_paired(statistic: Callable[..., float], *columns: Sequence[float]) -> Figure:
    """As `estimate`, for columns of equal length whose rows belong together: whole rows are resampled."""
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    n = len(arrays[0])
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = rng.integers(0, n, n)
        drawn.append(statistic(*(a[chosen] for a in arrays)))
    return _figure(statistic(*arrays), drawn, n)


def _figure(value: float, drawn: Sequence[float], n: int) -> Figure:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Figure(value, float(low), float(high), n)


def mean_figures(rows: Iterable[Row]) -> dict[str, Figure]:
    """A figure for every mark of the rows, in order of first appearance; marks that start with "_" are left out."""
    columns: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.marks.items():
            if not name.startswith("_"):
                columns.setdefault(name, []).append(value)
    return {name: mean_figure(values) for name, values in columns.items()}
