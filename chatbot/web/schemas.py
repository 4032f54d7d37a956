"""The forms of what the JSON routes and the tools take and give, as JSON Schema (2020-12).

Every object is closed (additionalProperties is false), so that a field is described here or is not sent; a test holds real
replies against them. `SCHEMAS` names each for the OpenAPI document; `alone` gives one with all that it refers to, for a tool.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

from chatbot.answer.rendering import FORMAT
from chatbot.datatypes import Json
from chatbot.settings import MAX_HISTORY, MAX_QUESTION_CHARACTERS

PREFIX = "#/components/schemas/"


def ref(name: str) -> Json:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": PREFIX + name}


def closed(properties: Mapping[str, Json], *, optional: tuple[str, ...] = (), said: str = "") -> Json:
    """An object with these properties and no other; all required but `optional`."""
    whole: Json = {"description": said} if said else {}
    required = [name for name in properties if name not in optional]
    return {
        **whole,
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def text(said: str = "", **more: object) -> Json:
    """A string."""
    return {"type": "string", **({"description": said} if said else {}), **more}


def texts(said: str) -> Json:
    """A list of strings."""
    return {"type": "array", "items": {"type": "string"}, "description": said}


def number(said: str, **more: object) -> Json:
    """A whole number that is not negative."""
    return {"type": "integer", "minimum": 0, "description": said, **more}


def many(name: str, said: str) -> Json:
    """A list of one of `SCHEMAS`."""
    return {"type": "array", "items": ref(name), "description": said}


GENERATION = text("The id of the built index that the words are quoted from.", pattern="^[0-9a-f]{16}$")
FORM = {"type": "integer", "const": FORMAT, "description": "The version of this form."}
SPAN: Json = {
    "doc_id": text("The document."),
    "start": number("Where the words begin in the document's text, in code points."),
    "end": number("Where they end; the character at `end` is not part of them."),
    "text": text("The words, exactly. Change nothing in them."),
    "sha256": text("Of the whole document's UTF-8 bytes.", pattern="^[0-9a-f]{64}$"),
}
QUOTE: Json = {
    "number": number("The quote's number within the reply, from 1.", minimum=1),
    **SPAN,
    "label": text("The citation in the text, such as “Mitchell et al. (2021)”."),
    "reference": text("The reference in APA style."),
    "link": text("Opens the source, at the words where it holds them."),
    "section": text("The headings over the words."),
    "text_kind": {"enum": ["full", "digest"], "description": "The source's own words, or a note about it (digest)."},
    "status": text("What is known of the source's standing, and since when."),
    "alert": text("A warning that must stand beside the quote; empty for none."),
    "lead_in": text("Says whose words these are. Show it before the quote."),
    "relies_on": many("Relied", "Works that the quoted sentence itself cites."),
}
COMMON: Json = {
    "format": FORM,
    "id": text("Of this reply."),
    "kind": text(),
    "question": text("As it was asked."),
    "understood": text("As it was read: spelling corrected."),
    "changes": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        "description": "Pairs of a word as typed and as read.",
    },
    "carried": texts("Words taken over from the conversation."),
    "parts": texts("The questions that it was divided into."),
    "quotes": many("Quote", "Best first."),
    "near_misses": many("Quote", "The closest passages. They do not answer the question."),
    "message": text("Fixed wording that comes first; may be empty in an answer."),
    "disclaimer": ref("Disclaimer"),
    "generation": {**GENERATION, "pattern": "^([0-9a-f]{16})?$"},
    "seconds": {"type": "number", "minimum": 0, "description": "What the reply took."},
}
NONE: Json = {"type": "array", "maxItems": 0}


def kind(name: str, said: str, **more: Json) -> Json:
    """A reply of one kind."""
    return closed({**COMMON, "kind": {"const": name}, **more}, said=said)


SCHEMAS: dict[str, Json] = {
    "Question": closed(
        {
            "question": text("The question.", minLength=1, maxLength=MAX_QUESTION_CHARACTERS),
            "history": texts(f"Earlier questions, oldest first; the last {MAX_HISTORY} are read."),
            "log": {"type": "boolean", "default": True, "description": "false keeps it out of the answer log."},
            "as_typed": {
                "type": "boolean",
                "default": False,
                "description": "true: no spelling is corrected and no history used.",
            },
        },
        optional=("history", "log", "as_typed"),
    ),
    "Reply": {
        "oneOf": [ref("Answer"), ref("Abstention"), ref("Redirect")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {n.lower(): PREFIX + n for n in ("Answer", "Abstention", "Redirect")},
        },
    },
    "Answer": kind(
        "answer",
        "Quotes that answer.",
        quotes={**many("Quote", "Best first."), "minItems": 1},
        near_misses=NONE,
        unanswered_parts=texts("Parts of the question that nothing answers."),
    ),
    "Abstention": kind(
        "abstention",
        "The sources do not answer. This is not an answer, and nothing in it is one.",
        quotes=NONE,
        reason={"enum": ["nothing_close", "not_answered", "no_text"]},
        unknown_terms=texts("Words of the question that the sources never use."),
        covered=texts("What the sources speak of."),
        suggestions=texts("Questions that they answer."),
    ),
    "Redirect": kind(
        "redirect",
        "A fixed message instead of an answer. In a crisis, show message and help lines first and nothing before them.",
        near_misses=NONE,
        redirect={"enum": ["crisis", "drug_request", "medical_advice"]},
        help_lines=many("HelpLine", "Only in a crisis."),
    ),
    "HelpLine": closed({"country": text(), "name": text(), "contact": text()}),
    "Quote": closed(QUOTE, said="Exact words of one source, with all that is needed to check them."),
    "Relied": closed({"label": text(), "reference": text(), "link": text()}),
    "Disclaimer": closed(
        {**SPAN, "jurisdiction": text("Where it holds."), "as_of": text("The date of the corpus.")},
        said="The article's own sentence. It goes wherever a reply goes.",
    ),
    "Passage": closed(
        {
            "format": FORM,
            "generation": GENERATION,
            **QUOTE,
            "heading_path": texts("The headings over the words, outermost first."),
            "paragraph": closed({"start": number("Where it begins."), "end": number("Where it ends.")}),
            "disclaimer": ref("Disclaimer"),
        },
        said="A span of a document as a quote, and the paragraph that it stands in.",
    ),
    "Sources": closed(
        {"generation": text(pattern="^([0-9a-f]{16})?$"), "sources": many("Source", "The article first.")}
    ),
    "Source": closed(
        {
            "doc_id": text(),
            "kind": text("`article` for the one that the corpus is about, else such as journal-article or web-page."),
            "label": text(),
            "title": text(),
            "authors": {"type": "array", "items": closed({"family": text(), "given": text("Empty for a body.")})},
            "year": text(),
            "reference": text("In APA style."),
            "link": text(),
            "licence": text(),
            "text_kind": {"enum": ["full", "digest", "none"]},
            "quoted": text("What of it is quoted, in words."),
            "alert": text("A warning that a quote of it never goes without; empty for none."),
            "status": closed(
                {
                    "state": {"enum": ["clear", "correction", "concern", "retracted"]},
                    "checked": text("The day; empty for never."),
                    "basis": text(),
                    "relies_on": texts("Works in its reference list that were retracted or put under concern."),
                }
            ),
        }
    ),
    "Health": closed(
        {
            "status": {"enum": ["ok", "degraded"]},
            "generation": text("In use; empty while no index is open."),
            "unrecorded": number("Replies that the answer log has missed."),
        }
    ),
    "Error": closed({"error": closed({"code": text(), "message": text("What is wrong and what to do.")})}),
    "Refusal": closed(
        {
            "error": closed({"code": text(), "message": text("What is wrong and what to do.")}),
            "detail": text("The same."),
        },
        said="What the guard says before a request reaches its route.",
    ),
    "Received": closed({"before": number("How many questions must end before this one begins.")}),
    "Waiting": closed({"seconds": {"type": "number", "minimum": 0, "description": "So far."}}),
}


def alone(name: str) -> Json:
    """One of `SCHEMAS` with all that it refers to inside it; an object at its root, as a tool's must be."""
    inner = json.loads(json.dumps(SCHEMAS).replace(PREFIX, "#/$defs/"))
    root = inner.pop(name)
    reached: dict[str, Json] = {}
    waiting = [root]
    while waiting:
        found = json.dumps(waiting.pop())
        for other in [n for n in inner if f'"#/$defs/{n}"' in found and n not in reached]:
            reached[other] = inner[other]
            waiting.append(inner[other])
    root.pop("discriminator", None)
    return {"type": "object", **copy.deepcopy(root), **({"$defs": reached} if reached else {})}
