"""Facets made again from rows and events: when a step of the schema was taken, and when somebody asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import sqlalchemy as sa

from chatbot.log.chain import REMOVAL, Entry
from chatbot.log.database import keeping
from chatbot.log.database.rows import head_of, walk
from chatbot.log.database.tables import BATCH, ENTRIES, VECTORS
from chatbot.log.facets import Facet, Mark, facet_of

Remark = Callable[[str, str, bytes], Mark]  # (record id, question, its vector so far) -> mark


def as_before(record_id: str, question: str, vector: bytes) -> Mark:
    """A question keeps its vector, and only the same words go together."""
    return Mark(vector)


def refill(
    connection: sa.Connection, remark: Remark = as_before, tick: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Makes all facets again; tells of how many records. `tick` is called after each batch, with its last row's number and the last one's.

    A row whose body is no JSON has what its other columns say; `chatbot log verify` names it.
    """
    vectors: Mapping[int, bytes] = {seq: bytes(v) for seq, v in connection.execute(sa.select(VECTORS))}
    standings = keeping.standings(connection)
    keeping.clear(connection)
    last, count = head_of(connection).seq, 0
    rows = walk(lambda query: connection.execute(query).all(), ENTRIES.c.kind != REMOVAL)
    while batch := list(islice(rows, BATCH)):
        asked = {e.columns.record_id: (e.columns.question, vectors.get(e.seq, b"")) for e in batch}
        marks = {record_id: remark(record_id, question, vector) for record_id, (question, vector) in asked.items()}
        keeping.add(connection, list(_facets(batch)), marks, standings)
        count += len(batch)
        tick(batch[-1].seq, last)
    return count


def _facets(batch: list[Entry]) -> Iterator[Facet]:
    for entry in batch:
        try:
            reply = json.loads(entry.columns.body)["reply"]
        except (ValueError, KeyError, TypeError):
            reply = {}
        yield facet_of(entry.seq, entry.columns, reply if isinstance(reply, dict) else {})
