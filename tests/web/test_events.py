"""The reply as events: said at once, waited for aloud, the same in the end; and nothing is left when the client goes."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chatbot.web.asking import Desk
from chatbot.web.events import Events, wanted
from chatbot.web.limits import Buckets

EVENTS = {"accept": "text/event-stream"}
Found = list[tuple[str, Any]]


def read(body: str) -> Found:
    """The events of a stream, strictly."""
    assert body.endswith("\n\n")
    out = []
    for piece in body[:-2].split("\n\n"):
        name, data = piece.split("\n")
        assert name.startswith("event: ") and data.startswith("data: ")
        out.append((name[7:], json.loads(data[6:])))
    return out


@pytest.fixture
def client(bot: Any, list_log: Any) -> Iterator[Any]:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    log = list_log
    application = create(bot, render_json, log=log, buckets=Buckets(1000.0, 1000))
    with TestClient(application.asgi) as made:
        made.log, made.flush = log, application.flush
        yield made


def same(a: Any, b: Any) -> bool:
    """Whether two replies differ in nothing but what each reply has of its own."""
    own = {"id": "", "seconds": 0, "receipt": ""}
    return {**a, **own} == {**b, **own}


@pytest.mark.parametrize("question", ["x", "weather", "hopeless", "dose", "tricky", "parts"])
def test_the_last_event_is_the_very_reply_of_the_plain_route(client: Any, question: str) -> None:
    plain = client.post("/api/ask", json={"question": question})
    streamed = client.post("/api/ask", json={"question": question}, headers=EVENTS)
    assert streamed.status_code == 200
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["cache-control"] == "no-store"
    assert "content-length" not in streamed.headers
    events = read(streamed.text)
    assert events[0] == ("received", {"before": 0})
    assert [name for name, _ in events] == ["received", "reply"]
    assert same(events[1][1], plain.json())
    client.flush(5)
    assert client.log.recorded == [f"{plain.json()['id']} {question}", f"{events[1][1]['id']} {question}"]


def test_without_the_header_nothing_changes(client: Any) -> None:
    for accept in ("application/json", "*/*", "text/html, application/json;q=0.9"):
        response = client.post("/api/ask", json={"question": "x"}, headers={"accept": accept})
        assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"{", b'{"question":" "}', b'{"question":"x","as_typed":1}', b"[]"])
def test_a_body_that_cannot_be_asked_is_a_plain_error(client: Any, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    plain = client.post("/api/ask", content=body, headers=headers)
    streamed = client.post("/api/ask", content=body, headers=headers | EVENTS)
    assert plain.status_code in (400, 422)
    assert (streamed.status_code, streamed.json()) == (plain.status_code, plain.json())


def test_what_goes_wrong_later_is_an_event_with_the_same_body(client: Any) -> None:
    plain = client.post("/api/ask", json={"question": "canary-77 fails"})
    streamed = client.post("/api/ask", json={"question": "canary-77 fails"}, headers=EVENTS)
    assert read(streamed.text)[1] == ("error", plain.json())
    assert plain.json()["error"]["code"] == "internal"
    assert "canary" not in streamed.text


def test_as_typed_reaches_the_chatbot(client: Any, bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    ask = bot.ask

    def watched(question: str, history: Any = (), *, as_typed: bool = False) -> Any:
        seen.append(as_typed)
        return ask(question, history)

    monkeypatch.setattr(bot, "ask", watched)
    for body in ({}, {"as_typed": True}, {"as_typed": False}):
        assert client.post("/api/ask", json={"question": "x"} | body).status_code == 200
    assert seen == [False, True, False]


async def converse(desk: Desk, question: str, *, every: float, until: float = 9.0) -> Found:
    """The events of one asking, its client leaving after `until` seconds."""
    from chatbot.answer.rendering import render_json
    from chatbot.web.api import Asked, tell

    pieces: list[bytes] = []

    async def receive() -> Any:
        await asyncio.sleep(until)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pieces.append(message.get("body", b""))

    await Events(desk.line, lambda: tell(desk, Asked(question), render_json), every=every)({}, receive, send)
    return read(b"".join(pieces).decode())


def test_while_it_takes_longer_the_seconds_are_told_and_nothing_else(bot: Any) -> None:
    async def walk() -> Found:
        task = asyncio.create_task(converse(Desk(bot), "canary-12 slow", every=0.05))
        await asyncio.sleep(0.3)
        bot.gate.set()
        return await task

    events = asyncio.run(walk())
    waiting = [data for name, data in events if name == "waiting"]
    assert 3 <= len(waiting) <= 6
    assert [set(data) for data in waiting] == [{"seconds"}] * len(waiting)
    assert [data["seconds"] for data in waiting] == sorted(data["seconds"] for data in waiting)
    assert "canary" not in json.dumps(events[:-1])
    assert events[-1][1]["question"] == "canary-12 slow"


def test_who_comes_later_hears_how_many_are_before(bot: Any) -> None:
    async def walk() -> list[int]:
        desk = Desk(bot, workers=2)
        tasks = []
        for n in range(5):
            tasks.append(asyncio.create_task(converse(desk, f"slow {n}", every=0.05)))
            await asyncio.sleep(0.02)
        bot.gate.set()
        return [(await task)[0][1]["before"] for task in tasks]

    assert asyncio.run(walk()) == [0, 0, 1, 2, 3]


def test_a_client_that_goes_leaves_no_task_no_place_and_no_work(bot: Any) -> None:
    async def walk() -> None:
        recorded: list[str] = []
        desk = Desk(bot, lambda outcome, ident: recorded.append(ident), workers=1)
        busy = asyncio.create_task(converse(desk, "slow one", every=0.05, until=0.2))
        await asyncio.sleep(0.05)
        before = asyncio.all_tasks()
        assert [name for name, _ in await converse(desk, "left in line", every=9, until=0.05)] == ["received"]
        assert asyncio.all_tasks() == before
        await busy
        assert asyncio.all_tasks() == {asyncio.current_task()}
        bot.gate.set()
        while desk._inside:
            await asyncio.sleep(0.01)
        assert [question for question, _ in bot.asked] == ["slow one"]
        assert recorded == []

    asyncio.run(walk())


def test_somebody_in_danger_is_answered_past_a_full_line(bot: Any) -> None:
    async def walk() -> None:
        desk = Desk(bot, workers=1, max_waiting=1)
        others = [asyncio.create_task(converse(desk, "slow", every=1)) for _ in range(3)]
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        events = await converse(desk, "hopeless", every=1)
        assert time.perf_counter() - began < 0.3
        assert events[-1][1]["redirect"] == "crisis"
        bot.gate.set()
        names = [(await other)[-1][0] for other in others]
        assert sorted(names) == ["error", "reply", "reply"]

    asyncio.run(walk())


def test_over_a_real_connection_the_first_event_comes_before_the_reply(start: Any) -> None:
    running = start(recording=True)
    host, port = running.url.rstrip("/").removeprefix("http://").split(":")
    made = http.client.HTTPConnection(host, int(port), timeout=20)
    made.request("POST", "/api/ask", '{"question":"slow"}', {"content-type": "application/json"} | EVENTS)
    answer = made.getresponse()
    assert answer.readline() == b"event: received\n"
    assert [answer.readline() for _ in range(4)][2] == b"event: waiting\n"
    made.close()
    time.sleep(0.3)
    running.bot.gate.set()
    time.sleep(0.3)
    assert running.recorded == []


def test_accept_headers_are_read_as_media_types() -> None:
    assert [wanted(a) for a in ("text/event-stream", "application/json, Text/Event-Stream ;q=1", "", "text/*")] == [
        True,
        True,
        False,
        False,
    ]
