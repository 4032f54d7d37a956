"""Facets kept in step with rows and events: added, removed, changed, made again; each in the caller's transaction.

SQLite's full-text index keeps a removed row's words in its segments until they are merged; so a removal merges them all, and
secure_delete overwrites what the merge leaves behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from chatbot.log.database.tables import BATCH, EVENTS, FACETS, LIKES, QUOTED, TAGGED, VECTORS, WORDS, is_sqlite
from chatbot.log.facets import KINDS, Facet, Mark, Standing, after
from chatbot.log.records import Event

OF_FACET = [f.name for f in fields(Facet) if f.name not in ("words", "documents")]
OF_STANDING = [f.name for f in fields(Standing) if f.name != "tags"]
NO_MARK, NEW = Mark(), Standing()
GROW = sa.text(
    "INSERT INTO likes (group_no, size) VALUES (:group_no, :size) "
    "ON CONFLICT (group_no) DO UPDATE SET size = likes.size + excluded.size"
)
OF_WORDS = (  # one record is looked at for each, however many have asked the same
    "WITH asked (same) AS (VALUES {values}) "
    "SELECT same, (SELECT group_no FROM facets WHERE facets.same = asked.same LIMIT 1) FROM asked"
)
TO_INDEX = sa.text("INSERT INTO word_index (rowid, words) VALUES (:seq, :words)")
TO_LEXEMES = sa.text("INSERT INTO words (seq, words) VALUES (:seq, array_to_tsvector(CAST(:words AS text[])))")
FORGET = "INSERT INTO word_index (word_index, rowid, words) SELECT 'delete', seq, words FROM words WHERE seq IN :seqs"
MERGE = sa.text("INSERT INTO word_index (word_index) VALUES ('optimize')")
CLEAR = sa.text("INSERT INTO word_index (word_index) VALUES ('delete-all')")


def in_batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """BATCH at a time."""
    kept = list(values)
    for at in range(0, len(kept), BATCH):
        yield kept[at : at + BATCH]


def add(
    connection: sa.Connection,
    facets: Sequence[Facet],
    marks: Mapping[str, Mark],
    standings: Mapping[str, Standing] | None = None,
) -> None:
    """Adds the facets of records that were just sealed; `marks` and `standings` by record id, each may lack any."""
    if not facets:
        return
    known = standings or {}
    groups = _groups(connection, facets, marks)
    rows, tags = [], []
    for facet in facets:
        standing = known.get(facet.record_id, NEW)
        row: dict[str, object] = {name: getattr(facet, name) for name in OF_FACET}
        row |= {name: getattr(standing, name) for name in OF_STANDING}
        rows.append(row | {"group_no": groups[facet.seq]})
        tags += [{"tag": tag, "seq": facet.seq} for tag in standing.tags]
    vectors = [
        {"seq": f.seq, "vector": mark.vector} for f in facets if (mark := marks.get(f.record_id, NO_MARK)).vector
    ]
    quoted = [{"doc_id": doc_id, "seq": f.seq} for f in facets for doc_id in f.documents]
    for table, values in ((FACETS, rows), (QUOTED, quoted), (TAGGED, tags), (VECTORS, vectors)):
        if values:
            connection.execute(sa.insert(table), values)
    connection.execute(GROW, [{"group_no": g, "size": n} for g, n in Counter(groups.values()).items()])
    _add_words(connection, facets)


def _groups(connection: sa.Connection, facets: Sequence[Facet], marks: Mapping[str, Mark]) -> dict[int, int]:
    """The group of each, by seq: that of the same words, else that of the record it is like, else a new one of its own number."""
    by_words: dict[str, int] = {}
    for some in in_batches({f.same for f in facets} - {""}):
        names = {f"same{n}": same for n, same in enumerate(some)}
        grouped = sa.text(OF_WORDS.format(values=", ".join(f"(:{name})" for name in names)))
        by_words |= {row[0]: row[1] for row in connection.execute(grouped, names) if row[1]}
    by_id: dict[str, int] = {}
    for some in in_batches({m.like for f in facets if (m := marks.get(f.record_id, NO_MARK)).like}):
        query = sa.select(FACETS.c.record_id, FACETS.c.group_no).where(FACETS.c.record_id.in_(some))
        by_id |= {row[0]: row[1] for row in connection.execute(query)}
    out: dict[int, int] = {}
    for facet in facets:
        like = marks.get(facet.record_id, NO_MARK).like
        number = by_words.get(facet.same) or by_id.get(like) or facet.seq
        out[facet.seq] = by_id[facet.record_id] = number
        if facet.same:
            by_words[facet.same] = number
    return out


def _add_words(connection: sa.Connection, facets: Sequence[Facet]) -> None:
    if is_sqlite(connection):
        values: list[dict[str, object]] = [{"seq": f.seq, "words": " ".join(f.words)} for f in facets]
        connection.execute(sa.insert(WORDS), values)
        connection.execute(TO_INDEX, values)
    else:
        connection.execute(TO_LEXEMES, [{"seq": f.seq, "words": list(f.words)} for f in facets])


def drop(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Removes the facets of rows that are being removed."""
    for some in in_batches(seqs):
        counted = (
            sa.select(FACETS.c.group_no, sa.func.count()).where(FACETS.c.seq.in_(some)).group_by(FACETS.c.group_no)
        )
        fewer = [{"group_no": number, "size": -count} for number, count in connection.execute(counted)]
        if fewer:
            connection.execute(GROW, fewer)
        if is_sqlite(connection):
            connection.execute(sa.text(FORGET).bindparams(sa.bindparam("seqs", some, expanding=True)))
        for table in (FACETS, QUOTED, TAGGED, WORDS, VECTORS):
            connection.execute(sa.delete(table).where(table.c.seq.in_(some)))
    connection.execute(sa.delete(LIKES).where(LIKES.c.size <= 0))
    if seqs and is_sqlite(connection):
        connection.execute(MERGE)


