"""POST /api/export: replies that were read, as a file to take along.

The body is {"as": "html|pdf|markdown|bibtex|ris|csl-json", "turns": [{"question", "kind", "quotes": ["GENERATION/doc_id/start-end", ...],
"keep_in_mind": [...], "unanswered": ["part of the question", ...], "generation", "reason", "false_premise"}]}, all of a turn but
question and kind optional. The client sends places and no words of a source; `chatbot.sharing` looks the words up. Nothing is logged or
kept. One file is made at a time, in a thread, so that questions are still answered meanwhile. Left out: what the files look like.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chatbot.datatypes import Json
from chatbot.errors import Busy, Malformed
from chatbot.replies import Reason
from chatbot.sharing.forms import FORMS, MAX_TURNS, export
from chatbot.sharing.proving import MAX_QUOTES
from chatbot.sharing.values import KINDS, File, Kind, Place, Turn
from chatbot.web.asking import Bot, checked, clean
from chatbot.web.problems import error, problem_of

logger = logging.getLogger(__name__)

MAX_WAITING = 4  # files in line; the largest took 1.0 s
MAX_PARTS = 6  # parts of a question that stayed unanswered; a reply has at most three
FIELDS = {"question", "kind", "quotes", "keep_in_mind", "unanswered", "generation", "reason", "false_premise"}
FORM = 'Send {"as": "html", "turns": [{"question": "...", "kind": "answer", "quotes": ["GENERATION/doc_id/start-end"]}]} as application/json.'
REASONS = ("", *get_args(Reason))


def read_body(body: Any) -> tuple[str, tuple[Turn, ...]]:
    """The form of file and the turns. Raises Malformed naming the field, QuestionError for a question that nobody could ask."""
    if not isinstance(body, dict) or set(body) != {"as", "turns"}:
        raise Malformed(f'The body has "as" and "turns" and nothing else. {FORM}')
    form, turns = body["as"], body["turns"]
    if form not in tuple(FORMS):
        raise Malformed(f'"as" is one of {", ".join(FORMS)}. {FORM}')
    if not isinstance(turns, list) or not 1 <= len(turns) <= MAX_TURNS:
        raise Malformed(f'"turns" is a list of 1 to {MAX_TURNS} replies. {FORM}')
    return form, tuple(read_turn(turn) for turn in turns)


def read_turn(row: Any) -> Turn:
    """One turn. Raises as `read_body`."""
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or row.get("kind") not in KINDS:
        raise Malformed(f'A turn has a "question" and a "kind", one of {", ".join(KINDS)}. {FORM}')
    unknown = sorted(str(key) for key in set(row) - FIELDS)
    if unknown:
        raise Malformed(f"A turn has a field that is not known ({unknown[0][:40]!r}). {FORM}")
    if row.get("reason", "") not in REASONS or not isinstance(row.get("false_premise", False), bool):
        raise Malformed(f'"reason" is one of {", ".join(REASONS[1:])}; "false_premise" is true or false.')
    generation = row.get("generation", "")
    if not isinstance(generation, str) or len(generation) > 64:
        raise Malformed('"generation" is the generation that the reply named.')
    return Turn(
        question=checked(row["question"]),
        kind=cast(Kind, row["kind"]),
        quotes=_places(row, "quotes"),
        keep_in_mind=_places(row, "keep_in_mind"),
        unanswered=tuple(clean(part).strip() for part in _texts(row, "unanswered", MAX_PARTS)),
        generation=generation,
        reason=cast(Reason, row.get("reason", "")),
        false_premise=row.get("false_premise", False),
    )


def _texts(row: Json, name: str, limit: int) -> list[str]:
    """A list of so many strings, none where the field is absent."""
    value = row.get(name, [])
    if not isinstance(value, list) or len(value) > limit or not all(isinstance(item, str) for item in value):
        raise Malformed(f'"{name}" is a list of at most {limit} strings. {FORM}')
    return value


def _places(row: Json, name: str) -> tuple[Place, ...]:
    """A list of places."""
    return tuple(Place.read(text) for text in _texts(row, name, MAX_QUOTES))


def today() -> str:
    """The day, in UTC."""
    return datetime.now(UTC).date().isoformat()


class Exporter:
    """Makes files one after the other. `now` gives the day."""

    def __init__(self, bot: Bot, *, max_waiting: int = MAX_WAITING, now: Callable[[], str] = today) -> None:
        self._bot, self._room, self._now = bot, max_waiting + 1, now
        self._inside = 0
        self._one = asyncio.Semaphore(1)

    async def file(self, body: Any) -> File:
        """The file that a body asks for. Raises Malformed, QuestionError, Gone, Busy, or what the corpus raises."""
        form, turns = read_body(body)
        if self._inside >= self._room:
            raise Busy("Too many files are being made just now. Please try again in a few seconds.")
        self._inside += 1
        try:
            async with self._one:
                return await asyncio.to_thread(export, form, turns, self._bot.corpus_of, self._now())
        finally:
            self._inside -= 1

    async def tell(self, body: Any) -> Response:
        """The file, or the error that says why there is none."""
        try:
            file = await self.file(body)
        except Exception as raised:
            return problem_of(raised, "no file was made").response()
        headers = {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type=file.media_type, headers=headers)


def routes(bot: Bot) -> APIRouter:
    """The router."""
    router, exporter = APIRouter(), Exporter(bot)

    @router.post("/api/export")
    async def take_along(request: Request) -> Response:
        try:
            body = await request.json()
        except (ValueError, RecursionError):
            return error(400, "not_json", f"The body is not JSON. {FORM}")
        return await exporter.tell(body)

    return router
