"""The chain's rows in a transaction: sealed onto it, walked, and looked at as they are at one moment."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from chatbot.errors import LogError
from chatbot.log.chain import REMOVAL, Columns, Entry, Head, flat, seal_all
from chatbot.log.database.tables import BATCH, ENTRIES, FACETS, HEAD, REMOVED, WORDS, is_sqlite


def head_of(connection: sa.Connection, *, lock: bool = False) -> Head:
    """The chain's head; with `lock`, no other transaction can add to the chain before this one ends."""
    query = sa.select(HEAD.c.seq, HEAD.c.link)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None or not isinstance(row.seq, int):
        raise LogError("the answer log's chain has no head; restore the log from a copy, or start a new one")
    return Head(row.seq, row.link)


def extend(connection: sa.Connection, rows: Sequence[Columns]) -> list[Entry]:
    """Seals rows onto the chain."""
    if not rows:
        return []
    sealed = seal_all(head_of(connection, lock=True), rows, lambda: secrets.token_hex(16))
    connection.execute(sa.insert(ENTRIES), [flat(entry) for entry in sealed])
    connection.execute(sa.update(HEAD).values(seq=sealed[-1].seq, link=sealed[-1].link))
    return sealed


def walk(fetch: Callable[[sa.Select[Any]], Sequence[Any]], chosen: sa.ColumnElement[bool]) -> Iterator[Entry]:
    """Chosen rows in order, BATCH at a time."""
    query = sa.select(ENTRIES).where(chosen).order_by(ENTRIES.c.seq).limit(BATCH)
    rows = fetch(query)
    while rows:
        for row in rows:
            yield Entry(row.seq, Columns(*row[1:-3]), row.salt, row.checksum, row.link)
        rows = fetch(query.where(ENTRIES.c.seq > rows[-1].seq)) if len(rows) == BATCH else ()


class Snapshot:
    """Rows, removed rows and head in one transaction. `Database.snapshot` turns its errors into LogErrors."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[Entry]:
        """Every row in order, removals too."""
        return walk(lambda query: self._connection.execute(query).all(), sa.true())

    def removed(self) -> list[tuple[int, str]]:
        """Numbers and checksums of removed rows."""
        return [(r.seq, r.checksum) for r in self._connection.execute(sa.select(REMOVED).order_by(REMOVED.c.seq))]

    def head(self) -> Head:
        """The last row's number and link."""
        return head_of(self._connection)

    def faults(self) -> list[str]:
        """What SQLite's integrity check finds, nothing when all is well. PostgreSQL is not asked."""
        if not is_sqlite(self._connection):
            return []
        said = [str(line) for line in self._connection.scalars(sa.text("PRAGMA integrity_check(10)"))]
        return [] if said == ["ok"] else said

    def strays(self) -> list[str]:
        """How what records are found by differs from the records, nothing when it does not: missing, left over, not to be searched."""
        records = sa.select(ENTRIES.c.seq, ENTRIES.c.record_id).where(ENTRIES.c.kind != REMOVAL)
        found = sa.select(FACETS.c.seq, FACETS.c.record_id)
        wordless = sa.select(FACETS.c.seq).except_(sa.select(WORDS.c.seq))
        counted = {
            "records are not in the search": records.except_(found),
            "are in the search and are no records": found.except_(records),
            "records have no words in the search": wordless,
        }
        out = []
        for what, query in counted.items():
            count = self._connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
            out += [f"{count} {what}; run `chatbot log rebuild`"] if count else []
        return out
