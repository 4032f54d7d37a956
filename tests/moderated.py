"""What the tests of the desk work with: a document of five sentences, replies that quote it, four people, a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chatbot import settings
from chatbot.datatypes import Author, Block, Document, Source, Status
from chatbot.log.records import Candidate, Record
from chatbot.review.values import Account

OLD, NEW = "0" * 16, "1" * 16
FIRST = "Kindness helps. It helps people who are hard on themselves.\n"
SECOND = "MDMA was given at 15 sites. Nobody was harmed. Nothing here is approved."
TEXT = FIRST + SECOND
ANN, BOB = Account("ann", "moderator"), Account("bob", "moderator")
LEA, LEO = Account("lea", "lead"), Account("leo", "lead")
PASSWORD = "correct horse battery"


def place_of(words: str) -> tuple[int, int]:
    """Where words stand in the document."""
    start = TEXT.index(words)
    return start, start + len(words)


def make_document(text: str = TEXT) -> Document:
    source = Source(
        "article", "web", "On kindness", (Author("Lee"),), "2024", "", "", "https://example.org/a", "own", "full", "Lee (2024).",
        Status("clear", "2026-11-01", "read"),
    )  # fmt: skip
    cut = text.index("\n")
    blocks = (Block(0, cut, "body", ("Kindness",)), Block(cut + 1, len(text), "body", ("The trial", "Sites")))
    return Document(source, text, Document.digest(text), blocks)


@dataclass
class Texts:
    """Two generations of the document, the newer in use."""

    kept: dict[str, Any] = field(
        default_factory=lambda: {
            OLD: SimpleNamespace(documents={"article": make_document("Old words.\nOld words. Of then.")}),
            NEW: SimpleNamespace(documents={"article": make_document()}),
        }
    )
    thresholds: dict[str, float] = field(default_factory=lambda: {OLD: 0.4, NEW: 0.5})

    def corpus_of(self, generation: str) -> Any:
        return self.kept.get(generation)

    def now(self) -> Any:
        return self.kept.get(NEW)

    def current(self) -> str:
        return NEW

    def threshold_of(self, generation: str) -> float | None:
        return self.thresholds.get(generation) if generation in self.kept else None


class Clock:
    """Moves on by a millisecond each time it is asked, so that moments differ."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def quote(words: str, number: int = 1) -> dict[str, Any]:
    start, end = place_of(words)
    return {"number": number, "doc_id": "article", "start": start, "end": end, "text": words, "label": "Lee (2024)"}


def candidate(words: str, score: float | None, *, shown: bool = False, **signals: float) -> Candidate:
    start, end = place_of(words)
    return Candidate("article", start, end, score, tuple(signals.items()), shown)


def record(
    name: str, kind: str = "answer", confidence: float = 0.9, question: str = "Does kindness help?", **more: Any
) -> Record:
    """A record; `reply` and `hits` may be given, else the answer quotes the first sentence."""
    quotes = [quote("Kindness helps.")] if kind == "answer" else []
    reply: dict[str, Any] = {"quotes": quotes, "carried": [], "parts": [question]}
    hits = (candidate("Kindness helps.", 0.8, shown=bool(quotes), cosine=0.7),)
    return Record(
        record_id=name,
        owner=more.get("owner", f"owner of {name}"),
        asked_at=more.get("asked_at", "2026-11-24T08:00Z"),
        kind=kind,
        question="" if kind == "crisis" else question,
        reply=reply | more.get("reply", {}),
        hits=more.get("hits", () if kind == "crisis" else hits),
        settings_digest=more.get("settings_digest", settings.digest(settings.answer_settings())),
        generation=more.get("generation", NEW),
        confidence=confidence,
        seconds=0.1,
    )
