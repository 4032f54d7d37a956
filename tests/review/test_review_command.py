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
from chatbot.corpus.pins import read_rows
from chatbot.errors import ChapterError, ReviewError
from chatbot.evaluate.questions import read_questions
from chatbot.gathering import read_corpus
from chatbot.log import open_log
from chatbot.log.notebook import Notebook
from chatbot.log.records import Event, Record
from chatbot.marked import Place
from chatbot.moderating.desk import Moderation
from chatbot.moderating.texts import Shelved
from chatbot.review.access import Access
from chatbot.review.values import Account

GOLD = "This program involves several sessions of therapy without MDMA"


def run(*arguments: object, stdin: str = "") -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
    if isinstance(result.exception, ChapterError):
        raise result.exception
    return result


def record(name: str, kind: str, confidence: float, question: str) -> Record:
    quote = {"doc_id": "article", "start": 0, "end": 15, "text": "Kindness helps.", "label": "Lee (2024)"}
    quotes = [quote] if kind == "answer" else []
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
        said = [(event.label, event.subject) for event in log.events("audit")]
    assert said == [("queue", "all"), *(("list", f"r{n}") for n in (4, 2, 1, 3)), ("queue", "all"), ("list", "r4")]


def test_from_the_queue_to_the_evaluation(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none", "--reviewer", "ann")
    assert run("judge", "r1", "good", "--note", "=fine", *places).stdout == "r1: good\n"
    run("judge", "r2", "should_have_answered", "--gold", GOLD, *places)
    run("judge", "r3", "good", *places)
    run("judge", "r4", "good", *places)
    assert (
        run("judge", "r4", "should_have_refused", "--tag", "two-words", *places).stdout == "r4: should_have_refused\n"
    )
    assert run("list", "--log", log_path, "--reviewer", "ann").stdout == ""

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
    assert table[4]["tags"] == "two-words"


def test_what_cannot_be_judged(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none")
    with pytest.raises(ReviewError, match=r"^'r9' is no record of the log; `chatbot review list` shows their ids$"):
        run("judge", "r9", "good", *places)
    with pytest.raises(ReviewError, match=r"^'Nobody wrote this.' stands in no document; copy the sentence exactly"):
        run("judge", "r2", "should_have_answered", "--gold", "Nobody wrote this.", *places)
    with pytest.raises(ReviewError, match=r"^'great' is no verdict; choose one of good, "):
        run("judge", "r1", "great", *places)


def test_a_verdict_on_a_quote(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none", "--reviewer", "ann")
    run("judge", "r1", "good", "--quote", "article:0-15=partly", *places)
    (row,) = [json.loads(line) for line in run("export", "--log", log_path).stdout.splitlines()]
    assert row["quotes"] == [{"doc_id": "article", "start": 0, "end": 15, "label": "partly"}]
    with pytest.raises(ReviewError, match=r"^article:0-14 is no quote of r1; name one that its reply shows$"):
        run("judge", "r1", "good", "--quote", "article:0-14=partly", *places)
    message = r"^--quote 'article' is not DOC:START-END=VERDICT, such as mitchell-2021:10-42=answers$"
    with pytest.raises(ReviewError, match=message):
        run("judge", "r1", "good", "--quote", "article", *places)


def test_export_and_import(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--corpus", corpus_copy, "--index", tmp_path / "none")
    run("judge", "r1", "good", "--note", "fine", *places)
    lines = run("export", *places).stdout
    path, other = tmp_path / "verdicts.jsonl", tmp_path / "other.sqlite"
    path.write_text(lines, encoding="utf-8")
    assert run("import", path, *places).stdout == f"{path}:1: there already: r1\n"
    with closing(open_log(other, create=True)) as log:
        log.append([record("r1", "answer", 0.99, "=Does it help?")])
    path.write_text(f"{lines}{{}}\n", encoding="utf-8")
    places = ("--log", other, *places[2:])
    message = r"verdicts\.jsonl: 1 taken, 0 there already, 1 wrong; nothing was written; mend the wrong lines, or take"
    with pytest.raises(ReviewError, match=message):
        run("import", path, *places)
    assert run("export", *places).stdout == ""
    done = run("import", path, "--skip-bad", *places)
    assert done.stdout == f"{path}:1: taken: r1\n{path}:2: wrong: record_id is no text; write it in quotation marks\n"
    assert done.stderr == "1 taken, 0 there already, 1 wrong\n"
    assert run("export", *places).stdout == lines
    assert run("import", "-", *places, stdin=lines).stdout == "-:1: there already: r1\n"
    with pytest.raises(ReviewError, match=r"absent: cannot be read \(.*\); give a JSONL file, or -$"):
        run("import", tmp_path / "absent", *places)


def test_pins_from_a_proposal_to_the_corpus(log_path: Path, corpus_copy: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--index", tmp_path / "none")
    with closing(open_log(log_path)) as log:
        desk = Moderation(log, Shelved(tmp_path / "none", corpus_copy))
        start = desk.document(Account("ann", "moderator"), "r2", "unlocking-healing").text.index(GOLD)
        place = Place("unlocking-healing", start, start + 20)
        made = desk.propose(Account("ann", "moderator"), "r2", "pin", "How many sessions?", place, "=clear")
    ident = made.proposal_id
    listed = run("proposals", *places, "--corpus", corpus_copy).stdout
    assert listed == (
        f"{ident}  pin  proposed, proposed by ann\n    How many sessions?\n"
        f"      “{made.text}” unlocking-healing:{made.place.start}-{made.place.end}\n      =clear\n"
    )
    assert run("pins", "--into", corpus_copy, *places).stderr == "0 written, 0 taken out\n"
    decide = ("decide", ident, "approve", "--reviewer", "lea", *places)
    assert run(*decide).stdout == f"{ident}: approved\n"
    written = run("pins", "--into", corpus_copy, *places)
    assert (written.stdout, written.stderr) == (f"{ident}: written\n", "1 written, 0 taken out\n")
    (row,) = read_rows(corpus_copy)
    assert (row.ident, row.action, row.questions, row.source) == (
        ident,
        "pin",
        ("How many sessions?",),
        "unlocking-healing",
    )
    assert (row.sentences, row.approved_by, row.why) == ((made.text,), "lea", "=clear")
    assert read_corpus(corpus_copy).pins.entries[0].place == made.place
    assert run("pins", "--into", corpus_copy, *places).stderr == "0 written, 0 taken out\n"
    with closing(
        open_log(log_path)
    ) as log:  # the words go with the record; what the corpus holds stays until it is withdrawn
        log.remove("receipt", owners=["owner"])
    assert run("pins", "--into", corpus_copy, *places).stderr == "0 written, 0 taken out\n"
    assert read_rows(corpus_copy) == (row,)
    assert "its record was removed" in run("proposals", *places).stdout
    assert run("decide", ident, "withdraw", *places).stdout == f"{ident}: withdrawn\n"
    assert run("pins", "--into", corpus_copy, *places).stdout == f"{ident}: taken out\n"
    assert read_rows(corpus_copy) == ()


def test_gaps(log_path: Path, tmp_path: Path) -> None:
    with closing(open_log(log_path)) as log:
        gap = Moderation(log, Shelved(tmp_path / "none")).report_gap(Account("ann", "moderator"), "r2", "no source\x1b")
    day = gap.at[:10]
    assert (
        run("gaps", "--log", log_path).stdout
        == f"{gap.gap_id}  {day}  ann\n    How many sessions?\n      no source\ufffd\n"
    )
    assert (
        run("gaps", "--close", gap.gap_id, "--log", log_path, "--reviewer", "lea").stdout == f"{gap.gap_id}: closed\n"
    )
    assert run("gaps", "--log", log_path).stdout == ""
    (row,) = run("gaps", "--closed", "--json", "--log", log_path).stdout.splitlines()
    assert (json.loads(row)["closed_by"], json.loads(row)["words"]) == ("lea", "no source\x1b")


def test_agreement_and_dashboard(log_path: Path, tmp_path: Path) -> None:
    places = ("--log", log_path, "--index", tmp_path / "none")
    assert run("agreement", *places).stdout == "none: no record has a blind second verdict\n"
    assert json.loads(run("agreement", "--json", *places).stdout)["n"] == 0
    run("judge", "r1", "good", *places)
    shown = run("dashboard", "--days", 366, *places).stdout
    assert "To judge: 3\n" in shown
    data = json.loads(run("dashboard", "--json", "--days", 366, *places).stdout)
    assert (data["days"], dict(map(tuple, data["figures"]))["To judge"]) == (366, "3")


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
    assert run("users", "--log", log).stdout == "ann: lead\nbob: moderator\n"
    assert run("close-user", "bob", "--log", log).stdout == "bob: closed\n"
    assert run("users", "--log", log).stdout == "ann: lead\n"
    with pytest.raises(ReviewError, match=r"^there is no account 'bob'; `chatbot review add-user` adds one$"):
        run("close-user", "bob", "--log", log)
    with pytest.raises(ReviewError, match="no password can be read"):
        run("add-user", "cat", "--password-file", tmp_path / "absent", "--log", log)
    assert b"horse" not in log.read_bytes()


def test_a_password_typed_twice(tmp_path: Path) -> None:
    typed = "correct horse battery\ncorrect horse battery\n"
    result = run("add-user", "ann", "--log", tmp_path / "a.sqlite", stdin=typed)
    assert result.stdout.splitlines()[-1] == "ann: moderator"
    assert "horse" not in result.output
