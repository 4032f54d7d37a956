"""Rows in SQLite: what is kept and how, what is refused, and that what was removed leaves no byte."""

from __future__ import annotations

import dataclasses
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatbot.errors import LogError
from chatbot.log import open_log
from chatbot.log.chain import Finding
from chatbot.log.database import Database
from chatbot.log.database.tables import META
from chatbot.log.proof import verify
from chatbot.log.records import Event, Record

Logged = Callable[..., Record]
Run = Callable[[str], list[tuple[object, ...]]]


def raw(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Runs statements past the log's own code; what the last one returns."""
    with closing(sqlite3.connect(path)) as connection, connection:
        rows: list[tuple[object, ...]] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows


def all_bytes(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(f"{path.name}*")))


def test_records_come_back_in_order(either: Database, logged: Logged) -> None:
    records = [logged(n) for n in range(1, 1203)]
    assert either.append(records[:700]) == 700
    assert either.append(records[700:]) == 502
    assert list(either.records()) == records
    assert list(either.records(record_id="record-701")) == [records[700]]


def test_a_record_that_is_there_is_passed_over(either: Database, logged: Logged) -> None:
    assert either.append([logged(1), logged(2)]) == 2
    assert either.append([logged(2, question="other"), logged(3)]) == 1
    assert [r.question for r in either.records()] == ["Question 1?", "Question 2?", "Question 3?"]
    assert either.append([]) == 0


def test_settings_of_the_file(database: Database, log_path: Path, logged: Logged) -> None:
    database.append([logged(1)])
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in log_path.parent.iterdir()} == {
        "answers.sqlite": 0o600,
        "answers.sqlite-shm": 0o600,
        "answers.sqlite-wal": 0o600,
    }
    with database._to.transaction() as connection:
        names = ("journal_mode", "synchronous", "secure_delete", "trusted_schema", "temp_store")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]
    assert values == ["wal", 2, 1, 0, 2]


def test_a_file_that_others_could_read_is_closed_to_them(log_path: Path) -> None:
    log_path.touch(mode=0o644)
    log_path.chmod(0o644)
    open_log(log_path).close()
    assert stat.S_IMODE(log_path.stat().st_mode) == 0o600


def test_the_tables_are_those_of_the_migrations(database: Database, log_path: Path) -> None:
    for table in META.sorted_tables:
        found = [row[1] for row in raw(log_path, f"PRAGMA table_info({table.name})")]
        assert [column.name for column in table.columns] == found
    assert raw(log_path, "SELECT version_num FROM alembic_version") == [("0002",)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET question = 'x'",
        "DELETE FROM entries",
        "UPDATE removed SET checksum = 'x'",
        "DELETE FROM removed",
        "UPDATE events SET label = 'good', note = ''",
        "UPDATE events SET note = 'other'",
        "DELETE FROM events",
    ],
)
def test_rows_are_append_only(either: Database, run: Run, logged: Logged, statement: str) -> None:
    either.append([logged(1), logged(2, owner="x")])
    either.remove("test", owners=["x"])
    either.note([Event("2026", "verdict", "record-1", label="unsafe", note="n")])
    with pytest.raises(Exception, match=r"^the answer log is append-only"):
        run(statement)


def test_a_guessed_checksum_lets_nobody_delete(database: Database, log_path: Path, logged: Logged) -> None:
    database.append([logged(1)])
    with pytest.raises(sqlite3.IntegrityError, match=r"^the answer log is append-only$"):
        raw(log_path, "INSERT INTO removed VALUES (1, 'guess')", "DELETE FROM entries WHERE seq = 1")


def test_a_removal_leaves_the_chain_provable(either: Database, logged: Logged) -> None:
    either.append([logged(n, owner="a" if n % 2 else "b") for n in range(1, 7)])
    before = verify(either)
    assert either.remove("receipt", owners=["a"]) == 3
    assert either.remove("receipt", owners=["a"]) == 0
    assert [r.record_id for r in either.records()] == ["record-2", "record-4", "record-6"]
    after = verify(either, expected=before.head)
    assert (after.n_records, after.n_removed, after.head.seq, after.broken) == (3, 3, 7, ())
    either.append([logged(9)])
    assert verify(either, expected=after.head).broken == ()


def test_retention_removes_the_hour_and_what_was_before(either: Database, logged: Logged) -> None:
    either.append([logged(n, asked_at=f"2026-11-24T0{n}:00Z") for n in range(1, 5)])
    assert either.remove("retention", until="2026-11-24T02:00Z") == 2
    assert [r.record_id for r in either.records()] == ["record-3", "record-4"]
    assert either.remove("retention", until="2027-11-24T02:00Z") == 2
    assert either.remove("retention", until="2027-11-24T02:00Z") == 0, "a removal's own row stays"


