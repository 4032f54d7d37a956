"""Thumbs as events and back, and what a reader sees and deletes by receipt, over a real log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatbot.answer.rendering import render_json
from chatbot.errors import LogError
from chatbot.log import open_log, open_reader_log, receipts
from chatbot.log.proof import verify
from chatbot.log.receipts import ReaderLog
from chatbot.log.records import Event, Record
from chatbot.log.thumbs import KIND, REASONS, WHICH, Thumb, event_of, latest, thumb_of
from chatbot.replies import Outcome

Outcomes = Callable[..., Outcome]
HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "eval" / "robustness"
MAIL = "canary-2f91@example.org"


@pytest.fixture
def reader_log(log_path: Path) -> Iterator[ReaderLog]:
    """A log as the web application has it."""
    with open_reader_log(log_path, render_json) as made:
        yield made


def all_bytes(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(f"{path.name}*")))


@settings(deadline=None)
@given(st.sampled_from(WHICH), st.sampled_from(REASONS), st.text(max_size=50))
def test_a_thumb_comes_back_from_its_event(which: str, reason: str, comment: str) -> None:
    thumb = Thumb(which, reason, comment)  # type: ignore[arg-type]
    event = event_of("r1", thumb, "2026-11-24T08:00Z")
    assert (event.kind, event.subject, event.who) == ("thumb", "r1", "")
    assert thumb_of(event) == thumb
    assert thumb.as_json() == {"thumb": which, "reason": reason, "comment": comment}


def test_events_of_the_first_version_are_read() -> None:
    old = [Event("1", KIND, "a", label="down", note="wrong passage"), Event("2", KIND, "b", label="up")]
    assert latest(old) == {"a": Thumb("down", "", "wrong passage"), "b": Thumb("up")}


def test_each_reply_has_a_receipt_of_its_own(reader_log: ReaderLog, outcome: Outcomes) -> None:
    codes = [reader_log.record(outcome(), f"r{n}") for n in range(3)]
    assert len(set(codes)) == 3
    rows = reader_log.show([codes[2], codes[0]])
    assert [(row["id"], row["receipt"]) for row in rows] == [("r0", codes[0]), ("r2", codes[2])]
    assert rows[0]["quotes"] == [{"doc_id": "article", "start": 0, "end": 15}]
    assert set(rows[0]) == {"receipt", "id", "asked_at", "kind", "question", "generation", "quotes", "thumb"}


def test_deleting_takes_the_row_and_the_words_of_its_thumbs(
    reader_log: ReaderLog, log_path: Path, outcome: Outcomes
) -> None:
    mine, other = reader_log.record(outcome(), "mine"), reader_log.record(outcome(), "other")
    for ident in ("mine", "other"):
        assert reader_log.thumb(ident, Thumb("down", "wrong_passage", f"canary of {ident}"))
    assert reader_log.delete([mine, mine]) == 1
    assert reader_log.delete([mine]) == 0
    assert b"canary of mine" not in all_bytes(log_path)
    assert b"canary of other" in all_bytes(log_path)
    assert [row["id"] for row in reader_log.show([mine, other])] == ["other"]
    with closing(open_log(log_path)) as log:
        assert [(e.subject, e.label, e.note) for e in log.events(KIND)] == [
            ("mine", "down:wrong_passage", ""),
            ("other", "down:wrong_passage", "canary of other"),
        ], "reasons can still be counted"
        result = verify(log)
    assert (result.n_records, result.n_removed, result.broken) == (1, 1, ())


def test_what_is_in_line_is_deleted_too(reader_log: ReaderLog, log_path: Path, outcome: Outcomes) -> None:
    codes = [reader_log.record(outcome("answer", f"canary {n}"), f"r{n}") for n in range(50)]
    reader_log.thumb("r49", Thumb("down", "", "canary"))
    assert reader_log.delete(codes) == 50
    assert reader_log.flush(30)
    assert b"canary" not in all_bytes(log_path)


def test_a_line_that_cannot_be_written_is_told(
    tmp_path: Path, outcome: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "FLUSH_SECONDS", 0.05)
    with open_reader_log(tmp_path / "none" / "answers.sqlite", render_json) as log:
        code = log.record(outcome(), "r1")
        for look in (log.show, log.delete):
            with pytest.raises(
                LogError, match=r"^replies wait for the answer log and are not written yet; try again when"
            ):
                look([code])
        (tmp_path / "none").mkdir()


def test_a_comment_for_a_row_that_was_refused_is_not_kept(
    reader_log: ReaderLog, log_path: Path, logged: Callable[..., Record]
) -> None:
    reader_log.thumb("never-logged", Thumb("down", "other", "canary"))
    assert reader_log.flush(30)
    assert reader_log.status()["state"] == "ok"
    assert b"canary" not in all_bytes(log_path)


def payloads() -> list[str]:
    """Hostile texts that stand beside the project, none where they are absent."""
    if not HOSTILE.is_dir():
        return []
    lines = (HOSTILE / "markdown_xss_payloads.txt").read_text(encoding="utf-8").splitlines()
    prompts = [json.loads(line) for line in (HOSTILE / "prompt_injection.jsonl").read_text("utf-8").splitlines()]
    texts = [value for prompt in prompts for value in prompt.values() if isinstance(value, str)]
    return [*json.loads((HOSTILE / "blns.json").read_text(encoding="utf-8")), *lines, *texts]


def test_hostile_comments_are_written_redacted_and_lose_no_row(
    reader_log: ReaderLog, log_path: Path, outcome: Outcomes
) -> None:
    hostile = payloads()
    if not hostile:
        pytest.skip("no ../shared/eval: the hostile texts are kept elsewhere")
    for number, text in enumerate(hostile[:900]):
        ident = f"r{number}"
        assert reader_log.record(outcome(), ident)
        assert reader_log.thumb(ident, Thumb("down", "other", f"{text[:400]} {MAIL}"))
        if number % 100 == 99:
            assert reader_log.flush(60)
    assert reader_log.flush(60)
    assert (reader_log.status()["lost"], reader_log.status()["state"]) == (0, "ok")
    with closing(open_log(log_path)) as log:
        assert len(log.events(KIND)) == len(hostile[:900])
        assert verify(log).broken == ()
    assert b"canary-2f91" not in all_bytes(log_path)


@settings(deadline=None, max_examples=150)
@example("", "")
@example("x" * 400, "\ud800")
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_address_in_a_comment_is_written(before: str, after: str) -> None:
    written: list[Event] = []

    class Store:
        def append(self, records: object) -> int:
            return 0

        def attach(self, events: list[Event]) -> int:
            written.extend(events)
            return len(events)

        def close(self) -> None:
            pass

    from chatbot.log.privacy import redact
    from chatbot.log.writer import Recorder

    recorder: Recorder[Store] = Recorder(Store, lambda asked: None, redact=redact)  # type: ignore[arg-type, return-value]
    recorder.thumb("r1", Thumb("down", "other", f"{before} {MAIL} {after}"))
    assert recorder.close() == 0
    (event,) = written
    assert "canary-2f91" not in event.note
    event.note.encode()
