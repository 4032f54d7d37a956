"""Takes outcomes off the application's hands and writes them in a thread of its own.

A reader never waits for the log and never sees it fail: `record` puts an outcome in a bounded line and returns the
visit's receipt, `thumb` puts what a reader thought of a reply in the same line. The thread makes the records
(redaction too is its work), writes what waits together, and tries again as long as the log is busy, full or away. A row is lost, and counted, only when the line is full, when the
database refuses that very row, or when the log is still not to be written at `close`. It also removes rows past
retention, at start and daily.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from chatbot.datatypes import Json
from chatbot.errors import LogError
from chatbot.log.records import Asked, Event, Record, RowRefused, hour_now, owner_of, receipt_of
from chatbot.log.thumbs import Thumb, event_of
from chatbot.replies import Outcome

logger = logging.getLogger(__name__)

MAX_WAITING = 1000  # outcomes in line, about 50 kB each; at 20 questions a second that is a log silent for 50 seconds
MAX_BATCH = 100  # outcomes in one transaction: few enough that another process waits milliseconds, not seconds
RETRY_SECONDS = 1.0  # between tries to write to a log that fails
TEND_SECONDS = 24 * 3600.0  # between removals of rows past retention
TEND_AGAIN_SECONDS = 3600.0  # after one that failed
CLOSE_SECONDS = 8.0  # that `close` waits: more than the database's own 5 for a busy log, less than 10 to leave a server


class Store(Protocol):
    """What is needed of a database."""

    def append(self, records: Sequence[Record]) -> int:
        """Adds records, all or none; passes over those that are there."""
        ...

    def attach(self, events: Sequence[Event]) -> int:
        """Adds events, all or none; passes over those about records that are not there."""
        ...

    def close(self) -> None:
        """Gives back connections."""
        ...


AnyStore = TypeVar("AnyStore", bound=Store)


class Recorder(Generic[AnyStore]):
    """A line and a thread. `open_store`, `make` and `tend` are called in the thread alone."""

    def __init__(
        self,
        open_store: Callable[[], AnyStore],
        make: Callable[[Asked], Record],
        *,
        redact: Callable[[str], str],
        tend: Callable[[AnyStore], object] = lambda _: None,
        max_waiting: int = MAX_WAITING,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._open_store, self._make, self._redact, self._tend = open_store, make, redact, tend
        self._max_waiting, self._retry_seconds = max_waiting, retry_seconds
        self._store: AnyStore | None = None
        self._changed = threading.Condition()
        self._waiting: deque[Asked | Event] = deque()
        self._batch: list[Record | Event] = []  # made from the line's first, not yet written
        self._closing = False
        self._written = self._lost = 0
        self._errors: dict[str, str] = {}
        self._next_tend = 0.0
        self._thread = threading.Thread(target=self._work, name="answer-log", daemon=True)
        self._thread.start()

    def record(self, outcome: Outcome, visit: str, ident: str = "") -> str:
        """Puts an outcome in line and returns the receipt of `visit`; never blocks, never raises.

        `visit` is a random id that the server made for one visit, at least 16 characters (`chatbot.log.new_visit`);
        with one that could be guessed, and when the line is full, nothing is recorded and the receipt is "". `ident` is
        the id under which the reply went out, a new one when empty.
        """
        try:
            receipt = receipt_of(visit)
        except LogError as error:
            self._lose(1, error)
            return ""
        taken = self._put(Asked(outcome, ident or secrets.token_hex(8), owner_of(receipt), hour_now()))
        return receipt if taken else ""

    def thumb(self, record_id: str, thumb: Thumb) -> bool:
        """Puts a reader's thumb on a reply in line; whether there was room. Never blocks, never raises.

        The comment is redacted. A thumb on a reply that is not in the log, or no longer, is passed over.
        """
        return self._put(event_of(record_id, thumb, hour_now()))

    def status(self) -> Json:
        """For /healthz: state (ok, degraded), rows written, waiting and lost, and the last error while it lasts."""
        with self._changed:
            errors = "; ".join(self._errors.values())
            healthy = not errors and (self._thread.is_alive() or self._closing)
            return {
                "state": "ok" if healthy else "degraded",
                "written": self._written,
                "waiting": len(self._waiting) + len(self._batch),
                "lost": self._lost,
                "error": errors,
            }

    def flush(self, seconds: float) -> bool:
        """Waits until nothing is in line, at most `seconds`; whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._batch, seconds)

    def close(self, seconds: float = CLOSE_SECONDS) -> int:
        """Takes no more, writes what waits, at most `seconds`; returns how many rows were lost in all."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(seconds)
        with self._changed:
            return self._lost + len(self._waiting) + len(self._batch)

    def _put(self, item: Asked | Event) -> bool:
        with self._changed:
            room = not self._closing and len(self._waiting) + len(self._batch) < self._max_waiting
            if room:
                self._waiting.append(item)
                self._changed.notify_all()
            else:
                self._lost += 1
        return room

    def _lose(self, count: int, error: Exception) -> None:
        """Counts rows that will not be written. Another error's text could hold what was asked, so its type is named."""
        with self._changed:
            self._lost += count
        self._fail("record", error)

    def _fail(self, what: str, error: Exception) -> None:
        said = str(error) if isinstance(error, LogError) else f"{type(error).__name__} in the answer log"
        with self._changed:
            new = what not in self._errors
            self._errors[what] = said
        if new:
            logger.warning("%s", said)

    def _heal(self, *what: str) -> None:
        with self._changed:
            for key in what:
                self._errors.pop(key, None)

    def _work(self) -> None:
        """The thread: take, write, wait; at the end one last try."""
        while True:
            with self._changed:
                if not self._batch:
                    pause = max(0.0, self._next_tend - time.monotonic())
                    self._changed.wait_for(lambda: self._waiting or self._closing, pause)
                closing = self._closing
            self._take()
            done = self._try_to_write()
            if closing and (not done or not self._waiting):
                break
            if done:
                self._tend_when_due()
            else:
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, self._retry_seconds)
        with self._changed:
            self._lost += len(self._waiting) + len(self._batch)
            self._waiting.clear()
            self._batch = []
            self._changed.notify_all()
        if self._store is not None:
            self._store.close()

    def _take(self) -> None:
        """Makes records of the first in line, when the last ones are written."""
        while len(self._batch) < MAX_BATCH:
            with self._changed:
                if not self._waiting:
                    return
                item = self._waiting[0]
            made: Record | Event | None = None
            try:
                made = self._make(item) if isinstance(item, Asked) else replace(item, note=self._redact(item.note))
            except Exception as error:  # a reply that cannot be made a record must not end the thread
                self._lose(1, error)
            with self._changed:
                self._waiting.popleft()
                if made is not None:
                    self._batch.append(made)

    def _try_to_write(self) -> bool:
        """Writes the batch; False when the log cannot be written now. Opens the log first where that is still to do."""
        try:
            if self._store is None:
                self._store = self._open_store()
            self._write(self._store)
        except LogError as error:
            self._fail("write", error)
            return False
        except Exception as error:  # a defect must not end the thread; the batch that met it is given up
            self._lose(len(self._batch), error)
        with self._changed:
            self._batch = []
            self._changed.notify_all()
        self._heal("write")
        return True

    def _write(self, store: AnyStore) -> None:
        """Records, then events. Raises LogError when the log cannot be written now; what was written has left the batch."""
        records = [item for item in self._batch if isinstance(item, Record)]
        events = [item for item in self._batch if isinstance(item, Event)]
        if records:
            try:
                written = store.append(records)
            except RowRefused:
                written = sum(self._write_one(store, record) for record in records)
            self._count(written, events)
        if events:
            try:
                self._count(store.attach(events), [])
            except RowRefused as error:
                self._lose(len(events), error)

    def _write_one(self, store: AnyStore, record: Record) -> int:
        try:
            return store.append([record])
        except RowRefused as error:
            self._batch.remove(record)
            self._lose(1, error)
            return 0

    def _count(self, written: int, left: Sequence[Record | Event]) -> None:
        with self._changed:
            self._written += written
            self._batch = list(left)

    def _tend_when_due(self) -> None:
        """Removes what is past retention, when a day has gone by."""
        if self._store is None or time.monotonic() < self._next_tend:
            return
        try:
            self._tend(self._store)
        except LogError as error:
            self._next_tend = time.monotonic() + TEND_AGAIN_SECONDS
            self._fail("retention", error)
        else:
            self._next_tend = time.monotonic() + TEND_SECONDS
            self._heal("retention")
