"""Checks an event of the page before Gradio sees it.

Gradio answers an unknown event with a 500, prints the data of a malformed one, question included, into the error log, and
breaks the reply stream on a lone surrogate. So a body is read here against what the page's events take, cleaned, and written
anew with the few fields that matter; anything else is refused with words. Left out: what an event does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chatbot.settings import MAX_QUESTION_CHARACTERS

MAX_EARLIER = 20  # earlier questions that the page sends along; as many as it shows
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")

Shapes = Mapping[int, tuple[str, ...]]  # for each event the kinds of its inputs: text, flag or texts


class Refused(Exception):
    """A body that goes no further: status, code and what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def _clean(value: str) -> str:
    """Without lone surrogates and NULs."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused(422, "malformed", "The question is not text. Reload the page and ask again.")
    if len(value) > MAX_QUESTION_CHARACTERS:
        raise Refused(
            422, "question", f"The question is longer than {MAX_QUESTION_CHARACTERS:,} characters. Please shorten it."
        )
    return _clean(value)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_EARLIER or not all(isinstance(v, str) for v in value):
        raise Refused(422, "malformed", "The earlier questions are not a list of texts. Reload the page and ask again.")
    return [_clean(v[:MAX_QUESTION_CHARACTERS]) for v in value]


def _flag(value: Any) -> bool:
    return value is True


READ = {"text": _text, "texts": _texts, "flag": _flag}


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object, or Refused."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "not_json", "The body is not JSON. Reload the page and ask again.") from None
    if not isinstance(found, dict):
        raise Refused(400, "malformed", "The body is not a JSON object. Reload the page and ask again.")
    return found


def session_of(found: Mapping[str, Any]) -> str:
    """The session's name."""
    session = found.get("session_hash")
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        raise Refused(400, "malformed", "The body names no session. Reload the page and ask again.")
    return session


def rewrite(body: bytes, shapes: Shapes) -> tuple[str, bytes]:
    """The session and the body as Gradio may have it."""
    found = parse(body)
    session = session_of(found)
    index, data = found.get("fn_index"), found.get("data")
    if not isinstance(index, int) or isinstance(index, bool) or index not in shapes:
        raise Refused(404, "not_found", "The page has no such event. Reload it and ask again.")
    kinds = shapes[index]
    if not isinstance(data, list) or len(data) != len(kinds):
        raise Refused(422, "malformed", f"The event takes {len(kinds)} values. Reload the page and ask again.")
    trigger = found.get("trigger_id")
    clean = {
        "data": [READ[kind](value) for kind, value in zip(kinds, data, strict=True)],
        "fn_index": index,
        "trigger_id": trigger if isinstance(trigger, int) and not isinstance(trigger, bool) else None,
        "session_hash": session,
        "event_data": None,
    }
    return session, json.dumps(clean).encode()
