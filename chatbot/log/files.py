"""The file of a SQLite log: found or made, readable by its owner alone, written ahead; its connections set up."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import suppress
from errno import EISDIR
from pathlib import Path
from typing import Any

from chatbot.errors import LogError

PAUSE = 0.01  # seconds between two tries
MAKING = threading.Lock()


def prepare_file(path: Path, create: bool) -> None:
    """Makes the file, or finds it, with mode 0600. SQLite gives its companions the same mode.

    A file that is there is never opened here: when a process closes any descriptor of a file, POSIX takes all locks of that process
    off it, also those of its open connections. The next command to end would then hold itself for the last one at the log, and
    remove the write-ahead file into which a running server still writes.
    """
    if not create and not path.exists():
        raise LogError(f"{path}: no answer log there; give --log, or start the application once with logging on")
    try:
        with MAKING:  # so that nobody here is connected before the descriptor of a new file is closed
            _make(path)
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        path.chmod(0o600)
    except OSError as error:
        raise LogError(
            f"{path}: {error.strerror}; the answer log needs a folder that can be written, see --log"
        ) from error


def _make(path: Path) -> None:
    """An empty file, unless something is there."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def write_ahead(connection: sqlite3.Connection) -> None:
    """Puts a file into write-ahead mode. When several open a new file at once SQLite refuses all but one without waiting, lest they
    wait for each other; so it is tried again for as long as the connection's busy timeout. Raises sqlite3.OperationalError after it.
    """
    (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + milliseconds / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
        time.sleep(PAUSE)


def set_up_sqlite(connection: Any, _: object) -> None:
    """Per connection. Text that is not UTF-8 any more is read all the same, so that the row can be named. What SQLite sets aside for a
    statement or a sort stays in memory: in a temporary file it would outlive the rows, since nothing overwrites that."""
    connection.isolation_level = None  # transactions are begun by begin_sqlite, not guessed by the driver
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    write_ahead(connection)
    for pragma in ("synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection: Any) -> None:
    """Begins a transaction as the connection's options say."""
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)
