"""How surely a question meets a pin: the table from which PIN_COSINE and PIN_ALIKE in `settings` were chosen.

    python -m chatbot.training.pins --cases tests/cases

Each row of data/pins.jsonl is a question, others that ask the same, and others that differ from it in one thing (a number, a drug, a
source, an outcome, who, when); rows `held_out` were written when all but PIN_WORD was chosen, and are counted apart. Beside these, every question of `--cases` is held against the five likest that other sentences answer. For
each pair of thresholds: the share of the first that meets (recall), the share of the others that does, and of what meets the share that
should (precision, over data/pins.jsonl), with 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatbot import settings
from chatbot.answer.pinning import compared
from chatbot.answer.question import clean, replace_synonyms
from chatbot.gathering import read_corpus, speller_of
from chatbot.opening import open_reader
from chatbot.reading import Reader
from chatbot.review.statistics import Share, wilson
from chatbot.training.pairs import read_jsonl

DATA = Path(__file__).parent / "data" / "pins.jsonl"
COSINES = (0.80, 0.85, 0.88, 0.90, 0.92)
ALIKE = (0.5, 0.7, 0.8, 0.9)
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """A pair of questions: whether both ask the same, and what is measured of them."""

    kind: str  # same, other, new same, new other, case
    cosine: float
    alike: float
    agree: bool


def measure(reader: Reader, kind: str, one: str, other: str, cosine: float) -> Measured:
    """A pair as the reader would hold it against a pin. Pairs that no threshold lets through are not read together."""
    if cosine < COSINES[0]:
        return Measured(kind, cosine, 0.0, False)
    return Measured(kind, cosine, reader.board.alike(one, other), reader.board.agree(one, other))


def written_pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    """(kind, question, pinned question) of the rows."""
    for row in read_jsonl(path):
        for kind in ("same", "other"):
            named = f"new {kind}" if row.get("held_out") else kind
            yield from ((named, question, row["question"]) for question in row[kind])


def case_pairs(golds: Sequence[set[str]], between: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each case with the likest ones of other golds; two that nothing answers are no pair."""
    for i in range(len(golds)):
        near = [
            int(j) for j in np.argsort(-between[i]) if j != i and not golds[i] & golds[j] and (golds[i] or golds[j])
        ]
        yield from ((i, j) for j in near[:NEAREST])


def read_cases(folder: Path) -> tuple[list[str], list[set[str]]]:
    """Questions that stand by themselves, and the sentences that answer or correct each."""
    rows = [row for name in ("answerable", "sources", "unanswerable") for row in read_jsonl(folder / f"{name}.jsonl")]
    alone = [row for row in rows if not row.get("history")]
    return [row["question"] for row in alone], [{*row.get("gold", ()), *row.get("correction", ())} for row in alone]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--index", type=Path, default=settings.INDEX)
    options = parser.parse_args()
    corpus = read_corpus(settings.CORPUS)
    reader, speller = open_reader(corpus, options.index), speller_of(corpus)

    def form(question: str) -> str:
        return compared(replace_synonyms(speller.correct(clean(question))[0], corpus.synonyms))

    found = []
    for kind, one, other in written_pairs(DATA):
        a, b = reader.embedder.embed([form(one), form(other)])
        found.append(measure(reader, kind, form(one), form(other), float(a @ b)))
    questions, golds = read_cases(options.cases)
    forms = [form(q) for q in questions]
    vectors = reader.embedder.embed(forms)
    between = vectors @ vectors.T
    for i, j in case_pairs(golds, between):
        found.append(measure(reader, "case", forms[i], forms[j], float(between[i, j])))
    print_table(found)


def print_table(found: Sequence[Measured]) -> None:
    """One line for each pair of thresholds, with and without the demand that both agree."""
    total = {kind: sum(m.kind == kind for m in found) for kind in ("same", "other", "new same", "new other", "case")}
    print(f"pairs: {total}")
    for agreeing in (False, True):
        print(
            "agreeing in numbers, source, denial, contraries, what is asked for, and words"
            if agreeing
            else "thresholds alone"
        )
        for cosine in COSINES:
            for alike in ALIKE:
                met = [m for m in found if m.cosine >= cosine and m.alike >= alike and (m.agree or not agreeing)]
                n = {kind: sum(m.kind == kind for m in met) for kind in total}
                shares = [f"{kind} {share(n[kind], total[kind])}" for kind in total]
                right, wrong = n["same"] + n["new same"], n["other"] + n["new other"]
                print(f"  {cosine:.2f} {alike:.1f}  {'  '.join(shares)}  precision {share(right, right + wrong)}")


def share(n: int, of: int) -> str:
    """A share with its interval."""
    found = wilson("", n, of) if of else Share("", n, of, 0.0, 0.0, 1.0)
    return f"{n}/{of} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


if __name__ == "__main__":
    main()
