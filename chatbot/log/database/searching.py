"""Finds records by filters and words, in an order, a page at a time.

The page's numbers are found first and its rows read afterwards, so that what is sorted is narrow. Words somebody typed reach the
database as letters and figures alone, each in quotation marks: no operator of its query language gets through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chatbot.log.database.tables import ENTRIES, FACETS, LIKES, QUOTED, TAGGED
from chatbot.log.facets import words_in
from chatbot.log.finding import JUDGED, UNJUDGED, WEIGHED, Filters, Found, FoundRow, Occurring, Order, Worth

MAX_WORDS = 20  # of a search that count, so that a pasted page asks the index no more than a sentence does
MIN_PREFIX = (
    2  # letters of the last word from which on longer words are found too; one letter would be a tenth of the index
)
F = FACETS.c


def match(text: str, *, sqlite: bool) -> str:
    """The words of a text as a query in the database's language, the last one as a beginning; "" without a word.

    >>> match('Naïve OR "NEAR(', sqlite=True), match("it's don", sqlite=False)
    ('"naive" "or" "near"*', "'it' & 's' & 'don':*")
    """
    words = list(dict.fromkeys(words_in(text[: 100 * MAX_WORDS])))[:MAX_WORDS]
    quote, joint, star = ('"', " ", "*") if sqlite else ("'", " & ", ":*")
    out = [f"{quote}{word}{quote}" for word in words]
    if words and len(words[-1]) >= MIN_PREFIX:
        out[-1] += star
    return joint.join(out)


def chosen(filters: Filters, *, now: str, sqlite: bool) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of a record's facets."""
    out: list[sa.ColumnElement[bool]] = []
    if filters.text.strip():
        words = match(filters.text, sqlite=sqlite)
        said = (
            "facets.seq IN (SELECT rowid FROM word_index WHERE word_index MATCH :words)"
            if sqlite
            else "facets.seq IN (SELECT seq FROM words WHERE words @@ CAST(:words AS tsquery))"
        )
        out.append(sa.text(said).bindparams(words=words) if words else sa.false())  # type: ignore[arg-type]
    equal = ("kind", "generation", "reviewer", "thumb")
    out += [F[name] == value for name in equal if (value := getattr(filters, name))]
    if filters.source:
        out.append(F.seq.in_(sa.select(QUOTED.c.seq).where(QUOTED.c.doc_id == filters.source)))
    if filters.tag:
        out.append(F.seq.in_(sa.select(TAGGED.c.seq).where(TAGGED.c.tag == filters.tag)))
    if filters.verdict:
        judged = {UNJUDGED: F.label == "", JUDGED: F.label != ""}
        out.append(judged.get(filters.verdict, F.label == filters.verdict))
    if filters.since:
        out.append(F.asked_at >= filters.since)
    if filters.until:
        out.append(F.asked_at < f"{filters.until}U")  # after every "T..." of that day
    if filters.assigned_to:
        out.append((F.assigned_to == filters.assigned_to) & (F.assigned_until > now))
    if filters.group:
        out.append(F.group_no == filters.group)
    return out


def worth_of(worth: Worth) -> sa.ColumnElement[float]:
    """A record's worth, of its facets and its group's size; adds up in the order in which `Worth` says."""
    distance = sa.func.abs(F.confidence - worth.threshold)
    near = worth.near * (1.0 - sa.case((distance > 1.0, 1.0), else_=distance))
    size = sa.case((LIKES.c.size > worth.max_repeated, worth.max_repeated), else_=LIKES.c.size)
    parts: list[sa.ColumnElement[float]] = [
        sa.case((F.kind.in_(WEIGHED), near), *((F.kind == kind, value) for kind, value in worth.kinds), else_=0.0),
        sa.case((F.thumb == "down", worth.thumb_down), else_=0.0),
        sa.case((F.generation == worth.generation, worth.newest), else_=0.0),
        worth.repeated * (size - 1),
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return sa.type_coerce(total, sa.Double)


def keys_of(order: Order, worth: sa.ColumnElement[float]) -> list[sa.ColumnElement[Any]]:
    """What to sort by."""
    if order == "oldest":
        return [F.asked_at.asc(), F.seq.asc()]
    newest: list[sa.ColumnElement[Any]] = [F.asked_at.desc(), F.seq.desc()]
    return newest if order == "newest" else [sa.case((F.label == "", 0), else_=1).asc(), worth.desc(), *newest]


def find(
    connection: sa.Connection,
    filters: Filters,
    *,
    order: Order,
    worth: Worth,
    at: int,
    limit: int,
    grouped: bool,
    now: str,
) -> Found:
    """Rows `at` to `at + limit` of what the filters let through; `grouped`: of each group the first in that order."""
    conditions = chosen(filters, now=now, sqlite=connection.dialect.name == "sqlite")
    value = worth_of(worth)
    keys = keys_of(order, value)
    source = FACETS.join(LIKES, LIKES.c.group_no == F.group_no)
    shown = value if order == "worth" else sa.literal(0.0)
    query = sa.select(F.seq, shown.label("worth")).select_from(source).where(*conditions)
    if grouped:
        place = sa.func.row_number().over(partition_by=F.group_no, order_by=keys).label("place")
        rank = sa.func.row_number().over(order_by=keys).label("rank")
        inner = query.add_columns(place, rank).subquery()
        page = sa.select(inner.c.seq, inner.c.worth).where(inner.c.place == 1).order_by(inner.c.rank)
    else:
        page = query.order_by(*keys)
    numbers = connection.execute(page.limit(limit).offset(at)).all()
    counted = sa.func.count(sa.distinct(F.group_no)) if grouped else sa.func.count()
    total = connection.execute(sa.select(counted).select_from(FACETS).where(*conditions)).scalar_one()
    found = rows_of(connection, {row.seq: row.worth for row in numbers}, now=now)
    return Found(tuple(found), int(total))


def rows_of(connection: sa.Connection, wanted: Mapping[int, float], *, now: str) -> list[FoundRow]:
    """The rows of those numbers, in their order, each with its worth."""
    query = (
        sa.select(FACETS, LIKES.c.size, ENTRIES.c.question)
        .join(LIKES, LIKES.c.group_no == F.group_no)
        .join(ENTRIES, ENTRIES.c.seq == F.seq)
        .where(F.seq.in_(list(wanted)))
    )
    there = {row.seq: row for row in connection.execute(query)} if wanted else {}
    return [_row(there[seq], worth, now) for seq, worth in wanted.items() if seq in there]


def _row(row: Any, worth: float, now: str) -> FoundRow:
    held = row.assigned_to if row.assigned_until > now else ""
    return FoundRow(
        seq=row.seq,
        record_id=row.record_id,
        asked_at=row.asked_at,
        kind=row.kind,
        question=row.question,
        generation=row.generation,
        confidence=row.confidence,
        n_quotes=row.n_quotes,
        group=row.group_no,
        repeated=row.size,
        thumb=row.thumb,
        thumb_reason=row.thumb_reason,
        label=row.label,
        reviewer=row.reviewer,
        judged_at=row.judged_at,
        n_verdicts=row.n_verdicts,
        assigned_to=held,
        assigned_until=row.assigned_until if held else "",
        worth=float(worth),
    )


def choices(connection: sa.Connection) -> Occurring:
    """What occurs."""
    columns = (F.kind, F.generation, QUOTED.c.doc_id, F.reviewer, TAGGED.c.tag)
    lists: list[Sequence[str]] = [connection.scalars(sa.select(c).distinct().order_by(c)).all() for c in columns]
    return Occurring(*(tuple(value for value in values if value) for values in lists))
