"""Counts for the dashboard, over facets alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chatbot.log.counting import Asked, Backlog, Counts, Judged
from chatbot.log.database.tables import ENTRIES, FACETS, QUOTED
from chatbot.log.database.viewing import label_for, seen_by

MAX_IDS = 5  # record ids named of a topic
UNANSWERED = "abstention"
F = FACETS.c


def counts(connection: sa.Connection, since: str, until: str, *, good: str, topics: int, viewer: str = "") -> Counts:
    """The figures of the days `since` to `until`, both included, "" for no end; `good` is the label of a good reply.

    Verdicts are counted as far as `viewer` may see them.
    """
    within: list[sa.ColumnElement[bool]] = [F.asked_at >= since] if since else []
    within += [F.asked_at < f"{until}U"] if until else []
    day = sa.func.substr(F.asked_at, 1, 10)
    told = [seen_by(viewer), F.label != ""]
    n, judged = sa.func.count(), sa.func.sum(sa.case((sa.and_(*told), 1), else_=0))
    well = sa.func.sum(sa.case((sa.and_(*told, F.label == good), 1), else_=0))

    def grouped(*columns: Any, where: Any = ()) -> tuple[Any, ...]:
        by = [column for column in columns if column not in (n, judged, well)]
        query = sa.select(*columns).where(*within, *where).group_by(*by).order_by(*by)
        return tuple(tuple(row) for row in connection.execute(query))

    generations = sa.select(F.generation, n, judged, well).where(*within).group_by(F.generation)
    documents = sa.select(QUOTED.c.doc_id, n).group_by(QUOTED.c.doc_id).order_by(n.desc(), QUOTED.c.doc_id)
    if within:
        documents = documents.join(FACETS, F.seq == QUOTED.c.seq).where(*within)
    return Counts(
        per_day=grouped(day, F.kind, n),
        thumbs=grouped(day, F.thumb, n, where=[F.thumb != ""]),
        labels=grouped(F.label, n, where=told),
        judged=grouped(day, judged, well, where=told),
        generations=tuple(Judged(*row) for row in connection.execute(generations.order_by(sa.func.min(F.seq)))),
        documents=tuple((row[0], row[1]) for row in connection.execute(documents)),
        topics=_topics(connection, [*within, F.kind == UNANSWERED], topics),
    )


def _topics(connection: sa.Connection, within: list[sa.ColumnElement[bool]], top: int) -> tuple[Asked, ...]:
    """The largest groups among some records, each told by the question of its newest record."""
    n = sa.func.count()
    query = sa.select(F.group_no, n).where(*within).group_by(F.group_no).order_by(n.desc(), F.group_no).limit(top)
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
