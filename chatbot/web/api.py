"""The JSON routes: POST /api/ask, GET /api/sources, /api/passages, /api/openapi.json, /healthz.

`/api/ask` takes {"question": "...", "history": ["earlier question", ...]}; with "as_typed": true the question is read as it stands,
and, where answers are logged, "log": false leaves it out. The reply is the public format of `answer.rendering.render_json` and its `receipt`, as events
(`events`) for whoever accepts text/event-stream. A passage is named as a quote names it, with its generation before it where that is not
the one in use. Every error is {"error": {"code", "message"}}, whose message says what to do. `openapi` describes all of it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chatbot.datatypes import Json
from chatbot.errors import Malformed, QuestionError
from chatbot.web import openapi
from chatbot.web.asking import Bot, Desk, checked
from chatbot.web.events import Events, wanted
from chatbot.web.lookup import look_up, sources_json
from chatbot.web.problems import Problem, answered

FIELDS = {"question", "history", "log", "as_typed"}
FORM = 'Send {"question": "...", "history": ["an earlier question"]} as application/json.'
PASSAGE = re.compile(r"([^:/]+):([0-9]{1,9})-([0-9]{1,9})")
Render = Callable[..., Json]
Health = Callable[[], Json]


@dataclass(frozen=True, slots=True)
class Asked:
    """A body as read."""

    question: str
    history: tuple[str, ...] = ()
    log: bool = True
    as_typed: bool = False


def read_body(body: Any) -> Asked:
    """The body of /api/ask. Raises Malformed naming the field."""
    if not isinstance(body, dict) or not isinstance(body.get("question"), str):
        raise Malformed(f'The body has no "question" that is a string. {FORM}')
    unknown = sorted(str(k) for k in set(body) - FIELDS)
    if unknown:
        raise Malformed(f"The body has a field that is not known ({unknown[0][:40]!r}). {FORM}")
    history = body.get("history", [])
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        raise Malformed(f'"history" is not a list of strings. {FORM}')
    log, as_typed = body.get("log", True), body.get("as_typed", False)
    if not isinstance(log, bool):
        raise Malformed(
            '"log" is neither true nor false. Leave it out, or send false to keep the question out of the log.'
        )
    if not isinstance(as_typed, bool):
        raise Malformed(
            '"as_typed" is neither true nor false. Leave it out, or send true to have the question read as it stands.'
        )
    return Asked(body["question"], tuple(history), log, as_typed)


async def tell(desk: Desk, asked: Asked, render: Render) -> JSONResponse:
    """The reply to one question, or the error that says why there is none."""
    told = await answered(desk, asked.question, asked.history, logged=asked.log, as_typed=asked.as_typed)
    if isinstance(told, Problem):
        return told.response()
    reply = render(told.outcome.reply, ident=told.ident, seconds=round(told.seconds, 4))
    return JSONResponse(reply | {"receipt": told.receipt})


async def passage(bot: Bot, name: str, generation: str = "") -> JSONResponse:
    """The passage of that name, or the error that says why it cannot be shown."""
    named = PASSAGE.fullmatch(name)
    if named is None:  # the guard lets no such name through
        return Problem(404, "not_found", "A passage is named doc_id:start-end, as a quote is.").response()
    doc_id, start, end = named[1], int(named[2]), int(named[3])
    found = await asyncio.to_thread(look_up, bot, doc_id, start, end, generation)
    return found.response() if isinstance(found, Problem) else JSONResponse(found.as_json())


def routes(desk: Desk, render: Render, health: Health) -> APIRouter:
    """The router. `render` is `render_json`, `health` what /healthz says."""
    router = APIRouter()

    @router.post("/api/ask")
    async def ask(request: Request) -> Response:
        try:
            asked = read_body(await request.json())
            checked(asked.question)
        except (ValueError, RecursionError):  # not JSON, not UTF-8, or a thousand brackets deep
            return Problem(400, "not_json", f"The body is not JSON. {FORM}").response()
        except Malformed as raised:
            return Problem(422, "malformed", str(raised)).response()
        except QuestionError as raised:
            return Problem(422, "question", str(raised)).response()
        if wanted(request.headers.get("accept", "")):
            return Events(desk.line, lambda: tell(desk, asked, render))
        return await tell(desk, asked, render)

    @router.get("/api/sources")
    async def sources() -> JSONResponse:
        return JSONResponse(sources_json(desk.bot))

    @router.get("/api/passages/{name}")
    async def in_use(name: str) -> JSONResponse:
        return await passage(desk.bot, name)

    @router.get("/api/passages/{generation}/{name}")
    async def of_generation(generation: str, name: str) -> JSONResponse:
        return await passage(desk.bot, name, generation)

    @router.get("/api/openapi.json")
    async def described() -> JSONResponse:
        return JSONResponse(openapi.document())

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> JSONResponse:
        return JSONResponse(health())

    return router
