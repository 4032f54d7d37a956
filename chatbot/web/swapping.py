"""Serves whatever generation is in use: a chatbot that is replaced, by one reference, when the pointer moves.

A thread of its own looks at the pointer, opens the new generation beside the old one and swaps. A question that is under way
ends on the chatbot that it began with, so that a reply is of one generation and none is lost. A generation that cannot be
opened leaves the old one in its place: `trouble` says so, the error log says why, /healthz says degraded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chatbot.datatypes import Source
from chatbot.errors import ChapterError
from chatbot.gathering import Corpus
from chatbot.replies import Outcome
from chatbot.settings import POINTER_SECONDS, RETRY_SECONDS
from chatbot.web.asking import Bot
from chatbot.web.settling import settle

logger = logging.getLogger(__name__)


class Switch:
    """A Bot that passes each question to the one in use. `pointer` names the generation to serve, `open_bot`
    opens it, `earlier` finds the corpus of one that was served before."""

    def __init__(
        self,
        bot: Bot,
        pointer: Callable[[], str],
        open_bot: Callable[[str], Bot],
        *,
        earlier: Callable[[str], Corpus | None] = lambda _: None,
        retry: float = RETRY_SECONDS,
    ) -> None:
        self._bot, self._earlier = bot, earlier
        self._pointer, self._open, self._retry = pointer, open_bot, retry
        self._failed = ("", 0.0)  # what could not be opened, and when
        self._ended = threading.Event()
        self.trouble = ""
        self.swaps = 0

    @property
    def bot(self) -> Bot:
        """The one in use."""
        return self._bot

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of the generation in use."""
        return self._bot.sources

    @property
    def generation(self) -> str:
        """Its id; empty while no index is open."""
        return self._bot.generation

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that it answers."""
        return self._bot.examples

    @property
    def title(self) -> str:
        """Its article's."""
        return self._bot.title

    @property
    def notice(self) -> tuple[str, ...]:
        """What a reader is told before asking."""
        return self._bot.notice

    @property
    def decision(self) -> Mapping[str, Any]:
        """Its threshold and how it was chosen."""
        return self._bot.decision

    def ask(self, question: str, history: Sequence[str] = (), *, as_typed: bool = False) -> Outcome:
        """The reply of the generation that is in use as the question arrives."""
        return self._bot.ask(question, history, as_typed=as_typed)

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus of the generation in use, or of an earlier one that is still on disk."""
        return self._bot.corpus_of(generation) or self._earlier(generation)

    def urgent(self, question: str, *, patterns_only: bool = False) -> Outcome | None:
        """The reply to somebody in danger, None for any other message."""
        return self._bot.urgent(question, patterns_only=patterns_only)

    def watch(self, every: float = POINTER_SECONDS) -> None:
        """Looks at the pointer from now on, in a daemon thread, until `end`."""

        def look_on() -> None:
            while not self._ended.wait(every):
                self.look()

        threading.Thread(target=look_on, name="pointer", daemon=True).start()

    def end(self) -> None:
        """Looks no more."""
        self._ended.set()

    def look(self) -> bool:
        """Looks once; whether another generation was taken into use."""
        wanted = ""
        try:
            wanted = self._pointer()
            if wanted == self._bot.generation:
                self.trouble, self._failed = "", ("", 0.0)
                return False
            if wanted == self._failed[0] and time.monotonic() - self._failed[1] < self._retry:
                return False
            self._bot = self._open(wanted)
        except ChapterError as error:
            self._tell(wanted, str(error))
            return False
        except Exception as error:
            self._tell(wanted, f"{type(error).__name__}: {error}")
            return False
        settle()
        self.swaps += 1
        self.trouble, self._failed = "", ("", 0.0)
        logger.warning("generation %s is in use now", wanted)
        return True

    def _tell(self, wanted: str, why: str) -> None:
        """Notes that `wanted` is not served; told once, until something else is wrong."""
        if why != self.trouble:
            logger.error("generation %s cannot be served, %s stays: %s", wanted or "?", self.generation or "none", why)
        self.trouble, self._failed = why, (wanted, time.monotonic())
