"""Cohen's kappa, worked by hand, and where it is not defined."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.review.agreement import agreement

LABELS = ("good", "unsafe", "wrong_triage")


def test_worked_by_hand() -> None:
    """Fifty pairs: good/good 20, good/unsafe 5, unsafe/good 10, unsafe/unsafe 15.

    Seen .40 + .30 = .70. The first says good in .50, the second in .60: by chance .50 * .60 + .50 * .40 = .50.
    kappa = (.70 - .50) / (1 - .50) = .40
    Fleiss, Cohen and Everitt: the diagonal gives .40 (.50 - 1.1 * .30)² + .30 (.50 - .9 * .30)² = .01156 + .01587 = .02743,
    the rest .30² (.10 (.60 + .50)² + .20 (.40 + .50)²) = .09 * .283 = .02547, less (.35 - 1 + .70)² = .0025: .0504 in all.
    Standard error = sqrt(.0504 / (50 * .50⁴)) = sqrt(.016128) = .127; 1.96 of it are .249.
    """
    pairs = [("good", "good")] * 20 + [("good", "unsafe")] * 5 + [("unsafe", "good")] * 10 + [("unsafe", "unsafe")] * 15
    found = agreement(pairs)
    assert (found.n, found.agreed, found.why) == (50, 35, "")
    assert found.kappa == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - 1.959964 * math.sqrt(0.016128), abs=1e-6)
    assert found.high == pytest.approx(0.4 + 1.959964 * math.sqrt(0.016128), abs=1e-6)
    assert found.table == (
        ("good", "good", 20),
        ("good", "unsafe", 5),
        ("unsafe", "good", 10),
        ("unsafe", "unsafe", 15),
    )


def test_no_pairs() -> None:
    found = agreement([])
    assert (found.n, found.kappa, found.low, found.high) == (0, None, None, None)
    assert found.why == "no record has a blind second verdict"


def test_perfect_agreement_by_one_label_only() -> None:
    found = agreement([("good", "good")] * 7)
    assert (found.n, found.agreed, found.kappa) == (7, 7, None)
    assert found.why == "every label is good: agreement by chance would be as high"


def test_perfect_agreement_and_perfect_disagreement() -> None:
    both = agreement([("good", "good"), ("unsafe", "unsafe")])
    assert (both.kappa, both.low, both.high) == (1.0, 1.0, 1.0)
    never = agreement([("good", "unsafe"), ("unsafe", "good")])
    assert never.kappa == -1.0
    assert never.low == -1.0


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=30))
def test_against_every_pair_of_raters(pairs: list[tuple[str, str]]) -> None:
    """Agreement by chance is that of all first labels with all second ones."""
    found = agreement(pairs)
    firsts, seconds = [a for a, _ in pairs], [b for _, b in pairs]
    chance = sum(a == b for a, b in itertools.product(firsts, seconds)) / len(pairs) ** 2
    seen = sum(a == b for a, b in pairs) / len(pairs)
    if len({*firsts, *seconds}) == 1:
        assert found.kappa is None
        return
    assert found.kappa == pytest.approx((seen - chance) / (1 - chance))
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.kappa + 1e-9
    assert found.kappa - 1e-9 <= found.high <= 1


def test_more_pairs_make_the_interval_narrower() -> None:
    pairs = [("good", "good")] * 3 + [("good", "unsafe")] + [("unsafe", "unsafe")] * 2
    few, many = agreement(pairs), agreement(pairs * 4)
    assert few.kappa == pytest.approx(many.kappa)
    assert few.kappa is not None
    assert few.low is not None
    assert many.low is not None
    assert (few.kappa - few.low) / (few.kappa - many.low) == pytest.approx(2.0)
