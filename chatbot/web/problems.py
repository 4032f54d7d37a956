"""Why a request gets no reply, in the one form of an error: {"error": {"code", "message"}}, whose message says what to do.

`problem_of` turns whatever is raised into one. What is broken inside goes to the error log without a word of the question.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import JSONResponse

from chatbot.datatypes import Json
from chatbot.errors import Busy, ChapterError, Gone, Malformed, QuestionError, TooSlow
from chatbot.web.asking import Desk, Told, unavailable

logger = logging.getLogger(__name__)

KINDS: tuple[tuple[type[ChapterError], int, str], ...] = (  # whose words go out as they are
    (Gone, 409, "gone"),
    (Malformed, 422, "malformed"),
    (QuestionError, 422, "question"),
    (TooSlow, 504, "too_slow"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it goes out; `retry_after` are seconds, 0 for no such advice."""

    status: int
    code: str
    message: str
    retry_after: int = 0

    def as_json(self) -> Json:
        """The body."""
        return {"error": {"code": self.code, "message": self.message}}

    def response(self) -> JSONResponse:
        """The whole answer."""
        headers = {"retry-after": str(self.retry_after)} if self.retry_after else None
        return JSONResponse(self.as_json(), status_code=self.status, headers=headers)


def error(status: int, code: str, message: str, *, retry_after: int = 0) -> JSONResponse:
    """The answer of a Problem."""
    return Problem(status, code, message, retry_after).response()


def problem_of(raised: Exception, undone: str) -> Problem:
    """What goes out for what was raised. `undone` says what did not happen, such as "the question was not answered"; what is not of
    our own errors goes to the error log by the name of its kind alone."""
    if isinstance(raised, Busy):
        return Problem(503, "busy", str(raised), retry_after=2)
    for kind, status, code in KINDS:
        if isinstance(raised, kind):
            return Problem(status, code, str(raised))
    if isinstance(raised, ChapterError):
        return Problem(503, "unavailable", unavailable(raised))
    logger.error("%s (%s)", undone, type(raised).__name__)
    return Problem(500, "internal", f"Something went wrong here and {undone}. Please try once more.")


async def answered(
    desk: Desk, question: str, history: Sequence[str], *, logged: bool, as_typed: bool = False
) -> Told | Problem:
    """The reply to one question, or why there is none. Never raises, but for a caller that goes away."""
    try:
        return await desk.ask(question, history, logged=logged, as_typed=as_typed)
    except Exception as raised:
        return problem_of(raised, "the question was not answered")
