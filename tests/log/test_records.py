"""Outcome to record to row and back; what is never kept."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

import chatbot.log
from chatbot.answer.rendering import render_json
from chatbot.datatypes import Evidence
from chatbot.errors import LogError
from chatbot.log.chain import GENESIS, Head, seal
from chatbot.log.privacy import redact, redact_reply
from chatbot.log.records import (
    Asked,
    Candidate,
    Record,
    columns_of,
    hour_of,
    make_record,
    owner_of,
    receipt_of,
    record_of,
)
from chatbot.replies import Outcome, Understood


def recorded(outcome: Outcome) -> Record:
    asked = Asked(outcome, "r1", "owner1", "2026-11-24T08:00Z")
    return make_record(asked, render=render_json, redact=redact, redact_reply=redact_reply)


def test_an_answer(outcome: Callable[..., Outcome]) -> None:
    made = outcome("answer")
    record = recorded(made)
    assert record.reply == render_json(made.reply, ident="r1", seconds=0.125)
    assert record == Record(
        record_id="r1",
        owner="owner1",
        asked_at="2026-11-24T08:00Z",
        kind="answer",
        question="Does kindness help?",
        reply=record.reply,
        hits=(
            Candidate("article", 0, 15, 0.8, (("cosine", 0.5),), True),
            Candidate("article", 16, 43, 0.7, (("cosine", 0.5),), False),
        ),
        settings_digest="settings1",
        generation="0123456789abcdef",
        confidence=0.9,
        seconds=0.125,
    )


def test_an_abstention_shows_none_of_its_candidates(outcome: Callable[..., Outcome]) -> None:
    record = recorded(outcome("abstention"))
    assert (record.kind, record.confidence, [hit.shown for hit in record.hits]) == ("abstention", 0.3, [False, False])


def test_of_a_crisis_the_kind_is_kept_and_no_word(outcome: Callable[..., Outcome]) -> None:
    typed = "I want to end it tonight, says Quillon"
    record = recorded(
        outcome("crisis", typed, Understood("quillon end tonight", (("Quillon", "quill"),), ("pills",), (typed,)))
    )
    assert (record.kind, record.question, record.hits) == ("crisis", "", ())
    assert sorted(record.reply) == [
        "disclaimer",
        "format",
        "generation",
        "id",
        "kind",
        "question",
        "redirect",
        "seconds",
    ]
    row = json.dumps(dataclasses.asdict(columns_of(record))).casefold()
    assert not [word for word in ("quillon", "quill", "tonight", "pills", "cosine") if word in row]


def test_other_redirects_are_named_by_their_kind(outcome: Callable[..., Outcome]) -> None:
    record = recorded(outcome("drug_request", "where to buy, mail me at ann@lee.org"))
    assert (record.kind, record.question) == ("drug_request", "where to buy, mail me at [e-mail]")


def test_words_made_of_the_question_are_kept_only_where_they_are_known(outcome: Callable[..., Outcome]) -> None:
    """ "helps" stands in a candidate, "therapy" is what a typed word was read as; "zobel" and "prague" are the reader's."""
    understood = Understood("zobel helps therapy prague", (("terapy", "therapy"),), ("prague",), ("x",))
    record = recorded(outcome("answer", "My name is Zobel. terapy?", understood))
    assert record.question == "My name is [name]. terapy?"
    assert record.reply["understood"] == "[removed] helps therapy [removed]"
    assert record.reply["changes"] == [["terapy", "therapy"]]


def test_what_a_removed_name_was_read_as_goes_too(outcome: Callable[..., Outcome]) -> None:
    understood = Understood("my name is noble", (("Nobl", "noble"),), (), ())
    record = recorded(outcome("answer", "My name is Nobl", understood))
    assert record.reply["changes"] == [["[removed]", "[removed]"]]


def test_a_score_that_is_no_number_is_none(outcome: Callable[..., Outcome]) -> None:
    made = outcome("answer")
    odd = dataclasses.replace(made.trace.candidates[0], score=float("nan"), signals=(("cosine", float("inf")),))
    assert isinstance(odd, Evidence)
    trace = dataclasses.replace(made.trace, candidates=(odd,), confidence=float("nan"))
    record = recorded(dataclasses.replace(made, trace=trace))
    assert record.hits == (Candidate("article", 0, 15, None, (("cosine", None),), True),)
    assert record.confidence == 0.0
    columns_of(record)


@pytest.mark.parametrize("kind", ["answer", "abstention", "crisis", "medical_advice"])
def test_there_and_back(outcome: Callable[..., Outcome], kind: str) -> None:
    record = recorded(outcome(kind, "naïve “question” \x00 \ud800 😀"))
    entry = seal(Head(0, GENESIS), columns_of(record), "salt")
    assert record_of(entry) == record
    json.dumps(dataclasses.asdict(entry.columns), ensure_ascii=False).encode("utf-8")


def test_a_damaged_row_is_refused(logged: Callable[..., Record]) -> None:
    entry = seal(Head(6, GENESIS), columns_of(logged(1)), "salt")
    damaged = dataclasses.replace(entry, columns=dataclasses.replace(entry.columns, question="Question 2?"))
    with pytest.raises(LogError, match=r"^row 7 of the answer log is not what was written; run `chatbot log verify`$"):
        record_of(damaged)


def test_a_later_form_is_refused(logged: Callable[..., Record]) -> None:
    columns = dataclasses.replace(columns_of(logged(1)), body='{"format":2}')
    with pytest.raises(LogError, match=r"^row 1 of the answer log has form 2; this version reads 1$"):
        record_of(seal(Head(0, GENESIS), columns, "salt"))


def test_the_hour_is_utc() -> None:
    assert hour_of(datetime(2026, 11, 24, 1, 59, 59, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-23T23:00Z"
    assert hour_of(datetime(2026, 11, 24, 8, tzinfo=UTC)) == "2026-11-24T08:00Z"


def test_a_receipt_is_the_visits_and_only_its_hash_is_kept() -> None:
    receipt = receipt_of("0123456789abcdef")
    assert receipt == receipt_of("0123456789abcdef") != receipt_of("0123456789abcdeg")
    assert owner_of(receipt) == owner_of(receipt.lower().replace("-", " "))
    assert receipt.replace("-", "") not in owner_of(receipt).upper()
    with pytest.raises(LogError, match="a visit id has 3 characters; give at least 16"):
        receipt_of("abc")


def test_examples_in_docstrings() -> None:
    for module in pkgutil.walk_packages(chatbot.log.__path__, "chatbot.log."):
        if not module.name.endswith(".env"):
            assert doctest.testmod(importlib.import_module(module.name)).failed == 0, module.name


def test_importing_the_room_loads_no_database() -> None:
    """sqlalchemy and alembic come when a log is opened, and this module is the only one that names sqlalchemy."""
    code = (
        "import sys, chatbot.log, chatbot.log.writer, chatbot.log.export, chatbot.log.proof, chatbot.log.privacy, chatbot.review;"
        "print([m for m in ('sqlalchemy', 'alembic', 'torch', 'argon2') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
