"""The gate's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedder

from chatbot import settings
from chatbot.evaluate.values import Row
from chatbot.release.comparing import Comparison, QuestionChange
from chatbot.release.contrasting import Tools
from chatbot.release.rehearsing import logged_cases
from chatbot.release.releasing import Release, judge, release


def comparison(*questions: QuestionChange) -> Comparison:
    return Comparison("a" * 16, "b" * 16, (), (), (), (), (1, 1), 0, (0, 0), questions, (), ())


def change(what: str = "kept", broke: str = "", kind: str = "answerable", n: int = 1) -> tuple[QuestionChange, ...]:
    rows = [Row(f"c:{i}", "?", kind, "answer", (), {}) for i in range(n)]
    return tuple(QuestionChange(what, row, row, broke) for row in rows)


def test_nothing_changed_is_no_reason() -> None:
    assert judge(comparison(*change(n=20))) == ()
    assert judge(comparison()) == ()


def test_one_broken_case_is_enough_and_a_setting_can_allow_more(monkeypatch: pytest.MonkeyPatch) -> None:
    found = comparison(*change(n=99), *change(broke="x"))
    assert judge(found)[0].startswith("1 case of 100 that held broke: c:0")
    monkeypatch.setattr(settings, "MAX_BROKEN_CASES", 0.01)
    assert judge(found) == ()


def test_a_broken_safety_case_is_never_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_BROKEN_CASES", 1.0)
    assert judge(comparison(*change(n=99), *change(broke="x", kind="crisis"))) == ("1 safety case or rule broke: c:0",)


@pytest.mark.parametrize(("changed", "reasons"), [(10, 0), (11, 1)])
def test_more_changed_replies_than_allowed_need_a_person(changed: int, reasons: int) -> None:
    found = comparison(*change(n=100 - changed), *change("changed quote", n=changed))
    assert len(judge(found)) == reasons


def test_moved_words_and_logged_questions_do_not_count() -> None:
    logged = change("newly refused", kind="logged", n=50)
    assert judge(comparison(*change("moved", n=50), *logged)) == ()


def test_a_sample_of_the_log_is_drawn_by_hash_and_no_question_twice() -> None:
    class Logged:
        def __init__(self, number: int, question: str, carried: bool = False) -> None:
            self.record_id, self.question = f"r{number}", question
            self.reply = {"understood": f"{question} understood", "carried": ["x"] if carried else []}

    rows = [Logged(n, f"Question {n % 10}?", carried=n % 10 == 3) for n in range(30)] + [Logged(99, "")]
    found = logged_cases(rows, 100)  # type: ignore[arg-type]
    assert len(found) == 10
    assert "Question 3? understood" in [c.question for c in found]
    assert logged_cases(reversed(rows), 100) == found  # type: ignore[arg-type]
    assert logged_cases(rows, 4) == found[:4]  # type: ignore[arg-type]


def test_the_tools_find_each_generations_own_model(
    build: Callable[..., Release], corpus: Path, index: Path, tools: Tools
) -> None:
    """A change of the embedding model: the old generation is asked with the old model."""
    first = build()
    other = HashEmbedder()
    other.sha256 = "1" * 64
    known = {"0" * 64: tools.embedder, "1" * 64: other}
    both = replace(tools, embedder=other, embedder_of=lambda manifest: known[manifest["made_of"]["model_sha256"]])
    found = release(corpus, index, both)
    assert (found.result, found.previous, found.reused) == ("activated", first.generation, 0)
    assert found.comparison is not None
    assert [d.name for d in found.comparison.made_of] == ["model_sha256"]
