"""What a reader can say and do about a logged reply: POST /api/feedback and POST /api/receipts.

A thumb goes to the log's line and is answered at once; it is taken only for a reply that this server gave and logged a
short while ago, whose ids (and nothing else) are kept in memory. Whoever holds a reply's receipt sees or deletes its
row, in a thread, after what waits in line is written. A comment that reads as somebody in danger is answered with the
help lines and not kept. Errors have the one form of `api`. Left out: the words of a comment (`log.privacy` takes
personal details out of them) and how it is stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from chatbot.datatypes import Json
from chatbot.errors import Busy, LogError, Malformed
from chatbot.log.thumbs import REASONS, WHICH, Reason, Thumb, Which
from chatbot.replies import Outcome
from chatbot.web.api import Render
from chatbot.web.asking import Desk, clean
from chatbot.web.problems import error

logger = logging.getLogger(__name__)

MAX_GIVEN = 5000  # replies that can be judged; at 1,000 an hour the oldest is five hours old; 0.65 MB as measured
MAX_THUMBS = 5  # on one reply; of them the last counts
MAX_COMMENT = 500  # characters
MAX_RECEIPTS = 50  # in one request
MAX_RECEIPT = 64  # characters; a receipt has 29
RETRY_SECONDS = 5  # after a log that is busy
MAX_LOOKS = 4  # requests about receipts at once; the others are refused, so that a busy log holds up few threads
FEEDBACK_FORM = 'Send {"id": "the id of a reply", "thumb": "up"} or {"id": "...", "thumb": "down", "reason": "unclear", "comment": "..."}.'
RECEIPTS_FORM = 'Send {"receipts": ["the receipt of a reply"], "do": "show"} or the same with "delete".'
NO_LOG = "Nothing is logged here, so that there is nothing to {}."
LATER = "The answer log cannot be reached just now, so that nothing was {}. Please try again in a few seconds."
REFUSALS = {
    "not_given": (
        404,
        "This reply was not logged, or was given too long ago, so that there is nothing to attach a judgement to. "
        "Ask the question again to judge its reply.",
    ),
    "enough": (409, f"This reply was judged {MAX_THUMBS} times already. The last judgement counts."),
    "busy": (503, LATER.format("noted")),
}


class AnswerLog(Protocol):
    """What the web needs of `chatbot.log.receipts.ReaderLog`."""

    def record(self, outcome: Outcome, ident: str) -> str:
        """Takes a reply; its receipt, "" where it was not taken. Never blocks, never raises."""
        ...

    def thumb(self, ident: str, thumb: Thumb) -> bool:
        """Takes a thumb; whether there was room. Never blocks, never raises."""
        ...

    def show(self, receipts: Sequence[str]) -> list[Json]:
        """The rows under receipts. May block for seconds; raises LogError."""
        ...

    def delete(self, receipts: Sequence[str]) -> int:
        """Removes the rows under receipts, tells how many. May block for seconds; raises LogError."""
        ...

    def status(self) -> Json:
        """state (ok, degraded) and how many rows were lost, among others."""
        ...

    def flush(self, seconds: float) -> bool:
        """Waits until nothing is in line; whether it is so."""
        ...


class Kept:
    """A log and the ids of the replies that it took last; `lost` counts those that made it fail. For the event loop alone."""

    def __init__(self, log: AnswerLog, max_given: int = MAX_GIVEN) -> None:
        self.log = log
        self.lost = 0
        self._max = max_given
        self._thumbs: OrderedDict[str, int] = OrderedDict()
        self._looks = 0

    def record(self, outcome: Outcome, ident: str) -> str:
        """Takes a reply and returns its receipt, "" where it was not taken. A log that fails costs the row, never the reply."""
        try:
            receipt = self.log.record(outcome, ident)
        except Exception as raised:
            logger.error("the answer log did not take a reply (%s)", type(raised).__name__)
            self.lost += 1
            return ""
        if receipt:
            self._thumbs[ident] = 0
            if len(self._thumbs) > self._max:
                self._thumbs.popitem(last=False)
        return receipt

    def thumb(self, ident: str, thumb: Thumb) -> str:
        """Takes a thumb: "", or the code in REFUSALS that says why not."""
        count = self._thumbs.get(ident)
        if count is None:
            return "not_given"
        if count >= MAX_THUMBS:
            return "enough"
        if not self.log.thumb(ident, thumb):
            return "busy"
        self._thumbs[ident] = count + 1
        return ""

    def health(self) -> tuple[bool, int]:
        """Whether all is well, and how many replies were not logged though they should have been."""
        told = self.log.status()
        lost = self.lost + int(told["lost"])
        return told["state"] == "ok" and not lost, lost

    async def look(self, do: Callable[[Sequence[str]], Any], receipts: Sequence[str]) -> Any:
        """What `do` gives for receipts, from a thread. Raises Busy when too many look, or the log cannot be used now."""
        done = "deleted" if do == self.log.delete else "read"
        if self._looks >= MAX_LOOKS:
            raise Busy(LATER.format(done))
        self._looks += 1
        try:
            return await asyncio.to_thread(do, receipts)
        except LogError as raised:
            logger.warning("%s", raised)
            raise Busy(LATER.format(done)) from raised
        finally:
            self._looks -= 1


def read_thumb(body: Any) -> tuple[str, Thumb]:
    """A reply's id and the thumb on it, the comment cleaned. Raises Malformed naming the field."""
    known = {"id", "thumb", "reason", "comment"}
    if not isinstance(body, dict) or not {"id", "thumb"} <= set(body) <= known:
        raise Malformed(f'The body has other fields than "id", "thumb", "reason" and "comment". {FEEDBACK_FORM}')
    if not all(isinstance(value, str) for value in body.values()):
        raise Malformed(f"The body has a value that is not a string. {FEEDBACK_FORM}")
    which, reason = body["thumb"], body.get("reason", "")
    if which not in WHICH:
        raise Malformed(f'"thumb" is neither "up" nor "down". {FEEDBACK_FORM}')
    if reason not in REASONS or (reason and which == "up"):
        reasons = ", ".join(f'"{r}"' for r in REASONS if r)
        raise Malformed(f'"reason" is for a thumb down: {reasons}. Send one of these, or leave it out.')
    comment = clean(body.get("comment", "")).strip()
    if len(comment) > MAX_COMMENT:
        raise Malformed(
            f'"comment" has {len(comment):,} characters; at most {MAX_COMMENT} are kept. Please shorten it.'
        )
    return body["id"], Thumb(cast(Which, which), cast(Reason, reason), comment)


