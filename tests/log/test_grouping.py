"""Like questions: vectors, leaders, groups made while they are written, and the judged ones nearest to one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chatbot.answer.rendering import render_json
from chatbot.errors import LogError
from chatbot.log import open_recorder
from chatbot.log.database import Database
from chatbot.log.facets import Mark
from chatbot.log.finding import Filters
from chatbot.log.grouping import Grouped, Leaders, Marker
from chatbot.log.records import CRISIS, Event, Record
from chatbot.log.vectors import cosines, packed, unpacked
from chatbot.replies import Outcome

Logged = Callable[..., Record]
VISIT = "visit-of-a-reader-1"


def at_angle(degrees: float) -> NDArray[np.float32]:
    """A unit vector in the plane; the cosine of two is that of the angle between them."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


def by_number(text: str) -> NDArray[np.float32]:
    """A question's vector: at the angle that is its last word."""
    return at_angle(float(text.rstrip("?").split()[-1]))


def groups_of(log: Database) -> list[int]:
    return [row.group for row in log.find(Filters(), order="oldest", limit=1000).rows]


@given(st.lists(st.floats(-1, 1, width=16), min_size=8, max_size=8).filter(lambda v: sum(x * x for x in v) > 0.01))
def test_half_precision_costs_little(values: list[float]) -> None:
    row = np.array(values, dtype=np.float32)
    row /= np.linalg.norm(row)
    assert np.abs(unpacked([packed(row)], 8)[0] - row).max() < 0.0005
    assert abs(float(cosines([packed(row)], packed(row))[0]) - 1) < 0.002


def test_a_question_joins_the_nearest_leader() -> None:
    leaders = Leaders(likeness=float(np.cos(np.radians(10.5))))
    joined = [leaders.join(f"r{n}", packed(at_angle(angle))) for n, angle in enumerate((0, 10, 20, 12, 16, 31))]
    assert joined == ["", "r0", "", "r2", "r2", ""], "r1 leads nobody, though r3 is nearer to it than to r2"


def slow_join(angles: list[float], within: float) -> list[str]:
    """Leader clustering by going through all leaders."""
    led: dict[str, float] = {}
    out = []
    for n, angle in enumerate(angles):
        near = sorted((abs(angle - other), name) for name, other in led.items() if abs(angle - other) < within)
        out.append(near[0][1] if near else "")
        if not near:
            led[f"r{n:03}"] = angle
    return out


@given(st.lists(st.sampled_from([7.0 * n + 0.3 * n * n / 10 for n in range(12)]), max_size=40))
def test_leaders_against_a_slow_search(angles: list[float]) -> None:
    leaders = Leaders(likeness=float(np.cos(np.radians(16.0))))
    found = [leaders.join(f"r{n:03}", packed(at_angle(angle))) for n, angle in enumerate(angles)]
    assert found == slow_join(angles, 16.0)


def test_there_is_room_for_the_newest_leaders() -> None:
    leaders = Leaders(likeness=0.99, max_leaders=3)
    for n in range(5):
        assert leaders.join(f"r{n}", packed(at_angle(30 * n))) == ""
    assert [leaders.join("x", packed(at_angle(30 * n))) for n in (2, 3, 4)] == ["r2", "r3", "r4"]
    assert leaders.join("y", packed(at_angle(0))) == "", "the oldest made room"


def test_leaders_of_another_model_are_not_compared() -> None:
    leaders = Leaders(likeness=0.9)
    leaders.learn([("old", packed(np.ones(3))), ("a", packed(at_angle(0))), ("b", packed(at_angle(90)))])
    assert leaders.join("x", packed(at_angle(1))) == "a"
    assert leaders.join("y", packed(np.array([1.0, 0, 0]))) == ""
    assert leaders.join("z", packed(np.array([1.0, 0, 0]))) == "y"


def test_the_writer_groups_what_is_alike(log_path: Path, outcome: Callable[..., Outcome]) -> None:
    threads: set[str] = set()

    def embed(text: str) -> NDArray[np.float32]:
        threads.add(threading.current_thread().name)
        return by_number(text)

    asked = ("About 0?", "So about 5?", "Else 90?", "ABOUT 0", "Is it 93?")
    recorder = open_recorder(log_path, render_json, embed=embed)
    for number, question in enumerate(asked):
        recorder.record(outcome(question=question), VISIT, f"r{number}")
    recorder.record(outcome("crisis", "I want to die 0"), VISIT, "r9")
    assert recorder.close() == 0
    assert threads == {"answer-log"}
    with closing(Database.open(log_path)) as log:
        assert groups_of(log) == [1, 1, 3, 1, 3, 6]
        assert [record_id for record_id, _ in log.leaders(10)] == ["r0", "r2"]
    again = open_recorder(log_path, render_json, embed=embed)
    again.record(outcome(question="Later 91?"), VISIT, "r10")
    assert again.close() == 0
    with closing(Database.open(log_path)) as log:
        assert groups_of(log)[-1] == 3, "the leaders are known again"


def test_without_a_model_the_same_words_go_together(log_path: Path, outcome: Callable[..., Outcome]) -> None:
    recorder = open_recorder(log_path, render_json)
    for number, question in enumerate(("Why?", "Why not?", "WHY")):
        recorder.record(outcome(question=question), VISIT, f"r{number}")
    assert recorder.close() == 0
    with closing(Database.open(log_path)) as log:
        assert groups_of(log) == [1, 2, 1]
        assert log.leaders(10) == []


