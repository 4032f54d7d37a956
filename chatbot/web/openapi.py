"""The OpenAPI 3.1 document of the JSON routes, served at /api/openapi.json.

Its version is the package's; each reply carries the version of its own form as `format`. The paths are data here, the forms in
`schemas`; a route that the guard lists and this page does not describe fails a test.
"""

from __future__ import annotations

from functools import cache

from chatbot import __version__
from chatbot.answer.rendering import FORMAT
from chatbot.datatypes import Json
from chatbot.web.schema_parts import ref
from chatbot.web.schemas import SCHEMAS

ERRORS = {
    "400": "The body is not JSON (not_json), or the connection closed before it was there (disconnected).",
    "404": "No such address, document or passage (not_found), or a generation that is no longer kept (gone).",
    "405": "Another method is wanted (method).",
    "408": "The body came too slowly (slow).",
    "409": "A generation that is no longer kept (gone), or a reply that was judged often enough (enough).",
    "413": "The body is larger than 64 KiB (too_large).",
    "415": "The body is not application/json (content_type).",
    "422": "The body is not of the form, or the span may not be shown (malformed); the question is empty or too long (question).",
    "429": "Too many questions in a short time (rate). Retry-After says when to come back.",
    "500": "Something went wrong here (internal).",
    "503": "Too many questions wait (busy; Retry-After), or no index is in use (unavailable).",
    "504": "No reply came in time (too_slow).",
}
RETRY = {"retry-after": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}


def content(name: str) -> Json:
    """A body of that form."""
    return {"application/json": {"schema": ref(name)}}


def errors(*codes: str) -> Json:
    """Responses for these status codes."""
    wrong = {"oneOf": [ref("Error"), ref("Refusal")]}
    return {
        code: {
            "description": ERRORS[code],
            "content": {"application/json": {"schema": wrong}},
            **({"headers": RETRY} if code in ("429", "503") else {}),
        }
        for code in codes
    }


def reading(summary: str, name: str, *codes: str, parameters: tuple[str, ...] = ()) -> Json:
    """A GET that answers with that form."""
    answer: Json = {
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content(name)}, **errors(*codes, "405", "500")},
    }
    if parameters:
        answer["parameters"] = [{"$ref": f"#/components/parameters/{p}"} for p in parameters]
    return {"get": answer}


EVENTS = (
    "The reply as server-sent events, for whoever sends `Accept: text/event-stream`: `received` at once (Received), `waiting` about "
    "every second while it takes longer (Waiting), then `reply` (Reply) or `error` (Error). Bodies that cannot be asked at all are "
    "plain errors."
)
STREAM: Json = {
    "schema": {"type": "string", "description": EVENTS},
    "example": 'event: received\ndata: {"before": 0}\n\nevent: waiting\ndata: {"seconds": 1.0}\n\nevent: reply\ndata: {"format": 1}\n\n',
}
ASK: Json = {
    "post": {
        "summary": "Ask a question. The answer is exact quotes, or that the sources do not answer.",
        "requestBody": {"required": True, "content": content("Question")},
        "responses": {
            "200": {
                "description": "A reply of one of three kinds; an abstention is not an answer. Pass quotes on unchanged, each with its "
                "lead-in, label and link, and the disclaimer with them.",
                "content": {**content("Reply"), "text/event-stream": STREAM},
            },
            **errors("400", "405", "408", "413", "415", "422", "429", "500", "503", "504"),
        },
    }
}
PARAMETERS: Json = {
    "passage": {
        "name": "passage",
        "in": "path",
        "required": True,
        "description": "doc_id:start-end, as a quote names it.",
        "schema": {"type": "string", "pattern": r"^[\w-]+:[0-9]{1,9}-[0-9]{1,9}$"},
        "example": "unlocking-healing:0-10",
    },
    "generation": {
        "name": "generation",
        "in": "path",
        "required": True,
        "description": "As a reply names it.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "example": "0123456789abcdef",
    },
}
FILES = ("text/html", "application/pdf", "text/markdown", "application/x-bibtex", "application/x-research-info-systems",
         "application/vnd.citationstyles.csl+json")  # fmt: skip


def sending(summary: str, body: str, status: str, answer: Json, *codes: str) -> Json:
    """A POST of that form."""
    return {
        "post": {
            "summary": summary,
            "requestBody": {"required": True, "content": content(body)},
            "responses": {
                status: {"description": summary, "content": answer},
                **errors("400", "405", "408", "413", "415", "422", "429", "500", "503", *codes),
            },
        }
    }


EXPORT = sending(
    "Replies as a file to take along, every quote cut anew from its source.",
    "Export",
    "200",
    {media: {"schema": {"type": "string"}} for media in FILES},
    "409",
)
FEEDBACK = sending("A judgement of a logged reply; the last counts.", "Feedback", "202", content("Taken"), "404", "409")
LOOKED = {"application/json": {"schema": {"oneOf": [ref("Rows"), ref("Removed")]}}}
RECEIPTS = sending("What is kept under receipts, shown or deleted.", "Receipts", "200", LOOKED, "404")
DOCUMENT: Json = {"type": "object", "description": "This document."}
PATHS: Json = {
    "/api/ask": ASK,
    "/api/sources": reading("Every source, what of it is quoted, and how it stands.", "Sources"),
    "/api/passages/{passage}": reading(
        "A span of the generation in use, as a quote.", "Passage", "404", "422", "503", parameters=("passage",)
    ),
    "/api/passages/{generation}/{passage}": reading(
        "A span of a named generation, as a quote; costs as much as a question.",
        "Passage",
        "404",
        "422",
        "429",
        parameters=("generation", "passage"),
    ),
    "/api/export": EXPORT,
    "/api/feedback": FEEDBACK,
    "/api/receipts": RECEIPTS,
    "/api/openapi.json": reading("This document.", "Description"),
    "/healthz": reading("Whether the server answers from an index and logs what it should.", "Health"),
}


@cache
def document() -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Chapter and Verse",
            "version": __version__,
            "description": f"Answers only in its sources' own words. Replies are of format {FORMAT}; a change that could break a reader of "
            "them gets another number.",
        },
        "paths": PATHS,
        "components": {"schemas": {**SCHEMAS, "Description": DOCUMENT}, "parameters": PARAMETERS},
    }
