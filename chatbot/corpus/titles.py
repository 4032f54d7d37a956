"""Whether two titles are of one work.

Titles are printed with and without subtitle, site name and marks, so that equality is too strict, while a heading "Study" lies in
many titles. So both are asked: that the words agree, and that most of the wanted title's words are there. What it leaves out: titles in
two languages.
"""

from __future__ import annotations

import re

from rapidfuzz.fuzz import token_set_ratio

MIN_SHARE = 0.6  # of the wanted title's words that must stand in the other; chosen, not measured


def alike(wanted: str, other: str, least: float) -> bool:
    """`least` is a rapidfuzz token-set ratio in 0-100.

    >>> alike("The Three Elements of Self-Compassion", "The three elements of self-compassion | A site", 80.0)
    True
    >>> alike("The Three Elements of Self-Compassion", "Self-Compassion", 80.0), alike("A study of sleep", "Study", 80.0)
    (False, False)
    """
    words, others = (set(re.findall(r"\w{2,}", title.lower())) for title in (wanted, other))
    share = len(words & others) / len(words) if words else 0.0
    return share >= MIN_SHARE and token_set_ratio(wanted.lower(), other.lower()) >= least
