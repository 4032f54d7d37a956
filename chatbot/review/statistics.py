"""Shares with an interval: how many of the judged replies were good, by day, by week, by generation.

The interval is Wilson's (1927) score interval at 95 %, which holds also for few replies and for shares of 0 and 1. Judged replies are
no random sample: the desk shows doubtful ones first, so the share of good ones among them is lower than among all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from chatbot.review.values import Z

GOOD = "good"


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n` as a share, with a 95 % interval."""

    name: str
    hits: int
    n: int
    value: float
    low: float
    high: float


def wilson(name: str, hits: int, n: int) -> Share:
    """The share of `hits` among `n`, at least 1. The interval is (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    >>> share = wilson("x", 8, 10)
    >>> (share.value, round(share.low, 3), round(share.high, 3))
    (0.8, 0.49, 0.943)
    """
    if not 0 <= hits <= n or not n:
        raise ValueError(f"{hits} of {n} is no share")
    p, z2 = hits / n, Z * Z / n
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n))
    low, high = ((p + z2 / 2 + sign * half) / (1 + z2) for sign in (-1, 1))
    return Share(name, hits, n, p, 0.0 if hits == 0 else low, 1.0 if hits == n else high)


def week_of(day: str) -> str:
    """The ISO week of a day.

    >>> week_of("2027-01-01")
    '2026-W53'
    """
    year, week, _ = date.fromisoformat(day[:10]).isocalendar()
    return f"{year}-W{week:02}"
