"""The chatbot that is replaced while it serves: one reference, the old one stays when the new one cannot be opened."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import fakes
import pytest

from chatbot.errors import IndexDamaged, IndexMissing
from chatbot.web.swapping import Switch


class Bots:
    """Scripted chatbots by generation, and a pointer to move. `broken` ones raise as they are opened."""

    def __init__(self, new_bot: Callable[[], Any]) -> None:
        self._new, self.pointer, self.broken, self.opened = new_bot, "a" * 16, dict[str, Exception](), list[str]()

    def open(self, generation: str) -> Any:
        self.opened.append(generation)
        if generation in self.broken:
            raise self.broken[generation]
        bot = self._new()
        bot.generation = generation
        bot.__post_init__()
        bot.examples, bot.title = (f"What of {generation[0]}?",), f"Title {generation[0]}"
        return bot

    def look(self) -> str:
        if isinstance(self.broken.get("pointer"), Exception):
            raise self.broken["pointer"]
        return self.pointer


A, B = "a" * 16, "b" * 16


@pytest.fixture
def bots(new_bot: Callable[[], Any]) -> Bots:
    return Bots(new_bot)


def test_it_follows_the_pointer(bots: Bots) -> None:
    switch = Switch(bots.open(A), bots.look, bots.open)
    assert not switch.look()
    bots.pointer = B
    assert switch.look()
    assert (switch.generation, switch.examples, switch.title, switch.swaps) == (B, ("What of b?",), "Title b", 1)
    assert switch.ask("x").reply.generation == B
    assert bots.opened == [A, B]


def test_a_question_under_way_ends_on_the_generation_that_it_began_with(bots: Bots) -> None:
    first = bots.open(A)
    switch = Switch(first, bots.look, bots.open)
    got: list[str] = []
    asking = threading.Thread(target=lambda: got.append(switch.ask("slow").reply.generation))
    asking.start()
    while not first.asked:
        time.sleep(0.005)
    bots.pointer = B
    assert switch.look()
    assert switch.ask("x").reply.generation == B
    first.gate.set()
    asking.join(5)
    assert got == [A]


def test_a_broken_generation_is_told_once_and_the_old_one_stays(bots: Bots, caplog: pytest.LogCaptureFixture) -> None:
    switch = Switch(bots.open(A), bots.look, bots.open, retry=0.0)
    bots.pointer, bots.broken[B] = B, IndexDamaged("index/b/x: is damaged; run `chatbot index build`")
    with caplog.at_level(logging.INFO):
        assert [switch.look() for _ in range(3)] == [False] * 3
    assert (switch.generation, switch.ask("x").reply.generation) == (A, A)
    assert switch.trouble == "index/b/x: is damaged; run `chatbot index build`"
    assert [r.getMessage() for r in caplog.records] == [
        f"generation {B} cannot be served, {A} stays: index/b/x: is damaged; run `chatbot index build`"
    ]
    del bots.broken[B]
    assert switch.look()
    assert (switch.generation, switch.trouble) == (B, "")


def test_a_broken_generation_is_not_opened_again_at_every_look(bots: Bots) -> None:
    switch = Switch(bots.open(A), bots.look, bots.open, retry=60.0)
    bots.pointer, bots.broken[B] = B, MemoryError("too large")
    for _ in range(5):
        switch.look()
    assert bots.opened == [A, B]
    assert switch.trouble == "MemoryError: too large"
    bots.pointer = A
    assert not switch.look()
    assert switch.trouble == ""


def test_a_pointer_that_cannot_be_read_leaves_everything_as_it_is(bots: Bots) -> None:
    switch = Switch(bots.open(A), bots.look, bots.open)
    bots.broken["pointer"] = IndexMissing("index: no index was built yet; run `chatbot index build`")
    assert not switch.look()
    assert (switch.generation, switch.trouble) == (A, "index: no index was built yet; run `chatbot index build`")


def test_page_buttons_and_health_follow_the_generation(bots: Bots) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create
    from chatbot.web.limits import Buckets

    switch = Switch(bots.open(A), bots.look, bots.open)
    application = create(switch, render_json, buckets=Buckets(1000.0, 1000), trouble=lambda: switch.trouble)
    with TestClient(application.asgi) as client:
        assert "Title a" in client.get("/").text
        assert "What of a?" in client.get("/config").text
        bots.pointer = B
        switch.look()
        assert "Title b" in client.get("/").text
        assert "What of b?" in client.get("/config").text
        assert client.get("/healthz").json() == {"status": "ok", "generation": B, "unrecorded": 0}
        assert client.post("/api/ask", json={"question": "x"}).json()["generation"] == B
        bots.pointer, bots.broken["c" * 16] = "c" * 16, IndexDamaged("c is damaged; run `chatbot index build`")
        switch.look()
        assert client.get("/healthz").json() == {"status": "degraded", "generation": B, "unrecorded": 0}


def test_the_log_embeds_with_the_generation_in_use(bots: Bots) -> None:
    from chatbot.commands.serve import embed_with
    from chatbot.pipeline import Chatbot

    def over(embedder: Any) -> Chatbot:
        bot = Chatbot.__new__(Chatbot)
        bot.generation, bot.reader = "", SimpleNamespace(embedder=embedder) if embedder else None  # type: ignore[assignment]
        return bot

    switch = Switch(over(fakes.HashEmbedder()), bots.look, bots.open)
    found = embed_with(switch)("two words")
    assert found is not None
    assert (found == fakes.HashEmbedder().embed(["two words"])[0]).all()
    assert embed_with(Switch(over(None), bots.look, bots.open))("two words") is None
    assert embed_with(Switch(bots.open(A), bots.look, bots.open))("two words") is None


def test_it_looks_by_itself(bots: Bots) -> None:
    switch = Switch(bots.open(A), bots.look, bots.open)
    switch.watch(0.01)
    bots.pointer = B
    until = time.monotonic() + 10
    while switch.generation != B and time.monotonic() < until:
        time.sleep(0.01)
    switch.end()
    assert switch.generation == B
