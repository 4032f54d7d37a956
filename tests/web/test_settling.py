"""What stays in memory is not looked through while questions come."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatbot.web.settling import settle
from chatbot.web.swapping import Switch


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


class Node:
    """May point to itself."""

    me: Node


def test_what_is_unreachable_is_freed_and_the_rest_left_out() -> None:
    lost, kept = Node(), Node()
    lost.me, kept.me = lost, kept
    gone, stays = weakref.ref(lost), weakref.ref(kept)
    del lost
    settle()
    assert gone() is None and stays() is kept
    assert gc.get_freeze_count() > 1000
    assert all(found is not kept for found in gc.get_objects())


def test_after_another_generation_was_taken_into_use_too(new_bot: Callable[[], Any]) -> None:
    first, second = new_bot(), new_bot()
    first.generation, second.generation = "a" * 16, "b" * 16
    switch = Switch(first, lambda: "b" * 16, lambda _: second)
    assert gc.get_freeze_count() == 0
    assert switch.look()
    assert gc.get_freeze_count() > 1000
