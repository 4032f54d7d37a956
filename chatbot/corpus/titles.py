"""Whether two titles are of one work.

Titles are printed with and without subtitle, site name and marks, so that equality is too strict, while a heading "Study" lies in
many titles. So both are asked: that the words agree, and that most of the wanted title's words are there. A comment on a work,
which bears the work's title, is not the work. What it leaves out: titles in two languages.
"""

from __future__ import annotations

import re

from rapidfuzz.fuzz import token_set_ratio

ABOUT = re.compile(  # how the title of a text about another one begins
    r"\W*(?:an?\s+|the\s+)?(?:author(?:['’]s|s['’]|s)?\s+|publisher\s+|editor(?:['’]s|ial)?\s+|invited\s+)?"
    r"(?:comment(?:s|ary|aries)?|repl(?:y|ies)|responses?|rejoinder|letters?|correspondence|re|correction|corrigend(?:um|a)|errat(?:um|a)|addendum"
    r"|retraction(?:\s+note)?|retracted|withdrawn|withdrawal|removal|expression\s+of\s+concern|(?:book\s+)?review|critique|editorial|note|notice)"
    r"(?:\s+(?:on|to|of|for|about|regarding|concerning|from)\b|\s*[:–—])",
    re.IGNORECASE,
)
MIN_SHARE = 0.6  # of the wanted title's words that must stand in the other; chosen, not measured


def alike(wanted: str, other: str, least: float) -> bool:
    """`least` is a rapidfuzz token-set ratio in 0-100.

    >>> alike("The Three Elements of Self-Compassion", "The three elements of self-compassion | A site", 80.0)
    True
    >>> alike("The Three Elements of Self-Compassion", "Self-Compassion", 80.0), alike("A study of sleep", "Study", 80.0)
    (False, False)
    """
    if about(wanted, other):
        return False
    words, others = (set(re.findall(r"\w{2,}", title.lower())) for title in (wanted, other))
    share = len(words & others) / len(words) if words else 0.0
    return share >= MIN_SHARE and token_set_ratio(wanted.lower(), other.lower()) >= least


def about(wanted: str, other: str) -> bool:
    """Whether the other title is of a text about a work, such as a comment on it, and the wanted one is not.

    >>> about("Sleep after long shifts", "Comment on “Sleep after long shifts”"), about("Reply to Ada", "Reply to Ada")
    (True, False)
    """
    return bool(ABOUT.match(other)) and not ABOUT.match(wanted)
