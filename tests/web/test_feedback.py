"""Thumbs and receipts over a real log: what is taken and what is not, what a reader sees and deletes, what a busy log does."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from holding import held

from chatbot.log import open_log
from chatbot.log.proof import verify
from chatbot.web import feedback
from chatbot.web.limits import Buckets

MANY = Buckets(1000.0, 1000)


class Client:
    """A client of an application that logs to `path`."""

    def __init__(self, made: Any, log: Any, path: Path) -> None:
        self.made, self.log, self.path = made, log, path

    def ask(self, question: str, **more: Any) -> Any:
        reply = self.made.post("/api/ask", json={"question": question, **more})
        assert reply.status_code == 200
        return reply.json()

    def thumb(self, ident: str, thumb: str = "down", **more: Any) -> Any:
        return self.made.post("/api/feedback", json={"id": ident, "thumb": thumb, **more})

    def receipts(self, do: str, *receipts: str) -> Any:
        return self.made.post("/api/receipts", json={"receipts": list(receipts), "do": do})

    def bytes(self) -> bytes:
        """All that is on disk of the log."""
        assert self.log.flush(30)
        return b"".join(p.read_bytes() for p in sorted(self.path.parent.iterdir()))

    def events(self) -> list[tuple[str, str, str]]:
        """Subject, label and note of each thumb."""
        assert self.log.flush(30)
        with closing(open_log(self.path)) as log:
            return [(e.subject, e.label, e.note) for e in log.events("thumb")]


@pytest.fixture
def client(bot: Any, tmp_path: Path) -> Iterator[Client]:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.log import open_reader_log
    from chatbot.web.application import create

    path = tmp_path / "log" / "answers.sqlite"
    path.parent.mkdir()
    with open_reader_log(path, render_json) as log:
        application = create(bot, render_json, log=log, buckets=MANY)
        application.asgi.logged = MANY
        with TestClient(application.asgi) as made:
            yield Client(made, log, path)


# --- thumbs -------------------------------------------------------------------------------------------------------------


def test_a_thumb_with_its_reason_and_redacted_comment_is_logged(client: Client) -> None:
    reply = client.ask("What helps?")
    comment = " Wrong trial.\x00 My name is Ann Zobel, canary-1@example.org, +44 20 7946 0958 "
    answer = client.thumb(reply["id"], reason="wrong_passage", comment=comment)
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    noted = "Wrong trial.\ufffd My name is [name], [e-mail], [number]"
    assert client.events() == [(reply["id"], "down:wrong_passage", noted)]
    for secret in (b"canary-1", b"Zobel", b"7946 0958"):
        assert secret not in client.bytes()


def test_the_last_thumb_counts_and_five_are_taken(client: Client) -> None:
    reply = client.ask("What helps?")
    codes = [client.thumb(reply["id"], thumb).status_code for thumb in ("up", "down", "up", "down", "up", "down")]
    assert codes == [202] * 5 + [409]
    assert client.thumb(reply["id"], "up").json() == {
        "error": {"code": "enough", "message": "This reply was judged 5 times already. The last judgement counts."}
    }
    (row,) = client.receipts("show", reply["receipt"]).json()["rows"]
    assert row["thumb"] == {"thumb": "up", "reason": "", "comment": ""}
    assert [label for _, label, _ in client.events()] == ["up", "down", "up", "down", "up"]


def test_only_a_logged_reply_can_be_judged(client: Client) -> None:
    unlogged = client.ask("What helps?", log=False)
    assert unlogged["receipt"] == ""
    for ident in (unlogged["id"], "0" * 16, "", "x" * 60_000):
        answer = client.thumb(ident)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_given")
    assert answer.json()["error"]["message"] == (
        "This reply was not logged, or was given too long ago, so that there is nothing to attach a judgement to. "
        "Ask the question again to judge its reply."
    )
    assert client.events() == []


def test_ids_are_forgotten_the_oldest_first(list_log: Any, bot: Any) -> None:
    kept = feedback.Kept(list_log, max_given=3)
    for ident in ("a", "b", "c", "d"):
        assert kept.record(bot.ask("q"), ident).startswith("RECEIPT-")
    thumb = feedback.Thumb("up")
    assert [kept.thumb(ident, thumb) for ident in "abcd"] == ["not_given", "", "", ""]
    assert list_log.thumbs == [("b", thumb), ("c", thumb), ("d", thumb)]


def test_a_full_line_takes_no_thumb_and_says_when_to_come_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = client.ask("What helps?")
    monkeypatch.setattr(client.log, "thumb", lambda ident, thumb: False)
    answer = client.thumb(reply["id"])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["error"]["code"] == "busy"
    monkeypatch.undo()
    assert [client.thumb(reply["id"]).status_code for _ in range(6)] == [202] * 5 + [409], "a refusal is not counted"


def test_a_crisis_can_be_judged_and_its_comment_reaches_no_file(client: Client) -> None:
    reply = client.ask("I feel hopeless")
    assert client.thumb(reply["id"], "up", comment="canary-crisis, thank you").json() == {"taken": True}
    assert client.events() == [(reply["id"], "up", "")]
    assert b"canary" not in client.bytes()


def test_a_comment_of_somebody_in_danger_is_answered_and_not_kept(client: Client, corpus: Any) -> None:
    reply = client.ask("What helps?")
    answer = client.thumb(reply["id"], reason="other", comment="canary: it is all hopeless")
    assert answer.status_code == 202
    assert answer.json() == {
        "taken": True,
        "message": corpus.messages.crisis,
        "help_lines": [
            {"country": h.country, "name": h.name, "contact": h.contact} for h in corpus.messages.help_lines
        ],
    }
    unknown = client.thumb("0" * 16, comment="canary: it is all hopeless")
    assert (unknown.status_code, unknown.json()["taken"]) == (202, False)
    assert unknown.json()["message"] == corpus.messages.crisis
    assert client.events() == [(reply["id"], "down:other", "")]
    assert b"canary" not in client.bytes()


def test_a_comment_that_cannot_be_looked_at_is_not_kept(
    client: Client, bot: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(question: str, *, patterns_only: bool = False) -> None:
        raise ValueError(f"cannot read {question}")

    reply = client.ask("What helps?")
    monkeypatch.setattr(bot, "urgent", broken)
    assert client.thumb(reply["id"], comment="canary").json() == {"taken": True}
    assert client.events() == [(reply["id"], "down", "")]
    assert [r.message for r in caplog.records] == ["a comment could not be looked at (ValueError)"]


FORM = 'Send {"id": "the id of a reply", "thumb": "up"} or {"id": "...", "thumb": "down", "reason": "unclear", "comment": "..."}.'


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, f"The body is not JSON. {FORM}"),
        (b"[" * 60_000, 400, f"The body is not JSON. {FORM}"),
        (b"[]", 422, f'The body has other fields than "id", "thumb", "reason" and "comment". {FORM}'),
        (b'{"id":"x"}', 422, f'The body has other fields than "id", "thumb", "reason" and "comment". {FORM}'),
        (
            b'{"id":"x","thumb":"up","question":"q"}',
            422,
            f'The body has other fields than "id", "thumb", "reason" and "comment". {FORM}',
        ),
        (b'{"id":["x"],"thumb":"up"}', 422, f"The body has a value that is not a string. {FORM}"),
        (b'{"id":"x","thumb":"sideways"}', 422, f'"thumb" is neither "up" nor "down". {FORM}'),
        (
            b'{"id":"x","thumb":"down","reason":"rude"}',
            422,
            '"reason" is for a thumb down: "wrong_passage", "not_answered", "unclear", "other". Send one of these, or leave it out.',
        ),
        (
            b'{"id":"x","thumb":"up","reason":"other"}',
            422,
            '"reason" is for a thumb down: "wrong_passage", "not_answered", "unclear", "other". Send one of these, or leave it out.',
        ),
        (
            b'{"id":"x","thumb":"up","comment":"%s"}' % (b"y" * 501),
            422,
            '"comment" has 501 characters; at most 500 are kept. Please shorten it.',
        ),
    ],
)
def test_what_is_not_of_the_form_is_told(client: Client, body: bytes, status: int, message: str) -> None:
    answer = client.made.post("/api/feedback", content=body, headers={"content-type": "application/json"})
    code = "not_json" if status == 400 else "malformed"
    assert (answer.status_code, answer.json()) == (status, {"error": {"code": code, "message": message}})


def test_without_a_log_there_is_nothing_to_judge_see_or_delete(bot: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    with TestClient(create(bot, render_json).asgi) as made:
        reply = made.post("/api/ask", json={"question": "What helps?"}).json()
        assert reply["receipt"] == ""
        thumb = made.post("/api/feedback", json={"id": reply["id"], "thumb": "up"})
        assert (thumb.status_code, thumb.json()["error"]["code"]) == (404, "not_logged")
        assert thumb.json()["error"]["message"] == (
            "Nothing is logged here, so that there is nothing to attach a judgement to."
        )
        shown = made.post("/api/receipts", json={"receipts": ["x"], "do": "show"})
        assert shown.json()["error"]["message"] == "Nothing is logged here, so that there is nothing to see or delete."


def test_thumbs_and_receipts_have_a_bucket_of_their_own(bot: Any, list_log: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(bot, render_json, log=list_log, buckets=Buckets(0.001, 1))
    with TestClient(application.asgi) as made:
        ident = made.post("/api/ask", json={"question": "x"}).json()["id"]
        assert made.post("/api/ask", json={"question": "x"}).status_code == 429
        assert made.post("/api/feedback", json={"id": ident, "thumb": "up"}).status_code == 202
        application.asgi.logged = Buckets(0.5, 1)
        codes = [made.post("/api/receipts", json={"receipts": ["x"], "do": "show"}) for _ in range(2)]
        assert [c.status_code for c in codes] == [200, 429]
        assert codes[1].headers["retry-after"] == "2"
        assert codes[1].json()["error"] == {
            "code": "rate",
            "message": "Too many requests in a short time. Please wait a moment and try again.",
        }
        assert made.post("/api/feedback", json={"id": ident, "thumb": "up"}).status_code == 429


# --- receipts -----------------------------------------------------------------------------------------------------------


def test_a_receipt_shows_its_row_and_nothing_of_others(client: Client) -> None:
    mine, other = client.ask("My mail is canary@example.org, what helps?"), client.ask("Another question")
    assert mine["receipt"] != other["receipt"]
    client.thumb(mine["id"], reason="unclear", comment="Which trial?")
    typed = mine["receipt"].lower().replace("-", " ")
    shown = client.receipts("show", typed, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA").json()
    (row,) = shown["rows"]
    assert row.pop("asked_at").endswith(":00Z")
    assert row == {
        "receipt": typed,
        "id": mine["id"],
        "kind": "answer",
        "question": "My mail is [e-mail], what helps?",
        "generation": mine["generation"],
        "quotes": [{key: q[key] for key in ("doc_id", "start", "end")} for q in mine["quotes"]],
        "thumb": {"thumb": "down", "reason": "unclear", "comment": "Which trial?"},
    }
    assert client.receipts("show", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA").json() == {"rows": []}


def test_a_crisis_is_shown_without_its_text(client: Client) -> None:
    reply = client.ask("I feel hopeless")
    (row,) = client.receipts("show", reply["receipt"]).json()["rows"]
    assert (row["kind"], row["question"], row["quotes"], row["thumb"]) == ("crisis", "", [], None)


def test_a_deleted_row_is_gone_to_its_bytes_and_the_chain_still_holds(client: Client) -> None:
    mine, other = client.ask("canary-gone, what helps?"), client.ask("canary-stays, what helps?")
    client.thumb(mine["id"], comment="canary-comment")
    before = client.bytes()
    assert b"canary-gone" in before and b"canary-comment" in before
    assert client.receipts("delete", mine["receipt"], mine["receipt"].lower()).json() == {"removed": 1}
    after = client.bytes()
    assert b"canary-gone" not in after and b"canary-comment" not in after
    assert b"canary-stays" in after
    assert client.receipts("delete", mine["receipt"]).json() == {"removed": 0}
    assert client.receipts("show", mine["receipt"]).json() == {"rows": []}
    assert len(client.receipts("show", other["receipt"]).json()["rows"]) == 1
    with closing(open_log(client.path)) as log:
        result = verify(log)
    assert (result.n_records, result.n_removed, result.broken) == (1, 1, ())


def test_a_thumb_after_the_deletion_leaves_no_words(client: Client) -> None:
    reply = client.ask("What helps?")
    client.receipts("delete", reply["receipt"])
    assert client.thumb(reply["id"], comment="canary-late").status_code == 202
    assert client.events() == []
    assert b"canary" not in client.bytes()


RECEIPTS = 'Send {"receipts": ["the receipt of a reply"], "do": "show"} or the same with "delete".'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], f'The body has other fields than "receipts" and "do". {RECEIPTS}'),
        ({"receipts": ["x"]}, f'The body has other fields than "receipts" and "do". {RECEIPTS}'),
        ({"receipts": ["x"], "do": "list"}, f'"do" is neither "show" nor "delete". {RECEIPTS}'),
        ({"receipts": ["x"], "do": ["show"]}, f'"do" is neither "show" nor "delete". {RECEIPTS}'),
        ({"receipts": [], "do": "show"}, f'"receipts" is not a list of 1 to 50. {RECEIPTS}'),
        ({"receipts": ["x"] * 51, "do": "delete"}, f'"receipts" is not a list of 1 to 50. {RECEIPTS}'),
        ({"receipts": "x", "do": "show"}, f'"receipts" is not a list of 1 to 50. {RECEIPTS}'),
        (
            {"receipts": ["x", 7], "do": "show"},
            f'"receipts" has an entry that is not a receipt, such as "WAXMI-ES4NG-63LCP-XX7GM-F6FYZ". {RECEIPTS}',
        ),
        (
            {"receipts": ["x" * 65], "do": "show"},
            f'"receipts" has an entry that is not a receipt, such as "WAXMI-ES4NG-63LCP-XX7GM-F6FYZ". {RECEIPTS}',
        ),
    ],
)
def test_a_request_about_receipts_that_is_not_of_the_form_is_told(client: Client, body: Any, message: str) -> None:
    answer = client.made.post("/api/receipts", json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": {"code": "malformed", "message": message}})


@pytest.mark.parametrize("receipt", ["\ud800", "%", "' OR 1=1 --", "*", "\x00", "--- ---"])
def test_no_code_of_any_form_finds_anothers_row(client: Client, receipt: str) -> None:
    client.ask("What helps?")
    for do, answer in (("show", {"rows": []}), ("delete", {"removed": 0})):
        content = json.dumps({"receipts": [receipt], "do": do})
        response = client.made.post("/api/receipts", content=content, headers={"content-type": "application/json"})
        assert (response.status_code, response.json()) == (200, answer)
    with closing(open_log(client.path)) as log:
        assert verify(log).n_records == 1


# --- a log that cannot be used ----------------------------------------------------------------------------------------------


def test_a_busy_log_delays_no_reply_and_no_thumb_and_refuses_to_look(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.log import receipts

    monkeypatch.setattr(receipts, "FLUSH_SECONDS", 0.1)
    first = client.ask("What helps?")
    assert client.log.flush(30)
    with held(client.path):
        began = time.perf_counter()
        reply = client.ask("canary-busy?")
        assert client.thumb(reply["id"], reason="other", comment="Why?").status_code == 202
        assert time.perf_counter() - began < 1.0, "the log's own wait is five seconds"
        for do, done in (("show", "read"), ("delete", "deleted")):
            answer = client.receipts(do, first["receipt"])
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["error"] == {
                "code": "busy",
                "message": f"The answer log cannot be reached just now, so that nothing was {done}. "
                "Please try again in a few seconds.",
            }
    assert client.events() == [(reply["id"], "down:other", "Why?")], "what was taken is written once the log is free"
    assert client.receipts("delete", first["receipt"], reply["receipt"]).json() == {"removed": 2}
    assert b"canary" not in client.bytes()


def test_a_log_held_between_line_and_deletion_deletes_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = client.ask("What helps?")
    assert client.log.flush(30)
    with held(client.path):
        assert client.receipts("delete", reply["receipt"]).status_code == 503
    assert len(client.receipts("show", reply["receipt"]).json()["rows"]) == 1


def test_rows_whose_bytes_a_reader_holds_are_gone_for_everybody(client: Client) -> None:
    reply = client.ask("canary-held, what helps?")
    assert client.log.flush(30)
    with closing(sqlite3.connect(client.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchall()
        assert client.receipts("delete", reply["receipt"]).json() == {"removed": 1}
        assert client.receipts("show", reply["receipt"]).json() == {"rows": []}
    client.receipts("delete", client.ask("another")["receipt"])
    assert b"canary" not in client.bytes()


def test_a_log_that_hangs_holds_up_few_threads_and_no_question(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def hang(receipts: Any) -> list[Any]:
        gate.wait(20)
        return []

    monkeypatch.setattr(client.log, "show", hang)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(client.receipts("show", "x").status_code)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 20
    while len(found) < 8 and time.monotonic() < end:
        time.sleep(0.01)
    assert found == [503] * 8
    began = time.perf_counter()
    client.ask("What helps?")
    assert time.perf_counter() - began < 1.0
    gate.set()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 4 + [503] * 8


def test_health_tells_of_a_log_that_cannot_be_written(bot: Any, tmp_path: Path, until: Callable[..., bool]) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.log import open_reader_log
    from chatbot.web.application import create

    with (
        open_reader_log(tmp_path / "none" / "answers.sqlite", render_json) as log,
        TestClient(create(bot, render_json, log=log, buckets=MANY).asgi) as made,
    ):
        assert made.post("/api/ask", json={"question": "What helps?"}).status_code == 200
        assert until(lambda: made.get("/healthz").json()["status"] == "degraded")
        assert made.get("/healthz").json() == {"status": "degraded", "generation": bot.generation, "unrecorded": 0}
        (tmp_path / "none").mkdir()
        assert log.flush(30)
        assert made.get("/healthz").json()["status"] == "ok"


@pytest.fixture
def until() -> Callable[..., bool]:
    """Waits for a state."""

    def wait(state: Callable[[], bool]) -> bool:
        end = time.monotonic() + 20
        while not state() and time.monotonic() < end:
            time.sleep(0.02)
        return state()

    return wait


# --- what is written anywhere else ----------------------------------------------------------------------------------------------


def test_nothing_that_a_reader_types_reaches_standard_error(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    with caplog.at_level(logging.DEBUG):
        reply = client.ask("What helps?")
        client.thumb(reply["id"], reason="other", comment="canary-err")
        client.thumb("canary-err", comment="canary-err")
        client.thumb(reply["id"], reason="canary-err")
        client.receipts("show", "canary-err")
        client.receipts("delete", "canary-err" * 20)
        client.receipts("canary-err", reply["receipt"])
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("chatbot")]
    assert ours == []
    assert "canary-err" not in caplog.text
