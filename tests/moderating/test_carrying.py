"""Verdicts out of one log and into another."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from moderated import ANN, BOB, LEA, Clock, Texts, record

from chatbot.errors import ReviewError
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.finding import Filters
from chatbot.moderating.desk import Moderation
from chatbot.moderating.values import Judgement
from chatbot.review.values import QuoteVerdict

RECORDS = [
    record("r1", question="=1+1", owner="o1"),
    record("r2", "abstention", 0.3, "How many sites?"),
    record("r3", "drug_request", 0.3, "Where to buy?"),
]
QUOTES = (QuoteVerdict("article", 0, 15, "partly"),)


@pytest.fixture
def filled(desk: Moderation, log: Database) -> Moderation:
    log.append(RECORDS)
    desk.judge(ANN, "r1", Judgement("good", "@SUM(A1)", ("dose", "-x"[1:]), QUOTES))
    desk.judge(ANN, "r2", Judgement("should_have_answered", gold=("Nobody was harmed.", "Kindness helps.")))
    desk.judge(BOB, "r1", Judgement("unsafe", triage="crisis"))
    return desk


@pytest.fixture
def other(tmp_path: Path, texts: Texts, clock: Clock) -> Iterator[Moderation]:
    """A desk over another log with the same records."""
    with closing(open_log(tmp_path / "other.sqlite", create=True)) as found:
        found.append(RECORDS)
        yield Moderation(found, texts, clock=clock)


def verdicts_of(desk: Moderation) -> list[str]:
    return list(desk.export(LEA, "jsonl"))


def test_round_trip(filled: Moderation, other: Moderation) -> None:
    lines = verdicts_of(filled)
    assert [(row["record_id"], row["label"], row["question"]) for row in map(json.loads, lines)] == [
        ("r1", "good", "=1+1"),
        ("r2", "should_have_answered", "How many sites?"),
        ("r1", "unsafe", "=1+1"),
    ]
    done = other.import_verdicts(LEA, lines)
    assert (done.count("taken"), done.count("there"), done.count("wrong"), done.written) == (3, 0, 0, True)
    assert verdicts_of(other) == lines
    assert [row.label for row in other.queue(ANN, Filters(verdict="judged")).rows] == ["should_have_answered", "unsafe"]
    again = other.import_verdicts(LEA, lines)
    assert (again.count("taken"), again.count("there")) == (0, 3)
    assert verdicts_of(other) == lines


def test_all_or_nothing(filled: Moderation, other: Moderation) -> None:
    good, *_ = verdicts_of(filled)
    row = json.loads(good)
    bad = [
        json.dumps(row | {"record_id": "r9"}),
        json.dumps(row | {"label": "fine"}),
        json.dumps(
            row | {"quotes": [{"doc_id": "article", "start": 0, "end": 3, "label": "partly"}], "reviewer": "bob"}
        ),
        json.dumps(row | {"gold": ["Nobody said so."], "reviewer": "eve"}),
        json.dumps(row | {"note": "else"}),
    ]
    done = other.import_verdicts(LEA, [good, *bad])
    assert (done.written, verdicts_of(other)) == (False, [])
    assert [(line.number, line.what, line.words.split(";")[0]) for line in done.lines] == [
        (1, "taken", ""),
        (2, "wrong", "'r9' is no record of the log"),
        (3, "wrong", "'fine' is no verdict"),
        (4, "wrong", "article:0-3 is no quote of r1"),
        (5, "wrong", "'Nobody said so.' stands in no document"),
        (6, "wrong", f"r1 has a verdict of ann at {row['judged_at']} that says something else"),
    ]
    done = other.import_verdicts(LEA, [good, *bad], skip_bad=True)
    assert (done.written, verdicts_of(other)) == (True, [good])


def test_an_older_verdict_does_not_replace_a_later_one(filled: Moderation, other: Moderation) -> None:
    lines = verdicts_of(filled)
    assert other.import_verdicts(LEA, reversed(lines)).written  # written in the order of their moments
    assert [json.loads(line)["label"] for line in verdicts_of(other)] == ["good", "should_have_answered", "unsafe"]
    late = json.dumps(json.loads(lines[0]) | {"reviewer": "eve"})
    done = other.import_verdicts(LEA, [late])
    at = json.loads(lines[0])["judged_at"]
    assert [line.words for line in done.lines] == [
        f"r1 was judged after {at} here; an older verdict would replace that one"
    ]


def test_verdicts_on_removed_records_come_out_and_are_there(filled: Moderation, log: Database) -> None:
    lines = verdicts_of(filled)
    log.remove("receipt", owners=["o1"])
    after = [json.loads(line) for line in verdicts_of(filled)]
    assert [(row["record_id"], row["label"], row["question"], row["note"], row["tags"]) for row in after] == [
        ("r1", "good", None, "", []),
        ("r2", "should_have_answered", "How many sites?", "", []),
        ("r1", "unsafe", None, "", []),
    ]
    done = filled.import_verdicts(LEA, lines)
    assert (done.count("there"), done.written) == (3, True)


def test_a_table_that_no_spreadsheet_acts_on(filled: Moderation) -> None:
    text = "".join(filled.export(LEA, "csv"))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0][name] for name in ("question", "note", "tags", "quotes")) == (
        "'=1+1",
        "'@SUM(A1)",
        "dose\nx",
        "article:0-15=partly",
    )
    assert rows[1]["gold"] == "Nobody was harmed.\nKindness helps."
    assert rows[2]["triage"] == "crisis"


def test_filters_name_records(filled: Moderation) -> None:
    def ids(filters: Filters) -> list[str]:
        return [json.loads(line)["record_id"] for line in filled.export(LEA, "jsonl", filters)]

    assert ids(Filters(kind="abstention")) == ["r2"]
    assert ids(Filters(verdict="unsafe")) == ["r1", "r1"]
    assert ids(Filters(verdict="good")) == []  # a later one counts
    assert ids(Filters(text="sites")) == ["r2"]


def test_what_cannot_be_carried(filled: Moderation) -> None:
    with pytest.raises(ReviewError, match=r"^'xlsx' is no form; choose csv or jsonl$"):
        filled.export(LEA, "xlsx")
    with pytest.raises(ReviewError, match=r"^the file has more than 100000 lines; divide it$"):
        filled.import_verdicts(LEA, ("" for _ in range(100_001)))
