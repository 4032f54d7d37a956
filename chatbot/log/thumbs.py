"""A reader's thumb as an event, and events as the thumb that counts.

The label of the event is "up", "down" or "down:" and a reason, so that reasons can still be counted when the record and
with it the comment, which is the note, was removed. Events are never changed; of several on one reply the last counts.
Left out: who gave it, which nobody knows, and what may stand in a comment (`privacy`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, cast, get_args

from chatbot.datatypes import Json
from chatbot.log.records import Event

Which = Literal["up", "down"]
Reason = Literal["", "wrong_passage", "not_answered", "unclear", "other"]
KIND = "thumb"  # of the event
WHICH: tuple[str, ...] = get_args(Which)
REASONS: tuple[str, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Thumb:
    """What a reader thought of a reply. Only a thumb down has a reason, and it need not."""

    thumb: Which
    reason: Reason = ""
    comment: str = ""

    def as_json(self) -> Json:
        """The thumb by the names of its fields."""
        return asdict(self)


def event_of(record_id: str, thumb: Thumb, at: str) -> Event:
    """The thumb on a record as an event of the hour `at`.

    >>> event_of("r1", Thumb("down", "unclear"), "2026-11-24T08:00Z").label
    'down:unclear'
    """
    label = f"{thumb.thumb}:{thumb.reason}" if thumb.reason else thumb.thumb
    return Event(at, KIND, record_id, label=label, note=thumb.comment)


def thumb_of(event: Event) -> Thumb:
    """The event as a thumb; a label without a reason, as earlier versions wrote, has none."""
    which, _, reason = event.label.partition(":")
    return Thumb(cast(Which, which), cast(Reason, reason), event.note)


def latest(events: Iterable[Event]) -> dict[str, Thumb]:
    """The last thumb on each record, by record id; `events` in the order in which they were added.

    >>> latest([Event("1", KIND, "r1", label="up"), Event("2", KIND, "r1", label="down:other")])
    {'r1': Thumb(thumb='down', reason='other', comment='')}
    """
    return {event.subject: thumb_of(event) for event in events}
