"""The page's own events, without a browser: when a question is asked, and what becomes of one that nobody waits for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatbot.web.asking import Desk
from chatbot.web.reader import MAX_TURNS, Reader


def test_a_question_is_asked_while_it_is_being_shown(bot: Any) -> None:
    async def walk() -> None:
        reader = Reader(Desk(bot), recording=False)
        turn = reader.ask("What is it?", [], False)
        shown = await anext(turn)
        assert "What is it?" in shown[reader.slots[0]]
        for _ in range(100):  # nothing more is taken from the turn meanwhile
            if bot.asked:
                break
            await asyncio.sleep(0.02)
        assert bot.asked == [("What is it?", ())]
        replied = await anext(turn)
        assert "reply" in replied[reader.slots[0]]
        with pytest.raises(StopAsyncIteration):
            await anext(turn)

    asyncio.run(walk())


def test_the_last_turn_that_a_page_holds_says_what_the_next_question_does(bot: Any) -> None:
    async def last_piece(earlier: int) -> str:
        reader = Reader(Desk(bot), recording=False)
        turns = [change async for change in reader.ask("What is it?", ["Before?"] * earlier, False)]
        return str(turns[-1][reader.slots[earlier]])

    assert "This page holds 20 questions." in asyncio.run(last_piece(MAX_TURNS - 1))
    assert "This page holds" not in asyncio.run(last_piece(MAX_TURNS - 2))


def test_a_turn_that_nobody_waits_for_leaves_no_task_behind(bot: Any) -> None:
    async def walk() -> None:
        reader = Reader(Desk(bot), recording=False)
        turn: Any = reader.ask("slow", [], False)
        await anext(turn)
        assert len(asyncio.all_tasks()) == 2  # this test and the asking
        await turn.aclose()
        await asyncio.sleep(0.05)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(walk())
