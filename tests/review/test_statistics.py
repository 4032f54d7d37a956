"""Shares with Wilson's interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.review.statistics import Z, week_of, wilson


def test_worked_by_hand() -> None:
    """8 of 10, z² = 3.8415: the middle is (.8 + .19207) / 1.38415 = .71674, half the width
    1.95996 * sqrt(.016 + .0096036) / 1.38415 = .31362 / 1.38415 = .22658."""
    share = wilson("g", 8, 10)
    assert (share.name, share.hits, share.n, share.value) == ("g", 8, 10, 0.8)
    assert (share.low, share.high) == pytest.approx((0.71674 - 0.22658, 0.71674 + 0.22658), abs=2e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_are_where_the_score_test_just_rejects(drawn: tuple[int, int]) -> None:
    hits, n = drawn
    share = wilson("x", hits, n)
    assert 0 <= share.low <= share.value <= share.high <= 1
    for end, at_border in ((share.low, hits == 0), (share.high, hits == n)):
        if not at_border:
            assert abs(share.value - end) == pytest.approx(Z * (end * (1 - end) / n) ** 0.5, abs=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson("x", hits, n)


def test_weeks_belong_to_the_year_of_their_thursday() -> None:
    assert [week_of(day) for day in ("2026-11-24", "2026-11-29T08:00Z", "2027-01-03", "2027-01-04")] == [
        "2026-W48",
        "2026-W48",
        "2026-W53",
        "2027-W01",
    ]
