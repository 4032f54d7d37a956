"""The JSON routes: POST /api/ask, GET /api/sources, GET /healthz.

`/api/ask` takes {"question": "...", "history": ["earlier question", ...]} and, where answers are logged, "log": false to be
left out. The reply is the public format of `answer.rendering.render_json` and its `receipt`. Every error is
{"error": {"code", "message"}}, whose message says what to do. Left out: streaming; a reply is ready in well under a second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from chatbot.datatypes import Json, Source
from chatbot.errors import Busy, ChapterError, Malformed, QuestionError, TooSlow
from chatbot.replies import Reply
from chatbot.web.asking import Desk, unavailable

logger = logging.getLogger(__name__)

FIELDS = {"question", "history", "log"}
FORM = 'Send {"question": "...", "history": ["an earlier question"]} as application/json.'
Render = Callable[..., Json]
Health = Callable[[], Json]


def error(status: int, code: str, message: str, *, retry_after: int | None = None) -> JSONResponse:
    """The one form of an error."""
    headers = {"retry-after": str(retry_after)} if retry_after is not None else None
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


def read_body(body: Any) -> tuple[str, list[str], bool]:
    """Question, history, and whether it may be logged. Raises Malformed naming the field."""
    if not isinstance(body, dict) or not isinstance(body.get("question"), str):
        raise Malformed(f'The body has no "question" that is a string. {FORM}')
    unknown = sorted(str(k) for k in set(body) - FIELDS)
    if unknown:
        raise Malformed(f"The body has a field that is not known ({unknown[0][:40]!r}). {FORM}")
    history = body.get("history", [])
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        raise Malformed(f'"history" is not a list of strings. {FORM}')
    log = body.get("log", True)
    if not isinstance(log, bool):
        raise Malformed(
            '"log" is neither true nor false. Leave it out, or send false to keep the question out of the log.'
        )
    return body["question"], history, log


async def tell(desk: Desk, body: Any, render: Render) -> JSONResponse:
    """The reply to one question, or the error that says why there is none."""
    try:
        question, history, log = read_body(body)
        told = await desk.ask(question, history, logged=log)
    except Malformed as raised:
        return error(422, "malformed", str(raised))
    except QuestionError as raised:
        return error(422, "question", str(raised))
    except Busy as raised:
        return error(503, "busy", str(raised), retry_after=2)
    except TooSlow as raised:
        return error(504, "too_slow", str(raised))
    except ChapterError as raised:
        return error(503, "unavailable", unavailable(raised))
    except Exception as raised:
        logger.error("a question could not be answered (%s)", type(raised).__name__)
        return error(500, "internal", "Something went wrong here and the question was not answered. Try once more.")
    reply: Reply = told.outcome.reply
    return JSONResponse(render(reply, ident=told.ident, seconds=round(told.seconds, 4)) | {"receipt": told.receipt})


def source_row(source: Source) -> Json:
    """A source as JSON."""
    return {
        "doc_id": source.doc_id,
        "label": source.label,
        "title": source.title,
        "year": source.year,
        "reference": source.reference_corrected or source.reference,
        "link": source.link,
        "text_kind": source.text_kind,
        "status": {"state": source.status.state, "checked": source.status.checked, "basis": source.status.basis},
    }


def routes(desk: Desk, render: Render, health: Health) -> APIRouter:
    """The router. `render` is `render_json`, `health` what /healthz says."""
    router = APIRouter()

    @router.post("/api/ask")
    async def ask(request: Request) -> JSONResponse:
        try:
            body = await request.json()
        except (ValueError, RecursionError):  # not JSON, not UTF-8, or a thousand brackets deep
            return error(400, "not_json", f"The body is not JSON. {FORM}")
        return await tell(desk, body, render)

    @router.get("/api/sources")
    async def sources() -> JSONResponse:
        return JSONResponse({"generation": desk.bot.generation, "sources": [source_row(s) for s in desk.bot.sources]})

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse(health())

    return router
