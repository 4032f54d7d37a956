"""`chatbot log`, run as a command over a small index and a log whose records quote it."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import fakes
import pytest
from click.testing import Result
from typer.testing import CliRunner

from chatbot.commands.log import app
from chatbot.errors import ChapterError, LogError
from chatbot.index import generations
from chatbot.log import open_log
from chatbot.log.records import Record, hours_ago, owner_of, receipt_of

Logged = Callable[..., Record]
VISIT = "visit-of-a-reader-1"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if isinstance(result.exception, ChapterError):
        raise result.exception
    return result


def quoting(index: Path, number: int, **more: str) -> Record:
    """A record that quotes the article's first hundred characters, as its generation holds them."""
    generation = generations.read(index, generations.current(index))
    name = next(name for name in generation.files if name.endswith("unlocking-healing.txt"))
    text = generation.files[name].decode()
    quote = {
        "doc_id": "unlocking-healing",
        "start": 0,
        "end": 100,
        "text": text[:100],
        "sha256": generations.sha256(text.encode()),
        "label": "=label",
    }
    now = hours_ago(datetime.now(UTC), 0)
    values = {"owner": owner_of(receipt_of(VISIT)), "asked_at": now, "question": f"=Question {number}?"} | more
    return Record(
        f"r{number}", values["owner"], values["asked_at"], "answer", values["question"], {"quotes": [quote]}, (), "s",
        generation.generation_id, 0.5, 0.1,
    )  # fmt: skip


@pytest.fixture
def filled(small_index: Path, log_path: Path) -> Path:
    """A log of two rows of one visit and one of another, the last of them old."""
    with closing(open_log(log_path, create=True)) as log:
        log.append(
            [
                quoting(small_index, 1),
                quoting(small_index, 2),
                quoting(small_index, 3, owner="x", asked_at="2020-01-01T00:00Z"),
            ]
        )
    return log_path


def test_verify(filled: Path, small_index: Path, corpus_copy: Path) -> None:
    places = ("--log", filled, "--index", small_index, "--corpus", corpus_copy)
    result = run("verify", *places)
    first, head = result.stdout.splitlines()
    assert (result.exit_code, first) == (0, f"{filled}: 3 records, 0 removed, 3 quotes proved")
    noted = head.removeprefix("head ")
    assert noted.startswith("3:")
    assert run("verify", "--expect", noted, *places).exit_code == 0
    wrong = run("verify", "--expect", f"2:{noted[2:]}", *places)
    assert wrong.exit_code == 1
    assert wrong.stdout.splitlines()[-1].startswith("broken: row 2: does not have the link")
    as_json = json.loads(run("verify", "--json", *places).stdout)
    assert as_json == {
        "records": 3, "removed": 0, "head": {"row": 3, "link": noted[2:]}, "proved": 3, "unproved": [], "broken": [], "search": [],
    }  # fmt: skip
    with pytest.raises(LogError, match=r"^--expect 'x' is not ROW:LINK; copy it from an earlier `chatbot log verify`$"):
        run("verify", "--expect", "x", *places)


def test_verify_proves_from_the_generation_when_the_corpus_has_changed(
    filled: Path, small_index: Path, corpus_copy: Path
) -> None:
    (corpus_copy / "article.txt").write_text("Other words.")
    places = ("--log", filled, "--index", small_index, "--corpus", corpus_copy)
    assert run("verify", *places).stdout.startswith(f"{filled}: 3 records, 0 removed, 3 quotes proved")


def test_verify_without_the_generation_proves_from_the_corpus(filled: Path, tmp_path: Path, corpus_copy: Path) -> None:
    places = ("--log", filled, "--index", tmp_path / "none", "--corpus", corpus_copy)
    assert run("verify", "--strict", *places).stdout.startswith(f"{filled}: 3 records, 0 removed, 3 quotes proved")


def test_verify_says_what_cannot_be_proved(
    filled: Path, small_index: Path, tmp_path: Path, corpus_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = generations.current(small_index)
    monkeypatch.setattr("chatbot.building.read_corpus", lambda _: type("Corpus", (), {"documents": {}})())
    places = ("--log", filled, "--index", tmp_path / "none", "--corpus", corpus_copy)
    result = run("verify", *places)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2] == (
        f"not proved: 3 quotes of unlocking-healing by generation {generation}, whose text of then is not at hand; "
        "keep that generation under --index, or restore the file in --corpus"
    )
    assert run("verify", "--strict", *places).exit_code == 1


