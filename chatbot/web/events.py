"""The reply to a question as server-sent events, for a first answer that takes its time (HTML Standard, section 9.2).

`received` at once, with how many questions must end before this one begins; `waiting` about every second, with the seconds so
far; then `reply` with the JSON of the plain route, or `error` with the body of its error. No event carries the question. A client that
goes away ends the asking. Left out: reconnecting; a stream answers one request and has no ids.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi.responses import JSONResponse, Response

EVERY = 1.0  # seconds between two words that it is still waited for; shorter than any proxy's patience
MEDIA_TYPE = "text/event-stream"


def wanted(accept: str) -> bool:
    """Whether an Accept header asks for events.

    >>> wanted("text/event-stream;q=0.9, */*"), wanted("*/*")
    (True, False)
    """
    return any(part.split(";")[0].strip().lower() == MEDIA_TYPE for part in accept.split(","))


def event(name: str, data: str) -> bytes:
    """One event; `data` is one line."""
    return f"event: {name}\ndata: {data}\n\n".encode()


class Events(Response):
    """A response that asks while it is being sent. `ask` makes the answer of the plain route."""

    media_type = MEDIA_TYPE

    def __init__(self, before: int, ask: Callable[[], Awaitable[JSONResponse]], *, every: float = EVERY) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._before, self._ask, self._every = before, ask, every

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Sends the events; on the way out nothing that was begun goes on."""
        asking, gone = asyncio.ensure_future(self._ask()), asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._send_all(send, asking, gone)
        finally:
            for task in (asking, gone):
                task.cancel()
            await asyncio.gather(asking, gone, return_exceptions=True)

    async def _send_all(self, send: Any, asking: asyncio.Future[JSONResponse], gone: asyncio.Future[None]) -> None:
        """The events in their order, until the last one or until nobody listens."""
        began, both = time.monotonic(), cast("set[asyncio.Future[Any]]", {asking, gone})
        piece = event("received", json.dumps({"before": self._before}))
        while True:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.wait(both, timeout=self._every, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return
            if asking.done():
                break
            piece = event("waiting", json.dumps({"seconds": round(time.monotonic() - began, 1)}))
        answer = asking.result()
        name = "reply" if answer.status_code == 200 else "error"
        last = event(name, bytes(answer.body).decode())
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def _gone(receive: Any) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
