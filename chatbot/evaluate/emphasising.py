"""How well words are emphasised: does what is set in bold hold the answer, and how much of the sentence is it?

The sentence that holds an annotated answer is given, a method says which characters of it to emphasise. Only half of the documents
are measured, every second in order of name from the first on: the weights of `answer.emphasis` were fitted on the others. Counted are whether a
whole gold answer lies within the emphasis (`contains`), the share of the sentence's characters that is emphasised (`share`), the F1 of its
words (as in Rajpurkar et al. 2016, the best gold), and how often anything is emphasised (`shown`); `contains_of_shown` leaves the others out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from chatbot.evaluate.metrics import mean_figures
from chatbot.evaluate.values import EvidenceQuestion, EvidenceSet, Figure, Quoted, Row

Span = tuple[int, int]
Emphasise = Callable[[str, str], Sequence[Span]]  # sentence, question -> half-open offsets into the sentence
Split = Callable[[str], Sequence[Span]]
SETS = ("squad2", "covidqa")  # whose golds are the words of an answer, not whole sentences
WORD = re.compile(r"[^\W_]+")
CLAUSE_CUT = re.compile(r"[,;:()—–]\s*|\s(?=(?:and|but|or|because|while|which|who|that)\s)")


def clauses(sentence: str) -> list[Span]:
    """Spans of the clauses of a sentence, cut at marks and conjunctions.

    >>> s = "It fell (by 3), and nobody left."
    >>> [s[a:b] for a, b in clauses(s)]
    ['It fell ', 'by 3', 'and nobody left.']
    """
    out, at = [], 0
    for cut in CLAUSE_CUT.finditer(sentence):
        out.append((at, cut.start()))
        at = cut.end()
    return [(a, b) for a, b in (*out, (at, len(sentence))) if WORD.search(sentence, a, b)] or [(0, len(sentence))]


def shared_words(text: str, question: str) -> int:
    """How many different words the two share, in small letters."""
    return len(set(WORD.findall(text.lower())) & set(WORD.findall(question.lower())))


PLAIN: Mapping[str, Emphasise] = {
    "whole": lambda sentence, _: [(0, len(sentence))],
    "overlap": lambda sentence, question: [
        max(clauses(sentence), key=lambda c: shared_words(sentence[slice(*c)], question))
    ],
    "last": lambda sentence, _: [clauses(sentence)[-1]],
    "longest": lambda sentence, _: [max(clauses(sentence), key=lambda c: c[1] - c[0])],
}


def word_f1(sentence: str, found: Sequence[Span], gold: Span) -> float:
    """The harmonic mean of precision and recall of the emphasised words, as multisets.

    Worked by hand: emphasised "in 1990 it", gold "1990": 1 word in both, 3 and 1 in all: 2 * 1 / (3 + 1).

    >>> word_f1("in 1990 it rose", [(0, 10)], (3, 7))
    0.5
    """
    shown = Counter(w.lower() for a, b in found for w in WORD.findall(sentence[a:b]))
    wanted = Counter(w.lower() for w in WORD.findall(sentence[slice(*gold)]))
    both, total = (shown & wanted).total(), shown.total() + wanted.total()
    return 2 * both / total if total else 0.0


def measured_half(data: EvidenceSet) -> frozenset[str]:
    """The texts that are measured: of the documents in order of name the first, the third and so on."""
    documents = sorted({text_id.split("#")[0] for text_id in data.texts})
    kept = set(documents[::2])
    return frozenset(text_id for text_id in data.texts if text_id.split("#")[0] in kept)


def measure_emphasis(
    data: EvidenceSet, methods: Mapping[str, Emphasise], split: Split, limit: int = 0
) -> Iterator[Row]:
    """One row a question and method. Questions whose gold lies in no single sentence are left out, and all but the first `limit`
    others; 0 for none. Figures are named after the set, with "METHOD:" before for all but the method "".
    """
    half, n = measured_half(data), 0
    known: dict[str, Sequence[Span]] = {}
    for question in data.questions:
        text = data.texts[question.text_id]
        if not question.answerable or question.text_id not in half or not isinstance(text, str):
            continue
        if question.text_id not in known:
            known[question.text_id] = split(text)
        found = sentence_of(question, known[question.text_id])
        if found is None or (limit and n >= limit):
            continue
        n += 1
        (start, end), golds = found
        for name, method in methods.items():
            yield _row(f"{name}:{data.name}" if name else data.name, question, text[start:end], start, golds, method)


def sentence_of(question: EvidenceQuestion, sentences: Sequence[Span]) -> tuple[Span, tuple[Span, ...]] | None:
    """The first sentence that holds a gold, and its golds as offsets into it; None when each gold runs over a sentence's end."""
    for start, end in sentences:
        golds = tuple((a - start, b - start) for a, b in question.spans if start <= a and b <= end)
        if golds:
            return (start, end), golds
    return None


def _row(
    name: str, question: EvidenceQuestion, sentence: str, start: int, golds: Sequence[Span], method: Emphasise
) -> Row:
    found = tuple(method(sentence, question.question))
    contains = float(any(a <= x and y <= b for a, b in found for x, y in golds))
    marks = {
        f"{name}.contains": contains,
        f"{name}.share": sum(b - a for a, b in found) / len(sentence),
        f"{name}.word_f1": max(word_f1(sentence, found, gold) for gold in golds),
        f"{name}.shown": float(bool(found)),
    }
    if found:
        marks[f"{name}.contains_of_shown"] = contains
    shown = tuple(Quoted(question.text_id, start + a, start + b, sentence[a:b]) for a, b in found)
    return Row(f"{name}:{question.ident}", question.question, "emphasis", "emphasised", shown, marks)


def emphasis_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """The means of the marks."""
    return mean_figures(rows)
