"""Which questions meet an entry, and how candidates are marked and ordered."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot import settings
from chatbot.answer.pinning import agree, banned_rows, before_all, meet, pinned_spans, traced
from chatbot.datatypes import Evidence, PinQuestion, Sentence


def pin(ident: str, question: str = "Does it help?", first: int = 0, last: int = 0, action: str = "pin") -> PinQuestion:
    return PinQuestion(ident, "ban" if action == "ban" else "pin", first, last, question)


def evidence(row: int, score: float = 0.5) -> Evidence:
    return Evidence(row, Sentence("d", row, row + 1, "x", (), "body", 0, row), score, (("cosine", 0.5),))


def met(query: str, cosine: float, alike: float, *, agrees: bool = True) -> list[str]:
    found = meet(query, np.array([cosine], dtype=np.float32), [pin("a")], lambda *_: alike, lambda *_: agrees)
    return [p.ident for p in found]


def test_a_question_meets_an_entry_when_all_three_say_so() -> None:
    near, sure = settings.PIN_COSINE + 0.01, settings.PIN_ALIKE
    assert met("Is it of help?", near, sure) == ["a"]
    assert met("Is it of help?", near - 0.02, sure) == []
    assert met("Is it of help?", near, sure - 0.01) == []
    assert met("Is it of help?", near, sure, agrees=False) == []


def test_the_very_words_meet_whatever_the_models_say() -> None:
    assert met("does it HELP", 0.0, 0.0, agrees=False) == ["a"]


def test_the_likest_entry_comes_first_and_each_once() -> None:
    pins = [pin("a", "one"), pin("b", "two"), pin("a", "three"), pin("c", "four")]
    likeness = {"one": 0.85, "two": 0.9, "three": 0.95, "four": 0.1}
    found = meet("q", np.ones(4, dtype=np.float32), pins, lambda _, q: likeness[q], lambda *_: True)
    assert [(p.ident, p.question) for p in found] == [("a", "three"), ("b", "two")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What happens after the sessions?", "What comes after the sessions?", True),
        ("What happens after the sessions?", "What happens before the sessions?", False),
        ("Does it raise blood pressure?", "Does it lower blood pressure?", False),
        ("Were women allowed?", "Were women not allowed?", False),
        ("Weren't women allowed?", "Were women not allowed?", True),
        ("Does it help men and women?", "Does it help women?", True),
        ("How much did people get?", "How many people got it?", False),
        ("How much did people get?", "What amount did people get?", True),
        ("Did they have to stop?", "How long did they have to stop?", False),
        ("Who gives it?", "By whom is it given?", True),
        ("Why do they avoid it?", "What makes them avoid it?", True),
        ("How come they avoid it?", "Why do they avoid it?", True),
    ],
)
def test_contraries_and_denials_are_two_questions(one: str, other: str, same: bool) -> None:
    assert agree(one, other, lambda _: 0) is agree(other, one, lambda _: 0) is same
    assert not agree(one, other, len if len(one) != len(other) else str)


def test_a_ban_goes_before_a_pin() -> None:
    found = [pin("a", first=2, last=3), pin("b", first=3, last=3, action="ban"), pin("c", first=7, last=7)]
    assert banned_rows(found) == {3}
    assert pinned_spans(found) == ((7, 7),)
    assert pinned_spans(found[:1]) == ((2, 3),)


def test_pinned_sentences_go_before_all_others() -> None:
    assert before_all([(4, 5)], [(1, 1), (5, 6), (3, 4), (7, 7)]) == [(4, 5), (1, 1), (7, 7)]


def test_a_trace_names_the_entries() -> None:
    found = [evidence(1, 0.6), evidence(2, 0.4)]
    assert traced(found, (), ()) == tuple(found)
    aside = [evidence(5, 0.0), evidence(6, 0.0), evidence(9, 0.0)]
    entries = [pin("a", first=2, last=2), pin("b", first=5, last=5, action="ban"), pin("c", first=6, last=6)]
    out = traced(found, aside, entries)
    assert [e.row for e in out] == [2, 6, 1, 5]
    assert [e.signals[1:] for e in out] == [
        (("pinned", 1.0), ("pinned:a", 1.0)),
        (("pinned", 1.0), ("pinned:c", 1.0)),
        (),
        (("banned", 1.0), ("banned:b", 1.0)),
    ]
