"""How hard the quotes of an answer are to read, as a school grade: the Automated Readability Index (Smith & Senter 1967).

    grade = 4.71 * characters / words + 0.5 * words / sentences - 21.43

It counts letters, words and sentences, of which nothing must be guessed: formulas over syllables (Flesch-Kincaid) need a rule for
"amygdala", and Coleman-Liau (1975) counts per hundred words, of which a quote has thirty. It was fitted on books for adults; of
a short text a grade says roughly how long its words and sentences are, and nothing of its thought. Too short a text gets none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MIN_WORDS = 25  # below, one long word moves the grade by more than two
MIN_GRADE, MAX_GRADE = (
    1,
    20,
)  # the scale ends at the last year of a university; a sentence of sixty words is simply at its end
CITED = re.compile(r"\s*\([^()]*\b(?:\d{4}|n\.d\.)[^()]*\)")  # "(Mitchell et al., 2021)" is not read as prose
WORD = re.compile(r"[^\W_]+(?:[-’'.,/][^\W_]+)*")


def reading_grade(quotes: Sequence[Sequence[str]]) -> int | None:
    """The grade of quotes, each given as its sentences; None when they have fewer than MIN_WORDS words.

    Worked by hand: five times "The cat sat on the mat" has 30 words, 85 letters, 5 sentences: 4.71 * 85 / 30 + 0.5 * 30 / 5 - 21.43 =
    13.35 + 3 - 21.43 = -5.09, so the lowest grade.

    >>> reading_grade([["The cat sat on the mat."] * 5])
    1
    """
    sentences = [CITED.sub("", sentence) for quote in quotes for sentence in quote]
    words: list[str] = [word for sentence in sentences for word in WORD.findall(sentence)]
    if len(words) < MIN_WORDS:
        return None
    letters = sum(character.isalnum() for word in words for character in word)
    counted = sum(bool(WORD.search(sentence)) for sentence in sentences)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / counted - 21.43
    return min(max(round(grade), MIN_GRADE), MAX_GRADE)
