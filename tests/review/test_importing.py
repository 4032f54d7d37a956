"""Verdicts from a file, line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatbot.errors import ReviewError
from chatbot.review.importing import COLUMNS, cells_of, look_at, parse, row_of
from chatbot.review.values import QuoteVerdict, Verdict

FULL = Verdict(
    "r1",
    "should_have_answered",
    "ann",
    "“so”",
    "2026-11-24T08:00:00.000001Z",
    ("It does.",),
    None,
    (QuoteVerdict("article", 0, 9, "partly"),),
    ("dose", "two-words"),
    blind=True,
)
PLAIN = Verdict("r2", "wrong_triage", "bob", "", "2026-11-24T09:00:00Z", triage="crisis", due=True)


def take_all(verdict: Verdict) -> None:
    return None


def test_a_line_says_all_of_a_verdict() -> None:
    for verdict in (FULL, PLAIN):
        assert parse(json.dumps(row_of(verdict, "Why?"), ensure_ascii=False)) == verdict


def test_lines_of_earlier_versions_are_taken() -> None:
    old = {"record_id": "r1", "label": "good", "reviewer": "ann", "note": "", "judged_at": "2026-11-24T08:00:00Z"}
    more = {"gold": [], "triage": None, "question": "Why?"}
    assert parse(json.dumps(old | more)) == Verdict("r1", "good", "ann", "", "2026-11-24T08:00:00Z")


def test_a_table_for_people() -> None:
    row = dict(zip(COLUMNS, cells_of(FULL, None), strict=True))
    assert row == {
        "record_id": "r1",
        "label": "should_have_answered",
        "reviewer": "ann",
        "judged_at": "2026-11-24T08:00:00.000001Z",
        "question": "",
        "note": "“so”",
        "gold": "It does.",
        "triage": "",
        "quotes": "article:0-9=partly",
        "tags": "dose\ntwo-words",
        "blind": "blind",
    }


def test_each_line_by_itself() -> None:
    def check(verdict: Verdict) -> None:
        if verdict.record_id == "r9":
            raise ReviewError("'r9' is no record")

    new = {**row_of(FULL, None), "record_id": "r3"}
    lines = [
        json.dumps(row_of(PLAIN, None)),
        "",
        json.dumps(new),
        json.dumps(new),
        *[json.dumps({**new, "record_id": "r9"})] * 2,
        "{",
    ]
    found = look_at(lines, [PLAIN], check)
    assert [(line.number, line.what, line.words) for line in found] == [
        (1, "there", ""),
        (3, "taken", ""),
        (4, "there", ""),
        (5, "wrong", "'r9' is no record"),
        (6, "wrong", "'r9' is no record"),
        (7, "wrong", "no JSON at column 2; give lines as `chatbot review export` writes them"),
    ]


def test_a_verdict_whose_words_are_gone_is_there_all_the_same() -> None:
    blanked = Verdict("r1", "should_have_answered", "ann", "", "2026-11-24T08:00:00.000001Z", blind=True)
    (line,) = look_at([json.dumps(row_of(FULL, "Why?"))], [blanked], take_all)
    assert line.what == "there"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"note": 1}, "note is no text; write it in quotation marks"),
        ({"label": None}, "label is no text; write it in quotation marks"),
        ({"judged_at": "yesterday"}, "judged_at is 'yesterday'; give a moment such as 2026-11-24T08:00:00Z"),
        ({"triage": 3}, "triage is neither a text nor null"),
        ({"gold": "It does."}, "gold is no list"),
        ({"tags": [1]}, "tags is no list of texts"),
        ({"quotes": [{"doc_id": "a", "start": True, "end": 2, "label": "partly"}]}, "a verdict on a quote has doc_id, start, end and label"),
        ({"quotes": ["a:1-2"]}, "a verdict on a quote has doc_id, start, end and label"),
        ({"blind": "yes"}, "blind and due are true or false, and not both true"),
        ({"due": True}, "blind and due are true or false, and not both true"),
    ],
)  # fmt: skip
def test_what_is_no_verdict(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        parse(json.dumps(row_of(FULL, None) | change))
    assert str(caught.value) == message


@pytest.mark.parametrize("line", ["[]", "1", "null", '"text"'])
def test_what_is_no_object(line: str) -> None:
    with pytest.raises(ReviewError, match=r"^no JSON object; give lines as"):
        parse(line)


def test_nesting_and_length_do_not_break_it() -> None:
    with pytest.raises(ReviewError, match=r"no JSON|^the line has"):
        parse("[" * 150_000)
    with pytest.raises(ReviewError, match=r"^the line has 200001 characters; a verdict has at most 200000$"):
        parse("x" * 200_001)
