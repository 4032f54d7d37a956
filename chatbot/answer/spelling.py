"""Corrects misspelt words against the corpus's own vocabulary and common English.

A word that either of them knows is never changed. Any other is replaced by the nearest known word by optimal string alignment
distance (one edit for up to five letters, two from six on), corpus words first, then the more frequent. A new word is more
often a name than a slip, so a rare English word is meant only by a long word one edit away, a common one not by a short word
with another consonant. Names (capitals inside a sentence) and abbreviations are only ever mended to a word of the corpus, and
abbreviations only for letters in another order, doubled, or beside the right key. Of three-letter words only scrambled
common ones are mended ("teh"). English words and their counts are the list that symspellpy ships (82,765 words, from
Google Books n-grams and SCOWL). What it leaves out: a wrong word that is itself a word ("form" for "from").
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
EVERYWHERE = 500_000_000  # occurrences of "how", "who", "the": words that a scrambled word of three letters stands for
VOWELS = "aeiouy"
KEYS = "qwertyuiop asdfghjkl zxcvbnm"


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
                shown.setdefault(word, Counter())[re.sub("['’]s$", "", found)] += 1
        self._corpus = counts
        usual = {word: forms.most_common(1)[0][0] for word, forms in shown.items()}
        self._abbreviations = {w for w, form in usual.items() if form[:2].isupper() and len(w) > 2}
        # Words that are written with capitals inside a sentence too: MDMA, SSRIs, Neff.
        self._written = {
            w: form
            for w, form in usual.items()
            if w in self._abbreviations or not (form.islower() or w in english_counts())
        }
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
            typed, possessive = re.fullmatch(r"(.+?)(['’]s)?", match.group()).groups("")  # type: ignore[union-attr]
            before, after = question[: match.start()], question[match.end() :]
            # Part of an address, of a code, of a word with foreign letters.
            if re.search(r"[\w@./]$", before) or re.match(r"[\w@/]|\.\w", after):
                return match.group()
            inside = bool(before.strip()) and before.rstrip()[-1] not in ".?!:"
            name = not question.isupper() and (typed[1:] != typed[1:].lower() or (inside and typed[0].isupper()))
            meant = self._nearest(typed.lower(), name=name, abbreviation=typed.isupper() and not question.isupper())
            if not meant:
                return match.group()
            cased = meant.capitalize() if typed.istitle() else meant.upper() if typed.isupper() else meant
            meant = self._written.get(meant, cased) + possessive
            changes.append((match.group(), meant))
            return meant

        return WORD.sub(mend, question), tuple(changes)

    def _nearest(self, word: str, *, name: bool, abbreviation: bool) -> str:
        """The known word that was meant, in lower case, or "" when the typed one is right or nothing is near."""
        if self.knows(word):
            return ""
        if len(word) < MIN_CORRECTED_LENGTH:
            return "" if abbreviation else _unscrambled(word)
        limit = 1 if len(word) < 6 else 2
        options = [
            (_cost(word, near, int(distance)) - 0.6, near)
            for near, distance, _ in process.extract(
                word, self._corpus_words, scorer=OSA.distance, score_cutoff=limit, limit=8, processor=None
            )
            if self._may_be(word, near, int(distance), name=name)
        ]
        if not name:
            options += [
                (_cost(word, near, int(distance)) + (0.0 if english_counts()[near] > COMMON else 0.35), near)
                for near, distance, _ in process.extract(
                    word, self._english_words, scorer=OSA.distance, score_cutoff=limit, limit=40, processor=None
                )
                if _may_be_english(word, near, int(distance))
            ]
        if not options:
            return ""
        cost, best = min(options, key=lambda o: (o[0], -self._corpus[o[1]], -english_counts().get(o[1], 0)))
        return best if cost <= (1.75 if len(word) < 6 else 2.4) else ""

    def _may_be(self, word: str, near: str, distance: int, *, name: bool) -> bool:
        """True when a word of the corpus may be what was meant."""
        if near in self._abbreviations:
            return distance == 1 and (_slip(word, near) or len(word) != len(near) or _beside(word, near))
        if name and (near not in self._written or word[0] != near[0]):
            return distance == 1 and len(word) >= 6
        return _alike(word, near, distance)


def _slip(word: str, near: str) -> bool:
    """True for the same letters in another order, or one of them doubled or halved."""
    return sorted(word) == sorted(near) or (set(word) == set(near) and abs(len(word) - len(near)) == 1)


def _beside(word: str, near: str) -> bool:
    """True when each letter that differs is the right one or its neighbour on the keyboard; both of one length."""
    return all(a == b or a + b in KEYS or b + a in KEYS for a, b in zip(word, near, strict=True))


def _alike(word: str, near: str, distance: int) -> bool:
    """True but for words that differ twice and in their first letter, and for short ones that differ in two consonants: slips fall on
    vowels, "aldous" is not "allows" and "ketamine" not "examine"."""
    if distance > 1 and word[0] != near[0] and not _slip(word, near):
        return False
    bare, meant = (re.sub(f"[{VOWELS}]", "", w) for w in (word, near))
    return distance == 1 or len(word) >= 8 or OSA.distance(bare, meant) <= 1


def _may_be_english(word: str, near: str, distance: int) -> bool:
    """True when an English word that the corpus does not have may be what was meant."""
    if english_counts()[near] <= COMMON:
        swapped = len(word) >= 6 and sorted(word) == sorted(near)
        return distance == 1 and word[0] == near[0] and (swapped or len(word) >= (8 if len(word) == len(near) else 7))
    if _slip(word, near):
        return True
    if word[0] != near[0] or (distance > 1 and len(word) < 8):
        return False
    if len(word) >= 6 or len(word) < len(near):
        return True
    return len(word) == len(near) and all(
        a == b or (a in VOWELS and b in VOWELS) for a, b in zip(word, near, strict=True)
    )


def _unscrambled(word: str) -> str:
    """The very common word that three scrambled letters stand for, or ""."""
    swapped = (word[1::-1] + word[2:], word[0] + word[:0:-1]) if len(word) == 3 else ()
    best = max(swapped, key=lambda w: english_counts().get(w, 0), default="")
    return best if english_counts().get(best, 0) >= EVERYWHERE else ""


def _cost(word: str, near: str, distance: int) -> float:
    """Edits, less for the same letters in another order or doubled, more for another first letter."""
    return distance - (0.4 if _slip(word, near) else 0.0) + (0.7 if word[0] != near[0] else 0.0)
