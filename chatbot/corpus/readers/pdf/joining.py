"""Joins the lines of a paragraph: takes out the hyphens that only broke a word, and keeps those that belong to it.

The document's own words decide: "self-" and "compassion" stay "self-compassion" where that stands somewhere in one piece and
"selfcompassion" does not. A word seen in neither form keeps its hyphen if it has another one or if both halves are words of the
document, long enough to be no prefix. What it leaves out: a dictionary, and hyphens that one page prints inside a line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

HYPHENS = "-‐‑"
WORD = re.compile(rf"[^\W\d_]+(?:[{HYPHENS}’'][^\W\d_]+)*")
BROKEN = re.compile(rf"([^\W\d_]+(?:[{HYPHENS}][^\W\d_]+)*)[{HYPHENS}]$")
MIN_HALF = 4  # letters: shorter halves are mostly prefixes and syllables ("in-", "com-")
ADDRESS_END = re.compile(r"(?:https?:|www\.|doi\.org|doi:)\S*[/.\-_=?&%:]$", re.IGNORECASE)
ADDRESS_MORE = re.compile(r"[\w/%.?=&~-]+[/.\d_-]")
DASHES = "–—/"
SUSPENDED = ("and", "or", "to", "und", "et", "y", "o", "oder", "ou")  # "pre- and post-test"

Vocabulary = Mapping[str, int]


def vocabulary(lines: Iterable[str]) -> Vocabulary:
    """How often each word stands in one piece, in lower case; a line's first and last words may be halves and do not count.

    >>> sorted(vocabulary(["a half-hour walk in the park helps"]))
    ['half-hour', 'in', 'park', 'the', 'walk']
    """
    found: Counter[str] = Counter()
    for line in lines:
        found.update(word.lower() for word in WORD.findall(line)[1:-1])
    return found


def join_lines(lines: Sequence[str], words: Vocabulary) -> str:
    """One line of text.

    >>> join_lines(["We meas-", "ured self-", "compassion and non-", "English COVID-", "19 cases, pages 10–", "20"], {"self-compassion": 2})
    'We measured self-compassion and non-English COVID-19 cases, pages 10–20'
    """
    out: list[str] = []
    for line in filter(None, map(str.strip, lines)):
        if out:
            out[-1], between = _seam(out[-1], line, words)
            out.append(between)
        out.append(line)
    return " ".join("".join(out).split())


def _seam(before: str, line: str, words: Vocabulary) -> tuple[str, str]:
    """The line before, without a hyphen that only broke a word, and what stands between the two."""
    last = before.rsplit(None, 1)[-1]
    broken, following = BROKEN.search(last), WORD.match(line)
    if ADDRESS_END.search(last) and ADDRESS_MORE.match(line):
        return before, ""
    if broken and following and following.group().lower() not in SUSPENDED:
        keeps = line[0].isupper() or _keeps(broken.group(1), following.group(), words)
        return before if keeps else before[:-1], ""
    bound = last[-1] in DASHES or (last[-1] in HYPHENS and line[0].isdigit())
    return before, "" if bound and len(last) > 1 else " "


def _keeps(first: str, second: str, words: Vocabulary) -> bool:
    """Whether the hyphen between two halves belongs to the word.

    >>> _keeps("meta", "analysis", {"meta-analysis": 1}), _keeps("treat", "ment", {"treatment": 3}), _keeps("state-of-the", "art", {})
    (True, False, True)
    """
    one, two = first.lower(), second.lower()
    closed, open_ = words.get(one + two, 0), words.get(f"{one}-{two}", 0)
    if closed or open_:
        return open_ > closed
    if any(h in first for h in HYPHENS):
        return True
    halves = (re.split(rf"[{HYPHENS}]", one)[-1], re.split(rf"[{HYPHENS}]", two)[0])
    return all(len(half) >= MIN_HALF and words.get(half, 0) for half in halves)
