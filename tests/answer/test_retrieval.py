"""Ranked lists of sentences, fused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.retrieval import Depth, fuse, leaders, sentences_of_bank, sentences_of_passages

ranked_lists = st.lists(st.lists(st.integers(0, 12), max_size=10), max_size=6)


def test_worked_by_hand() -> None:
    """Row 3 earns 1/12 + 1/11, row 7 1/11, row 5 1/12; 9 and 2 tie at 1/13 and the lower goes first."""
    found = fuse([[7, 3, 9], [3, 5, 2]], constant=10.0, top_k=4)
    assert found == [(3, 1 / 12 + 1 / 11), (7, 1 / 11), (5, 1 / 12), (2, 1 / 13)]


def test_a_row_that_a_list_repeats_counts_once() -> None:
    assert fuse([[4, 4, 8]], constant=0.0, top_k=9) == [(4, 1.0), (8, 0.5)]


def test_nothing_in_nothing_out() -> None:
    assert fuse([], constant=60.0, top_k=3) == []
    assert fuse([[], []], constant=60.0, top_k=3) == []
    assert fuse([[1]], constant=60.0, top_k=0) == []


def slow_fuse(lists: list[list[int]], constant: float, top_k: int) -> list[tuple[int, float]]:
    """The obvious way: for each row, look for it in each list."""
    rows = sorted({row for ranked in lists for row in ranked})
    scores = []
    for row in rows:
        score = 0.0
        for ranked in lists:
            distinct = [r for i, r in enumerate(ranked) if r not in ranked[:i]]
            if row in distinct:
                score += 1.0 / (constant + (distinct.index(row) + 1))
        scores.append((row, score))
    out = []
    while scores and len(out) < top_k:
        best = scores[0]
        for item in scores:
            if item[1] > best[1]:
                best = item
        out.append(best)
        scores.remove(best)
    return out


@given(ranked_lists, st.floats(0.0, 100.0), st.integers(0, 15))
def test_against_a_slow_reference(lists: list[list[int]], constant: float, top_k: int) -> None:
    assert fuse(lists, constant=constant, top_k=top_k) == slow_fuse(lists, constant, top_k)


def test_sentences_of_passages_in_ranked_order_each_once() -> None:
    passages = [(0, 2), (2, 4), (5, 5)]
    assert sentences_of_passages(passages, [1, 2, 0]) == [2, 3, 4, 5, 0, 1]
    assert sentences_of_passages(passages, []) == []


def test_sentences_of_bank_questions_in_ranked_order_each_once() -> None:
    answers = [(4, 1), (), (1, 9)]
    assert sentences_of_bank(answers, [2, 1, 0]) == [1, 9, 4]
    assert sentences_of_bank(answers, [1]) == []


def test_leaders_of_two_models_by_hand() -> None:
    """The first puts 2, 0 and 3 first; the second 3, 1 and 0, of which 3 is taken already. Ties go to the earlier."""
    sums = [np.array([5.0, 0.0, 9.0, 5.0]), np.array([1.0, 2.0, 0.0, 7.0])]
    assert leaders(sums, (2, 2)) == [2, 0, 3, 1]
    assert leaders(sums, (3, 1)) == [2, 0, 3, 1]
    assert leaders(sums, (1, 1)) == [2, 3]
    assert leaders(sums, (0, 1)) == [3]
    assert leaders([np.zeros(0)], (4,)) == []


def test_each_model_has_its_count() -> None:
    with pytest.raises(ValueError, match="shorter"):
        leaders([np.zeros(2), np.zeros(2)], (1,))


@given(st.lists(st.lists(st.floats(-9.0, 9.0), min_size=7, max_size=7), min_size=1, max_size=3), st.data())
def test_leaders_are_distinct_and_none_left_out_beats_one_taken_for_the_first_model(
    rows: list[list[float]], data: st.DataObject
) -> None:
    counts = data.draw(st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows)))
    found = leaders([np.array(row) for row in rows], counts)
    assert len(found) == len(set(found)) == min(7, sum(min(c, 7) for c in counts))
    chosen = found[: counts[0]]
    assert all(rows[0][a] >= rows[0][b] for a in chosen for b in set(range(7)) - set(chosen))


def test_a_corpus_without_a_bank_has_one_model() -> None:
    depth = Depth(sentences=16, beside=6, alone=40, questions=12)
    assert depth.counts(2) == (16, 6)
    assert depth.counts(1) == (40,)
