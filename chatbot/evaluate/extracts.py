"""How much of a text an extract holds, and how much of the extract belongs there.

Words are runs of letters or of digits, in lower case, raised and lowered characters counted as plain ones; they are compared
as multisets of single words (which words) and of four words in a row (in which order). Pure functions; what it leaves out:
punctuation, layout, and which part of a page a word came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+|\d+")
SHINGLE = 4
SMALL = {
    ord(c): unicodedata.normalize("NFKC", c)
    for c in map(chr, range(0x80, 0x2100))
    if unicodedata.decomposition(c).startswith(("<super>", "<sub>"))
} | {0xAD: ""}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares in [0, 1]: of the gold that the extract holds, of the extract that the gold holds, and their harmonic mean."""

    recall: float
    precision: float
    f1: float


def words_of(text: str) -> list[str]:
    """The words of a text, in order.

    >>> words_of("CAPS-5: χ² = 6.4")
    ['caps', '5', 'χ', '2', '6', '4']
    """
    return WORD.findall(text.translate(SMALL).lower())


def shingles_of(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """Each run of n words with how often it occurs; fewer than n words are one run.

    >>> shingles_of(["a", "b", "a", "b"], 2)
    Counter({('a', 'b'): 2, ('b', 'a'): 1})
    """
    if not words:
        return Counter()
    return Counter(tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1)))


def agreement(extract: str, gold: str, n: int = 1) -> Agreement:
    """Of the runs of n words, as multisets. Two empty texts agree wholly, an empty and a full one not at all.

    Worked by hand: gold "the dose fell and the dose rose" has 7 words: the 2, dose 2, fell, and, rose. The extract "menu the
    dose rose" has 4, of which the, dose, rose are in the gold: 3. Recall 3/7, precision 3/4, F1 = 2 * 3 / (7 + 4) = 6/11.
    In runs of two the gold has 6 and the extract 3 (menu the, the dose, dose rose), of which the last two are in the gold:
    recall 2/6, precision 2/3, F1 = 2 * 2 / (6 + 3) = 4/9.

    >>> agreement("menu the dose rose", "the dose fell and the dose rose")
    Agreement(recall=0.42857142857142855, precision=0.75, f1=0.5454545454545454)
    >>> agreement("menu the dose rose", "the dose fell and the dose rose", 2)
    Agreement(recall=0.3333333333333333, precision=0.6666666666666666, f1=0.4444444444444444)
    """
    found, wanted = shingles_of(words_of(extract), n), shingles_of(words_of(gold), n)
    n_found, n_wanted, n_both = found.total(), wanted.total(), (found & wanted).total()
    if not n_found or not n_wanted:
        same = float(n_found == n_wanted)
        return Agreement(same, same, same)
    return Agreement(n_both / n_wanted, n_both / n_found, 2 * n_both / (n_found + n_wanted))


def share_found(snippets: Iterable[str], text: str) -> float:
    """The share of the snippets that stand in the text letter for letter, white space aside; 1 without snippets.

    As trafilatura's own evaluation counts its "with" (1 is best) and "without" (0 is best) segments.

    >>> share_found(["It fell.", "Sign up"], "In 2019\\n it  fell. It fell.")
    0.5
    """
    line = " ".join(text.split())
    found = [" ".join(snippet.split()) in line for snippet in snippets]
    return sum(found) / len(found) if found else 1.0
