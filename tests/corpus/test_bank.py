"""The question bank: which rows answer, which set right, which questions stand for themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.corpus.bank import read_bank
from chatbot.datatypes import BankQuestion
from chatbot.errors import CorpusError

ROWS = {"Rain fell.": [4, 1], "It dried.": [2]}


def bank(folder: Path, *rows: dict[str, object], aside: tuple[str, ...] = ()) -> tuple[BankQuestion, ...]:
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return read_bank(folder, ROWS, aside)


def test_rows_that_answer_and_rows_that_set_right(tmp_path: Path) -> None:
    assert bank(
        tmp_path,
        {"question": "Did it rain?", "gold": ["It dried.", "Rain fell."], "difficulty": "plain"},
        {"question": "Why did it snow?", "gold": [], "correction": ["Rain fell."]},
        {"question": "Who made it rain?", "gold": []},
    ) == (
        BankQuestion("Did it rain?", (1, 2, 4), plain=True),
        BankQuestion("Why did it snow?", (), corrects=(1, 4)),
        BankQuestion("Who made it rain?", ()),
    )


def test_what_is_answered_corrects_nothing(tmp_path: Path) -> None:
    (row,) = bank(tmp_path, {"question": "Did it rain?", "gold": ["It dried."], "correction": ["Rain fell."]})
    assert (row.answers, row.corrects) == ((2,), ())


def test_without_its_correction_a_question_is_still_one_that_nothing_answers(tmp_path: Path) -> None:
    """The note that has the sentence gave way to a fetched text: a question of it alone is left out, a refused one stays."""
    rows = (
        {"question": "Did it snow?", "gold": ["Snow fell."]},
        {"question": "Why?", "gold": [], "correction": ["Snow fell."]},
    )
    assert bank(tmp_path, *rows, aside=("Snow fell.",)) == (BankQuestion("Why?", ()),)


def test_a_follow_up_does_not_stand_for_itself(tmp_path: Path) -> None:
    assert bank(tmp_path, {"question": "And then?", "gold": ["It dried."], "history": ["Did it rain?"]}) == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"question": "Why?", "gold": ["Snow fell."]}, "gold 'Snow fell.' is no sentence"),
        ({"question": "Why?", "gold": [], "correction": ["Snow fell."]}, "correction 'Snow fell.' is no sentence"),
        ({"question": "Why?"}, "not a row with question and gold"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: dict[str, object], said: str) -> None:
    with pytest.raises(CorpusError, match=f"questions.jsonl:1: {said}"):
        bank(tmp_path, row)
