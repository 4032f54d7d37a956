"""The forms of what the JSON routes and the tools take and give, as JSON Schema (2020-12).

Every object is closed (additionalProperties is false), so that a field is described here or is not sent; a test holds real
replies against them. `SCHEMAS` names each for the OpenAPI document; `alone` gives one with all that it refers to, for a tool.
"""

from __future__ import annotations

import copy
import json

from chatbot.answer.rendering import FORMAT
from chatbot.datatypes import Json
from chatbot.settings import MAX_HISTORY, MAX_QUESTION_CHARACTERS
from chatbot.web.schema_parts import PREFIX, closed, many, number, ref, text, texts

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
    "emphasis": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
        "description": "Half-open spans of `text`, in order: the words that most likely carry the answer.",
    },
    "terms": {
        "type": "array",
        "items": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}, {"type": "string"}]},
        "description": "Start and end in `text` of words that the glossary explains, and the term.",
    },
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
    "carried": texts(
        "Words taken over from the conversation, or for a pronoun that points to nothing in it from the corpus’s subject."
    ),
    "parts": texts("The questions that it was divided into."),
    "quotes": many("Quote", "Best first."),
    "near_misses": many("Quote", "The closest passages. They do not answer the question."),
    "glossary": many("Definition", "What terms of the quotes mean, in the order in which they appear."),
    "message": text("Fixed wording that comes first; may be empty in an answer."),
    "disclaimer": ref("Disclaimer"),
    "generation": {**GENERATION, "pattern": "^([0-9a-f]{16})?$"},
    "seconds": {"type": "number", "minimum": 0, "description": "What the reply took."},
    "receipt": text(
        "The code with which its row in the answer log can be seen or deleted; empty where it was not logged."
    ),
}
NONE: Json = {"type": "array", "maxItems": 0}


def kind(name: str, said: str, **more: Json) -> Json:
    """A reply of one kind."""
    return closed({**COMMON, "kind": {"const": name}, **more}, optional=("receipt",), said=said)


PLACE: Json = {
    "type": "string",
    "pattern": r"^[0-9a-f]{16}/[\w-]+/[0-9]+-[0-9]+$",
    "description": "GENERATION/doc_id/start-end",
}
REASONS = ["wrong_passage", "not_answered", "unclear", "other"]
TAKING: dict[str, Json] = {
    "Export": closed(
        {
            "as": {"enum": ["html", "pdf", "markdown", "bibtex", "ris", "csl-json"]},
            "turns": {"type": "array", "items": ref("Turn"), "minItems": 1, "maxItems": 20},
        }
    ),
    "Turn": closed(
        {
            "question": text("As the reader typed it."),
            "kind": {"enum": ["answer", "abstention", "crisis", "drug_request", "medical_advice"]},
            "quotes": {"type": "array", "items": PLACE},
            "keep_in_mind": {"type": "array", "items": PLACE},
            "unanswered": texts("Parts of the question, in its words."),
            "generation": text("Where no quote names one."),
            "reason": text("Of an abstention."),
            "false_premise": {"type": "boolean"},
        },
        optional=("quotes", "keep_in_mind", "unanswered", "generation", "reason", "false_premise"),
        said="A reply by its places. Every quote is cut anew; words are never taken over.",
    ),
    "Feedback": closed(
        {
            "id": text("Of a logged reply."),
            "thumb": {"enum": ["up", "down"]},
            "reason": {"enum": ["", *REASONS], "description": "With down only."},
            "comment": text("Personal details are taken out as far as rules can.", maxLength=500),
        },
        optional=("reason", "comment"),
    ),
    "Taken": closed(
        {
            "taken": {"type": "boolean"},
            "message": text("Where the comment reads as somebody in danger: show it first."),
            "help_lines": many("HelpLine", "With the message."),
        },
        optional=("message", "help_lines"),
    ),
    "Receipts": closed(
        {"receipts": {"type": "array", "items": text(), "maxItems": 50}, "do": {"enum": ["show", "delete"]}}
    ),
    "Rows": closed({"rows": many("Row", "What is kept under the receipts.")}),
    "Row": closed(
        {
            "receipt": text(),
            "id": text("Of the reply."),
            "asked_at": text("The hour."),
            "kind": text("answer, abstention, or the redirect's own kind."),
            "question": text("Redacted."),
            "generation": text(),
            "quotes": {"type": "array", "items": closed({name: SPAN[name] for name in ("doc_id", "start", "end")})},
            "thumb": {"oneOf": [ref("Thumb"), {"type": "null"}]},
        }
    ),
    "Thumb": closed({"thumb": {"enum": ["up", "down"]}, "reason": text(), "comment": text("Redacted.")}),
    "Removed": closed({"removed": number("How many rows are gone.")}),
}

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
        keep_in_mind=many("Quote", "Limits and risks to be shown beside the quotes, of which they speak."),
        reading_grade={
            "type": ["integer", "null"],
            "description": "The school grade of the quotes; null when they are short.",
        },
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
        keep_in_mind=many("Quote", "Limits and risks to be shown beside the quotes, of which they speak."),
    ),
    "HelpLine": closed({"country": text(), "name": text(), "contact": text()}),
    "Quote": closed(QUOTE, said="Exact words of one source, with all that is needed to check them."),
    "Definition": closed(
        {
            "term": text(),
            "text": text("What it means: a source's words, or this project's own."),
            "source": text("Whose words; empty for this project's own."),
            **{name: SPAN[name] for name in ("doc_id", "start", "end", "sha256")},
        },
        optional=("doc_id", "start", "end", "sha256"),
    ),
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
                    "page": text(
                        "Of a web page that is no longer as it was: changed or gone, and the day; else empty."
                    ),
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
    **TAKING,
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
