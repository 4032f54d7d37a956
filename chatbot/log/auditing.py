"""Who read or did what with the log: an event of the kind KIND, without a word that anybody typed.

`label` is what was done, `subject` the record it was done with, or ALL. The command and the desk both write it here. Left out: what a
moderator did about a record, which is an event of its own kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chatbot.log.records import Event

KIND = "audit"
ALL = "all"  # in the place of a record's id


class Noting(Protocol):
    """What is needed of a database."""

    def note(self, events: Sequence[Event]) -> None:
        """Adds events, all or none."""
        ...


def audit(store: Noting, who: str, what: str, subject: str, at: str) -> None:
    """Notes that somebody did something. `at` is a moment as text that sorts."""
    store.note([Event(at, KIND, subject, who=who, label=what)])
