"""Makes large answer logs quickly: plausible records, thumbs, verdicts and claims, appended in thousands through `Database`.

    PYTHONPATH=. python tests/large_log.py LOG [COUNT]

Questions are drawn from phrases, a fifth of them asked again; vectors lie around TOPICS centres, so that like questions group. The
same seed makes the same log, but for salts.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.facets import Mark
from chatbot.log.records import Candidate, Event, Record, hour_of
from chatbot.log.vectors import packed

BATCH = 5000
TOPICS, DIMENSION = 3000, 384
DAYS = 30
FIRST = datetime(2026, 10, 26, tzinfo=UTC)
GENERATIONS = ("a1b2c3d4e5f60718", "b1b2c3d4e5f60718", "c1b2c3d4e5f60718")
DOCUMENTS = tuple(f"document-{n}" for n in range(30))
LABELS = ("good", "good", "good", "should_have_answered", "should_have_refused", "unsafe")
KINDS = ("answer",) * 60 + ("abstention",) * 30 + ("drug_request",) * 4 + ("medical_advice",) * 4 + ("crisis",) * 2
SYLLABLES = "ba de fi go lu mer nes pra qui rost sal ten vor wim zed chal dro fex glin hurt".split()
WORDS = tuple(
    f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES
)  # 8,000, drawn unevenly as words are


def sentence(chance: random.Random, length: int) -> str:
    """Words of which the first are the commonest."""
    drawn = [WORDS[int(len(WORDS) * chance.random() ** 3)] for _ in range(length)]
    return " ".join(drawn).capitalize()


SENTENCES = tuple(f"{sentence(random.Random(n), 22)}." for n in range(4000))  # of the documents, to be quoted


def record(number: int, asked: str, chance: random.Random, of: int) -> Record:
    """The record `number` of so many."""
    kind = chance.choice(KINDS)
    question = "" if kind == "crisis" else asked
    quotes = []
    for _ in range(chance.randint(1, 3) if kind == "answer" else 0):
        text = chance.choice(SENTENCES)
        quotes.append(
            {"doc_id": chance.choice(DOCUMENTS), "start": 0, "end": len(text), "text": text, "sha256": "a" * 64}
        )
    hits = tuple(Candidate(DOCUMENTS[n], 10 * n, 10 * n + 9, 0.5, (("cosine", 0.5),), n == 0) for n in range(5))
    generation = GENERATIONS[number * len(GENERATIONS) // of]
    asked_at = hour_of(FIRST + timedelta(hours=number * 24 * DAYS // of))
    confidence = round(1 - chance.random() ** 3 if kind == "answer" else chance.random() ** 3, 5)
    reply = {"format": 1, "kind": kind, "question": question, "quotes": quotes, "generation": generation}
    return Record(
        f"{number:016x}",
        f"{number:064x}",
        asked_at,
        kind,
        question,
        reply,
        hits,
        "settings",
        generation,
        confidence,
        0.12,
    )


def events_of(found: Record, chance: random.Random) -> Iterator[Event]:
    """What readers and moderators made of it: a thumb on a tenth, a verdict on a third, a claim on a hundredth."""
    if chance.random() < 0.1:
        yield Event(found.asked_at, "thumb", found.record_id, label=chance.choice(("up", "up", "down:unclear")))
    if chance.random() < 0.33:
        note = json.dumps(
            {"note": "", "gold": [], "triage": None, "tags": chance.sample(("dose", "age", "scope", "odd"), 1)}
        )
        yield Event(
            "2026-11-25T09:00:00Z",
            "verdict",
            found.record_id,
            f"moderator-{chance.randrange(6)}",
            chance.choice(LABELS),
            note,
        )
    if chance.random() < 0.01:
        yield Event("2026-11-25T09:00:00Z", "claim", found.record_id, "moderator-1", "2026-11-25T09:30:00Z")


def questions(count: int, chance: random.Random) -> list[tuple[str, int]]:
    """(question, topic); a fifth are words that were asked before."""
    out: list[tuple[str, int]] = []
    for _ in range(count):
        if out and chance.random() < 0.2:
            out.append(out[int(len(out) * chance.random() ** 2)])
        else:
            out.append((f"{sentence(chance, 9)}?", chance.randrange(TOPICS)))
    return out


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows, each of length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(log: Database, count: int, *, seed: int = 7) -> None:
    """Appends `count` records with marks, and events about them, as the writer would."""
    chance, dice = random.Random(seed), np.random.default_rng(seed)
    centres = unit_rows(dice.standard_normal((TOPICS, DIMENSION), dtype=np.float32))
    first: dict[int, str] = {}
    asked = questions(count, chance)
    for start in range(0, count, BATCH):
        some = asked[start : start + BATCH]
        noise = dice.standard_normal((len(some), DIMENSION), dtype=np.float32) * 0.02
        vectors = unit_rows(centres[[topic for _, topic in some]] + noise)
        records = [record(start + n, question, chance, count) for n, (question, _) in enumerate(some)]
        marks = {
            r.record_id: Mark(packed(vector), first.setdefault(topic, r.record_id))
            for r, vector, (_, topic) in zip(records, vectors, some, strict=True)
            if r.question
        }
        log.append(records, marks)
        log.note([event for r in records for event in events_of(r, chance)])


if __name__ == "__main__":
    with closing(open_log(sys.argv[1], create=True)) as opened:
        fill(opened, int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
