"""The dashboard's figures, held against counting by hand, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from chatbot.log.counting import Asked, Backlog, Counts, Judged
from chatbot.log.database import Database
from chatbot.log.records import Event, Record

Logged = Callable[..., Record]


def fill(log: Database, logged: Logged) -> None:
    """Seven records of three days and two generations, in which the later generation's first was asked before the other's last."""
    quote = {"doc_id": "other", "start": 0, "end": 1, "text": "x", "sha256": ""}
    two = {"kind": "answer", "quotes": [*logged(1).reply["quotes"], quote, quote]}
    none: dict[str, object] = {"kind": "abstention", "quotes": []}
    what = (
        ("2026-11-01T08:00Z", "answer", "z-old", "How?", two),
        ("2026-11-01T23:00Z", "abstention", "z-old", "Who pays?", none),
        ("2026-11-02T00:00Z", "abstention", "a-new", "who PAYS", none),
        ("2026-11-02T05:00Z", "abstention", "a-new", "Where?", none),
        ("2026-11-02T05:00Z", "crisis", "a-new", "", none),
        ("2026-11-03T10:00Z", "answer", "z-old", "When?", logged(1).reply),
        ("2026-11-03T11:00Z", "abstention", "a-new", "Who pays", none),
    )
    log.append(
        [
            replace(logged(n), asked_at=at, kind=kind, generation=generation, question=question, reply=reply)
            for n, (at, kind, generation, question, reply) in enumerate(what, start=1)
        ]
    )
    log.note(
        [
            Event("1", "thumb", f"record-{n}", label=label)
            for n, label in ((1, "up"), (2, "down:other"), (3, "down"), (1, "down"))
        ]
    )
    judged = ((1, "good"), (2, "unsafe"), (3, "unsafe"), (3, "good"), (6, "unsafe"))
    log.note([Event("2", "verdict", f"record-{n}", "ann", label, json.dumps({})) for n, label in judged])


def test_all_days(either: Database, logged: Logged) -> None:
    fill(either, logged)
    assert either.counts(topics=2) == Counts(
        per_day=(
            ("2026-11-01", "abstention", 1),
            ("2026-11-01", "answer", 1),
            ("2026-11-02", "abstention", 2),
            ("2026-11-02", "crisis", 1),
            ("2026-11-03", "abstention", 1),
            ("2026-11-03", "answer", 1),
        ),
        thumbs=(("2026-11-01", "down", 2), ("2026-11-02", "down", 1)),
        labels=(("good", 2), ("unsafe", 2)),
        judged=(("2026-11-01", 2, 1), ("2026-11-02", 1, 1), ("2026-11-03", 1, 0)),
        generations=(Judged("z-old", 3, 3, 1), Judged("a-new", 4, 1, 1)),
        documents=(("article", 2), ("other", 1)),
        topics=(Asked(2, "Who pays", 3, ("record-7", "record-3", "record-2")), Asked(4, "Where?", 1, ("record-4",))),
    )


def test_verdicts_that_somebody_may_not_know(either: Database, logged: Logged) -> None:
    fill(either, logged)
    either.note([Event("3", "verdict", "record-6", "bob", "good:due")])
    assert either.counts(viewer="bob").labels == either.counts().labels == (("good", 3), ("unsafe", 1))
    found = either.counts(viewer="ann")
    assert found.labels == (("good", 2), ("unsafe", 1))
    assert found.judged == (("2026-11-01", 2, 1), ("2026-11-02", 1, 1))
    assert found.generations == (Judged("z-old", 3, 2, 1), Judged("a-new", 4, 1, 1))
    assert found.per_day == either.counts().per_day


def test_some_days(either: Database, logged: Logged) -> None:
    fill(either, logged)
    found = either.counts("2026-11-02", "2026-11-02", good="unsafe")
    assert found.per_day == (("2026-11-02", "abstention", 2), ("2026-11-02", "crisis", 1))
    assert found.judged == (("2026-11-02", 1, 0),)
    assert found.generations == (Judged("a-new", 3, 1, 0),)
    assert found.documents == ()
    assert found.topics == (Asked(2, "who PAYS", 1, ("record-3",)), Asked(4, "Where?", 1, ("record-4",)))
    assert either.counts(until="2026-11-01").documents == (("article", 1), ("other", 1))


def test_the_backlog(either: Database, logged: Logged) -> None:
    fill(either, logged)
    assert either.backlog() == Backlog(3, "2026-11-02T05:00Z", "2026-11-02T05:00Z")
    either.note([Event("3", "verdict", f"record-{n}", "ann", "good") for n in (4, 5)])
    assert either.backlog() == Backlog(1, "2026-11-03T11:00Z", "2026-11-03T11:00Z")


def test_an_empty_log(either: Database) -> None:
    assert either.counts() == Counts((), (), (), (), (), (), ())
    assert either.backlog() == Backlog(0, "", "")


def test_who_did_how_much_and_what_stands_beside_what(either: Database) -> None:
    told = [
        ("r1", "ann", "good:due"),
        ("r2", "ann", "good"),
        ("r1", "bob", "unsafe:blind"),
        ("r3", "bob", "goodxblind"),
    ]
    either.note([Event(str(at), "verdict", subject, who, label) for at, (subject, who, label) in enumerate(told)])
    either.note([Event("9", "thumb", "r2", label="up:blind")])
    assert either.tally("verdict") == [("ann", 2), ("bob", 2)]
    assert either.tally("verdict", "2") == [("bob", 2)]
    beside = either.events("verdict", beside=":blind")
    assert [(event.subject, event.who, event.label) for event in beside] == [told[0], told[2]]
