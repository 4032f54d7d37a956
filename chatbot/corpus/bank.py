"""Reads a corpus's question bank: how readers ask, with the sentences that answer, or none.

questions.jsonl holds rows {"question", "history", "gold", "correction", "kind", ...}; `gold` are exact sentences of the corpus,
and so are those of `correction`, which set right what a question without gold takes for granted. The bank is data for finding
and is never shown: each question is one more way to reach the sentence that answers it (the idea of doc2query, Nogueira et al.
2019, with questions written by hand). A corpus works without one.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from chatbot.datatypes import BankQuestion
from chatbot.errors import CorpusError


def read_bank(
    folder: Path, rows_of: Mapping[str, Iterable[int]], aside: Container[str] = ()
) -> tuple[BankQuestion, ...]:
    """The questions that stand for themselves (no history). `rows_of` maps a sentence's text to its row numbers.

    `aside` are sentences of notes in whose place a fetched text stands: a question that only such ones answer is left out, since nobody
    has said which sentence of the text answers it. Raises CorpusError for a gold that is no sentence of the corpus: a note was edited and its questions were not.
    """
    path = folder / "questions.jsonl"
    if not path.exists():
        return ()
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            question, gold, history = row["question"], row["gold"], row.get("history", [])
            correction = row.get("correction", [])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{path}:{number}: not a row with question and gold ({error}); correct or remove it"
            ) from error
        where = f"{path}:{number}"
        answers = _rows(gold, rows_of, aside, f"{where}: gold")
        corrects = () if gold else _rows(correction, rows_of, aside, f"{where}: correction")
        if not history and (answers or not gold):
            out.append(BankQuestion(question, answers, row.get("difficulty") == "plain", corrects))
    return tuple(out)


def _rows(
    sentences: Iterable[str], rows_of: Mapping[str, Iterable[int]], aside: Container[str], where: str
) -> tuple[int, ...]:
    """The sorted rows of the sentences, without those that are set aside."""
    found: set[int] = set()
    for sentence in sentences:
        if sentence not in rows_of and sentence not in aside:
            raise CorpusError(f"{where} {sentence[:60]!r} is no sentence of the corpus; correct it or remove the row")
        found.update(rows_of.get(sentence, ()))
    return tuple(sorted(found))
