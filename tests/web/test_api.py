"""The JSON routes: the public format, and errors that say what to do."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from chatbot.errors import IndexStale
from chatbot.web.limits import Buckets


@pytest.fixture
def client(bot: Any, list_log: Any) -> Iterator[Any]:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(bot, render_json, log=list_log, buckets=Buckets(1000.0, 1000))
    with TestClient(application.asgi) as made:
        made.recorded = list_log.recorded
        yield made


def test_a_reply_has_the_public_form_and_exact_quotes(client: Any, bot: Any) -> None:
    reply = client.post("/api/ask", json={"question": "tricky", "history": ["before"]}).json()
    (statement,) = bot.reply("tricky", ()).statements
    assert reply["kind"] == "answer"
    assert reply["quotes"][0]["text"] == statement.citations[0].quote.text
    assert reply["disclaimer"]["text"] == bot.disclaimer.quote.text
    assert bot.asked == [("tricky", ("before",))]
    assert client.recorded == [f"{reply['id']} tricky"]
    assert reply["receipt"] == "RECEIPT-1"


@pytest.mark.parametrize(("question", "kind"), [("x", "answer"), ("weather", "abstention"), ("hopeless", "redirect")])
def test_each_kind_of_reply_is_a_200(client: Any, question: str, kind: str) -> None:
    response = client.post("/api/ask", json={"question": question})
    assert (response.status_code, response.json()["kind"]) == (200, kind)


def test_log_false_keeps_a_question_out_of_the_log(client: Any) -> None:
    reply = client.post("/api/ask", json={"question": "x", "log": False}).json()
    assert (client.recorded, reply["receipt"]) == ([], "")


def test_lone_surrogates_do_not_break_the_reply(client: Any) -> None:
    content = b'{"question":"a\\ud800b","history":["\\udfff"]}'
    response = client.post("/api/ask", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert response.json()["question"] == "a\ufffdb"


FORM = 'Send {"question": "...", "history": ["an earlier question"]} as application/json.'


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (b"{", 400, "not_json", f"The body is not JSON. {FORM}"),
        (b"\xff\xfe", 400, "not_json", f"The body is not JSON. {FORM}"),
        (b"[" * 60_000, 400, "not_json", f"The body is not JSON. {FORM}"),
        (b"[]", 422, "malformed", f'The body has no "question" that is a string. {FORM}'),
        (b'{"question": 7}', 422, "malformed", f'The body has no "question" that is a string. {FORM}'),
        (b'{"question":"x","q":1}', 422, "malformed", f"The body has a field that is not known ('q'). {FORM}"),
        (b'{"question":"x","history":"y"}', 422, "malformed", f'"history" is not a list of strings. {FORM}'),
        (b'{"question":"x","history":[1]}', 422, "malformed", f'"history" is not a list of strings. {FORM}'),
        (
            b'{"question":"x","log":"no"}',
            422,
            "malformed",
            '"log" is neither true nor false. Leave it out, or send false to keep the question out of the log.',
        ),
        (b'{"question":"  "}', 422, "question", "The question is empty; type one."),
        (
            b'{"question":"' + b"x" * 2001 + b'"}',
            422,
            "question",
            "The question has 2,001 characters; at most 2,000 are read. Please shorten it.",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_every_error_says_what_to_do(client: Any, body: bytes, status: int, code: str, message: str) -> None:
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert response.json() == {"error": {"code": code, "message": message}}


def test_faults_are_told_without_the_question(
    client: Any, bot: Any, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.post("/api/ask", json={"question": "canary-51ab fails"})
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "RuntimeError" in caplog.text
    assert "canary" not in caplog.text
    assert "canary" not in "".join(capfd.readouterr())
    bot.outside = IndexStale("index/ is stale; run `chatbot index build`")
    response = client.post("/api/ask", json={"question": "x"})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")
    assert "index" not in response.json()["error"]["message"].replace("/index", "")


def test_a_full_line_is_a_503_with_a_time_to_come_back(client: Any, bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.web.asking.Desk.ask", _busy)
    response = client.post("/api/ask", json={"question": "x"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


async def _busy(*_: Any, **__: Any) -> None:
    from chatbot.errors import Busy

    raise Busy("Too many questions are waiting just now. Please try again in a few seconds.")


def test_sources_list_every_work_with_its_standing(client: Any, bot: Any) -> None:
    found = client.get("/api/sources").json()
    assert found["generation"] == bot.generation
    assert [s["doc_id"] for s in found["sources"]] == [s.doc_id for s in bot.sources]
    mitchell = found["sources"][1]
    assert mitchell["link"] == "https://doi.org/10.1038/s41591-021-01336-3"
    assert mitchell["text_kind"] == "digest"
    assert (mitchell["status"]["state"], mitchell["status"]["checked"]) == ("clear", "2026-11-23")


def test_health_is_degraded_without_an_index_and_after_a_lost_row(client: Any, bot: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "generation": bot.generation, "unrecorded": 0}
    bot.generation = ""
    assert client.get("/healthz").json() == {"status": "degraded", "generation": "", "unrecorded": 0}


def test_a_log_that_fails_costs_the_row_and_shows_in_health(
    bot: Any, list_log: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    def broken(outcome: Any, ident: str) -> None:
        raise OSError(f"disk full at {outcome.reply.question}")

    monkeypatch.setattr(list_log, "record", broken)
    application = create(bot, render_json, log=list_log)
    with TestClient(application.asgi) as client:
        reply = client.post("/api/ask", json={"question": "canary-51c0"})
        assert (reply.status_code, reply.json()["receipt"]) == (200, "")
        assert [r.message for r in caplog.records] == ["the answer log did not take a reply (OSError)"]
        assert client.get("/healthz").json() == {"status": "degraded", "generation": bot.generation, "unrecorded": 1}


def test_importing_the_web_loads_no_gradio() -> None:
    import subprocess

    code = "import sys, chatbot.web.api, chatbot.web.application, chatbot.web.server; print('gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
