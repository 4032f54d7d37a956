"""Counts for the dashboard, over facets alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from chatbot.log.counting import Asked, Backlog, Counts, Judged
from chatbot.log.database.tables import ENTRIES, FACETS, QUOTED
from chatbot.log.database.viewing import label_for

MAX_IDS = 5  # record ids named of a topic
UNANSWERED = "abstention"
F = FACETS.c


def counts(connection: sa.Connection, since: str, until: str, *, good: str, topics: int, viewer: str = "") -> Counts:
    """The figures of the days `since` to `until`, both included, "" for no end; `good` is the label of a good reply.

    Verdicts are counted as far as `viewer` may see them.
    """
    within: list[sa.ColumnElement[bool]] = [F.asked_at >= since] if since else []
    within += [F.asked_at < f"{until}U"] if until else []
    return Counts(
        **_tallies(connection, within, good, viewer),
        documents=_documents(connection, within),
        topics=_topics(connection, [*within, F.kind == UNANSWERED], topics),
    )


def _tallies(connection: sa.Connection, within: list[sa.ColumnElement[bool]], good: str, viewer: str) -> dict[str, Any]:
    """All that is counted by day, kind, thumb, label and generation: one walk over the records, added up here."""
    by = (sa.func.substr(F.asked_at, 1, 10), F.kind, F.thumb, label_for(viewer), F.generation)
    query = sa.select(*by, sa.func.count(), sa.func.min(F.seq)).where(*within).group_by(*by)
    names = ("per_day", "thumbs", "labels", "judged", "well")
    tally: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in names}
    generations: dict[str, list[int]] = {}  # first number, records, judged, good
    for day, kind, thumb, label, generation, n, first in connection.execute(query):
        judged, well = n * bool(label), n * (label == good)
        keys = ((day, kind), (day, thumb), (label,), (day,), (day,))
        for name, key, value in zip(names, keys, (n, n * bool(thumb), judged, judged, well), strict=True):
            tally[name][key] += value
        so_far = generations.setdefault(generation, [first, 0, 0, 0])
        generations[generation] = [min(so_far[0], first), so_far[1] + n, so_far[2] + judged, so_far[3] + well]
    out: dict[str, Any] = {name: _rows(tally[name]) for name in ("per_day", "thumbs", "labels")}
    out["judged"] = tuple((*row, tally["well"][row[:1]]) for row in _rows(tally["judged"]))
    in_order = sorted(generations.items(), key=lambda item: item[1][0])
    return out | {"generations": tuple(Judged(generation, *counted) for generation, (_, *counted) in in_order)}


def _rows(tally: Counter[tuple[str, ...]]) -> tuple[tuple[Any, ...], ...]:
    """What was counted, sorted, each key with its count; nothing that was counted 0 times."""
    return tuple((*key, count) for key, count in sorted(tally.items()) if count)


def _documents(connection: sa.Connection, within: list[sa.ColumnElement[bool]]) -> tuple[tuple[str, int], ...]:
    n = sa.func.count()
    query = sa.select(QUOTED.c.doc_id, n).group_by(QUOTED.c.doc_id).order_by(n.desc(), QUOTED.c.doc_id)
    if within:
        query = query.where(QUOTED.c.seq.in_(sa.select(F.seq).where(*within)))
    return tuple((row[0], row[1]) for row in connection.execute(query))


def _topics(connection: sa.Connection, within: list[sa.ColumnElement[bool]], top: int) -> tuple[Asked, ...]:
    """The largest groups among some records, each told by the question of its newest record."""
    n = sa.func.count()
    # the sum keeps SQLite from walking the index on groups, which took three times as long
    group = (F.group_no + 0).label("of")
    query = sa.select(group, n).where(*within).group_by(group).order_by(n.desc(), group).limit(top)
    out = []
    for number, count in connection.execute(query).all():
        some = (
            sa.select(F.record_id, ENTRIES.c.question)
            .join(ENTRIES, ENTRIES.c.seq == F.seq)
            .where(*within, F.group_no == number)
            .order_by(F.asked_at.desc(), F.seq.desc())
            .limit(MAX_IDS)
        )
        rows = connection.execute(some).all()
        out.append(Asked(number, rows[0].question, count, tuple(row.record_id for row in rows)))
    return tuple(out)


def backlog(connection: sa.Connection, viewer: str = "") -> Backlog:
    """Of all records that have no verdict which somebody may see."""
    open_ = label_for(viewer) == ""
    count, oldest = connection.execute(sa.select(sa.func.count(), sa.func.min(F.asked_at)).where(open_)).one()
    if not count:
        return Backlog(0, "", "")
    middle = sa.select(F.asked_at).where(open_).order_by(F.asked_at).offset((count - 1) // 2).limit(1)
    return Backlog(count, oldest, connection.execute(middle).scalar_one())
