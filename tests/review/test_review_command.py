"""`chatbot review`, run as a command: from the queue to a verdict to a case that the evaluation reads."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chatbot.commands.review import app
from chatbot.errors import ChapterError, ReviewError
from chatbot.evaluate.questions import read_questions
from chatbot.log import open_log
from chatbot.log.notebook import Notebook
from chatbot.log.records import Event, Record
from chatbot.review.access import Access
from chatbot.review.values import Account

GOLD = "This program involves several sessions of therapy without MDMA"


def run(*arguments: object, stdin: str = "") -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
    if isinstance(result.exception, ChapterError):
        raise result.exception
    return result


def record(name: str, kind: str, confidence: float, question: str) -> Record:
    quotes = [{"text": "Kindness helps.", "label": "Lee (2024)"}] if kind == "answer" else []
    return Record(
        name,
        "owner",
        "2026-11-24T08:00Z",
        kind,
        question,
        {"quotes": quotes, "carried": []},
        (),
        "s",
        "g",
        confidence,
        0.1,
    )


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """A log of four replies, one of them thumbed down."""
    path = tmp_path / "answers.sqlite"
    with closing(open_log(path, create=True)) as log:
        log.append(
            [
                record("r1", "answer", 0.99, "=Does it help?"),
                record("r2", "abstention", 0.45, "How many sessions?"),
                record("r3", "crisis", 0.1, ""),
                record("r4", "answer", 0.97, "Who won?"),
            ]
        )
        log.note(
            [
                Event("2026", "thumb", "r4", label="up"),
                Event("2026", "thumb", "r4", label="down:unclear", note="=so\x1b[2J\nwhat?"),
            ]
        )
    return path


def test_list(log_path: Path) -> None:
    result = run("list", "--log", log_path, "--threshold", "0.5")
    assert result.stdout == (
        "r4  2026-11-24T08:00Z  answer  0.97  (thumbs down: unclear)\n    Who won?\n      “Kindness helps.” Lee (2024)\n"
        "      a reader: =so\ufffd[2J what?\n"
        "r2  2026-11-24T08:00Z  abstention  0.45  (refused near the threshold)\n    How many sessions?\n"
        "r1  2026-11-24T08:00Z  answer  0.99\n    =Does it help?\n      “Kindness helps.” Lee (2024)\n"
        "r3  2026-11-24T08:00Z  crisis  0.10  (crisis)\n    (the text of a crisis is not logged)\n"
    )
    assert result.stderr == "4 to judge\n"
    (first,) = run("list", "--log", log_path, "--limit", 1, "--json").stdout.splitlines()
    assert (json.loads(first)["record_id"], json.loads(first)["reasons"]) == ("r4", ["thumbs down: unclear"])
    assert json.loads(first)["thumb"] == {"thumb": "down", "reason": "unclear", "comment": "=so\x1b[2J\nwhat?"}
    with closing(open_log(log_path)) as log:
        assert [(event.kind, event.label) for event in log.events("read")] == [("read", "list")] * 2


def test_from_the_queue_to_the_evaluation(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none", "--reviewer", "ann")
    assert run("judge", "r1", "good", "--note", "=fine", *places).stdout == "r1: good\n"
    run("judge", "r2", "should_have_answered", "--gold", GOLD, *places)
    run("judge", "r3", "good", *places)
    run("judge", "r4", "good", *places)
    run("judge", "r4", "should_have_refused", *places)
    assert run("list", "--log", log_path).stdout == ""

    cases = run("cases", "--into", tmp_path / "set", "--log", log_path)
    assert cases.stdout == f"{tmp_path}/set/answerable.jsonl: 2\n{tmp_path}/set/unanswerable.jsonl: 1\n"
    assert cases.stderr == (
        "left out: r3: the text of a crisis is not logged; write its case by hand\n3 cases from 4 verdicts\n"
    )
    assert [(c.ident, c.question, c.gold) for c in read_questions(tmp_path / "set")] == [
        ("answerable:R-r1", "=Does it help?", ("Kindness helps.",)),
        ("answerable:R-r2", "How many sessions?", (GOLD,)),
        ("unanswerable:R-r4", "Who won?", ()),
    ]

    rows = [json.loads(line) for line in run("export", "--log", log_path).stdout.splitlines()]
    assert [(row["record_id"], row["label"], row["reviewer"], row["gold"]) for row in rows] == [
        ("r1", "good", "ann", []),
        ("r2", "should_have_answered", "ann", [GOLD]),
        ("r3", "good", "ann", []),
        ("r4", "good", "ann", []),
        ("r4", "should_have_refused", "ann", []),
    ]
    table = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--log", log_path).stdout, newline="")))
    assert (table[0]["question"], table[0]["note"], table[1]["gold"]) == ("'=Does it help?", "'=fine", GOLD)


def test_what_cannot_be_judged(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none")
    with pytest.raises(
        ReviewError, match=r"^'r9' is no record of .*answers\.sqlite; `chatbot review list` shows their ids$"
    ):
        run("judge", "r9", "good", *places)
    with pytest.raises(ReviewError, match=r"^'Nobody wrote this.' stands in no document; copy the sentence exactly"):
        run("judge", "r2", "should_have_answered", "--gold", "Nobody wrote this.", *places)
    with pytest.raises(ReviewError, match=r"^'great' is no verdict; choose one of good, "):
        run("judge", "r1", "great", *places)


def test_add_user(tmp_path: Path) -> None:
    log, secret = tmp_path / "new.sqlite", tmp_path / "secret"
    secret.write_text("correct horse battery\n")
    assert run("add-user", "ann", "--role", "lead", "--password-file", secret, "--log", log).stdout == "ann: lead\n"
    assert (
        run("add-user", "bob", "--password-file", "-", "--log", log, stdin="another long one\n").stdout
        == "bob: moderator\n"
    )
    with closing(open_log(log)) as found:
        access = Access(Notebook(found))
        assert access.accounts() == (Account("ann", "lead"), Account("bob", "moderator"))
        assert access.sign_in("ann", "correct horse battery") == Account("ann", "lead")
        for _ in range(5):
            with pytest.raises(ReviewError, match=r"^wrong name or password$"):
                access.sign_in("bob", "no")
        with pytest.raises(ReviewError, match="are enough"):
            access.sign_in("bob", "another long one")
    with pytest.raises(ReviewError, match="no password can be read"):
        run("add-user", "cat", "--password-file", tmp_path / "absent", "--log", log)
    assert b"horse" not in log.read_bytes()


def test_a_password_typed_twice(tmp_path: Path) -> None:
    typed = "correct horse battery\ncorrect horse battery\n"
    result = run("add-user", "ann", "--log", tmp_path / "a.sqlite", stdin=typed)
    assert result.stdout.splitlines()[-1] == "ann: moderator"
    assert "horse" not in result.output