def test_verify_finds_a_changed_row(filled: Path, small_index: Path, corpus_copy: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("DROP TRIGGER entries_update")
        connection.execute("UPDATE entries SET question = 'x' WHERE seq = 2")
    result = run("verify", "--log", filled, "--index", small_index, "--corpus", corpus_copy)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "broken: row 2: is not what was written: its checksum does not match"


def test_purge(filled: Path) -> None:
    until = hours_ago(datetime.now(UTC), 24 * 30)
    assert run("purge", "--log", filled).stdout == f"{filled}: 1 records of {until} and earlier removed\n"
    assert run("purge", "--log", filled, "--days", 0).stdout.startswith(f"{filled}: 2 records of ")
    assert b"Question" not in b"".join(path.read_bytes() for path in filled.parent.glob("answers.sqlite*"))


def test_export(filled: Path) -> None:
    rows = [json.loads(line) for line in run("export", "--log", filled).stdout.splitlines()]
    assert [row["record_id"] for row in rows] == ["r1", "r2", "r3"]
    table = list(csv.DictReader(io.StringIO(run("export", "--format", "csv", "--log", filled).stdout, newline="")))
    assert [(row["question"], row["labels"]) for row in table] == [(f"'=Question {n}?", "'=label") for n in (1, 2, 3)]
    mine = run("export", "--receipt", receipt_of(VISIT).lower(), "--log", filled).stdout
    assert [json.loads(line)["record_id"] for line in mine.splitlines()] == ["r1", "r2"]
    with closing(open_log(filled)) as log:
        assert [(e.label, e.subject) for e in log.events("audit")] == [
            ("export jsonl", "all"),
            ("export csv", "all"),
            ("export jsonl", "of a receipt"),
        ]


def test_forget(filled: Path, small_index: Path, corpus_copy: Path) -> None:
    assert run("forget", "--receipt", receipt_of(VISIT), "--log", filled).stdout == f"{filled}: 2 records removed\n"
    verified = run("verify", "--log", filled, "--index", small_index, "--corpus", corpus_copy)
    assert verified.stdout.startswith(f"{filled}: 1 records, 2 removed, 1 quotes proved")
    said = r"answers\.sqlite: no record has this receipt; check the code, or its records are past retention and gone$"
    for command in ("forget", "export"):
        with pytest.raises(LogError, match=said):
            run(command, "--receipt", receipt_of(VISIT), "--log", filled)


@pytest.mark.parametrize("command", [("verify",), ("purge",), ("export",), ("forget", "--receipt", "x")])
def test_a_log_that_is_not_there_is_not_made(command: tuple[str, ...], log_path: Path) -> None:
    with pytest.raises(LogError, match="no answer log there"):
        run(*command, "--log", log_path)
    assert not log_path.exists()


def test_a_search_that_has_parted_from_the_records_is_named_and_made_again(
    filled: Path, small_index: Path, corpus_copy: Path
) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("DELETE FROM facets WHERE seq = 2")
    result = run("verify", "--log", filled, "--corpus", corpus_copy, "--index", small_index)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:] == ["search: 1 records are not in the search; run `chatbot log rebuild`"]
    as_json = run("verify", "--log", filled, "--corpus", corpus_copy, "--index", small_index, "--json")
    assert json.loads(as_json.stdout)["search"] == ["1 records are not in the search; run `chatbot log rebuild`"]
    assert run("rebuild", "--log", filled).stdout == f"{filled}: 3 records can be found again\n"
    assert run("verify", "--log", filled, "--corpus", corpus_copy, "--index", small_index).exit_code == 0


def test_questions_without_vectors_are_given_some(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.index.embedding.open_embedder", lambda _: fakes.HashEmbedder())
    assert run("rebuild", "--vectors", "--log", filled).exit_code == 0
    with closing(sqlite3.connect(filled)) as connection:
        vectors = connection.execute("SELECT length(vector) FROM vectors").fetchall()
    assert vectors == [(2 * fakes.HashEmbedder().dimension,)] * 3