@pytest.mark.parametrize("length", [30, 900, 60_000])
def test_no_byte_of_a_removed_row_is_left(database: Database, log_path: Path, logged: Logged, length: int) -> None:
    """Rows in a page, rows in overflow pages; in the file, in the write-ahead log, in the indexes."""
    marked = [logged(n, owner=f"canary-owner-{n}", question=f"canary-{n} " * (length // 9)) for n in range(20)]
    kept = [logged(n, question="kept") for n in range(100, 140)]
    for pair in zip(marked, kept[:20], strict=True):
        database.append(pair)
    database.append(kept[20:])
    database.note([Event("2026", "verdict", f"record-{n}", note=f"canary note {n}") for n in range(20)])
    assert b"canary" in all_bytes(log_path)
    for n in range(20):
        assert database.remove("receipt", owners=[f"canary-owner-{n}"]) == 1
    left = all_bytes(log_path)
    assert b"canary" not in left
    assert b"record-100" in left
    assert (log_path.parent / "answers.sqlite-wal").stat().st_size == 0
    assert [r.record_id for r in database.records()] == [r.record_id for r in kept]
    assert verify(database).broken == ()


def test_a_removed_rows_checksum_confirms_no_guess(database: Database, log_path: Path, logged: Logged) -> None:
    """The same record twice: its checksum depends on a salt that goes with the row."""
    database.append([logged(1)])
    database.remove("receipt", owners=["owner"])
    database.append([logged(1)])
    salt, checksum = raw(log_path, "SELECT salt, checksum FROM entries WHERE kind = 'answer'")[0]
    assert checksum not in [c for _, c in database_removed(database)]
    assert str(salt).encode() in all_bytes(log_path)
    database.remove("receipt", owners=["owner"])
    assert str(salt).encode() not in all_bytes(log_path)


def database_removed(database: Database) -> list[tuple[int, str]]:
    with database.snapshot() as view:
        return view.removed()


def test_a_reader_that_holds_bytes_is_named_and_the_next_removal_sees_to_it(
    database: Database, log_path: Path, logged: Logged
) -> None:
    database.append([logged(1, question="canary")])
    with closing(sqlite3.connect(log_path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchall()
        with pytest.raises(LogError, match=r"rows were removed, but a reader holds their bytes; run it again later$"):
            database.remove("receipt", owners=["owner"])
    assert database.remove("receipt", owners=["owner"]) == 0
    assert b"canary" not in all_bytes(log_path)


def test_a_snapshot_does_not_see_what_comes_later(either: Database, logged: Logged) -> None:
    either.append([logged(1)])
    with either.snapshot() as view:
        head = view.head()
        either.append([logged(2)])
        assert ([e.seq for e in view.entries()], view.head()) == ([1], head)


def test_many_writers_make_one_chain(place: str, logged: Logged) -> None:
    open_log(place, create=True).close()

    def write(writer: int) -> None:
        own = Database.open(place)
        for n in range(25):
            own.append([logged(1000 * writer + n)])
        own.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = open_log(place)
    result = verify(log)
    log.close()
    assert (result.n_records, result.head.seq, result.broken) == (100, 100, ())


@pytest.mark.parametrize("number", range(10))  # one in fifteen failed before write-ahead mode was tried again
def test_many_may_open_a_new_log_at_once(log_path: Path, number: int) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            Database.open(log_path, create=True).close()
        except LogError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_events_and_their_notes(either: Database, logged: Logged) -> None:
    either.append([logged(1)])
    events = [
        Event("1", "verdict", "record-1", "ann", "good", "why"),
        Event("2", "verdict", "record-2", "ann", "unsafe", "so"),
    ]
    either.note([*events, Event("3", "thumb", "record-1", label="down")])
    assert either.events("verdict") == events
    assert either.events("verdict", "record-2") == events[1:]
    either.remove("receipt", owners=["owner"])
    assert either.events("verdict") == [Event("1", "verdict", "record-1", "ann", "good", ""), events[1]]


def test_what_is_attached_has_a_record_and_a_crisis_no_note(database: Database, log_path: Path, logged: Logged) -> None:
    crisis = dataclasses.replace(logged(2), kind="crisis", question="")
    database.append([logged(1), crisis, logged(3, owner="gone")])
    database.remove("receipt", owners=["gone"])
    (removal,) = raw(log_path, "SELECT record_id FROM entries WHERE kind = 'removal'")
    names = ("record-1", "record-2", "record-3", "record-4", str(removal[0]))
    events = [Event("1", "thumb", name, label="down:other", note=f"canary {name}") for name in names]
    assert database.attach(events) == 2
    assert database.attach([]) == 0
    assert database.events("thumb") == [events[0], dataclasses.replace(events[1], note="")]
    everything = all_bytes(log_path)
    assert b"canary record-1" in everything
    assert not any(f"canary {name}".encode() in everything for name in names[1:])


def test_removed_by_several_receipts_at_once(either: Database, logged: Logged) -> None:
    either.append([logged(n, owner=f"o{n}") for n in range(1, 6)])
    assert [r.record_id for r in either.records(owners=["o4", "o2", "none"])] == ["record-2", "record-4"]
    assert list(either.records(owners=[])) == []
    assert either.remove("receipt", owners=["o4", "o2", "none"]) == 2
    assert either.remove("receipt", owners=[]) == 0
    assert [r.record_id for r in either.records()] == ["record-1", "record-3", "record-5"]
    assert verify(either).broken == ()


def test_of_many_at_once_only_so_many_are_noted(place: str) -> None:
    Database.open(place, create=True).close()
    taken: list[bool] = []

    def take(number: int) -> None:
        own = Database.open(place)
        taken.append(own.note_within(Event(f"2026-{number}", "try", "key"), since="2026", limit=5))
        own.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True] * 5


def test_tries_before_the_window_do_not_count(either: Database) -> None:
    for number in range(3):
        either.note([Event(f"2026-0{number}", "try", "key")])
    assert either.note_within(Event("2026-09", "try", "key"), since="2026-01", limit=2)
    assert not either.note_within(Event("2026-10", "try", "key"), since="2026-01", limit=2)
    assert either.note_within(Event("2026-10", "try", "other"), since="2026-01", limit=2)


def test_a_log_that_is_not_there(log_path: Path) -> None:
    with pytest.raises(
        LogError, match=r"answers\.sqlite: no answer log there; give --log, or start the application once"
    ):
        open_log(log_path)
    assert not log_path.exists()


@pytest.mark.parametrize("where", ["absent/answers.sqlite", "file/answers.sqlite", "folder"])
def test_a_place_where_no_log_can_be(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(LogError, match=r"; the answer log needs a folder that can be written, see --log$"):
        open_log(tmp_path / where, create=True)


def test_a_file_that_is_no_database(log_path: Path) -> None:
    log_path.write_text("not a database, but long enough to be taken for one by its size alone" * 20)
    with pytest.raises(
        LogError, match=r"answers\.sqlite: file is not a database; see that the answer log can be written"
    ):
        open_log(log_path)


def test_a_log_of_a_newer_version(database: Database, log_path: Path) -> None:
    raw(log_path, "UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(
        LogError, match=r"0999.*; this answer log was made by a newer version, so upgrade chatbot to open it$"
    ):
        open_log(log_path)


@pytest.mark.parametrize("url", ["postgresql+nodriver://ann:secret@localhost/x", "noscheme://", "://"])
def test_a_url_that_cannot_be_used_tells_no_password(url: str) -> None:
    with pytest.raises(LogError) as caught:
        open_log(url)
    assert "secret" not in str(caught.value)


def test_an_error_tells_nothing_of_a_row(database: Database, log_path: Path, logged: Logged) -> None:
    raw(log_path, "CREATE TRIGGER wrong BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'refused'); END")
    with pytest.raises(LogError) as caught:
        database.append([logged(1, question="canary")])
    chained = caught.value.__cause__
    assert "canary" not in f"{caught.value!r} {chained!r} {chained}"
    assert str(caught.value) == f"{log_path}: the row is refused (IntegrityError)"


def test_a_head_that_is_gone(database: Database, log_path: Path, logged: Logged) -> None:
    database.append([logged(1)])
    raw(log_path, "DELETE FROM head")
    said = "the answer log's chain has no head; restore the log from a copy, or start a new one"
    with pytest.raises(LogError, match=said):
        database.append([logged(2)])
    assert verify(database).broken == (Finding(0, said),)


def test_the_log_can_be_closed_and_used_again(either: Database, logged: Logged) -> None:
    either.append([logged(1)])
    either.close()
    assert either.append([logged(2)]) == 1
    assert [r.record_id for r in either.records()] == ["record-1", "record-2"]