def test_a_model_that_fails_costs_no_row_and_tells_no_word(
    log_path: Path, outcome: Callable[..., Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    def embed(text: str) -> NDArray[np.float32] | None:
        if "canary" in text:
            raise RuntimeError(text)
        return None if "none" in text else np.array([np.nan, 1.0], dtype=np.float32)

    with caplog.at_level(logging.WARNING):
        recorder = open_recorder(log_path, render_json, embed=embed)
        for number, question in enumerate(("canary one", "canary two", "none", "nan")):
            recorder.record(outcome(question=question), VISIT, f"r{number}")
        assert recorder.close() == 0
    assert [r.getMessage() for r in caplog.records] == [
        "RuntimeError while a question was embedded; it is kept without a vector"
    ]
    with closing(Database.open(log_path)) as log:
        assert groups_of(log) == [1, 2, 3, 4]


class Busy:
    """A store whose first writes fail."""

    def __init__(self, store: Database, failures: int) -> None:
        self._store, self.failures = store, failures
        self.attach, self.remove, self.leaders, self.close = store.attach, store.remove, store.leaders, store.close

    def append(self, records: list[Record], marks: dict[str, Mark]) -> int:  # type: ignore[override]
        if self.failures:
            self.failures -= 1
            raise LogError("busy")
        return self._store.append(records, marks)


def test_what_is_tried_again_is_not_embedded_again(database: Database, logged: Logged) -> None:
    embedded: list[str] = []

    def embed(text: str) -> NDArray[np.float32]:
        embedded.append(text)
        return by_number(text)

    grouped = Grouped(Busy(database, 2), embed)  # type: ignore[arg-type]
    records = [logged(n, question=f"About {n}") for n in (0, 1)]
    for _ in range(2):
        with pytest.raises(LogError):
            grouped.append(records)
    assert grouped.append(records) == 2
    assert embedded == ["About 0", "About 1"]
    assert groups_of(database) == [1, 1]


def test_a_refused_record_costs_the_others_nothing(database: Database, logged: Logged) -> None:
    embedded: list[str] = []

    def embed(text: str) -> NDArray[np.float32]:
        embedded.append(text)
        return by_number(text)

    grouped = Grouped(Busy(database, 1), embed)  # type: ignore[arg-type]
    records = [logged(n, question=f"About {n}") for n in range(4)]
    with pytest.raises(LogError):
        grouped.append(records)
    assert [grouped.append([record]) for record in records[1:]] == [1, 1, 1]
    assert embedded == [f"About {n}" for n in range(4)]
    assert grouped._marks.keys() == {"record-0"}


def test_two_writers_at_once_break_nothing(place: str, logged: Logged) -> None:
    def write(writer: int) -> None:
        with closing(Database.open(place)) as own:
            grouped = Grouped(own, by_number)
            for n in range(20):
                grouped.append([logged(1000 * writer + n, question=f"Writer {writer} asks {40 * (n % 3)}")])

    threads = [threading.Thread(target=write, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(Database.open(place)) as log:
        found = log.find(Filters(), limit=100).rows
        assert len(found) == 40
        sizes = {row.group: row.repeated for row in found}
        assert sum(sizes.values()) == 40
        assert 3 <= len(sizes) <= 6, "at worst each writer has groups of its own"


def test_groups_can_be_made_anew_with_vectors(either: Database, logged: Logged) -> None:
    either.append([logged(n, question=f"Number {n} is {angle}") for n, angle in enumerate((0, 90, 4, 94))])
    assert groups_of(either) == [1, 2, 3, 4]
    assert either.rebuild(Marker(by_number).mark) == 4
    assert groups_of(either) == [1, 2, 1, 2]
    assert either.rebuild(Marker(None).mark) == 4
    assert groups_of(either) == [1, 2, 1, 2], "vectors that are there are kept"


def judge(log: Database, *names: str) -> None:
    log.note([Event("2026", "verdict", name, "ann", "good") for name in names])


def test_like_judged_questions(either: Database, logged: Logged) -> None:
    angles = (0, 60, 10, 30, 4, 180)
    records = [logged(n, question=f"Question {n}") for n in range(len(angles))]
    either.append(records, {r.record_id: Mark(packed(at_angle(a))) for r, a in zip(records, angles, strict=True)})
    assert either.like("record-0") == ()
    judge(either, "record-0", "record-1", "record-2", "record-3", "record-5")
    found = either.like("record-0", 3)
    assert [like.row.record_id for like in found] == ["record-2", "record-3", "record-1"]
    assert [round(like.likeness, 3) for like in found] == [0.985, 0.866, 0.5]
    assert found[0].row.label == "good"
    assert [like.row.record_id for like in either.like("record-4", 1)] == ["record-0"]
    assert either.like("record-0", 0) == ()
    assert either.like("record-9") == ()


def test_without_vectors_the_same_words_are_like(either: Database, logged: Logged) -> None:
    crisis = [replace(logged(n), kind=CRISIS, question="") for n in (7, 8)]
    either.append([logged(1, question="Why?"), logged(2, question="why"), logged(3, question="Who?"), *crisis])
    judge(either, "record-2", "record-3", "record-7", "record-8")
    assert [(like.row.record_id, like.likeness) for like in either.like("record-1")] == [("record-2", 1.0)]
    assert either.like("record-7") == ()
