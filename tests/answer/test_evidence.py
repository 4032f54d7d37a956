"""Weighted sums as probabilities, and the share of a question's words that a text holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.evidence import POOL_FLOOR, LinearModel, overlap, pool, probability
from chatbot.datatypes import Evidence, Sentence
from chatbot.errors import ModelError

MODEL = LinearModel(("a", "b"), (1.0, 10.0), (2.0, 5.0), (0.5, -3.0), 0.25)
words = st.lists(st.sampled_from("abcdef"), unique=True)


def test_logits_worked_by_hand() -> None:
    """For a = 5, b = 15: .25 + .5 * (5 - 1) / 2 - 3 * (15 - 10) / 5 = .25 + 1 - 3 = -1.75; at the means only the bias is left."""
    assert MODEL.logits(np.array([[5.0, 15.0], [1.0, 10.0]])).tolist() == [-1.75, 0.25]
    assert MODEL.logit({"b": 15.0, "a": 5.0, "unused": 9.0}) == -1.75
    assert MODEL.logits(np.zeros((0, 2))).shape == (0,)


def test_a_missing_input_is_an_error() -> None:
    with pytest.raises(KeyError, match="b"):
        MODEL.logit({"a": 5.0})


def test_probabilities() -> None:
    assert probability(0.0) == 0.5
    assert probability(math.log(3.0)) == pytest.approx(0.75, abs=1e-15)
    assert probability(1e9) == probability(30.0) < 1.0
    assert probability(-math.inf) == probability(-30.0) > 0.0


def test_what_is_no_number_is_no_probability() -> None:
    with pytest.raises(ModelError, match="gave no number"):
        probability(math.nan)


@given(st.floats(-29.0, 29.0), st.floats(0.001, 1.0))
def test_probabilities_rise_and_mirror(logit: float, step: float) -> None:
    assert probability(logit) < probability(logit + step)
    assert probability(logit) + probability(-logit) == pytest.approx(1.0, abs=1e-12)


def test_overlap_worked_by_hand() -> None:
    """Of a (1), b (3) and the unseen x (6) the text holds b: 3 / 10."""
    assert overlap(["a", "b", "x"], frozenset("bz"), {"a": 1.0, "b": 3.0}, 6.0) == 0.3
    assert overlap([], frozenset("b"), {}, 6.0) == 0.0


@given(words, words, st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 9.0)))
def test_overlap_is_a_share(question: list[str], text: list[str], rarity: dict[str, float]) -> None:
    share = overlap(question, frozenset(text), rarity, 5.0)
    assert 0.0 <= share <= 1.0
    assert (share == 0.0) is not bool(set(question) & set(text))
    assert overlap(question, frozenset(question), rarity, 5.0) == float(bool(question))


# --- what several readings find together ------------------------------------------------------------------------------


def shared(**shares: float) -> list[Evidence]:
    """Evidence for rows named a (0), b (1) and so on, in the order given."""
    rows = {name: ord(name) - ord("a") for name in shares}
    return [
        Evidence(rows[name], Sentence("d", 0, 1, name, (), "body", 0, rows[name]), share, (("seen", share),))
        for name, share in shares.items()
    ]


def test_pooled_shares_worked_by_hand() -> None:
    """Geometric means: a sqrt(.8 * .1) = .2828, b sqrt(.2 * .9) = .4243; of .7071 together these are .4 and .6."""
    found = pool([shared(a=0.8, b=0.2), shared(b=0.9, a=0.1)])
    assert [(e.row, pytest.approx(e.score)) for e in found] == [(1, 0.6), (0, 0.4)]
    assert found[0].signals == (("seen", 0.2),)


def test_what_one_reading_alone_finds_gives_way() -> None:
    """a is nothing to the second reading and counts as the floor there: sqrt(.9 * .001) = .03; b sqrt(.1 * .1) = .1."""
    assert POOL_FLOOR == 0.001
    first, second = pool([shared(a=0.9, b=0.1), shared(b=0.1, c=0.9)])[:2]
    assert (first.row, second.row) == (1, 0)
    assert first.score / second.score == pytest.approx(10 / math.sqrt(9), rel=1e-9)


def test_a_pool_of_one_or_of_nothing() -> None:
    assert [(e.row, pytest.approx(e.score)) for e in pool([shared(a=0.75, b=0.25)])] == [(0, 0.75), (1, 0.25)]
    assert pool([[], []]) == ()
