"""Events as the moderators' desk writes and reads them: a thin face over a database's `note` methods.

The review room knows no log. It asks for a notebook (`review.values.Notebook`), and this is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chatbot.log.records import Event


class EventStore(Protocol):
    """What is needed of a database."""

    def note(self, events: Sequence[Event]) -> None:
        """Adds events, all or none."""
        ...

    def note_within(self, event: Event, *, since: str, limit: int) -> bool:
        """Adds the event unless `limit` of its kind and subject stand there since a moment; whether it did."""
        ...

    def events(self, kind: str, subject: str | None = None) -> Sequence[Event]:
        """Events of a kind, of one subject or of all, in order."""
        ...


class Notebook:
    """Writes and reads events. `at` is a moment as text that sorts, `note` the free or secret part."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def write(self, kind: str, subject: str, *, at: str, who: str = "", label: str = "", note: str = "") -> None:
        """Adds an event."""
        self._store.note([Event(at, kind, subject, who, label, note)])

    def write_within(self, kind: str, subject: str, *, at: str, since: str, limit: int) -> bool:
        """Adds an event unless `limit` of its kind and subject stand there after `since`; whether it did."""
        return self._store.note_within(Event(at, kind, subject), since=since, limit=limit)

    def read(self, kind: str, subject: str | None = None) -> Sequence[Event]:
        """Events of a kind, of one subject or of all, in the order in which they were written."""
        return self._store.events(kind, subject)
