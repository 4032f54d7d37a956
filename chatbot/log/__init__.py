"""Replies, kept as records that can be proved, exported and deleted.

    records, privacy    Outcome -> Record, without what readers may have said of themselves
    writer              records and thumbs -> database, in a thread of its own
    grouping            the same, each question with a vector and its group
    receipts            what a reader may do: give a thumb, see and delete rows by receipt
    database            the rows: append, remove, read, find, count; SQLite or PostgreSQL, schema by migrations/
    proof               the rows -> is the chain whole, is every quote still a slice of its document
    export              records -> CSV, JSONL
    notebook            events as the moderators' desk writes and reads them

These steps do not import one another. They stand on `chain`, `records`, `thumbs`, `facets`, `vectors` and the values of `finding` and
`counting`, which import no step. The functions here put them together for callers above the room; sqlalchemy is loaded when the log is first opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.log.records import Render, hours_ago
from chatbot.settings import RETENTION_DAYS

if TYPE_CHECKING:
    from chatbot.log.database import Database
    from chatbot.log.grouping import Embed, Grouped
    from chatbot.log.receipts import ReaderLog
    from chatbot.log.writer import Recorder


def open_log(where: str | Path, *, create: bool = False) -> Database:
    """The answer log at a path or URL. Raises LogError when it is not there, unless `create`, or cannot be used."""
    from chatbot.log.database import Database

    return Database.open(where, create=create)


def open_recorder(
    where: str | Path, render: Render, *, retention_days: int = RETENTION_DAYS, embed: Embed | None = None
) -> Recorder[Grouped]:
    """What the web application records with. Never raises: a log that cannot be opened shows in `status()`.

    `render` is `answer.rendering.render_json`. Rows older than `retention_days` are removed at start and once a day.
    `embed` gives the unit vector of a redacted question; it is called in the writer's thread, which waits for it. Without it only the
    same words are grouped.
    """
    from chatbot.log.grouping import Grouped
    from chatbot.log.privacy import redact, redact_reply
    from chatbot.log.records import Asked, Record, make_record
    from chatbot.log.writer import Recorder

    def make(asked: Asked) -> Record:
        return make_record(asked, render=render, redact=redact, redact_reply=redact_reply)

    def tend(store: Grouped) -> None:
        store.remove("retention", until=hours_ago(datetime.now(UTC), 24 * retention_days))

    return Recorder(lambda: Grouped(open_log(where, create=True), embed), make, redact=redact, tend=tend)


@contextmanager
def open_reader_log(where: str | Path, render: Render, embed: Embed | None = None) -> Iterator[ReaderLog]:
    """The log as the web application uses it; at the end what is in line is written. Raises as `open_recorder` does: never."""
    from chatbot.log.database import Database
    from chatbot.log.receipts import BUSY_SECONDS, ReaderLog

    recorder = open_recorder(where, render, embed=embed)
    try:
        yield ReaderLog(recorder, lambda: Database.open(where, busy_seconds=BUSY_SECONDS), new_visit)
    finally:
        recorder.close()


def new_visit() -> str:
    """A random id for one visit (128 bits). Whoever knows it can work out the visit's receipt: keep it on the server."""
    return secrets.token_urlsafe(16)
