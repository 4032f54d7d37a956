"""The recorder: it never blocks, never raises, counts what it could not write, and drains when it is closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from chatbot.answer.rendering import render_json
from chatbot.errors import LogError
from chatbot.log import new_visit, open_log, open_recorder
from chatbot.log.proof import verify
from chatbot.log.records import Asked, Event, Record, RowRefused, hour_of, owner_of
from chatbot.log.thumbs import Thumb
from chatbot.log.writer import Recorder
from chatbot.replies import Outcome

Outcomes = Callable[..., Outcome]
VISIT = "visit-of-a-reader-1"


class Memory:
    """A store in memory. `gate` holds up writing; `refuses` are record ids it does not take; `error` fails all."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.events: list[Event] = []
        self.batches: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.refuses: set[str] = set()
        self.error: Exception | None = None
        self.closed = False

    def append(self, records: Sequence[Record]) -> int:
        self.gate.wait()
        self.batches.append(len(records))
        if self.error:
            raise self.error
        if any(r.record_id in self.refuses for r in records):
            raise RowRefused("refused")
        self.records += records
        return len(records)

    def attach(self, events: Sequence[Event]) -> int:
        self.events += events
        return len(events)

    def close(self) -> None:
        self.closed = True


def plain(asked: Asked) -> Record:
    return Record(asked.record_id, asked.owner, asked.asked_at, "answer", "q", {}, (), "s", "g", 0.5, 0.1)


def recorder_over(store: Memory, **options: object) -> Recorder[Memory]:
    return Recorder(lambda: store, plain, redact=str.upper, retry_seconds=0.02, **options)  # type: ignore[arg-type]


def ids(store: Memory) -> list[str]:
    return [record.record_id for record in store.records]


def test_a_receipt_per_visit(outcome: Outcomes) -> None:
    store = Memory()
    recorder = recorder_over(store)
    first, second = recorder.record(outcome(), VISIT, "a"), recorder.record(outcome(), VISIT, "b")
    other = recorder.record(outcome(), new_visit(), "c")
    assert recorder.close() == 0
    assert first == second != other
    assert [r.owner for r in store.records] == [owner_of(first), owner_of(first), owner_of(other)]
    assert ids(store) == ["a", "b", "c"]
    assert store.closed
    assert VISIT not in repr(store.records)


def test_a_visit_that_could_be_guessed_is_not_recorded(outcome: Outcomes) -> None:
    store = Memory()
    recorder = recorder_over(store)
    assert recorder.record(outcome(), "7") == ""
    assert recorder.status()["lost"] == 1
    assert "a visit id has 1 characters; give at least 16" in recorder.status()["error"]
    assert recorder.close() == 1
    assert store.records == []


def test_a_log_that_hangs_delays_nobody_and_a_full_line_is_counted(outcome: Outcomes) -> None:
    store = Memory()
    store.gate.clear()
    recorder = recorder_over(store, max_waiting=5)
    started = time.perf_counter()
    receipts = {recorder.record(outcome(), VISIT, str(n)) for n in range(8)}
    assert time.perf_counter() - started < 1.0
    assert len(receipts - {""}) == 1
    assert "" in receipts, "what found no room has no receipt"
    assert (recorder.status()["waiting"], recorder.status()["lost"]) == (5, 3)
    store.gate.set()
    assert recorder.flush(60)
    recorder.record(outcome(), VISIT, "8")
    assert recorder.close() == 3
    assert ids(store) == ["0", "1", "2", "3", "4", "8"]


def test_what_waits_is_written_together(outcome: Outcomes) -> None:
    store = Memory()
    store.gate.clear()
    recorder = recorder_over(store)
    for n in range(251):
        recorder.record(outcome(), VISIT, str(n))
    store.gate.set()
    assert recorder.close() == 0
    assert ids(store) == [str(n) for n in range(251)]
    assert max(store.batches) == 100


def test_a_failing_log_is_tried_again(outcome: Outcomes) -> None:
    store = Memory()
    store.error = LogError("the disk is full")
    recorder = recorder_over(store)
    recorder.record(outcome(), VISIT, "a")
    end = time.monotonic() + 60
    while len(store.batches) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    assert recorder.status() == {
        "state": "degraded",
        "written": 0,
        "waiting": 1,
        "lost": 0,
        "error": "the disk is full",
    }
    store.error = None
    assert recorder.flush(60)
    assert recorder.status() == {"state": "ok", "written": 1, "waiting": 0, "lost": 0, "error": ""}
    assert recorder.close() == 0
    assert ids(store) == ["a"]