def read_receipts(body: Any) -> tuple[list[str], str]:
    """Receipts and what to do with their rows. Raises Malformed naming the field."""
    if not isinstance(body, dict) or set(body) != {"receipts", "do"}:
        raise Malformed(f'The body has other fields than "receipts" and "do". {RECEIPTS_FORM}')
    receipts, do = body["receipts"], body["do"]
    if do not in ("show", "delete"):
        raise Malformed(f'"do" is neither "show" nor "delete". {RECEIPTS_FORM}')
    if not isinstance(receipts, list) or not 1 <= len(receipts) <= MAX_RECEIPTS:
        raise Malformed(f'"receipts" is not a list of 1 to {MAX_RECEIPTS}. {RECEIPTS_FORM}')
    if not all(isinstance(r, str) and r and len(r) <= MAX_RECEIPT for r in receipts):
        raise Malformed(
            f'"receipts" has an entry that is not a receipt, such as "WAXMI-ES4NG-63LCP-XX7GM-F6FYZ". {RECEIPTS_FORM}'
        )
    return [clean(receipt) for receipt in receipts], do


async def _in_danger(desk: Desk, comment: str) -> tuple[bool, Outcome | None]:
    """Whether a comment may be kept, and the reply to it when it reads as somebody in danger. What cannot be looked at is not kept."""
    if not comment:
        return True, None
    try:
        urgent = await desk.in_danger(comment)
    except Exception as raised:
        logger.error("a comment could not be looked at (%s)", type(raised).__name__)
        return False, None
    return urgent is None, urgent


async def give_thumb(kept: Kept | None, desk: Desk, body: Any, render: Render) -> JSONResponse:
    """Takes one thumb, or says why not. Whoever seems in danger is given the help lines in any case."""
    if kept is None:
        return error(404, "not_logged", NO_LOG.format("attach a judgement to"))
    ident, thumb = read_thumb(body)
    may_be_kept, urgent = await _in_danger(desk, thumb.comment)
    refused = kept.thumb(ident, thumb if may_be_kept else replace(thumb, comment=""))
    if urgent is not None:
        shown = render(urgent.reply, ident="", seconds=0.0)
        help_lines = {key: shown[key] for key in ("message", "help_lines")}
        return JSONResponse({"taken": not refused, **help_lines}, status_code=202)
    if refused:
        status, words = REFUSALS[refused]
        return error(status, refused, words, retry_after=RETRY_SECONDS if refused == "busy" else 0)
    return JSONResponse({"taken": True}, status_code=202)


async def use_receipts(kept: Kept | None, body: Any) -> JSONResponse:
    """The rows under receipts, or how many were removed."""
    if kept is None:
        return error(404, "not_logged", NO_LOG.format("see or delete"))
    receipts, do = read_receipts(body)
    if do == "show":
        return JSONResponse({"rows": await kept.look(kept.log.show, receipts)})
    return JSONResponse({"removed": await kept.look(kept.log.delete, receipts)})


def routes(desk: Desk, kept: Kept | None, render: Render) -> APIRouter:
    """The router; `kept` is None where nothing is logged."""
    router = APIRouter()

    async def answered(request: Request, form: str, answer: Callable[[Any], Any]) -> JSONResponse:
        try:
            body = await request.json()
        except (ValueError, RecursionError):
            return error(400, "not_json", f"The body is not JSON. {form}")
        try:
            return cast(JSONResponse, await answer(body))
        except Malformed as raised:
            return error(422, "malformed", str(raised))
        except Busy as raised:
            return error(503, "busy", str(raised), retry_after=RETRY_SECONDS)

    @router.post("/api/feedback")
    async def feedback(request: Request) -> JSONResponse:
        return await answered(request, FEEDBACK_FORM, lambda body: give_thumb(kept, desk, body, render))

    @router.post("/api/receipts")
    async def receipts(request: Request) -> JSONResponse:
        return await answered(request, RECEIPTS_FORM, lambda body: use_receipts(kept, body))

    return router
