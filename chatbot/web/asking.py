"""The one way from a request to the chatbot, for the page and the JSON routes alike.

A question is cleaned and measured, waits for one of a few worker threads, and is given up after a deadline. When too many
wait already it is refused at once, so that refusals stay quick under load. A message from somebody in danger waits in no line: while
others wait, each message is looked at first, on a thread of its own. After the reply the outcome goes to `record`, which may neither delay
nor fail it and gives its receipt. Left out: what the question means; that is `chatbot.pipeline`.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from chatbot.datatypes import Source
from chatbot.errors import Busy, ChapterError, QuestionError, TooSlow
from chatbot.gathering import Corpus
from chatbot.replies import Outcome
from chatbot.settings import MAX_HISTORY, MAX_QUESTION_CHARACTERS

logger = logging.getLogger(__name__)

WORKERS = 2  # threads that ask; more gain nothing on two cores
MAX_WAITING = 24  # questions in line; at about 100 ms each the last one waits little more than a second
MAX_CHECKS = 8  # messages in line for the check whether somebody is in danger; at 5 to 10 ms each
DEADLINE = 20.0  # seconds; an answer takes well under one, so that something is wrong by then

Record = Callable[
    [Outcome, str], str
]  # outcome and id to receipt, "" where it was not taken; never blocks, never raises


class Bot(Protocol):
    """What the web needs of `chatbot.pipeline.Chatbot`. They may change from one question to the next, when another generation
    is taken into use."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The works that it quotes."""
        ...

    @property
    def generation(self) -> str:
        """The id of its generation, empty while no index is open."""
        ...

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that it answers."""
        ...

    @property
    def title(self) -> str:
        """The article's."""
        ...

    @property
    def notice(self) -> tuple[str, ...]:
        """What a reader is told before asking."""
        ...

    @property
    def decision(self) -> Mapping[str, Any]:
        """Its generation's decision.json: the threshold and how it was chosen; empty while no index is open."""
        ...

    def ask(self, question: str, history: Sequence[str] = (), *, as_typed: bool = False) -> Outcome:
        """A reply; callable from several threads at once. With `as_typed` True nothing is corrected or taken from the conversation."""
        ...

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that the replies of a generation are quoted from, None when it cannot be had; may read files."""
        ...

    def urgent(self, question: str, *, patterns_only: bool = False) -> Outcome | None:
        """The reply to somebody in danger, None for any other message; takes milliseconds, by patterns less than one."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome as it goes out: `ident` names it, `seconds` is what the reader waited.

    `receipt` is the code for seeing or deleting what was logged of it, "" where nothing was.
    """

    ident: str
    outcome: Outcome
    seconds: float
    receipt: str = ""


def clean(value: str) -> str:
    """`value` without lone surrogates and NULs, which no UTF-8 stream or database takes.

    >>> clean("a\\ud800b\\x00")
    'a�b�'
    """
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\ufffd")


def unavailable(error: ChapterError) -> str:
    """Words for a reader whom a broken index or model keeps from an answer. What is broken goes to the error log; such
    an error names files and commands, never a question."""
    logger.error("%s: %s", type(error).__name__, error)
    return (
        "The chatbot cannot answer at the moment. Whoever runs it finds the reason in its error log. Please try later."
    )


def checked(question: str) -> str:
    """The question cleaned and without outer spaces. Raises QuestionError when it is empty or too long."""
    cleaned = clean(question).strip()
    if not cleaned:
        raise QuestionError("The question is empty; type one.")
    if len(cleaned) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"The question has {len(cleaned):,} characters; at most {MAX_QUESTION_CHARACTERS:,} are read. Please shorten it."
        )
    return cleaned


def checked_history(history: Sequence[str]) -> tuple[str, ...]:
    """The last earlier questions, cleaned; empty ones left out, long ones cut."""
    cleaned = [clean(h).strip()[:MAX_QUESTION_CHARACTERS] for h in history[-MAX_HISTORY:]]
    return tuple(h for h in cleaned if h)


class Workers:
    """A few daemon threads. A thread that hangs does not keep the process from ending."""

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Outcome | None], asyncio.Future[Outcome | None]]] = (
            queue.SimpleQueue()
        )
        for number in range(count):
            threading.Thread(target=self._work, name=f"ask-{number}", daemon=True).start()

    def submit(self, job: Callable[[], Outcome | None]) -> asyncio.Future[Outcome | None]:
        """A future of the running loop for what `job` returns or raises."""
        future: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._jobs.put((job, future))
        return future

    def _work(self) -> None:
        while True:
            job, future = self._jobs.get()
            result: Outcome | None = None
            error: BaseException | None = None
            try:
                result = job()
            except Exception as raised:
                error = raised
            try:
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:  # the loop has ended: nobody waits any more
                logger.debug("a reply came after the end")


def _settle(future: asyncio.Future[Outcome | None], result: Outcome | None, error: BaseException | None) -> None:
    """Hands a worker's result to whoever waits for it, if anybody still does."""
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