def test_a_refused_row_holds_up_no_other(outcome: Outcomes) -> None:
    store = Memory()
    store.refuses = {"b"}
    store.gate.clear()
    recorder = recorder_over(store)
    for name in "abc":
        recorder.record(outcome(), VISIT, name)
    store.gate.set()
    assert recorder.flush(60)
    assert (recorder.status()["written"], recorder.status()["lost"], recorder.status()["state"]) == (2, 1, "degraded")
    assert recorder.close() == 1
    assert ids(store) == ["a", "c"]


def test_a_reply_that_makes_no_record_holds_up_no_other(outcome: Outcomes) -> None:
    def make(asked: Asked) -> Record:
        if asked.record_id == "b":
            raise KeyError("canary question")
        return plain(asked)

    store = Memory()
    recorder = Recorder(lambda: store, make, redact=str)
    for name in "abc":
        recorder.record(outcome(), VISIT, name)
    assert recorder.flush(60)
    assert recorder.status()["error"] == "KeyError in the answer log"
    assert recorder.close() == 1
    assert ids(store) == ["a", "c"]


def test_a_defect_in_the_store_ends_no_thread(outcome: Outcomes) -> None:
    store = Memory()
    store.error = ZeroDivisionError("canary")
    recorder = recorder_over(store)
    recorder.record(outcome(), VISIT, "a")
    assert recorder.flush(60)
    store.error = None
    recorder.record(outcome(), VISIT, "b")
    assert recorder.close() == 1
    assert ids(store) == ["b"]


def test_a_log_that_hangs_at_the_end_does_not_hold_the_server(outcome: Outcomes) -> None:
    store = Memory()
    store.gate.clear()
    recorder = recorder_over(store)
    recorder.record(outcome(), VISIT)
    started = time.perf_counter()
    assert recorder.close(0.2) == 1
    assert time.perf_counter() - started < 5
    store.gate.set()


def test_after_the_end_nothing_is_taken(outcome: Outcomes) -> None:
    recorder = recorder_over(Memory())
    assert recorder.close() == 0
    recorder.record(outcome(), VISIT)
    assert recorder.status()["lost"] == 1


def test_thumbs(outcome: Outcomes) -> None:
    store = Memory()
    recorder = recorder_over(store)
    recorder.record(outcome(), VISIT, "a")
    assert recorder.thumb("a", Thumb("down", "wrong_passage", "not this"))
    assert recorder.close() == 0
    (event,) = store.events
    assert (event.kind, event.subject, event.label, event.note) == ("thumb", "a", "down:wrong_passage", "NOT THIS")
    assert event.at.endswith(":00Z")
    assert not recorder.thumb("a", Thumb("up")), "a closed log takes nothing"
    assert recorder.status()["lost"] == 1


def test_retention_at_start_and_its_failures(outcome: Outcomes) -> None:
    store, tended = Memory(), []

    def tend(given: Memory) -> None:
        tended.append(given)
        raise LogError("a reader holds their bytes")

    recorder = Recorder(lambda: store, plain, redact=str, tend=tend)
    end = time.monotonic() + 60
    while recorder.status()["state"] == "ok" and time.monotonic() < end:
        time.sleep(0.01)
    assert recorder.status()["error"] == "a reader holds their bytes"
    recorder.record(outcome(), VISIT, "a")
    assert recorder.close() == 0
    assert tended == [store]


def test_put_together(tmp_path: Path, outcome: Outcomes) -> None:
    """The real parts: old rows go at start, a new one is redacted, written and proved; its receipt deletes it."""
    path = tmp_path / "answers.sqlite"
    with closing(open_log(path, create=True)) as log:
        log.append([Record("old", "o", "2020-01-01T00:00Z", "answer", "q", {"quotes": []}, (), "s", "g", 0.5, 0.1)])
    recorder = open_recorder(path, render_json)
    receipt = recorder.record(outcome("answer", "My name is Ann Zobel. Does kindness help?"), VISIT, "i1")
    assert recorder.flush(60)
    assert recorder.close() == 0
    with closing(open_log(path)) as log:
        (record,) = log.records()
        assert (record.record_id, record.question) == ("i1", "My name is [name]. Does kindness help?")
        assert record.asked_at in (hour_of_now(), hour_of_now(-1))
        assert verify(log).broken == ()
        assert log.remove("receipt", owners=[owner_of(receipt)]) == 1
    assert b"kindness help" not in path.read_bytes()


def hour_of_now(offset: int = 0) -> str:
    from datetime import UTC, datetime, timedelta

    return hour_of(datetime.now(UTC) + timedelta(hours=offset))