def change(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Changes the facets of the records that events are about, in order. Holds no lock: the caller has the chain's head."""
    told = [event for event in events if event.kind in KINDS]
    for some in in_batches({event.subject for event in told}):
        before = standings_of(connection, some)
        now = {record_id: standing for record_id, (_, standing) in before.items()}
        for event in told:
            if event.subject in before:
                now[event.subject] = after(now[event.subject], event)
        _put(connection, [(seq, standing, now[record_id]) for record_id, (seq, standing) in before.items()])


def standings_of(connection: sa.Connection, record_ids: Sequence[str]) -> dict[str, tuple[int, Standing]]:
    """Numbers and standings by record id, of those that are there; at most BATCH are asked for."""
    columns = [FACETS.c.record_id, FACETS.c.seq, *(FACETS.c[name] for name in OF_STANDING)]
    rows = connection.execute(sa.select(*columns).where(FACETS.c.record_id.in_(record_ids))).all()
    tags: dict[int, list[str]] = {row.seq: [] for row in rows}
    for tag, seq in connection.execute(sa.select(TAGGED).where(TAGGED.c.seq.in_(tags)).order_by(TAGGED.c.tag)):
        tags[seq].append(tag)
    return {
        row.record_id: (
            row.seq,
            Standing(**dict(zip(OF_STANDING, row[2:], strict=True)), tags=tuple(tags[row.seq])),
        )
        for row in rows
    }


def _put(connection: sa.Connection, changes: Sequence[tuple[int, Standing, Standing]]) -> None:
    """Writes standings down; `changes` are (number, before, now)."""
    if changes:
        values = [{"of": seq} | {name: getattr(now, name) for name in OF_STANDING} for seq, _, now in changes]
        connection.execute(sa.update(FACETS).where(FACETS.c.seq == sa.bindparam("of")), values)
    retagged = {seq: now.tags for seq, before, now in changes if now.tags != before.tags}
    if retagged:
        connection.execute(sa.delete(TAGGED).where(TAGGED.c.seq.in_(retagged)))
        tags = [{"tag": tag, "seq": seq} for seq, tags in retagged.items() for tag in tags]
        if tags:
            connection.execute(sa.insert(TAGGED), tags)


def standings(connection: sa.Connection) -> dict[str, Standing]:
    """How every record stands after all events, by id."""
    query = sa.select(EVENTS).where(EVENTS.c.kind.in_(KINDS)).order_by(EVENTS.c.number)
    out: dict[str, Standing] = {}
    for row in connection.execute(query):
        event = Event(*row[1:])
        out[event.subject] = after(out.get(event.subject, NEW), event)
    return out


def clear(connection: sa.Connection) -> None:
    """Removes all facets."""
    for table in (FACETS, QUOTED, TAGGED, WORDS, VECTORS, LIKES):
        connection.execute(sa.delete(table))
    if is_sqlite(connection):
        connection.execute(CLEAR)
