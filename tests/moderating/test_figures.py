"""The dashboard's figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from moderated import ANN, BOB, LEA, NEW, OLD, Clock, Texts, record

from chatbot.log.database import Database
from chatbot.log.records import Event
from chatbot.moderating.desk import Moderation
from chatbot.moderating.values import Dashboard, Judgement, Topic


@pytest.fixture
def filled(desk: Moderation, log: Database) -> Moderation:
    """Six records of three days and two generations, four of them judged."""
    days = {
        "a": "2026-11-21",
        "b": "2026-11-23",
        "c": "2026-11-23",
        "d": "2026-11-24",
        "e": "2026-11-24",
        "f": "2026-11-24",
    }
    kinds = {"c": "abstention", "e": "crisis", "f": "abstention"}
    log.append(
        [
            record(
                name,
                kinds.get(name, "answer"),
                0.9,
                f"Question {'c' if name == 'f' else name}?",
                asked_at=f"{day}T07:00Z",
                generation=OLD if name in "ab" else NEW,
            )
            for name, day in days.items()
        ]
    )
    log.note([Event("1", "thumb", "b", label="up"), Event("1", "thumb", "d", label="down:unclear")])
    desk.judge(ANN, "a", Judgement("unsafe"))
    desk.judge(ANN, "a", Judgement("good"))
    desk.judge(ANN, "b", Judgement("good"))
    desk.judge(BOB, "d", Judgement("unsafe"))
    return desk


def series(found: Dashboard, name: str) -> list[tuple[str, float, float, float]]:
    (one,) = [s for s in found.series if s.name == name]
    return [(label, round(value, 3), round(low, 3), round(high, 3)) for label, value, low, high in one.points]


def test_all_in_numbers(filled: Moderation) -> None:
    found = filled.dashboard(ANN, 4)
    assert found.figures == (
        ("Questions", "6"),
        ("Answered", "3 (50 %)"),
        ("Refused", "2 (33 %)"),
        ("Redirected", "1 (17 %)"),
        ("Thumbs", "1 up, 1 down"),
        ("Judged", "3 (50 %)"),
        ("Good among the judged", "67 % (95 % interval 21 % to 94 %; 2 of 3)"),
        ("To judge", "3"),
        ("Oldest of them", "1 day"),
        ("Half of them older than", "0 days"),
    )
    assert found.topics == (Topic("Question c?", 2, ("f", "c")),)


def test_days_without_questions_are_there(filled: Moderation) -> None:
    found = filled.dashboard(ANN, 4)
    days = ("2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24")
    for name, values in (
        ("Questions", (1, 0, 2, 3)),
        ("Answered", (1, 0, 1, 1)),
        ("Refused", (0, 0, 1, 1)),
        ("Redirected", (0, 0, 0, 1)),
        ("Thumbs up", (0, 0, 1, 0)),
        ("Thumbs down", (0, 0, 0, 1)),
    ):
        assert series(found, name) == [(day, n, n, n) for day, n in zip(days, values, strict=True)], name


def test_accuracy_with_intervals(filled: Moderation) -> None:
    found = filled.dashboard(ANN, 4)
    assert series(found, "Accuracy by day") == [
        ("2026-11-21", 1.0, 0.207, 1.0),
        ("2026-11-23", 1.0, 0.207, 1.0),
        ("2026-11-24", 0.0, 0.0, 0.793),
    ]
    assert series(found, "Accuracy by index") == [(OLD, 1.0, 0.342, 1.0), (NEW, 0.0, 0.0, 0.793)]
    assert series(found, "Verdicts") == [("good", 2, 2, 2), ("unsafe", 1, 1, 1)]
    weekly = filled.dashboard(ANN, 60)
    assert series(weekly, "Accuracy by week") == [("2026-W47", 1.0, 0.207, 1.0), ("2026-W48", 0.5, 0.095, 0.905)]


def test_sources_that_nothing_quotes_are_listed(filled: Moderation, texts: Texts) -> None:
    unused = texts.kept[NEW].documents["article"]
    texts.kept[NEW].documents["unused"] = unused
    assert series(filled.dashboard(ANN, 4), "Sources") == [("On kindness", 3, 3, 3), ("On kindness", 0, 0, 0)]


def test_only_the_days_that_are_asked_for(filled: Moderation) -> None:
    found = filled.dashboard(ANN, 1)
    assert found.figures[0] == ("Questions", "3")
    assert found.days == 1
    assert filled.dashboard(ANN, 10_000).days == 366


def test_what_only_a_lead_sees(filled: Moderation) -> None:
    names = {s.name for s in filled.dashboard(ANN, 4).series}
    lead = filled.dashboard(LEA, 4)
    assert {s.name for s in lead.series} - names == {"Verdicts by reviewer"}
    assert series(lead, "Verdicts by reviewer") == [("ann", 3, 3, 3), ("bob", 1, 1, 1)]
    assert lead.figures[-1] == ("Agreement of blind second verdicts", "none: no record has a blind second verdict")


def test_agreement_in_words(desk: Moderation, log: Database, sampled: Callable[[float], None]) -> None:
    sampled(1.0)
    log.append([record(f"r{n}", question=f"Q {n}?") for n in range(4)])
    for n, second in enumerate(("good", "good", "unsafe", "unsafe")):
        desk.judge(ANN, f"r{n}", Judgement("unsafe" if n == 3 else "good"))
        desk.judge(BOB, f"r{n}", Judgement(second))  # type: ignore[arg-type]
    assert desk.dashboard(LEA).figures[-1][1] == "kappa 0.50 (95 % interval -0.23 to 1.00; 3 of 4 agree)"


def test_an_empty_log(desk: Moderation, clock: Clock) -> None:
    found = desk.dashboard(LEA, 2)
    assert found.figures[:2] == (("Questions", "0"), ("Answered", "0"))
    assert ("Good among the judged", "no verdict yet") in found.figures
    assert ("To judge", "0") in found.figures
    assert series(found, "Questions") == [("2026-11-23", 0, 0, 0), ("2026-11-24", 0, 0, 0)]
    assert found.topics == ()
