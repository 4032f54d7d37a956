"""What is PostgreSQL's own; the other tests of the log run on both databases (`either`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.errors import LogError
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.facets import Mark
from chatbot.log.proof import verify
from chatbot.log.records import Event, Record

Logged = Callable[..., Record]


@pytest.fixture
def log(url: str) -> Iterator[Database]:
    with closing(open_log(url)) as found:
        yield found


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def test_opening_again_changes_nothing(log: Database, url: str, logged: Logged) -> None:
    log.append([logged(1)])
    with closing(open_log(url)) as again:
        assert [r.record_id for r in again.records()] == ["record-1"]
    assert run(url, "SELECT version_num FROM alembic_version") == [("0002",)]


HELD = (
    "entries",
    "events",
    "facets",
    "facets_same",
    "quoted",
    "quoted_pkey",
    "tagged",
    "words",
    "words_words",
    "vectors",
)


def files_of(url: str) -> bytes:
    """The bytes of the tables and indexes that hold what a record says, as they are on disk."""
    run(url, "CHECKPOINT")
    ((folder,),) = run(url, "SELECT current_setting('data_directory')")
    names = [run(url, f"SELECT pg_relation_filepath('{name}')")[0][0] for name in HELD]
    return b"".join((Path(str(folder)) / str(name)).read_bytes() for name in names)


def test_the_removed_are_not_in_the_tables_files(log: Database, url: str, logged: Logged) -> None:
    records = [logged(n, question=f"canary {n} canaryword{n}") for n in range(20)]
    log.append(records, {r.record_id: Mark(f"canaryvector{r.record_id}".encode()) for r in records})
    log.append([logged(100, owner="kept", question="stays")])
    note = json.dumps({"note": "canary note", "tags": ["canarytag"]})
    log.note([Event("1", "verdict", "record-1", label="good", note=note)])
    ((same,),) = run(url, "SELECT same FROM facets WHERE record_id = 'record-7'")
    before = files_of(url)
    assert all(what in before for what in (b"canary 7", b"canaryword7", b"canaryvector", b"canarytag"))
    assert str(same).encode() in before
    log.remove("receipt", owners=["owner"])
    left = files_of(url)
    assert b"canary" not in left
    assert str(same).encode() not in left
    assert b"stays" in left


def test_the_planner_keeps_no_sample_of_what_is_said(log: Database, url: str, logged: Logged) -> None:
    records = [logged(n, owner=f"canaryowner{n}", question=f"canary{n % 3} canary") for n in range(60)]
    log.append(records, {r.record_id: Mark(b"canaryvector") for r in records})
    note = json.dumps({"note": "canary", "tags": ["canarytag"]})
    log.note([Event("1", "verdict", r.record_id, label="good", note=note) for r in records])
    run(url, "ANALYZE entries, events, facets, quoted, tagged, words, vectors")
    names = "tablename IN ('entries', 'events', 'facets', 'quoted', 'tagged', 'words', 'vectors')"
    sampled = str(run(url, f"SELECT * FROM pg_stats WHERE {names}"))
    assert "answer" in sampled
    assert "canary" not in sampled
    assert b"canaryvector".hex() not in sampled
    assert "record-1" not in sampled


def test_a_changed_row_is_found(log: Database, url: str, logged: Logged) -> None:
    log.append([logged(n) for n in range(1, 4)])
    run(url, "ALTER TABLE entries DISABLE TRIGGER ALL")
    run(url, "UPDATE entries SET question = 'x' WHERE seq = 2")
    assert [str(f) for f in verify(log).broken] == ["row 2: is not what was written: its checksum does not match"]


def test_a_server_that_is_not_there_is_a_log_error(server: str) -> None:
    with pytest.raises(LogError) as caught:
        open_log("postgresql+psycopg://ann:secret@127.0.0.1:1/log")
    assert "secret" not in str(caught.value)
    assert "postgresql+psycopg://ann:***@127.0.0.1:1/log: " in str(caught.value)
