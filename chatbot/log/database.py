"""The rows of the answer log, in SQLite or PostgreSQL. The only module that imports sqlalchemy.

SQLite (a path): write-ahead log, synchronous=FULL, secure_delete, file mode 0600. PostgreSQL (a URL): its own
defaults. The schema is made by migrations/ when a log is opened. Every write is one transaction that holds the
chain's head, so that several processes may write: two rows never follow the same row. What is not told by a method's
name stands in `log.chain`.

Errors are LogError. They name the log and the database's own words, never the values of a row.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chatbot.errors import LogError
from chatbot.log.chain import REMOVAL, Columns, Entry, Head, flat, ranges_of, seal_all
from chatbot.log.files import begin_sqlite, prepare_file, set_up_sqlite
from chatbot.log.migrations import is_newest, take_steps
from chatbot.log.records import CRISIS, BytesHeld, Event, Record, RowRefused, columns_of, hour_now, record_of

BUSY_SECONDS = 5.0  # how long a write waits for another process's; the writer's thread alone waits, no reader does
BATCH = 500  # rows fetched or named at a time; SQLite allows 32,766 values in a statement, and a row has about 10 kB
MIGRATION_LOCK = 7104359  # any number; PostgreSQL lets one process at a time bring the schema up to date

META = sa.MetaData()
ENTRIES = sa.Table(
    "entries",
    META,
    sa.Column("seq", sa.Integer, primary_key=True),
    *(sa.Column(f.name, sa.Double if f.name == "confidence" else sa.Text) for f in fields(Columns)),
    *(sa.Column(name, sa.Text) for name in ("salt", "checksum", "link")),
)
REMOVED = sa.Table("removed", META, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("checksum", sa.Text))
HEAD = sa.Table("head", META, sa.Column("one", sa.Integer), sa.Column("seq", sa.Integer), sa.Column("link", sa.Text))
EVENTS = sa.Table(
    "events",
    META,
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(f.name, sa.Text) for f in fields(Event)),
)


class Database:
    """An open log. Made by `open`; its methods may be called from several threads."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        sa.event.listen(engine, "connect", set_up_sqlite if self._sqlite else _set_up_postgresql)
        if self._sqlite:
            sa.event.listen(engine, "begin", begin_sqlite)

    @classmethod
    def open(cls, where: str | Path, *, create: bool = False, busy_seconds: float = BUSY_SECONDS) -> Database:
        """The log at a path, or at a URL such as postgresql+psycopg://user@host/name. Brings its schema up to date.

        Raises LogError when it cannot be opened, or is not there and `create` is false (PostgreSQL: always created).
        """
        url = _url(where)
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.get_backend_name() == "sqlite":
            prepare_file(Path(url.database or ""), create)
            options = {"connect_args": {"timeout": busy_seconds}}
        try:
            engine = sa.create_engine(url, hide_parameters=True, **options)
        except (ImportError, sa.exc.ArgumentError) as error:
            raise LogError(f"{url!r}: {error}; install the driver that the URL names, or correct it") from error
        database = cls(engine, url.database if url.get_backend_name() == "sqlite" and url.database else repr(url))
        database._migrate()
        return database

    def close(self) -> None:
        """Gives back every connection. Using the log again opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN") -> Iterator[sa.Connection]:
        """A transaction, with the database's errors as LogErrors. `begin` is how SQLite starts it, "" for none at all."""
        options: dict[str, Any] = {"begin": begin}
        if not begin and not self._sqlite:
            options["isolation_level"] = "AUTOCOMMIT"
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise RowRefused(f"{self.name}: the row is refused ({type(error).__name__})") from error
        except sa.exc.SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
            raise LogError(f"{self.name}: {said}; see that the answer log can be written, then try again") from error

    def _writing(self) -> AbstractContextManager[sa.Connection]:
        return self._transaction("BEGIN IMMEDIATE")

    def _migrate(self) -> None:
        """Brings the schema up to date, unless another process just did."""
        with self._transaction() as connection:
            if is_newest(connection):
                return
        with self._writing() as connection:
            if not self._sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            take_steps(connection)

    # --- records ----------------------------------------------------------------------------------------------------

    def append(self, records: Sequence[Record]) -> int:
        """Adds records in order, all or none; when it returns they are on disk. Tells how many were new.

        A record whose id is already there is passed over, so that a write of unknown outcome may be tried again.
        """
        with self._writing() as connection:
            wanted = [r.record_id for r in records]
            there = set(connection.scalars(sa.select(ENTRIES.c.record_id).where(ENTRIES.c.record_id.in_(wanted))))
            new = [columns_of(r) for r in records if r.record_id not in there]
            self._extend(connection, new)
        return len(new)

    def _extend(self, connection: sa.Connection, rows: Sequence[Columns]) -> None:
        """Seals rows onto the chain, in the transaction that `connection` is in."""
        if rows:
            sealed = seal_all(_head(connection, lock=True), rows, lambda: secrets.token_hex(16))
            connection.execute(sa.insert(ENTRIES), [flat(entry) for entry in sealed])
            connection.execute(sa.update(HEAD).values(seq=sealed[-1].seq, link=sealed[-1].link))

    def records(self, *, owners: Sequence[str] | None = None, record_id: str | None = None) -> Iterator[Record]:
        """Records in order of arrival, all or those of some owners or one id. Raises LogError at a damaged row.

        Each batch is a transaction of its own, so that a slow reader holds up no removal.
        """
        chosen: list[sa.ColumnElement[bool]] = [] if owners is None else [ENTRIES.c.owner.in_(owners)]
        chosen += [] if record_id is None else [ENTRIES.c.record_id == record_id]
        for entry in _walk(self._fetch, sa.and_(ENTRIES.c.kind != REMOVAL, *chosen)):
            yield record_of(entry)

    def _fetch(self, query: sa.Select[Any]) -> Sequence[Any]:
        with self._transaction() as connection:
            return connection.execute(query).all()

    def remove(self, reason: str, *, until: str | None = None, owners: Sequence[str] | None = None) -> int:
        """Deletes records asked in the hour `until` or before, or those of some owners; tells how many.

        Their checksums stay, a row says which were removed and why, and notes about them are blanked. Afterwards no
        byte of theirs is left in the files, unless a reader holds them: then BytesHeld says so, and the next removal
        sees to it.
        """
        if (until is None) == (owners is None):
            raise ValueError("remove by hour or by owner")
        chosen = ENTRIES.c.owner.in_(owners or ()) if until is None else (ENTRIES.c.asked_at <= until)
        chosen &= ENTRIES.c.kind != REMOVAL
        with self._writing() as connection:
            _head(connection, lock=True)
            columns = (ENTRIES.c.seq, ENTRIES.c.record_id, ENTRIES.c.checksum)
            going = connection.execute(sa.select(*columns).where(chosen)).all()
            if going:
                connection.execute(sa.insert(REMOVED), [{"seq": row.seq, "checksum": row.checksum} for row in going])
                body = json.dumps({"reason": reason, "removed": ranges_of(row.seq for row in going)})
                self._extend(connection, [Columns(secrets.token_hex(8), "", hour_now(), REMOVAL, "", 0.0, "", body)])
                connection.execute(sa.delete(ENTRIES).where(chosen))
            for at in range(0, len(going), BATCH):
                ids = [row.record_id for row in going[at : at + BATCH]]
                connection.execute(sa.update(EVENTS).where(EVENTS.c.subject.in_(ids)).values(note=""))
        self._wipe()
        return len(going)

    def _wipe(self) -> None:
        """Empties what holds deleted rows: SQLite's write-ahead log, PostgreSQL's dead rows."""
        empty = "PRAGMA wal_checkpoint(TRUNCATE)" if self._sqlite else "VACUUM (FULL) entries, events"
        with self._transaction("") as connection:
            result = connection.execute(sa.text(empty))
            if self._sqlite and result.scalar_one():
                raise BytesHeld(f"{self.name}: rows were removed, but a reader holds their bytes; run it again later")

    # --- events -----------------------------------------------------------------------------------------------------

    def note(self, events: Sequence[Event]) -> None:
        """Adds events, all or none."""
        if events:
            with self._writing() as connection:
                connection.execute(sa.insert(EVENTS), [asdict(event) for event in events])

    def attach(self, events: Sequence[Event]) -> int:
        """Adds events about records that are there and passes over the others, all or none; tells how many it added.

        So no note outlives its record. What is noted on a crisis has no note, as its record has no text.
        """
        columns = (ENTRIES.c.record_id, ENTRIES.c.kind)
        there = ENTRIES.c.record_id.in_({event.subject for event in events}) & (ENTRIES.c.kind != REMOVAL)
        with self._writing() as connection:
            _head(connection, lock=True)
            kinds = {row.record_id: row.kind for row in connection.execute(sa.select(*columns).where(there))}
            known = [event for event in events if event.subject in kinds]
            values = [asdict(e) | ({"note": ""} if kinds[e.subject] == CRISIS else {}) for e in known]
            if values:
                connection.execute(sa.insert(EVENTS), values)
        return len(values)

    def note_within(self, event: Event, *, since: str, limit: int) -> bool:
        """Adds the event unless `limit` of its kind and subject stand there since a moment; whether it did.

        Counting and adding are one step: of many at once no more than `limit` come through.
        """
        with self._writing() as connection:
            _head(connection, lock=True)
            same = (EVENTS.c.kind == event.kind) & (EVENTS.c.subject == event.subject) & (EVENTS.c.at > since)
            count = connection.execute(sa.select(sa.func.count()).select_from(EVENTS).where(same)).scalar_one()
            if count < limit:
                connection.execute(sa.insert(EVENTS), [asdict(event)])
        return int(count) < limit

    def events(self, kind: str, subject: str | None = None) -> list[Event]:
        """Events of a kind, of one subject or of all, in the order in which they were added."""
        query = sa.select(EVENTS).where(EVENTS.c.kind == kind).order_by(EVENTS.c.number)
        if subject is not None:
            query = query.where(EVENTS.c.subject == subject)
        with self._transaction() as connection:
            return [Event(*row[1:]) for row in connection.execute(query)]

    # --- for `log.proof` --------------------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The log as it is at one moment, whatever is written meanwhile."""
        with self._transaction() as connection:
            if not self._sqlite:
                connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield Snapshot(connection)


