"""The open log: every way in which its rows, events and facets are written and read, each one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from chatbot.log.chain import REMOVAL, Columns, ranges_of
from chatbot.log.counting import Backlog, Counts
from chatbot.log.database import counting, keeping, likeness, searching
from chatbot.log.database.connecting import BUSY_SECONDS, Connecting
from chatbot.log.database.refilling import Remark, as_before, refill
from chatbot.log.database.rows import Snapshot, extend, head_of, walk
from chatbot.log.database.tables import ENTRIES, EVENTS, REMOVED
from chatbot.log.facets import CLAIM, KINDS, RELEASE, Mark, Standing, facet_of, is_free
from chatbot.log.finding import Filters, Found, FoundRow, LikeRow, Occurring, Order, Worth
from chatbot.log.records import CRISIS, Event, Record, columns_of, hour_now, record_of

NO_MARKS: Mapping[str, Mark] = MappingProxyType({})


class Database:
    """An open log. Made by `open`; its methods may be called from several threads."""

    def __init__(self, connecting: Connecting) -> None:
        self.name = connecting.name
        self._to = connecting

    @classmethod
    def open(cls, where: str | Path, *, create: bool = False, busy_seconds: float = BUSY_SECONDS) -> Database:
        """The log at a path, or at a URL such as postgresql+psycopg://user@host/name. Brings its schema up to date.

        Raises LogError when it cannot be opened, or is not there and `create` is false (PostgreSQL: always created).
        """
        connecting = Connecting.to(where, create, busy_seconds)
        connecting.migrate(refill)
        return cls(connecting)

    def close(self) -> None:
        """Gives back every connection. Using the log again opens new ones."""
        self._to.engine.dispose()

    # --- records ----------------------------------------------------------------------------------------------------

    def append(self, records: Sequence[Record], marks: Mapping[str, Mark] = NO_MARKS) -> int:
        """Adds records in order, all or none; when it returns they are on disk. Tells how many were new.

        A record whose id is already there is passed over, so that a write of unknown outcome may be tried again. `marks` are what is
        known of their questions, by record id.
        """
        with self._to.writing() as connection:
            there: set[str] = set()
            for some in keeping.in_batches(r.record_id for r in records):
                there |= set(connection.scalars(sa.select(ENTRIES.c.record_id).where(ENTRIES.c.record_id.in_(some))))
            new = [r for r in records if r.record_id not in there]
            sealed = extend(connection, [columns_of(r) for r in new])
            facets = [facet_of(e.seq, e.columns, r.reply) for e, r in zip(sealed, new, strict=True)]
            keeping.add(connection, facets, marks)
        return len(new)

    def records(self, *, owners: Sequence[str] | None = None, record_id: str | None = None) -> Iterator[Record]:
        """Records in order of arrival, all or those of some owners or one id. Raises LogError at a damaged row.

        Each batch is a transaction of its own, so that a slow reader holds up no removal.
        """
        chosen: list[sa.ColumnElement[bool]] = [] if owners is None else [ENTRIES.c.owner.in_(owners)]
        chosen += [] if record_id is None else [ENTRIES.c.record_id == record_id]
        for entry in walk(self._fetch, sa.and_(ENTRIES.c.kind != REMOVAL, *chosen)):
            yield record_of(entry)

    def _fetch(self, query: sa.Select[Any]) -> Sequence[Any]:
        with self._to.transaction() as connection:
            return connection.execute(query).all()

    def remove(self, reason: str, *, until: str | None = None, owners: Sequence[str] | None = None) -> int:
        """Deletes records asked in the hour `until` or before, or those of some owners; tells how many.

        Their checksums stay, a row says which were removed and why, and notes about them are blanked. Afterwards no
        byte of theirs is left in the files, unless a reader holds them: then BytesHeld says so, and the next removal
        sees to it.
        """
        if (until is None) == (owners is None):
            raise ValueError("remove by hour or by owner")
        chosen = ENTRIES.c.owner.in_(owners or ()) if until is None else (ENTRIES.c.asked_at <= until)
        chosen &= ENTRIES.c.kind != REMOVAL
        with self._to.writing() as connection:
            head_of(connection, lock=True)
            columns = (ENTRIES.c.seq, ENTRIES.c.record_id, ENTRIES.c.checksum)
            going = connection.execute(sa.select(*columns).where(chosen)).all()
            if going:
                connection.execute(sa.insert(REMOVED), [{"seq": row.seq, "checksum": row.checksum} for row in going])
                body = json.dumps({"reason": reason, "removed": ranges_of(row.seq for row in going)})
                extend(connection, [Columns(secrets.token_hex(8), "", hour_now(), REMOVAL, "", 0.0, "", body)])
                for some in keeping.in_batches(row.seq for row in going):  # what one statement sets aside stays small
                    connection.execute(sa.delete(ENTRIES).where(ENTRIES.c.seq.in_(some)))
                keeping.drop(connection, [row.seq for row in going])
            for some in keeping.in_batches(row.record_id for row in going):
                connection.execute(sa.update(EVENTS).where(EVENTS.c.subject.in_(some)).values(note=""))
        self._to.wipe()
        return len(going)

    # --- events -----------------------------------------------------------------------------------------------------

    def note(self, events: Sequence[Event]) -> None:
        """Adds events, all or none."""
        if events:
            with self._to.writing() as connection:
                _add_events(connection, events)

    def attach(self, events: Sequence[Event], *, crisis_notes: bool = False) -> int:
        """Adds events about records that are there and passes over the others, all or none; tells how many it added.

        So no note outlives its record. What is noted on a crisis has no note, as its record has no text; with `crisis_notes` it has:
        a moderator's words are not a reader's.
        """
        columns = (ENTRIES.c.record_id, ENTRIES.c.kind)
        there = ENTRIES.c.record_id.in_({event.subject for event in events}) & (ENTRIES.c.kind != REMOVAL)
        with self._to.writing() as connection:
            head_of(connection, lock=True)
            kinds = {row.record_id: row.kind for row in connection.execute(sa.select(*columns).where(there))}
            known = [event for event in events if event.subject in kinds]
            kept = [
                replace(event, note="") if kinds[event.subject] == CRISIS and not crisis_notes else event
                for event in known
            ]
            if kept:
                _add_events(connection, kept)
        return len(kept)

    def note_within(self, event: Event, *, since: str, limit: int) -> bool:
        """Adds the event unless `limit` of its kind and subject stand there since a moment; whether it did.

        Counting and adding are one step: of many at once no more than `limit` come through.
        """
        with self._to.writing() as connection:
            head_of(connection, lock=True)
            same = (EVENTS.c.kind == event.kind) & (EVENTS.c.subject == event.subject) & (EVENTS.c.at > since)
            count = connection.execute(sa.select(sa.func.count()).select_from(EVENTS).where(same)).scalar_one()
            if count < limit:
                _add_events(connection, [event])
        return int(count) < limit

    def events(self, kind: str, subject: str | None = None, *, beside: str = "") -> list[Event]:
        """Events of a kind, of one subject or of all, in the order in which they were added.

        `beside` leaves those of subjects of which one event of the kind has a label that ends so.
        """
        query = sa.select(EVENTS).where(EVENTS.c.kind == kind).order_by(EVENTS.c.number)
        if subject is not None:
            query = query.where(EVENTS.c.subject == subject)
        if beside:
            ending = EVENTS.c.label.endswith(beside, autoescape=True)
            query = query.where(EVENTS.c.subject.in_(sa.select(EVENTS.c.subject).where(EVENTS.c.kind == kind, ending)))
        with self._to.transaction() as connection:
            return [Event(*row[1:]) for row in connection.execute(query)]

    def tally(self, kind: str, since: str = "") -> list[tuple[str, int]]:
        """(who, events of a kind since a moment), by name."""
        counted = sa.select(EVENTS.c.who, sa.func.count()).where(EVENTS.c.kind == kind, EVENTS.c.at >= since)
        with self._to.transaction() as connection:
            rows = connection.execute(counted.group_by(EVENTS.c.who).order_by(EVENTS.c.who))
            return [(row[0], row[1]) for row in rows]

    def claim(self, record_id: str, who: str, at: str, until: str) -> bool:
        """Gives a record to somebody from a moment to another; False when it is not there or somebody else has it."""
        with self._to.writing() as connection:
            standing = _standing(connection, record_id)
            free = standing is not None and is_free(standing, who, at)
            if free:
                _add_events(connection, [Event(at, CLAIM, record_id, who, until)])
        return free

    def release(self, record_id: str, who: str, at: str) -> bool:
        """Gives back a record that somebody has; False when they do not have it."""
        with self._to.writing() as connection:
            standing = _standing(connection, record_id)
            theirs = standing is not None and standing.assigned_to == who != ""
            if theirs:
                _add_events(connection, [Event(at, RELEASE, record_id, who)])
        return theirs

    # --- finding and counting ---------------------------------------------------------------------------------------

    def find(
        self,
        filters: Filters,
        *,
        order: Order = "worth",
        worth: Worth | None = None,
        at: int = 0,
        limit: int = 50,
        grouped: bool = False,
        now: str = "",
        viewer: str = "",
    ) -> Found:
        """Rows `at` to `at + limit` of the records that the filters let through, and how many there are.

        By worth, records without a verdict come first, and the newest first among equals. `grouped` shows of each group of like
        questions the record that comes first. A claim that ended before `now` counts as none; with "" none ends. To a
        `viewer` who is to judge a record without knowing its verdict it looks unjudged, in filters, order, counts and rows.
        """
        with self._to.transaction() as connection:
            return searching.find(
                connection,
                filters,
                order=order,
                worth=worth or Worth(),
                at=at,
                limit=limit,
                grouped=grouped,
                now=now,
                viewer=viewer,
            )

    def find_one(self, record_id: str, *, now: str = "", viewer: str = "") -> FoundRow | None:
        """The row of one record, None when it is not there."""
        with self._to.transaction() as connection:
            rows = searching.rows_of(connection, searching.numbers_of(connection, record_id), now=now, viewer=viewer)
        return rows[0] if rows else None

    def choices(self, *, viewer: str = "") -> Occurring:
        """What occurs in the log and can be filtered by, as `viewer` may see it."""
        with self._to.transaction() as connection:
            return searching.choices(connection, viewer)

    def counts(
        self, since: str = "", until: str = "", *, good: str = "good", topics: int = 10, viewer: str = ""
    ) -> Counts:
        """Figures of the days `since` to `until`, both included; `good` is the label of a good reply.

        Verdicts are counted as far as `viewer` may see them.
        """
        with self._to.transaction() as connection:
            return counting.counts(connection, since, until, good=good, topics=topics, viewer=viewer)

    def backlog(self, *, viewer: str = "") -> Backlog:
        """Records without a verdict that `viewer` may see."""
        with self._to.transaction() as connection:
            return counting.backlog(connection, viewer)

    def like(self, record_id: str, top_k: int = 5, *, viewer: str = "") -> tuple[LikeRow, ...]:
        """The judged records whose questions are most like one's, best first; judged as far as `viewer` may see it."""
        with self._to.transaction() as connection:
            return likeness.like(connection, record_id, top_k, viewer)

    def leaders(self, limit: int) -> list[tuple[str, bytes]]:
        """(record id, vector) of the first record of each of the newest groups, the newest last."""
        with self._to.transaction() as connection:
            return likeness.leaders(connection, limit)

    def rebuild(self, remark: Remark = as_before, tick: Callable[[int, int], None] = lambda *_: None) -> int:
        """Makes facets, search and groups again from rows and events; tells of how many records. `remark` gives each its mark."""
        with self._to.writing() as connection:
            head_of(connection, lock=True)
            count = refill(connection, remark, tick)
        self._to.wipe()
        return count

    # --- for `log.proof` --------------------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The log as it is at one moment, whatever is written meanwhile."""
        with self._to.transaction() as connection:
            if not self._to.sqlite:
                connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield Snapshot(connection)


def _standing(connection: sa.Connection, record_id: str) -> Standing | None:
    """How a record stands, None when it is not there; nobody changes it before the transaction ends."""
    head_of(connection, lock=True)
    found = keeping.standings_of(connection, [searching.plain(record_id)])
    return found[record_id][1] if record_id in found else None


def _add_events(connection: sa.Connection, events: Sequence[Event]) -> None:
    """Adds events and changes the facets of what they are about, while no other transaction does."""
    if any(event.kind in KINDS for event in events):
        head_of(connection, lock=True)
    connection.execute(sa.insert(EVENTS), [asdict(event) for event in events])
    keeping.change(connection, events)
