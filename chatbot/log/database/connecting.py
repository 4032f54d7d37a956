"""A database behind a path or URL: its engine, its transactions, its schema; the database's errors as LogErrors.

SQLite (a path): write-ahead log, synchronous=FULL, secure_delete, file mode 0600 (`log.files`). PostgreSQL (a URL): its own defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chatbot.errors import LogError
from chatbot.log.database.tables import is_sqlite
from chatbot.log.files import begin_sqlite, prepare_file, set_up_sqlite
from chatbot.log.migrations import is_newest, take_steps
from chatbot.log.records import BytesHeld, RowRefused

BUSY_SECONDS = 5.0  # how long a write waits for another process's; the writer's thread alone waits, no reader does
MIGRATION_LOCK = 7104359  # any number; PostgreSQL lets one process at a time bring the schema up to date
EMPTIED = "entries, events, facets, quoted, tagged, words, vectors"  # the tables that held what was removed


class Connecting:
    """An engine and its transactions."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.name = name
        self.engine = engine
        self.sqlite = is_sqlite(engine)
        sa.event.listen(engine, "connect", set_up_sqlite if self.sqlite else _set_up_postgresql)
        if self.sqlite:
            sa.event.listen(engine, "begin", begin_sqlite)

    @classmethod
    def to(cls, where: str | Path, create: bool, busy_seconds: float) -> Connecting:
        """To the database at a path or URL. Raises LogError when it cannot be opened, or is not there and `create` is false."""
        url = _url(where)
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.get_backend_name() == "sqlite":
            prepare_file(Path(url.database or ""), create)
            options = {"connect_args": {"timeout": busy_seconds}}
        try:
            engine = sa.create_engine(url, hide_parameters=True, **options)
        except (ImportError, sa.exc.ArgumentError) as error:
            raise LogError(f"{url!r}: {error}; install the driver that the URL names, or correct it") from error
        return cls(engine, url.database if url.get_backend_name() == "sqlite" and url.database else repr(url))

    @contextmanager
    def transaction(self, begin: str = "BEGIN") -> Iterator[sa.Connection]:
        """A transaction, with the database's errors as LogErrors. `begin` is how SQLite starts it, "" for none at all."""
        options: dict[str, Any] = {"begin": begin}
        if not begin and not self.sqlite:
            options["isolation_level"] = "AUTOCOMMIT"
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise RowRefused(f"{self.name}: the row is refused ({type(error).__name__})") from error
        except sa.exc.SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
            raise LogError(f"{self.name}: {said}; see that the answer log can be written, then try again") from error

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that may write."""
        return self.transaction("BEGIN IMMEDIATE")

    def migrate(self, fill: Callable[[sa.Connection], object]) -> None:
        """Brings the schema up to date, unless another process just did; what follows from the rows is filled in the same transaction."""
        with self.transaction() as connection:
            if is_newest(connection):
                return
        with self.writing() as connection:
            if not self.sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if not is_newest(connection):
                take_steps(connection)
                fill(connection)

    def wipe(self) -> None:
        """Empties what holds deleted rows: SQLite's write-ahead log, PostgreSQL's dead rows."""
        empty = "PRAGMA wal_checkpoint(TRUNCATE)" if self.sqlite else f"VACUUM (FULL) {EMPTIED}"
        with self.transaction("") as connection:
            result = connection.execute(sa.text(empty))
            if self.sqlite and result.scalar_one():
                raise BytesHeld(f"{self.name}: rows were removed, but a reader holds their bytes; run it again later")


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
