"""Why a request gets no reply, in the one form of an error: {"error": {"code", "message"}}, whose message says what to do.

`answered` turns whatever the desk raises into one. What is broken inside goes to the error log without a word of the question.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import JSONResponse

from chatbot.datatypes import Json
from chatbot.errors import Busy, ChapterError, Malformed, QuestionError, TooSlow
from chatbot.web.asking import Desk, Told, unavailable

logger = logging.getLogger(__name__)


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


async def answered(
    desk: Desk, question: str, history: Sequence[str], *, logged: bool, as_typed: bool = False
) -> Told | Problem:
    """The reply to one question, or why there is none. Never raises, but for a caller that goes away."""
    try:
        return await desk.ask(question, history, logged=logged, as_typed=as_typed)
    except Malformed as raised:
        return Problem(422, "malformed", str(raised))
    except QuestionError as raised:
        return Problem(422, "question", str(raised))
    except Busy as raised:
        return Problem(503, "busy", str(raised), retry_after=2)
    except TooSlow as raised:
        return Problem(504, "too_slow", str(raised))
    except ChapterError as raised:
        return Problem(503, "unavailable", unavailable(raised))
    except Exception as raised:
        logger.error("a question could not be answered (%s)", type(raised).__name__)
        return Problem(500, "internal", "Something went wrong here and the question was not answered. Try once more.")
