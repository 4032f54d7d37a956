"""How well printed references are taken apart: precision, recall and F1 of fields, for all labels together and for each.

A field is right when all its characters are, after case and the marks and white space at both ends are taken away; a field in
several pieces is its pieces joined with a space. Words are counted beside it, so that a field that is nearly right counts for most of
itself. "all" is micro-averaged: every field of every reference weighs the same. What it leaves out: names within a field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from chatbot.errors import EvaluationError

ALL = "all"
WORDS = "words"
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldScore:
    """Precision, recall and F1 of one label, in [0, 1]; `n_gold` fields were to be found, `n_found` were given."""

    label: str
    precision: float
    recall: float
    f1: float
    n_gold: int
    n_found: int


def weigh_references(rows: Iterable[Mapping[str, object]], parse: Callable[[str], Fields]) -> tuple[FieldScore, ...]:
    """A score for "all", one for "words", then one a label, the most frequent first. Each row has "id", "reference" and "fields".

    Worked by hand: of author, date and title the date is right, the title lacks a word and the author is called a title's piece.
    Gold: author "Neff", date "(2003).", title "Kind mind." Found: date "2003", title "Neff mind". One of 3 gold fields is right,
    one of 2 found: precision 1/2, recall 1/3, F1 2 * 1 / (3 + 2) = .4. Words: gold neff, 2003, kind, mind; found 2003, neff, mind,
    of which 2003 and mind have the right label: precision 2/3, recall 2/4, F1 2 * 2 / (4 + 3) = .571.

    >>> row = {"id": "a", "reference": "", "fields": {"author": "Neff", "date": "(2003).", "title": "Kind mind."}}
    >>> [(s.label, round(s.f1, 3)) for s in weigh_references([row], lambda _: {"date": "2003", "title": "Neff mind"})]
    [('all', 0.4), ('words', 0.571), ('author', 0.0), ('date', 1.0), ('title', 0.0)]
    """
    right: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for row in rows:
        printed, expected = _read(row)
        given = {label: plain(text) for label, text in parse(printed).items()}
        for counts, fields in ((gold, expected), (found, given)):
            counts.update(fields.keys())
            counts[ALL] += len(fields)
            counts[WORDS] += len(_words(fields))
        same = [label for label, text in expected.items() if given.get(label) == text]
        right.update(same)
        right[ALL] += len(same)
        right[WORDS] += sum((Counter(_words(expected)) & Counter(_words(given))).values())
    labels = sorted((gold | found).keys() - {ALL, WORDS}, key=lambda label: (-gold[label], label))
    return tuple(_score(label, right[label], gold[label], found[label]) for label in (ALL, WORDS, *labels))


def plain(text: str) -> str:
    """The text in lower case, white space single, without the marks at both ends.

    >>> plain(" (pp. 1–12)."), plain("27(6),")
    ('pp. 1–12', '27(6')
    """
    words = " ".join(text.casefold().split())
    kept = [i for i, c in enumerate(words) if c.isalnum()]
    return words[kept[0] : kept[-1] + 1] if kept else ""


def _words(fields: Fields) -> list[tuple[str, str]]:
    return [(label, word) for label, text in fields.items() for word in map(plain, text.split()) if word]


def _score(label: str, right: int, gold: int, found: int) -> FieldScore:
    precision, recall = (right / found if found else 0.0), (right / gold if gold else 0.0)
    return FieldScore(label, precision, recall, 2 * right / (gold + found) if gold + found else 0.0, gold, found)


def _read(row: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """The reference and its plain fields. Raises EvaluationError naming the row and the key."""
    ident, printed, fields = row.get("id", "without id"), row.get("reference"), row.get("fields")
    if not isinstance(printed, str) or not isinstance(fields, Mapping):
        key = "fields" if isinstance(printed, str) else "reference"
        raise EvaluationError(f"reference {ident}: {key!r} is {row.get(key)!r}; correct or remove the line")
    out = {}
    for label, value in fields.items():
        pieces = [value] if isinstance(value, str) else value
        if not isinstance(pieces, list | tuple) or not all(isinstance(p, str) for p in pieces):
            raise EvaluationError(
                f"reference {ident}: field {label!r} is {value!r}; expected a string or a list of strings"
            )
        out[str(label)] = plain(" ".join(pieces))
    return printed, out
