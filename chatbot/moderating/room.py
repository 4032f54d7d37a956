"""What every part of the desk works with: log, notebook, texts, clock; who may do what; and the note of who did it.

Everything that is read or done at the desk is noted (`log.auditing`). What cannot be noted is not shown: a log that cannot be written is a
LogError.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from chatbot.errors import Forbidden, NoSuch, ReviewError
from chatbot.log.auditing import ALL, audit
from chatbot.log.notebook import Notebook
from chatbot.log.records import CRISIS, Event, Record
from chatbot.moderating.texts import Texts
from chatbot.review.access import Access, moment
from chatbot.review.sampling import waits_for
from chatbot.review.values import Account, Verdict
from chatbot.review.verdicts import verdicts

if TYPE_CHECKING:
    from chatbot.log.database import Database

T = TypeVar("T")


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class Book(Notebook):
    """A notebook in which words about a record are written only while the record is there."""

    def __init__(self, log: Database) -> None:
        super().__init__(log)
        self._log = log

    def write(self, kind: str, subject: str, *, at: str, who: str = "", label: str = "", note: str = "") -> None:
        """Adds an event about a record. Raises NoSuch when it has a note and the record was removed: no note outlives its record."""
        if not note:
            super().write(kind, subject, at=at, who=who, label=label)
        elif not self._log.attach([Event(at, kind, subject, who, label, note)], crisis_notes=True):
            raise no_record(subject)


@dataclass(frozen=True, slots=True)
class Room:
    """The parts. `lock` is held where something is looked up and then written down."""

    log: Database
    texts: Texts
    clock: Callable[[], datetime]
    book: Book
    access: Access
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self) -> str:
        """The moment it is, as text that sorts."""
        return moment(self.clock())

    def audit(self, who: str, what: str, subject: str = ALL) -> None:
        """Notes that somebody read or did something."""
        audit(self.log, who, what, subject, self.at())

    def record(self, record_id: str) -> Record:
        """The record of that id. Raises NoSuch."""
        found = next(self.log.records(record_id=record_id), None) if record_id.isprintable() else None
        if found is None:
            raise no_record(record_id)
        return found

    def worded(self, record_id: str) -> Record:
        """A record that has words to work with. Raises ReviewError for a crisis, of which nothing but the kind is kept."""
        found = self.record(record_id)
        if found.kind == CRISIS:
            raise ReviewError(f"{record_id}: the text of a crisis is not logged, so nothing can be made of it")
        return found

    def given(self, record_id: str) -> list[Verdict]:
        """The verdicts on a record, in order."""
        return verdicts(self.book, record_id)

    def is_hidden(self, who: str, record_id: str) -> bool:
        """Whether what others said of a record is hidden from somebody, because a blind second verdict on it is due."""
        return waits_for(self.given(record_id)) not in ("", who)


def no_record(record_id: str) -> NoSuch:
    """There is no such record."""
    return NoSuch(f"{record_id[:40]!r} is no record of the log; `chatbot review list` shows their ids")


def plain(typed: str) -> str:
    """What somebody typed as a text that every database takes."""
    return typed.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def need_lead(who: Account, what: str) -> None:
    """Raises Forbidden for who is no lead."""
    if who.role != "lead":
        raise Forbidden(f"only a lead may {what}; ask one")


def new_id() -> str:
    """A random id for a case, proposal or gap (48 bits)."""
    return secrets.token_hex(6)


def visible(items: Sequence[T], who: str, by: Callable[[T], tuple[str, str]], room: Room) -> tuple[T, ...]:
    """Those of the items that `who` may see: their own, and those about records that are not hidden from them.

    `by` gives the record and the author of an item.
    """
    of_others = {record for record, author in map(by, items) if author != who}
    hidden = {record for record in of_others if room.is_hidden(who, record)}
    return tuple(item for item in items if by(item)[1] == who or by(item)[0] not in hidden)
