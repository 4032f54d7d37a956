"""Records to review, a notebook in memory, and a clock that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from chatbot.datatypes import Json


@dataclass
class Seen:
    """A record as the review room sees it."""

    record_id: str = "r1"
    kind: str = "answer"
    confidence: float = 0.9
    question: str = "Does kindness help?"
    asked_at: str = "2026-11-24T08:00Z"
    generation: str = "0123456789abcdef"
    reply: Json = field(
        default_factory=lambda: {"quotes": [{"text": "Kindness helps."}, {"text": "It does."}], "carried": []}
    )


@dataclass
class Line:
    kind: str
    subject: str
    at: str
    who: str = ""
    label: str = ""
    note: str = ""


@dataclass
class Book:
    """A notebook in memory."""

    lines: list[Line] = field(default_factory=list)

    def write(self, kind: str, subject: str, *, at: str, who: str = "", label: str = "", note: str = "") -> None:
        self.lines.append(Line(kind, subject, at, who, label, note))

    def write_within(self, kind: str, subject: str, *, at: str, since: str, limit: int) -> bool:
        there = [line for line in self.read(kind, subject) if line.at > since]
        if len(there) < limit:
            self.write(kind, subject, at=at)
        return len(there) < limit

    def read(self, kind: str, subject: str | None = None) -> list[Line]:
        return [line for line in self.lines if line.kind == kind and subject in (None, line.subject)]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def seen() -> Callable[..., Seen]:
    """Makes a record: record_id, kind, confidence, question, asked_at, generation, reply."""
    return Seen


@pytest.fixture
def book() -> Book:
    """An empty notebook."""
    return Book()


@pytest.fixture
def clock() -> Clock:
    """A clock at 08:00."""
    return Clock()
