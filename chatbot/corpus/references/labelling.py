"""Labels the words of a printed reference: author, date, title, journal, volume, pages ...

A linear-chain conditional random field over words (Lafferty et al. 2001; for references Peng & McCallum 2004). Seen of a word are its
form, its kind (year, page range, initial ...), the lists it stands in, its neighbours, and its place: before or after the year, in which
sentence, in quotation marks. `chatbot.training.references` makes the weights. What it leaves out: cutting inside a word ("2010;12:34").
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot import settings
from chatbot.errors import ModelError

FORMAT = 1
Floats = NDArray[np.float64]
Lists = Mapping[str, Sequence[str]]

# Lists and kinds of which it matters for a word that one stood before it.
TELLING = set(
    "ed in page vol edition trans thesis report publisher retrieved meeting journal place range url doi volume(issue)".split()
)
TAG = re.compile(r"</?[a-z]+>|\\[a-z]+(?=[A-Z(])")
# The kinds of a word, the first that is met; "bare" ones are tried on the word without marks around it.
KINDS = (
    ("url", False, re.compile(r"https?:|www\.", re.IGNORECASE)),
    ("doi", False, re.compile(r"10\.\d{4,9}/|\bdoi\b", re.IGNORECASE)),
    ("undated", False, re.compile(r"\(?\[?(?:n\.?d|s\.?d|s\.?f)\.?(?:-?[a-z])?\)?\]?[.,:;]*$")),
    ("(year", False, re.compile(r"\((?:1[5-9]|20)\d\d[a-z]?(?:[-–/]\d{2,4})?\W*$")),
    ("year", True, re.compile(r"(?:1[5-9]|20)\d\d[a-z]?(?:[-–/]\d{2,4})?$")),
    ("range", True, re.compile(r"[a-z]?\d+[-–‑—]+[a-z]?\d+$")),
    ("range and more", True, re.compile(r".*\d[-–‑—]+[a-z]?\d")),
    ("volume(issue)", False, re.compile(r"\d+\(\S")),
    ("(number)", False, re.compile(r"\(\d+\S*\)")),
    ("number", True, re.compile(r"\d{1,3}$")),
    ("long number", True, re.compile(r"\d+$")),
    ("letter and number", True, re.compile(r"[a-z]\d+$")),
    ("with digits", True, re.compile(r".*\d")),
    ("initials", False, re.compile(r"(?:[A-ZÀ-Þ]\.?-?){1,3}[.,;:]*$")),
    ("mark", True, re.compile(r"$")),
    ("capitals", False, re.compile(r"\W*[A-ZÀ-Þ]{2,}[^a-zß-ÿ]*$")),
    ("Capital", False, re.compile(r"\W*[A-ZÀ-Þ]")),
)
NUMBERS = {"range", "range and more", "volume(issue)", "number"}


def bare(word: str) -> str:
    """The word in lower case, without tags and the marks around it.

    >>> bare("(Eds.),"), bare("<italic>Soins</italic>")
    ('eds', 'soins')
    """
    return unicodedata.normalize("NFKC", TAG.sub("", word)).strip("()[]{}.,;:'\"“”‘’«»!?<>*_ ").lower()


def kind_of(word: str, core: str) -> str:
    """The kind of a word. `core` is `bare(word)`.

    >>> [kind_of(w, bare(w)) for w in "J.M. (2021). 27(6), 1025–1033. Nature of".split()]
    ['initials', '(year', 'volume(issue)', 'range', 'Capital', 'lower']
    """
    plain = TAG.sub("", word)
    return next((name for name, of_core, form in KINDS if form.match(core if of_core else plain)), "lower")


def shape_of(word: str) -> str:
    """X for a capital, x for small letters, d for digits in a row; other marks as they are.

    >>> shape_of("27(6),"), shape_of("McLeod")
    ('d(d),', 'XxXx')
    """
    marks = "".join("X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in word[:14])
    return re.sub(r"x+", "x", re.sub(r"d+", "d", marks))


@dataclass(slots=True)
class _Seen:
    """What is known of all words of a reference before each is described."""

    words: Sequence[str]
    cores: list[str]
    kinds: list[str]
    lists: list[Sequence[str]]
    ends: list[str]  # the last character where it is a mark
    stops: list[bool]  # the word ends a sentence
    year: int  # index of the word with the year; -1: none

    @classmethod
    def of(cls, words: Sequence[str], lists: Lists) -> _Seen:
        cores = [bare(w) for w in words]
        kinds = [kind_of(w, c) for w, c in zip(words, cores, strict=True)]
        ends = ["" if w[-1].isalnum() else w[-1] for w in words]
        stops = [
            w.rstrip("\"”’»)'").endswith((".", "?", "!")) and k != "initials" and len(c) > 2
            for w, k, c in zip(words, kinds, cores, strict=True)
        ]
        bracketed = [i for i, k in enumerate(kinds) if k in ("(year", "undated")]
        years = bracketed or [i for i, k in enumerate(kinds) if k == "year"]
        return cls(words, cores, kinds, [lists.get(c, ()) for c in cores], ends, stops, (*years, -1)[0])

    def at(self, values: Sequence[str], i: int) -> str:
        return values[i] if 0 <= i < len(self.words) else "^" if i < 0 else "$"

    def ahead(self, marks: Sequence[bool]) -> list[int]:
        """For each word how many words on the next marked one stands; 30 when there is none."""
        out, distance = [30] * len(marks), 30
        for i in range(len(marks) - 1, -1, -1):
            out[i] = distance
            distance = 1 if marks[i] else min(distance + 1, 30)
        return out


def features_of(words: Sequence[str], lists: Lists) -> list[list[str]]:
    """What the model sees of each word: names of binary features. `lists` has for a word in lower case the lists that it stands in."""
    seen = _Seen.of(words, lists)
    places = _places(seen)
    return [
        [*places[i], *_own(seen, i), *_neighbours(seen, i), *_pairs(seen, i, places[i][0])] for i in range(len(words))
    ]


def _own(seen: _Seen, i: int) -> list[str]:
    word, core = seen.words[i], seen.cores[i]
    opens = f"opens {'' if word[0].isalnum() else word[0]}"
    parts = [*(f"start{k} {core[:k]}" for k in (3, 4)), *(f"end{k} {core[-k:]}" for k in (2, 3))]
    return [f"word {core}", f"raw {word[:20]}", f"shape {shape_of(word)}", opens, *parts]


def _neighbours(seen: _Seen, i: int) -> list[str]:
    out = []
    for o in range(-3, 4):
        j = i + o
        out.append(f"kind{o} {seen.at(seen.kinds, j)}")
        if 0 <= j < len(seen.words):
            out += [f"list{o} {name}" for name in seen.lists[j]]
            if abs(o) < 3:
                out.append(f"ends{o} {seen.ends[j]}")
            if abs(o) in (1, 2):
                out.append(f"word{o} {seen.cores[j]}")
            if abs(o) == 1:
                out.append(f"shape{o} {shape_of(seen.words[j])}")
    return out


def _pairs(seen: _Seen, i: int, place: str) -> list[str]:
    kinds, ends, cores = seen.kinds, seen.ends, seen.cores
    before, after = seen.at(kinds, i - 1), seen.at(kinds, i + 1)
    end = seen.at(ends, i - 1)
    return [
        f"kinds- {before} {end} {kinds[i]}",
        f"kinds+ {kinds[i]} {ends[i]} {after}",
        f"kinds {before} {kinds[i]} {after}",
        f"ends {end} {ends[i]}",
        f"words- {seen.at(cores, i - 1)} {cores[i]}",
        f"words+ {cores[i]} {seen.at(cores, i + 1)}",
        f"stop {i > 0 and seen.stops[i - 1]} {seen.stops[i]} {kinds[i]}",
        f"after {end} {place}",
        f"kind {kinds[i]} {place}",
    ]


def _places(seen: _Seen) -> list[list[str]]:
    """Where each word stands; the first feature is its sentence before or after the year."""
    numbers = [k in NUMBERS or not {"vol", "page"}.isdisjoint(on) for k, on in zip(seen.kinds, seen.lists, strict=True)]
    to_number, to_stop = seen.ahead(numbers), seen.ahead(seen.stops)
    last_number = max((i for i, k in enumerate(seen.kinds) if k in NUMBERS or k == "year"), default=-1)
    every = {*seen.kinds, *(name for names in seen.lists for name in names)}
    has = "".join(str(int(x in every)) for x in ("range", "url", "page", "ed")) + str(int("In" in seen.words))
    n = len(seen.words)
    return [
        [
            f"sentence {p.side} {min(p.sentence, 5)}",
            f"side {p.side}",
            f"comma {p.side} {min(p.sentence, 3)} {min(p.commas, 3)}",
            f"of sentence {p.side} {min(p.sentence, 3)} {min(i - p.opened, 4)}",
            f"from start {min(i, 4)}",
            f"to end {min(n - 1 - i, 4)}",
            f"tenth {10 * i // n}",
            f"has {has} {p.side}",
            f"quoted {p.quoted} inside {p.depth > 0}",
            f"to number {min(to_number[i], 8) if to_number[i] < 15 else 15 if to_number[i] < 30 else 30}",
            f"to stop {min(to_stop[i], 8)} {p.side}",
            f"of clause {min(i - p.begun, 8)}",
            f"past numbers {i > last_number}",
            f"clause {seen.cores[p.begun]}",
            f"clause kind {seen.kinds[p.begun]}",
            *(f"told {name}" for name in p.told),
        ]
        for i, p in enumerate(_walk(seen))
    ]


@dataclass(slots=True)
class _Place:
    """Where the walk is: sentences since the year, commas since the sentence began, what stood before ..."""

    side: str = ""
    sentence: int = 0
    commas: int = 0
    opened: int = 0  # index of the first word of the sentence
    begun: int = 0  # index of the first word of the clause
    depth: int = 0  # brackets that are open
    quoted: bool = False
    told: tuple[str, ...] = ()


def _walk(seen: _Seen) -> Iterator[_Place]:
    """The place at each word; the same object, moved on."""
    p, last = _Place(), len(seen.words) - 1
    for i, word in enumerate(seen.words):
        p.side = "none" if seen.year < 0 else "before" if i < seen.year else "year" if i == seen.year else "after"
        p.quoted = p.quoted or word[0] in '"“«‘'
        p.depth += word.count("(") + word.count("[")
        yield p
        p.depth = max(0, p.depth - word.count(")") - word.count("]"))
        p.quoted = p.quoted and not re.search(r"[\"”»]", word[1:])
        p.told = tuple(dict.fromkeys((*p.told, *(x for x in (*seen.lists[i], seen.kinds[i]) if x in TELLING))))
        if i == seen.year or seen.stops[i]:
            p.sentence = 0 if i == seen.year else p.sentence + 1
            p.commas, p.opened, p.begun = 0, i + 1, min(i + 1, last)
        elif seen.ends[i] and seen.ends[i] in ",;:":
            p.commas, p.begun = p.commas + 1, min(i + 1, last)


def best_path(scores: Floats, transitions: Floats) -> list[int]:
    """The sequence of states with the highest sum. `scores` is (n words, n labels), `transitions` (from, to).

    Worked by hand: two words, two labels, scores [[1, 0], [0, .5]]; staying costs nothing, changing 1. 0 0 gives 1, 1 1 gives .5,
    0 1 gives 1 + .5 - 1 = .5: so 0 0.

    >>> best_path(np.array([[1.0, 0.0], [0.0, 0.5]]), np.array([[0.0, -1.0], [-1.0, 0.0]]))
    [0, 0]
    """
    best, back = scores[0], []
    for row in scores[1:]:
        ways = best[:, None] + transitions
        back.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + row
    path = [int(best.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


class Labeller:
    """The model: a call turns words into as many labels."""

    def __init__(self, labels: Sequence[str], transitions: Floats, weights: Mapping[str, Floats], lists: Lists) -> None:
        self._names = [label.split("-", 1)[1] for label in labels]  # B-title and I-title are both title
        self._transitions, self._weights, self._lists = transitions, weights, lists

    def __call__(self, words: Sequence[str]) -> list[str]:
        """One label a word; no words, no labels."""
        if not words:
            return []
        scores = np.zeros((len(words), len(self._names)))
        for row, features in zip(scores, features_of(words, self._lists), strict=True):
            for found in map(self._weights.get, features):
                if found is not None:
                    row += found
        return [self._names[i] for i in best_path(scores, self._transitions)]


def packaged_labeller() -> Labeller:
    """The labeller that ships. Raises ModelError when its weights are not the expected ones."""
    return read_labeller(settings.WEIGHTS / "references.json", settings.REFERENCES_SHA256)


def read_labeller(path: Path, sha256: str = "") -> Labeller:
    """The labeller of a weights file. Raises ModelError when it is missing, is not the one of `sha256` ("": not checked) or no weights."""
    again = "restore the file or make it again with `python -m chatbot.training.references`"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {again}") from error
    found = hashlib.sha256(raw).hexdigest()
    if sha256 and found != sha256:
        raise ModelError(f"{path}: sha256 is {found}, expected {sha256}; {again}")
    try:
        data = json.loads(raw)
        if data["format"] != FORMAT:
            raise ModelError(f"{path}: format is {data['format']!r}; this version reads {FORMAT}, {again}")
        labels = data["labels"]
        weights = {name: np.zeros(len(labels)) for name in data["features"]}
        for name, row in data["features"].items():
            for key, value in zip(row[::2], row[1::2], strict=True):
                weights[name][key] = value / data["scale"]
        transitions = np.array(data["transitions"], dtype=float).reshape(len(labels), len(labels)) / data["scale"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ModelError(f"{path}: is no weights file of the labeller ({error}); {again}") from error
    return Labeller(labels, transitions, weights, data["lists"])
