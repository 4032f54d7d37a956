"""Like questions by their vectors: the nearest judged records to one, and the vectors that stand for groups.

The vectors of the newest judged records are read and compared; nothing is kept in memory, so nothing outlives its record.
"""

from __future__ import annotations

import heapq

import sqlalchemy as sa

from chatbot.log.database.searching import plain, rows_of
from chatbot.log.database.tables import FACETS, VECTORS
from chatbot.log.database.viewing import label_for
from chatbot.log.finding import LikeRow
from chatbot.log.vectors import cosines

# The newest judged records, more than are judged in 30 days; 0.1 s, 8 MB as kept and 15 MB as compared.
MAX_COMPARED = 10_000
F = FACETS.c


def like(connection: sa.Connection, record_id: str, top_k: int, viewer: str = "") -> tuple[LikeRow, ...]:
    """The judged records whose questions are most like one's, best first, the later first among equals.

    Judged as far as `viewer` may see it. Where the record has no vector: those with the same words.
    """
    query = sa.select(F.seq, F.same, VECTORS.c.vector).join(VECTORS, VECTORS.c.seq == F.seq, isouter=True)
    own = connection.execute(query.where(F.record_id == plain(record_id))).one_or_none()
    if own is None or top_k < 1:
        return ()
    if own.vector:
        best = _nearest(connection, own.seq, bytes(own.vector), top_k, label_for(viewer) != "")
    else:
        same = sa.select(F.seq).where(F.same == own.same, F.same != "", label_for(viewer) != "", F.seq != own.seq)
        best = [(1.0, seq) for seq in connection.scalars(same.order_by(F.seq.desc()).limit(top_k))]
    rows = {row.seq: row for row in rows_of(connection, {seq: 0.0 for _, seq in best}, now="", viewer=viewer)}
    return tuple(LikeRow(rows[seq], likeness) for likeness, seq in best if seq in rows)


def _nearest(
    connection: sa.Connection, own: int, vector: bytes, top_k: int, is_judged: sa.ColumnElement[bool]
) -> list[tuple[float, int]]:
    """(cosine, number) of the nearest, best first."""
    judged = sa.select(F.seq, VECTORS.c.vector).join(VECTORS, VECTORS.c.seq == F.seq).where(is_judged, F.seq != own)
    judged = judged.where(sa.func.length(VECTORS.c.vector) == len(vector)).order_by(F.seq.desc()).limit(MAX_COMPARED)
    rows = connection.execute(judged).all()
    found = cosines([row.vector for row in rows], vector).tolist()
    return heapq.nlargest(top_k, zip(found, (row.seq for row in rows), strict=True))


def leaders(connection: sa.Connection, limit: int) -> list[tuple[str, bytes]]:
    """(record id, vector) of the first record of each of the newest groups, the newest last."""
    first = sa.select(sa.func.min(F.seq).label("seq")).group_by(F.group_no).subquery()
    query = (
        sa.select(F.record_id, VECTORS.c.vector)
        .join(first, first.c.seq == F.seq)
        .join(VECTORS, VECTORS.c.seq == F.seq)
        .order_by(F.seq.desc())
        .limit(limit)
    )
    return [(row[0], bytes(row[1])) for row in reversed(connection.execute(query).all())]
