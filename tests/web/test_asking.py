"""The desk: what it takes, what it refuses and how soon, and that the log can neither delay nor break a reply."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from chatbot.errors import Busy, IndexStale, QuestionError, TooSlow
from chatbot.web.asking import MAX_CHECKS, Desk, checked, checked_history, clean, unavailable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("a\ud800b", "a\ufffdb"),
        ("\udfff", "\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("a\x00b", "a\ufffdb"),
        ("e\u0301\u202e", "e\u0301\u202e"),
    ],
)
def test_clean_replaces_only_what_no_stream_takes(value: str, expected: str) -> None:
    assert clean(value) == expected
    clean(value).encode()


def test_a_question_has_1_to_2000_characters() -> None:
    assert checked("  x ") == "x"
    assert checked("x" * 2000) == "x" * 2000
    with pytest.raises(QuestionError, match=r"^The question is empty; type one\.$"):
        checked(" \n\t")
    with pytest.raises(QuestionError, match=r"has 2,001 characters; at most 2,000 are read\. Please shorten it\.$"):
        checked("x" * 2001)


def test_history_keeps_the_last_six_cut_and_cleaned() -> None:
    assert checked_history([str(n) for n in range(9)]) == ("3", "4", "5", "6", "7", "8")
    assert checked_history(["", " a\ud800 ", "y" * 3000]) == ("a\ufffd", "y" * 2000)


def test_the_bot_gets_the_cleaned_question_and_history(bot: Any) -> None:
    told = asyncio.run(Desk(bot).ask(" What is it? ", ["before"]))
    assert bot.asked == [("What is it?", ("before",))]
    assert told.outcome.reply.question == "What is it?"
    assert len(told.ident) == 16


def test_a_full_line_is_refused_at_once_and_taken_again_when_it_moves(bot: Any) -> None:
    async def walk() -> None:
        desk = Desk(bot, workers=1, max_waiting=1)
        waiting = [asyncio.create_task(desk.ask("slow")) for _ in range(2)]
        await asyncio.sleep(0)
        began = time.perf_counter()
        with pytest.raises(Busy, match=r"^Too many questions are waiting just now"):
            await desk.ask("one more")
        assert time.perf_counter() - began < 0.1
        bot.gate.set()
        await asyncio.gather(*waiting)
        await desk.ask("one more")

    asyncio.run(walk())


def test_a_question_that_takes_too_long_is_given_up_but_keeps_its_place_until_it_ends(bot: Any) -> None:
    async def walk() -> None:
        desk = Desk(bot, workers=1, max_waiting=0, deadline=0.05)
        with pytest.raises(TooSlow, match=r"^No reply came in time"):
            await desk.ask("slow")
        with pytest.raises(Busy):
            await desk.ask("another")
        bot.gate.set()
        while desk._inside:
            await asyncio.sleep(0.01)
        await desk.ask("another")

    asyncio.run(walk())


def test_somebody_in_danger_is_answered_past_a_full_line(bot: Any) -> None:
    async def walk() -> None:
        desk = Desk(bot, workers=1, max_waiting=0)
        waiting = asyncio.create_task(desk.ask("slow"))
        await asyncio.sleep(0)
        told = await asyncio.wait_for(desk.ask("it is hopeless, veiled"), 2)
        assert told.outcome.reply.kind == "crisis"
        with pytest.raises(Busy):
            await desk.ask("one more")
        desk._checks = MAX_CHECKS
        assert (await desk.ask("hopeless")).outcome.reply.kind == "crisis"
        with pytest.raises(Busy):
            await desk.ask("hopeless, veiled")
        bot.gate.set()
        await waiting

    asyncio.run(walk())
    assert bot.checked == [
        ("it is hopeless, veiled", False),
        ("one more", False),
        ("hopeless", True),
        ("hopeless, veiled", True),
    ]


def test_an_idle_desk_checks_nothing_twice(bot: Any) -> None:
    asyncio.run(Desk(bot).ask("hopeless"))
    assert bot.checked == []
    assert len(bot.asked) == 1


def test_what_the_bot_raises_comes_through_and_frees_the_place(bot: Any) -> None:
    async def walk() -> None:
        desk = Desk(bot, workers=1, max_waiting=0)
        for _ in range(3):
            with pytest.raises(RuntimeError, match=r"^failed on: it fails$"):
                await desk.ask("it fails")

    asyncio.run(walk())


def test_a_declined_question_is_not_recorded(bot: Any) -> None:
    seen: list[tuple[str, str]] = []

    def record(outcome: Any, ident: str) -> str:
        seen.append((outcome.reply.question, ident))
        return "RECEIPT"

    desk = Desk(bot, record)
    first = asyncio.run(desk.ask("one"))
    second = asyncio.run(desk.ask("two", logged=False))
    assert seen == [("one", first.ident)]
    assert (first.receipt, second.receipt) == ("RECEIPT", "")


def test_a_broken_index_is_told_to_the_maintainer_and_not_to_the_reader(caplog: pytest.LogCaptureFixture) -> None:
    words = unavailable(IndexStale("index/: stale; run `chatbot index build`"))
    assert words == (
        "The chatbot cannot answer at the moment. Whoever runs it finds the reason in its error log. Please try later."
    )
    assert "IndexStale: index/: stale; run `chatbot index build`" in caplog.text
