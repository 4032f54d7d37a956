"""How far two reviewers agree beyond chance: Cohen's kappa (Cohen 1960), with a 95 % interval.

The interval is kappa +- 1.96 large-sample standard errors (Fleiss, Cohen and Everitt 1969, equation 13, for kappa itself and not
for the test that it is zero). It is cut off at -1 and 1. With few pairs it is too narrow, and with perfect agreement it has no width: `n`
says what it rests on. Left out: weights, because labels have no order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.review.values import Z


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n` pairs, of which `agreed` have the same label. `kappa`, `low` and `high` are None where kappa is not defined: `why` says why.

    `table` are (first label, second label, count), sorted, without empty ones.
    """

    n: int
    agreed: int
    kappa: float | None
    low: float | None
    high: float | None
    why: str
    table: tuple[tuple[str, str, int], ...]


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """How far first and second labels agree.

    >>> agreement([("good", "good"), ("good", "good")]).why
    'every label is good: agreement by chance would be as high'
    """
    n, counts = len(pairs), Counter(pairs)
    agreed = sum(count for (a, b), count in counts.items() if a == b)
    table = tuple((a, b, count) for (a, b), count in sorted(counts.items()))
    if not n:
        return Agreement(0, 0, None, None, None, "no record has a blind second verdict", table)
    labels = sorted({label for pair in pairs for label in pair})
    if len(labels) == 1:
        why = f"every label is {labels[0]}: agreement by chance would be as high"
        return Agreement(n, agreed, None, None, None, why, table)
    shares = {(a, b): counts[a, b] / n for a in labels for b in labels}
    kappa, error = _kappa(shares, labels, n)
    return Agreement(n, agreed, kappa, max(-1.0, kappa - Z * error), min(1.0, kappa + Z * error), "", table)


def _kappa(shares: dict[tuple[str, str], float], labels: Sequence[str], n: int) -> tuple[float, float]:
    """Kappa and its standard error. At least two labels occur, so that agreement by chance is below 1."""
    first = {a: sum(shares[a, b] for b in labels) for a in labels}
    second = {b: sum(shares[a, b] for a in labels) for b in labels}
    seen = sum(shares[a, a] for a in labels)
    chance = sum(first[a] * second[a] for a in labels)
    same = sum(shares[a, a] * ((1 - chance) - (first[a] + second[a]) * (1 - seen)) ** 2 for a in labels)
    other = sum(shares[a, b] * (second[a] + first[b]) ** 2 for a in labels for b in labels if a != b)
    variance = same + (1 - seen) ** 2 * other - (seen * chance - 2 * chance + seen) ** 2
    return (seen - chance) / (1 - chance), math.sqrt(max(0.0, variance) / (n * (1 - chance) ** 4))
