"""The metrics against their worked examples and against slow, obvious references."""

from __future__ import annotations

import doctest
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.evaluate import metrics, replay, targets, values
from chatbot.evaluate.values import Figure, Row

IDS = st.sampled_from("abcdefgh")
RANKED = st.lists(IDS, unique=True)
SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0]), min_size=1, max_size=12)


@pytest.mark.parametrize("module", [metrics, replay, targets, values])
def test_worked_examples(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert (found.failed, found.attempted > 0) == (0, True)


@given(RANKED, st.sets(IDS), st.integers(1, 8))
def test_hit_and_rank_agree(ranked: Sequence[str], gold: set[str], k: int) -> None:
    first = next((i for i, item in enumerate(ranked) if item in gold), None)
    assert metrics.reciprocal_rank(ranked, gold) == (0.0 if first is None else 1 / (first + 1))
    assert metrics.hit_at_k(ranked, gold, k) == float(first is not None and first < k)


@given(RANKED, st.sets(IDS), st.integers(1, 8))
def test_recall_is_a_count(ranked: Sequence[str], gold: set[str], k: int) -> None:
    found = sum(1 for item in gold if item in ranked[:k])
    assert metrics.recall_at_k(ranked, gold, k) == (found / len(gold) if gold else 0.0)


@given(RANKED, st.dictionaries(IDS, st.integers(0, 3), max_size=8), st.integers(1, 8))
def test_ndcg_against_the_definition(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> None:
    def gain(order: Sequence[str]) -> float:
        return sum(grades.get(order[i], 0) / math.log2(i + 2) for i in range(min(k, len(order))))

    best = gain(sorted(grades, key=lambda item: -grades[item]))
    assert metrics.ndcg_at_k(ranked, grades, k) == pytest.approx(gain(ranked) / best if best else 0.0)


def test_ndcg_of_the_best_order_is_one_and_of_none_is_zero() -> None:
    assert metrics.ndcg_at_k(["a", "b", "c"], {"a": 3, "b": 1}) == 1.0
    assert metrics.ndcg_at_k(["c"], {"a": 3}) == 0.0
    assert metrics.ndcg_at_k(["a"], {}) == 0.0


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_won(positive: Sequence[float], negative: Sequence[float]) -> None:
    won = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative)
    assert metrics.auroc(positive, negative) == pytest.approx(won / (len(positive) * len(negative)))


def test_auroc_without_one_side_is_nan() -> None:
    assert math.isnan(metrics.auroc([], [1.0]))
    assert math.isnan(metrics.auroc([1.0], []))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=10))
def test_risk_coverage_area_against_all_orders_of_ties(rows: list[tuple[float, float]]) -> None:
    """A question's expected error is its tie group's mean, however the ties are broken."""
    ordered = sorted(rows, key=lambda row: -row[0])
    mean = [np.mean([e for c, e in rows if c == confidence]) for confidence, _ in ordered]
    slow = np.mean([np.mean(mean[: k + 1]) for k in range(len(rows))])
    confidence, error = zip(*rows, strict=True)
    assert metrics.risk_coverage_area(confidence, error) == pytest.approx(slow)
    shuffled = list(reversed(rows))
    assert metrics.risk_coverage_area(*zip(*shuffled, strict=True)) == pytest.approx(slow)


@given(SCORES, st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.5, 0.9]))
def test_threshold_is_the_highest_allowed(scores: Sequence[float], rate: float) -> None:
    threshold = metrics.threshold_at(scores, rate)
    refused = [sum(s < t for s in scores) / len(scores) for t in (threshold, *[s for s in scores if s > threshold])]
    assert refused[0] <= rate + 1e-9
    assert all(share > rate for share in refused[1:])


def test_threshold_counts_a_tenth_of_thirty_as_three() -> None:
    assert metrics.threshold_at([float(i) for i in range(30)], 0.1) == 3.0
    assert metrics.threshold_at([0.5], 1.0) == math.inf


@given(SCORES, SCORES)
def test_refusal_curve_against_counting(answerable: list[float], near: list[float]) -> None:
    curve = metrics.refusal_curve(answerable, near)
    assert [point[0] for point in curve] == [*sorted({*answerable, *near}), math.inf]
    for threshold, refused, answered in curve:
        assert refused == pytest.approx(sum(s < threshold for s in answerable) / len(answerable))
        assert answered == pytest.approx(sum(s >= threshold for s in near) / len(near))


def test_precision_and_recall_without_quotes_or_golds() -> None:
    assert (metrics.precision([]), metrics.recall([], 2), metrics.recall([[]], 0)) == (0.0, 0.0, 0.0)


def test_bootstrap_interval_is_seeded_and_close_to_theory() -> None:
    """A share of .5 of 100: the standard error is .05, so the interval is about .402 to .598."""
    half = [0.0, 1.0] * 50
    figure = metrics.mean_figure(half)
    assert figure == metrics.mean_figure(half)
    assert (figure.value, figure.n) == (0.5, 100)
    assert (figure.low, figure.high) == pytest.approx((0.402, 0.598), abs=0.02)


def test_groups_are_resampled_by_themselves() -> None:
    figure = metrics.estimate(metrics.auroc, [0.9, 0.8], [0.1, 0.2, 0.3])
    assert figure == Figure(1.0, 1.0, 1.0, 5)


def test_paired_columns_stay_together() -> None:
    """Where the confident are right and the others wrong, error and confidence never part in a resample."""
    figure = metrics.estimate_paired(lambda a, b: float(abs(a - b).max()), [0.0, 1.0, 1.0], [0.0, 1.0, 1.0])
    assert figure == Figure(0.0, 0.0, 0.0, 3)


def test_a_mark_becomes_a_figure_and_a_hidden_one_does_not() -> None:
    rows = [Row(str(i), "q", "near", "answer", (), {"a.gold": float(i), "_error": 1.0}) for i in range(2)]
    figures = metrics.mean_figures([*rows, Row("2", "q", "near", "answer", (), {"b.gold": 1.0})])
    assert {name: (f.value, f.n) for name, f in figures.items()} == {"a.gold": (0.5, 2), "b.gold": (1.0, 1)}
