"""What a verdict must be, and that none is ever overwritten."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from chatbot.errors import ReviewError
from chatbot.review.values import QuoteVerdict, Verdict
from chatbot.review.verdicts import check, judge, latest, verdicts

Seen = Callable[..., Any]
GOOD = Verdict("r1", "good", "ann", "as it should be", "2026-11-24T08:00:00Z")
TEXT = "Kindness helps. It does."
SHOWN = {"doc_id": "article", "start": 0, "end": 15, "text": "Kindness helps."}
ASIDE = {"doc_id": "article", "start": 16, "end": 24, "text": "It does."}
REPLY = {"quotes": [SHOWN], "keep_in_mind": [ASIDE], "carried": []}
QUOTES = (QuoteVerdict("article", 0, 15, "answers"), QuoteVerdict("article", 16, 24, "misleading"))


def quotable(text: str) -> bool:
    return text in TEXT


def test_there_and_back(book: Any, seen: Seen) -> None:
    given = [
        GOOD,
        Verdict("r1", "should_have_refused", "lee", "“no” =1+1", "2026-11-24T09:00:00Z"),
        Verdict("r2", "should_have_answered", "ann", "", "2026-11-24T10:00:00Z", ("It does.",)),
        Verdict("r3", "wrong_triage", "ann", "", "2026-11-24T11:00:00Z", (), "benign_lookalike"),
        Verdict("r1", "good", "ann", "", "2026-11-24T12:00:00Z", quotes=QUOTES, tags=("dose", "two-words"), due=True),
        Verdict("r1", "unsafe", "bob", "", "2026-11-24T13:00:00Z", blind=True),
    ]
    records = {"r1": seen(reply=REPLY), "r2": seen("r2", "abstention"), "r3": seen("r3", "crisis")}
    for verdict in given:
        judge(book, verdict, records[verdict.record_id], quotable)
    assert verdicts(book) == given
    assert verdicts(book, "r1") == [given[0], given[1], *given[4:]]
    assert latest(given) == {"r1": given[5], "r2": given[2], "r3": given[3]}
    assert [line.label for line in book.lines][-2:] == ["good:due", "unsafe:blind"]


def test_a_verdict_whose_record_was_removed_keeps_its_label(book: Any, seen: Seen) -> None:
    told = dataclasses.replace(GOOD, gold=("It does.",), quotes=QUOTES, tags=("dose",), blind=True)
    judge(book, told, seen(reply=REPLY), quotable)
    book.lines[0].note = ""
    assert verdicts(book) == [dataclasses.replace(GOOD, note="", blind=True)]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"record_id": "r2"}, "answer", "the verdict is on 'r2', the record is 'r1'; give the right one"),
        ({"label": "fine"}, "answer", "'fine' is no verdict; choose one of good, should_have_refused, should_have_answered, wrong_triage, unsafe"),
        ({"label": "should_have_refused"}, "abstention", "should_have_refused fits answer, but r1 is abstention; choose another verdict"),
        ({"label": "should_have_answered"}, "answer", "should_have_answered fits abstention or crisis or drug_request or medical_advice, but r1 is answer; choose another verdict"),
        ({"reviewer": " "}, "answer", "a verdict needs a reviewer; give a name"),
        ({"note": "x" * 2001}, "answer", "the note has 2001 characters; at most 2000 are kept, shorten it"),
        ({"triage": "other"}, "answer", "'other' is no way to take a question; choose one of crisis, drug_request, medical_advice, benign_lookalike"),
        ({"label": "wrong_triage"}, "crisis", "say how the question should have been taken: drug_request, medical_advice, benign_lookalike"),
        ({"label": "wrong_triage", "triage": "crisis"}, "crisis", "say how the question should have been taken: drug_request, medical_advice, benign_lookalike"),
        ({"reviewer": "x" * 65}, "answer", f"'{'x' * 64}' is no reviewer's name; use at most 64 letters"),
        ({"reviewer": "a\x1bb"}, "answer", "'a\\x1bb' is no reviewer's name; use at most 64 letters"),
        ({"tags": ("Dose",)}, "answer", "'Dose' is no tag; use up to 32 of a-z and 0-9, words joined by hyphens"),
        ({"tags": ("a--b",)}, "answer", "'a--b' is no tag; use up to 32 of a-z and 0-9, words joined by hyphens"),
        ({"tags": ("x" * 33,)}, "answer", f"'{'x' * 33}' is no tag; use up to 32 of a-z and 0-9, words joined by hyphens"),
        ({"tags": ("a\n",)}, "answer", "'a\\n' is no tag; use up to 32 of a-z and 0-9, words joined by hyphens"),
        ({"tags": ("a", "a")}, "answer", "the tags are a, a; give each once, at most 8"),
        ({"tags": tuple("abcdefghi")}, "answer", "the tags are a, b, c, d, e, f, g, h, i; give each once, at most 8"),
        ({"quotes": (QuoteVerdict("article", 0, 14, "answers"),)}, "answer", "article:0-14 is no quote of r1; name one that its reply shows"),
        ({"quotes": (QuoteVerdict("article", 0, 15, "fine"),)}, "answer", "'fine' is no verdict on a quote; choose one of answers, partly, does_not, misleading"),  # type: ignore[arg-type]
        ({"quotes": QUOTES[:1] * 2}, "answer", "article:0-15 is judged twice; give one verdict on each quote"),
        ({"gold": ("It does.",) * 21}, "answer", "21 sentences that answer were named; at most 20 are kept"),
        ({"gold": ("Kindness hurts.",)}, "answer", "'Kindness hurts.' stands in no document; copy the sentence exactly from a source"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_refused(seen: Seen, book: Any, change: dict[str, Any], kind: str, message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        judge(book, dataclasses.replace(GOOD, **change), seen(kind=kind, reply=REPLY), quotable)
    assert str(caught.value) == message
    assert book.lines == []


def test_all_that_fits_is_taken(seen: Seen) -> None:
    check(GOOD, seen(kind="crisis"), quotable)
    check(dataclasses.replace(GOOD, label="unsafe"), seen(kind="drug_request"), quotable)
    check(dataclasses.replace(GOOD, label="should_have_refused"), seen(), quotable)


def test_a_label_of_a_later_version_is_named(book: Any) -> None:
    book.write("verdict", "r1", at="1", label="splendid")
    with pytest.raises(ReviewError, match=r"^verdict on r1: 'splendid' is not among .*; upgrade chatbot$"):
        verdicts(book)
