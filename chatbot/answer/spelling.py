"""Corrects misspelt words against the corpus's own vocabulary and common English.

A word that either of them knows is never changed. Any other is replaced by the nearest known word by optimal string alignment
distance (one edit for up to five letters, two from six on), corpus words first, then the more frequent. Names and
abbreviations (capitals, digits) are only ever mended to a corpus word. English words and their counts are the list that
symspellpy ships (82,765 words, from Google Books n-grams and SCOWL).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chatbot.settings import MIN_CORRECTED_LENGTH

WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
CONTRACTED = {
    "whats", "thats", "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "cant", "couldnt", "wont", "wouldnt",
    "shouldnt", "hows", "wheres", "whos", "theres", "heres", "its", "im", "ive", "id", "youre", "theyre", "theyve", "hes", "shes",
    "lets", "havent", "hasnt", "hadnt", "aint", "gonna", "wanna", "gotta", "kinda", "dunno", "ok", "pls", "plz", "ur", "u",
    "cos", "cuz", "coz", "tho", "thx", "btw", "lol", "omg", "tbh", "idk", "mum", "bloke", "mates",
}  # fmt: skip
COMMON = 30_000_000  # occurrences from which an English word is common enough to be what a short word was meant to be


@cache
def english_counts() -> dict[str, int]:
    """English words and how often they occur."""
    text = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return {word: int(count) for word, count in (line.split() for line in text.splitlines())}


class Speller:
    """Corrects questions against the vocabulary of some texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        shown: dict[str, Counter[str]] = {}
        for text in texts:
            for found in WORD.findall(text):
                word = found.lower().replace("’", "'").removesuffix("'s")
                counts[word] += 1
                shown.setdefault(word, Counter())[found] += 1
        self._corpus = counts
        self._abbreviations = {w for w, forms in shown.items() if forms.most_common(1)[0][0].isupper() and len(w) > 2}
        self._corpus_words = sorted(w for w in counts if len(w) > 2)
        self._english_words = sorted(w for w, n in english_counts().items() if len(w) > 2 and n > 1_000_000)

    def knows(self, word: str) -> bool:
        """True for a word of the corpus, of English, or a contraction as people type it."""
        plain = word.lower().replace("’", "'").removesuffix("'s")
        return (
            plain in self._corpus
            or plain in english_counts()
            or plain in CONTRACTED
            or plain.replace("'", "") in CONTRACTED
            or "'" in plain
        )

    def correct(self, question: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """(corrected question, (typed, read as) pairs). Nothing but the misspelt words changes."""
        changes: list[tuple[str, str]] = []

        def mend(match: re.Match[str]) -> str:
            typed = match.group()
            before, after = question[: match.start()], question[match.end() :]
            if re.search(r"[\w@./]$", before) or re.match(r"[\d@_/]|\.\w", after):  # part of an address or a code
                return typed
            meant = self._nearest(typed)
            if meant and meant.lower() != typed.lower():
                changes.append((typed, meant))
                return meant
            return typed

        return WORD.sub(mend, question), tuple(changes)

    def _nearest(self, typed: str) -> str:
        """The word that was meant, or "" when the typed one is right or nothing is near."""
        word = typed.lower()
        if self.knows(word) or len(word) < MIN_CORRECTED_LENGTH:
            return ""
        limit = 1 if len(word) < 6 else 2
        name = typed.isupper() or (typed[0].isupper() and typed[1:].islower() and len(typed) > 3)
        options: list[tuple[float, str]] = []
        for near, distance, _ in process.extract(
            word, self._corpus_words, scorer=OSA.distance, score_cutoff=limit, limit=8, processor=None
        ):
            if near in self._abbreviations and distance > 1:
                continue
            options.append((self._cost(word, near, int(distance)) - 0.6, near))
        if not typed.isupper():
            for near, distance, _ in process.extract(
                word, self._english_words, scorer=OSA.distance, score_cutoff=limit, limit=40, processor=None
            ):
                rare = 0.0 if english_counts()[near] > COMMON else 0.35
                options.append((self._cost(word, near, int(distance)) + rare + (1.0 if name else 0.0), near))
        if not options:
            return ""
        cost, best = min(options, key=lambda o: (o[0], -self._corpus[o[1]], -english_counts().get(o[1], 0)))
        if cost > (1.75 if len(word) < 6 else 2.4):
            return ""
        return best.upper() if best in self._abbreviations else best

    @staticmethod
    def _cost(word: str, near: str, distance: int) -> float:
        """Edits, less for the same letters in another order or doubled, more for another first letter."""
        same_letters = sorted(word) == sorted(near) or set(word) == set(near)
        return distance - (0.4 if same_letters else 0.0) + (0.7 if word[0] != near[0] else 0.0)
