"""The queue of the desk: the log's rows in the order of what is worth seeing, with the reasons in words, and who takes which.

The order, the filters and the counts are the log's; what a moderator may not see before a blind second verdict, the log leaves out of all
three (`viewer`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import cast

from chatbot import settings
from chatbot.log.finding import UNJUDGED, Filters, FoundRow, Worth
from chatbot.log.thumbs import Reason, Thumb, Which
from chatbot.moderating.room import Room
from chatbot.moderating.texts import shipped_threshold
from chatbot.moderating.values import Choices, Page, Row
from chatbot.review import queue
from chatbot.review.access import moment
from chatbot.review.values import REDIRECTS, Account

PAGE = 50  # rows looked at together for the next record
MAX_ROWS = 200  # on a page; one takes a few hundred bytes, and nobody reads more at once


def worth_of(room: Room, threshold: float | None = None) -> Worth:
    """How the log weighs its rows. `threshold` instead of that of the generation in use."""
    current = room.texts.current()
    known = room.texts.threshold_of(current) if threshold is None else threshold
    return Worth(
        threshold=shipped_threshold() if known is None else known,
        thumb_down=queue.THUMB_DOWN,
        near=queue.CLOSENESS,
        kinds=tuple((kind, queue.REDIRECT) for kind in REDIRECTS),
        generation=current,
        newest=queue.NEW_INDEX,
        repeated=queue.REPEATED,
        max_repeated=queue.MAX_REPEATED,
    )


def page(room: Room, who: Account, filters: Filters, at: int, limit: int, threshold: float | None = None) -> Page:
    """Rows `at` to `at + limit` of those that the filters let through."""
    worth, limit, at = worth_of(room, threshold), max(1, min(limit, MAX_ROWS)), max(0, at)
    found = room.log.find(filters, worth=worth, at=at, limit=limit, now=room.at(), viewer=who.name)
    room.audit(who.name, "queue")
    rows = tuple(_row(row, worth) for row in found.rows)
    return Page(rows, at, found.total, room.log.backlog(viewer=who.name).n_open)


def _row(row: FoundRow, worth: Worth) -> Row:
    seen = queue.Seen(
        row.kind, row.confidence, row.thumb, row.thumb_reason, row.generation == worth.generation, row.repeated
    )
    thumb = Thumb(cast(Which, row.thumb), cast(Reason, row.thumb_reason)) if row.thumb else None
    return Row(
        record_id=row.record_id,
        asked_at=row.asked_at,
        kind=row.kind,
        question=row.question,
        generation=row.generation,
        confidence=row.confidence,
        reasons=queue.reasons(seen, worth.threshold),
        worth=row.worth,
        repeated=row.repeated,
        group=row.group,
        thumb=thumb,
        label=row.label,
        reviewer=row.reviewer,
        assigned_to=row.assigned_to,
    )


def choices(room: Room, who: Account) -> Choices:
    """What occurs in the log, sources with their titles."""
    found, corpus = room.log.choices(viewer=who.name), room.texts.now()
    documents = corpus.documents if corpus else {}
    sources = tuple((d, documents[d].source.title if d in documents else d) for d in found.documents)
    room.audit(who.name, "choices")
    return Choices(found.kinds, found.generations, sources, found.reviewers, found.tags)


def next_for(room: Room, who: Account, filters: Filters, skip: Collection[str]) -> str | None:
    """The first record that the filters let through, that has no verdict and that nobody else has, claimed; None for none.

    Whoever comes second to the same record gets the one after it; also when the first has judged it and given it back meanwhile.
    """
    wanted = filters if filters.verdict else replace(filters, verdict=UNJUDGED)
    worth, at = worth_of(room), 0
    while True:
        found = room.log.find(wanted, worth=worth, at=at, limit=PAGE, now=room.at(), viewer=who.name)
        free = [r for r in found.rows if r.assigned_to in ("", who.name) and r.record_id not in skip]
        for row in free:
            if _taken(room, who, row):
                return row.record_id
        at = 0 if free else at + len(found.rows)  # where somebody was quicker, rows have moved up
        if not free and (not found.rows or at >= found.total):
            return None


def _taken(room: Room, who: Account, row: FoundRow) -> bool:
    """Claims a row that was found free; False where it was taken since, or judged."""
    if not claim(room, who, row.record_id):
        return False
    now = room.log.find_one(row.record_id, viewer=who.name)
    if now is not None and now.n_verdicts == row.n_verdicts:
        return True
    room.log.release(row.record_id, who.name, room.at())
    return False


def claim(room: Room, who: Account, record_id: str) -> bool:
    """Takes a record for CLAIM_MINUTES; whether it was free or theirs already."""
    now = room.clock()
    until = moment(now + timedelta(minutes=settings.CLAIM_MINUTES))
    return room.log.claim(record_id, who.name, moment(now), until)


def holder(room: Room, record_id: str) -> str:
    """Who has a record on the desk now, "" for nobody."""
    found = room.log.find_one(record_id, now=room.at())
    return found.assigned_to if found else ""
