"""A desk over a real log in a temporary file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from moderated import Clock, Texts

from chatbot import settings
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.moderating.desk import Moderation


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Database]:
    """An empty log."""
    with closing(open_log(tmp_path / "answers.sqlite", create=True)) as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def texts() -> Texts:
    return Texts()


@pytest.fixture
def desk(log: Database, texts: Texts, clock: Clock) -> Moderation:
    """A desk over the log, with passwords that cost little."""
    return Moderation(log, texts, clock=clock, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the share of records that are judged twice; a test that does not ask has none."""
    monkeypatch.setattr(settings, "BLIND_SHARE", 0.0)
    return lambda share: monkeypatch.setattr(settings, "BLIND_SHARE", share)


@pytest.fixture(autouse=True)
def nothing_is_judged_twice(sampled: Callable[[float], None]) -> None:
    """Unless a test says so."""
