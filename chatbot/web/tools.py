"""What an assistant may do here: ask, list the sources, look a passage up. Knows nothing of how it is called.

Each tool gives the public JSON form and the same as text; what is asked goes over the same desk as every question. Nothing that comes in
this way is recorded, whatever the log says of others: the person behind the assistant has not seen the notice and cannot decline.
Left out: the protocol (`assistants`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.answer.rendering import render_json, render_text
from chatbot.datatypes import Json
from chatbot.errors import ChapterError, Malformed
from chatbot.settings import MAX_HISTORY, MAX_QUESTION_CHARACTERS
from chatbot.web.asking import Desk, unavailable
from chatbot.web.lookup import look_up, sources_json, sources_text
from chatbot.web.problems import Problem, answered
from chatbot.web.schema_parts import closed, number, text, texts
from chatbot.web.schemas import alone

INSTRUCTIONS = (
    "Answers questions about one article and the works that it cites, in their own words only. Every `text` of a quote is exact: pass it on "
    "unchanged, in quotation marks, with its lead_in, label and link, its alert where there is one, and the disclaimer of the reply. "
    "A reply of kind abstention is not an answer: say that the sources do not answer, and do not answer from its near_misses. A reply of "
    "kind redirect has a message that must be passed on first and as it stands; in a crisis pass on the help lines before anything else."
)
Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as an assistant is told of it; `returns` names a form in `schemas`."""

    name: str
    title: str
    description: str
    takes: Json
    returns: str

    @property
    def gives(self) -> Json:
        """The form of what it returns."""
        return alone(self.returns)


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gives back; `structured` is None for a failure, whose words are `text`."""

    text: str
    structured: Json | None = None


TOOLS = (
    Tool(
        "ask",
        "Ask the sources",
        "Asks the sources a question. Returns exact quotes; pass each on unchanged and with its citation, and the disclaimer with them. Kind "
        "abstention means that the sources do not answer: it is not an answer, and its near_misses do not answer either. Kind redirect: "
        "pass its message and help lines on first, as they stand.",
        closed(
            {
                "question": text(
                    "One question, in the person's own words.", minLength=1, maxLength=MAX_QUESTION_CHARACTERS
                ),
                "history": texts(
                    f"Earlier questions of the same conversation, oldest first; the last {MAX_HISTORY} are read."
                ),
            },
            optional=("history",),
        ),
        "Reply",
    ),
    Tool(
        "sources",
        "List the sources",
        "Lists every source: reference, licence, what of it is quoted, and how it stands. An alert must be passed on whenever the source is "
        "quoted or named.",
        closed({}),
        "Sources",
    ),
    Tool(
        "passage",
        "Look a passage up",
        "Returns the exact words of a source at two offsets, as a quote with its citation: to check a quote, or to read more of the paragraph "
        "around it. Pass the words on unchanged and with their citation and the disclaimer.",
        closed(
            {
                "doc_id": text("The document, as a quote names it."),
                "start": number("Where the words begin."),
                "end": number("Where they end; the character there is not part of them."),
                "generation": text("As the reply names it; left out, the one in use.", pattern="^[0-9a-f]{16}$"),
            },
            optional=("generation",),
        ),
        "Passage",
    ),
)


def is_text(value: Any) -> bool:
    """Whether a value is a string."""
    return isinstance(value, str)


def is_texts(value: Any) -> bool:
    """Whether a value is a list of strings."""
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def is_offset(value: Any) -> bool:
    """Whether a value can be an offset; True is none."""
    return type(value) is int and 0 <= value < 10**9


CHECKS: dict[str, dict[str, tuple[Check, str]]] = {
    "ask": {"question": (is_text, "a string"), "history": (is_texts, "a list of strings")},
    "sources": {},
    "passage": {
        "doc_id": (is_text, "a string"),
        "start": (is_offset, "a whole number"),
        "end": (is_offset, "a whole number"),
        "generation": (is_text, "a string"),
    },
}


def taken(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Raises Malformed for arguments that the tool does not take."""
    checks = CHECKS[tool.name]
    unknown = sorted(set(arguments) - set(checks))
    if unknown:
        raise Malformed(f"{tool.name} takes no {unknown[0][:40]!r}; it takes {', '.join(checks) or 'nothing'}.")
    for name, (check, words) in checks.items():
        if name not in arguments and name in tool.takes["required"]:
            raise Malformed(f"{tool.name} needs {name!r}: {words}.")
        if name in arguments and not check(arguments[name]):
            raise Malformed(f"{tool.name} takes {name!r} as {words}.")


class Tools:
    """The tools of one chatbot."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Result | None:
        """What the tool of that name gives back, None for a name that none has. Never raises."""
        tool = next((t for t in TOOLS if t.name == name), None)
        if tool is None:
            return None
        try:
            taken(tool, arguments)
        except Malformed as raised:
            return Result(str(raised))
        if name == "ask":
            return await self._ask(arguments["question"], arguments.get("history", []))
        if name == "sources":
            return Result(sources_text(self._desk.bot), sources_json(self._desk.bot))
        return await self._passage(arguments)

    async def _ask(self, question: str, history: list[str]) -> Result:
        told = await answered(self._desk, question, history, logged=False)
        if isinstance(told, Problem):
            return Result(told.message)
        reply = told.outcome.reply
        return Result(render_text(reply), render_json(reply, ident=told.ident, seconds=told.seconds))

    async def _passage(self, arguments: Mapping[str, Any]) -> Result:
        place = arguments["doc_id"], arguments["start"], arguments["end"], arguments.get("generation", "")
        found = await asyncio.to_thread(look_up, self._desk.bot, *place)
        return Result(found.message) if isinstance(found, Problem) else Result(found.as_text(), found.as_json())


class Opening:
    """Tools that are being opened, in a thread: whoever calls one meanwhile waits. Opening takes seconds, which an assistant that
    says hello would not wait for."""

    def __init__(self, open_tools: Callable[[], Tools]) -> None:
        self._tools = asyncio.ensure_future(asyncio.to_thread(open_tools))

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Result | None:
        """As `Tools.call`; what could not be opened is told at every call."""
        try:
            tools = await asyncio.shield(self._tools)
        except ChapterError as raised:
            return Result(unavailable(raised))
        return await tools.call(name, arguments)
