"""Finds records by filters and words, in an order, a page at a time.

The page's numbers are found first and its rows read afterwards, so that what is sorted is narrow. Words somebody typed reach the
database as letters and figures alone, each in quotation marks: no operator of its query language gets through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import sqlalchemy as sa

from chatbot.log.database.tables import ENTRIES, FACETS, LIKES, QUOTED, TAGGED, is_sqlite
from chatbot.log.database.viewing import label_for, seen_by
from chatbot.log.facets import words_in
from chatbot.log.finding import JUDGED, UNJUDGED, WEIGHED, Filters, Found, FoundRow, Occurring, Order, Worth

MAX_WORDS = 20  # of a search that count, so that a pasted page asks the index no more than a sentence does
MAX_TEXT = 2000  # characters of a search that are looked at, as many as a question may have
MIN_PREFIX = 2  # letters of the last word from which on longer words are found too; one begins a tenth of all words
MAX_NUMBER = 2**31 - 1  # that both databases take
F = FACETS.c


def match(text: str, *, sqlite: bool) -> str:
    """The words of a text as a query in the database's language, the last one as a beginning; "" without a word.

    >>> match('Naïve OR "NEAR(', sqlite=True), match("it's don", sqlite=False)
    ('"naive" "or" "near"*', "'it' & 's' & 'don':*")
    """
    start = text[:MAX_TEXT]
    words = words_in(start)
    if start != text and len(words) > 1:
        words.pop()  # it may be cut
    *before, last = words[:MAX_WORDS] or [""]
    if not last:
        return ""
    quote, joint, star = ('"', " ", "*") if sqlite else ("'", " & ", ":*")
    out = [f"{quote}{word}{quote}" for word in dict.fromkeys(before)]
    return joint.join([*out, f"{quote}{last}{quote}{star if len(last) >= MIN_PREFIX else ''}"])


def plain(text: str) -> str:
    """A text that both databases take; of what they do not take, no row has any."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def chosen(filters: Filters, *, now: str, sqlite: bool, viewer: str = "") -> list[sa.ColumnElement[bool]]:
    """What the filters ask of a record's facets, as `viewer` may see them. Their values may be anything that somebody typed."""
    typed = {f.name: v for f in fields(Filters) if isinstance(v := getattr(filters, f.name), str)}
    plainly: dict[str, Any] = {name: plain(value) for name, value in typed.items()}
    filters = replace(filters, **plainly)
    out: list[sa.ColumnElement[bool]] = []
    if filters.text.strip():
        words = match(filters.text, sqlite=sqlite)
        said = (
            "facets.seq IN (SELECT rowid FROM word_index WHERE word_index MATCH :words)"
            if sqlite
            else "facets.seq IN (SELECT seq FROM words WHERE words @@ CAST(:words AS tsquery))"
        )
        out.append(sa.text(said).bindparams(words=words) if words else sa.false())  # type: ignore[arg-type]
    label = label_for(viewer)
    if filters.reviewer or filters.tag:
        out.append(seen_by(viewer))
    equal = ("kind", "generation", "reviewer", "thumb")
    out += [F[name] == value for name in equal if (value := getattr(filters, name))]
    if filters.source:
        out.append(F.seq.in_(sa.select(QUOTED.c.seq).where(QUOTED.c.doc_id == filters.source)))
    if filters.tag:
        out.append(F.seq.in_(sa.select(TAGGED.c.seq).where(TAGGED.c.tag == filters.tag)))
    if filters.verdict:
        judged = {UNJUDGED: label == "", JUDGED: label != ""}
        out.append(judged.get(filters.verdict, label == filters.verdict))
    if filters.since:
        out.append(F.asked_at >= filters.since)
    if filters.until:
        out.append(F.asked_at < f"{filters.until}U")  # after every "T..." of that day
    if filters.assigned_to:
        out.append((F.assigned_to == filters.assigned_to) & (F.assigned_until > now))
    if filters.group:
        out.append(F.group_no == filters.group if abs(filters.group) <= MAX_NUMBER else sa.false())
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