class Desk:
    """Takes questions. `record(outcome, ident)` is called after each reply unless the reader declined."""

    def __init__(
        self,
        bot: Bot,
        record: Record | None = None,
        *,
        workers: int = WORKERS,
        max_waiting: int = MAX_WAITING,
        deadline: float = DEADLINE,
    ) -> None:
        self.bot = bot
        self.recording = record is not None
        self._record = record
        self._workers = Workers(workers)
        self._first = Workers(1)
        self._checks = 0
        self._count = workers
        self._room = workers + max_waiting
        self._inside = 0
        self._deadline = deadline

    @property
    def line(self) -> int:
        """How many questions must end before one that comes now begins."""
        return max(0, self._inside - self._count + 1)

    async def ask(
        self, question: str, history: Sequence[str] = (), *, logged: bool = True, as_typed: bool = False
    ) -> Told:
        """The reply; `as_typed` as for `Bot.ask`. Raises QuestionError, Busy, TooSlow, or what the chatbot raises."""
        question, history = checked(question), checked_history(history)
        started = time.perf_counter()
        full, waits = self._inside >= self._room, self._inside >= self._count
        left = threading.Event()
        future = None if full else self._enter(question, history, as_typed, left)
        try:
            outcome = await self._urgent(question) if waits else None
            if outcome is None and future is None:
                raise Busy("Too many questions are waiting just now. Please try again in a few seconds.")
            if outcome is None and future is not None:
                outcome = await self._in_time(future)
        finally:
            left.set()
        assert outcome is not None
        told = Told(secrets.token_hex(8), outcome, time.perf_counter() - started)
        if logged and self._record is not None:
            told = replace(told, receipt=self._record(told.outcome, told.ident))
        return told

    async def in_danger(self, text: str) -> Outcome | None:
        """The reply to a text that reads as somebody in danger, None for any other. Raises as `ask` does."""
        return await self._urgent(text)

    def _enter(
        self, question: str, history: Sequence[str], as_typed: bool, left: threading.Event
    ) -> asyncio.Future[Outcome | None]:
        """Takes a place in the line for the question. When its turn comes after its reader has `left`, it is not asked."""
        self._inside += 1
        future = self._workers.submit(
            lambda: None if left.is_set() else self.bot.ask(question, history, as_typed=as_typed)
        )
        future.add_done_callback(self._leave)
        return future

    async def _urgent(self, question: str) -> Outcome | None:
        """The reply to somebody in danger, past the line; by the patterns alone when many such checks wait."""
        if self._checks >= MAX_CHECKS:
            return self.bot.urgent(question, patterns_only=True)
        self._checks += 1
        try:
            return await self._in_time(self._first.submit(lambda: self.bot.urgent(question)))
        finally:
            self._checks -= 1

    async def _in_time(self, future: asyncio.Future[Outcome | None]) -> Outcome | None:
        """What the future gives. Raises TooSlow after the deadline, and whatever the chatbot raised."""
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._deadline)
        except TimeoutError:
            raise TooSlow("No reply came in time. Please try again, perhaps with a shorter question.") from None

    def _leave(self, future: asyncio.Future[Outcome | None]) -> None:
        """A question has left the line, also one whose reader no longer waits."""
        self._inside -= 1
        if not future.cancelled():
            future.exception()
