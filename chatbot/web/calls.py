"""Reads the body of a call over MCP before the library sees it.

It is parsed once and written anew, so that guard and library cannot read two different calls out of it, and without lone
surrogates. Saying hello and listing tools is free; every other message costs a question. Left out: what a call does (`tools`).
"""

from __future__ import annotations

import json

from chatbot.web.asking import clean
from chatbot.web.joins import Refused

FREE = ("initialize", "ping", "server/discover", "tools/list")
FORM = "Send one JSON-RPC message, as the Model Context Protocol says."


def read_call(body: bytes) -> tuple[bool, bytes]:
    """Whether the message costs a question, and its body anew. Raises Refused.

    >>> read_call(b'{"method": "ping", "id": 1, "id": 2}'), read_call(b'{"method": "tools/call"}')[0]
    ((False, b'{"method": "ping", "id": 2}'), True)
    """
    try:
        found = json.loads(body)
        again = json.dumps(found, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise Refused(400, "not_json", f"The body is not JSON. {FORM}") from None
    if not isinstance(found, dict):
        raise Refused(400, "malformed", f"The body is not one JSON object. {FORM}")
    method = found.get("method")
    free = isinstance(method, str) and (method in FREE or method.startswith("notifications/"))
    return not free, clean(again).encode()