class Snapshot:
    """Rows, removed rows and head in one transaction. `Database.snapshot` turns its errors into LogErrors."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[Entry]:
        """Every row in order, removals too."""
        return _walk(lambda query: self._connection.execute(query).all(), sa.true())

    def removed(self) -> list[tuple[int, str]]:
        """Numbers and checksums of removed rows."""
        return [(r.seq, r.checksum) for r in self._connection.execute(sa.select(REMOVED).order_by(REMOVED.c.seq))]

    def head(self) -> Head:
        """The last row's number and link."""
        return _head(self._connection)

    def faults(self) -> list[str]:
        """What SQLite's integrity check finds, nothing when all is well. PostgreSQL is not asked."""
        if self._connection.dialect.name != "sqlite":
            return []
        said = [str(line) for line in self._connection.scalars(sa.text("PRAGMA integrity_check(10)"))]
        return [] if said == ["ok"] else said


def _head(connection: sa.Connection, *, lock: bool = False) -> Head:
    """The chain's head; with `lock`, no other transaction can add to the chain before this one ends."""
    query = sa.select(HEAD.c.seq, HEAD.c.link)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None or not isinstance(row.seq, int):
        raise LogError("the answer log's chain has no head; restore the log from a copy, or start a new one")
    return Head(row.seq, row.link)


def _walk(fetch: Callable[[sa.Select[Any]], Sequence[Any]], chosen: sa.ColumnElement[bool]) -> Iterator[Entry]:
    """Chosen rows in order, BATCH at a time."""
    query = sa.select(ENTRIES).where(chosen).order_by(ENTRIES.c.seq).limit(BATCH)
    rows = fetch(query)
    while rows:
        for row in rows:
            yield Entry(row.seq, Columns(*row[1:-3]), row.salt, row.checksum, row.link)
        rows = fetch(query.where(ENTRIES.c.seq > rows[-1].seq)) if len(rows) == BATCH else ()


def _url(where: str | Path) -> sa.URL:
    """A path as SQLite's URL, a URL as it is."""
    if "://" not in str(where):
        return sa.URL.create("sqlite", database=str(where))
    try:
        return sa.make_url(str(where))
    except sa.exc.ArgumentError as error:
        form = "postgresql+psycopg://user@host/name"
        raise LogError(f"the answer log's URL cannot be read; give one like {form}") from error


def _set_up_postgresql(connection: Any, _: object) -> None:
    """Per connection: whoever waits for another's lock gives up as soon as with SQLite."""
    connection.cursor().execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()
