"""The same log in PostgreSQL: a server of our own on loopback, from Debian's package, or skipped with a word."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.datatypes import Document
from chatbot.errors import LogError
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.proof import verify
from chatbot.log.records import Event, Record
from chatbot.log.thumbs import Thumb, event_of, latest

Logged = Callable[..., Record]


def programs() -> Path | None:
    """The newest folder with a server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def as_somebody(command: list[str]) -> None:
    """Runs a command as an ordinary user, since the server refuses root."""
    identity = (
        {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    )
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/", **identity)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A URL without the database's name."""
    binaries = programs()
    if binaries is None or importlib.util.find_spec("psycopg") is None:
        pytest.skip(
            "no PostgreSQL server or no psycopg here: apt-get install postgresql, pip install 'psycopg[binary]'"
        )
    home = Path(tempfile.mkdtemp(prefix="chatbot-postgresql-"))
    if os.getuid() == 0:
        shutil.chown(home, "nobody")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, options = str(home / "data"), f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
    as_somebody([str(binaries / "initdb"), "-D", data, "-U", "log", "-A", "trust", "-E", "UTF8", "--no-sync"])
    as_somebody([str(binaries / "pg_ctl"), "-D", data, "-w", "-l", str(home / "server.log"), "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://log@127.0.0.1:{port}/"
    finally:
        as_somebody([str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    import psycopg

    name = "".join(c for c in request.node.name.lower() if c.isalnum())[:40]
    with psycopg.connect(f"{server}postgres".replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return f"{server}{name}"


@pytest.fixture
def log(url: str) -> Iterator[Database]:
    with closing(open_log(url)) as found:
        yield found


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def test_append_prove_remove(log: Database, logged: Logged, document: Document) -> None:
    records = [logged(n, owner="a" if n % 2 else "b", question=f"naïve “{n}” 😀") for n in range(1, 7)]
    assert log.append(records[:4]) == 4
    assert log.append(records[3:]) == 2
    assert list(log.records()) == records
    before = verify(log, {"article": document})
    assert (before.n_records, before.n_proved, before.broken) == (6, 6, ())
    log.note([Event("1", "verdict", "record-1", "ann", "good", "why")])
    assert log.remove("receipt", owners=["a"]) == 3
    assert log.remove("retention", until="2026-11-24T07:00Z") == 0
    after = verify(log, {"article": document}, expected=before.head)
    assert (after.n_records, after.n_removed, after.head.seq, after.broken) == (3, 3, 7, ())
    assert log.events("verdict") == [Event("1", "verdict", "record-1", "ann", "good", "")]


def test_thumbs_are_attached_and_their_words_go_with_the_record(log: Database, url: str, logged: Logged) -> None:
    crisis = dataclasses.replace(logged(2), kind="crisis", question="")
    log.append([logged(1, owner="a"), crisis, logged(3)])
    thumb = Thumb("down", "unclear", "which trial?")
    assert log.attach([event_of(f"record-{n}", thumb, "2026") for n in (1, 2, 3, 4)]) == 3
    assert log.attach([event_of("record-3", Thumb("up"), "2026")]) == 1
    assert log.remove("receipt", owners=["a", "nobody"]) == 1
    assert latest(log.events("thumb")) == {
        "record-1": Thumb("down", "unclear"),
        "record-2": Thumb("down", "unclear"),
        "record-3": Thumb("up"),
    }
    assert run(url, "SELECT count(*) FROM events WHERE label = 'down:unclear'") == [(3,)]


def test_opening_again_changes_nothing(log: Database, url: str, logged: Logged) -> None:
    log.append([logged(1)])
    with closing(open_log(url)) as again:
        assert [r.record_id for r in again.records()] == ["record-1"]
    assert run(url, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_the_removed_are_not_in_the_tables_files(log: Database, url: str, server: str, logged: Logged) -> None:
    log.append([logged(n, question=f"canary {n}") for n in range(20)])
    log.append([logged(100, owner="kept", question="stays")])
    log.note([Event("1", "verdict", "record-1", note="canary note")])
    run(url, "CHECKPOINT")
    data, table, events = run(
        url, "SELECT current_setting('data_directory'), pg_relation_filepath('entries'), pg_relation_filepath('events')"
    )[0]
    folder = Path(str(data))
    if os.getuid() == 0 or os.access(folder, os.R_OK):
        assert b"canary 7" in (folder / str(table)).read_bytes()
    log.remove("receipt", owners=["owner"])
    run(url, "CHECKPOINT")
    _, table, events = run(
        url, "SELECT current_setting('data_directory'), pg_relation_filepath('entries'), pg_relation_filepath('events')"
    )[0]
    left = b"".join((folder / str(name)).read_bytes() for name in (table, events))
    assert b"canary" not in left
    assert b"stays" in left


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET question = 'x'",
        "DELETE FROM entries",
        "UPDATE removed SET checksum = 'x'",
        "DELETE FROM removed",
        "UPDATE events SET label = 'good', note = ''",
        "DELETE FROM events",
    ],
)
def test_rows_are_append_only(log: Database, url: str, logged: Logged, statement: str) -> None:
    import psycopg

    log.append([logged(1), logged(2, owner="x")])
    log.remove("test", owners=["x"])
    log.note([Event("2026", "verdict", "record-1", label="unsafe", note="n")])
    with pytest.raises(psycopg.errors.RaiseException, match=r"^the answer log is append-only"):
        run(url, statement)


def test_a_changed_row_is_found(log: Database, url: str, logged: Logged) -> None:
    log.append([logged(n) for n in range(1, 4)])
    run(url, "ALTER TABLE entries DISABLE TRIGGER ALL")
    run(url, "UPDATE entries SET question = 'x' WHERE seq = 2")
    assert [str(f) for f in verify(log).broken] == ["row 2: is not what was written: its checksum does not match"]


def test_many_writers_make_one_chain(url: str, logged: Logged) -> None:
    errors: list[Exception] = []

    def write(writer: int) -> None:
        try:
            with closing(open_log(url)) as own:
                for n in range(20):
                    own.append([logged(1000 * writer + n)])
                own.note_within(Event(f"2026-{writer}", "try", "key"), since="2026", limit=2)
        except LogError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with closing(open_log(url)) as log:
        result = verify(log)
        assert (result.n_records, result.head.seq, result.broken) == (80, 80, ())
        assert len(log.events("try")) == 2


def test_a_server_that_is_not_there_is_a_log_error(server: str) -> None:
    with pytest.raises(LogError) as caught:
        open_log("postgresql+psycopg://ann:secret@127.0.0.1:1/log")
    assert "secret" not in str(caught.value)
    assert "postgresql+psycopg://ann:***@127.0.0.1:1/log: " in str(caught.value)