def sorted_by(order: Order, columns: Any) -> list[sa.ColumnElement[Any]]:
    """What to sort by, among columns judged, worth, asked_at, seq."""
    if order == "oldest":
        return [columns.asked_at.asc(), columns.seq.asc()]
    newest: list[sa.ColumnElement[Any]] = [columns.asked_at.desc(), columns.seq.desc()]
    return newest if order == "newest" else [columns.judged.asc(), columns.worth.desc(), *newest]


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
    viewer: str,
) -> Found:
    """Rows `at` to `at + limit` of what the filters let through; `grouped`: of each group the first in that order."""
    conditions = chosen(filters, now=now, sqlite=is_sqlite(connection), viewer=viewer)
    value = worth_of(worth) if order == "worth" else sa.literal(0.0)
    judged = sa.case((label_for(viewer) == "", 0), else_=1)
    # the sum keeps SQLite from walking the index on groups, which took nearly twice as long for the queue
    group = F.group_no + 0
    page = (
        sa.select(F.seq, group.label("group_no"), F.asked_at, judged.label("judged"), value.label("worth"))
        .select_from(FACETS.join(LIKES, LIKES.c.group_no == F.group_no))
        .where(*conditions)
        .subquery("each")
    )
    if grouped:
        place = sa.func.row_number().over(partition_by=page.c.group_no, order_by=sorted_by(order, page.c))
        page = sa.select(page, place.label("place")).subquery("placed")
    first = [page.c.place == 1] if grouped else []
    query = sa.select(page.c.seq, page.c.worth).where(*first).order_by(*sorted_by(order, page.c))
    numbers = connection.execute(query.limit(limit).offset(min(max(at, 0), MAX_NUMBER))).all()
    counted = sa.func.count(sa.distinct(F.group_no)) if grouped else sa.func.count()
    total = connection.execute(sa.select(counted).select_from(FACETS).where(*conditions)).scalar_one()
    found = rows_of(connection, {row.seq: row.worth for row in numbers}, now=now, viewer=viewer)
    return Found(tuple(found), int(total))


def numbers_of(connection: sa.Connection, record_id: str) -> dict[int, float]:
    """The number of a record for `rows_of`, none when it is not there."""
    return dict.fromkeys(connection.scalars(sa.select(F.seq).where(F.record_id == plain(record_id))), 0.0)


def rows_of(connection: sa.Connection, wanted: Mapping[int, float], *, now: str, viewer: str = "") -> list[FoundRow]:
    """The rows of those numbers, in their order, each with its worth, as `viewer` may see them."""
    query = (
        sa.select(FACETS, LIKES.c.size, ENTRIES.c.question)
        .join(LIKES, LIKES.c.group_no == F.group_no)
        .join(ENTRIES, ENTRIES.c.seq == F.seq)
        .where(F.seq.in_(list(wanted)))
    )
    there = {row.seq: row for row in connection.execute(query)} if wanted else {}
    return [_row(there[seq], worth, now, viewer) for seq, worth in wanted.items() if seq in there]


def _row(row: Any, worth: float, now: str, viewer: str) -> FoundRow:
    held = row.assigned_to if row.assigned_until > now else ""
    seen = not viewer or row.due in ("", viewer)
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
        label=row.label if seen else "",
        reviewer=row.reviewer if seen else "",
        judged_at=row.judged_at if seen else "",
        n_verdicts=row.n_verdicts if seen else 0,
        assigned_to=held,
        assigned_until=row.assigned_until if held else "",
        worth=float(worth),
    )


def choices(connection: sa.Connection, viewer: str = "") -> Occurring:
    """What occurs, as somebody may see it."""
    columns = (F.kind, F.generation, QUOTED.c.doc_id)
    queries: list[sa.Select[Any]] = [sa.select(c).distinct().order_by(c) for c in columns]
    queries.append(sa.select(F.reviewer).where(seen_by(viewer)).distinct().order_by(F.reviewer))
    tagged = sa.select(TAGGED.c.tag).distinct().order_by(TAGGED.c.tag)
    queries.append(tagged.join(FACETS, F.seq == TAGGED.c.seq).where(seen_by(viewer)) if viewer else tagged)
    lists: list[Sequence[str]] = [connection.scalars(query).all() for query in queries]
    return Occurring(*(tuple(value for value in values if value) for values in lists))
