"""The JSON of a registry's answer, without the characters that nobody sees and that change how others are shown.

Depositors write titles and names, so an answer can hold direction marks, terminal commands and half characters. They are dropped from
every text; joiners stay, for some scripts need them, and so does white space, but for long runs, which cost patterns much time. What
it leaves out: texts beyond a length that no title, name or printed reference has, and what an answer means.
"""

from __future__ import annotations

import json
import re
from typing import Any

from chatbot.corpus.unseen import UNSEEN

RUN = re.compile(r"\s{9,}")
MAX_TEXT = 10_000  # characters; chosen, so that a reference with hundreds of authors stays whole


def read_json(raw: bytes) -> Any:
    """The answer's values. Raises ValueError or RecursionError for what is no JSON.

    >>> read_json(b'{"title": ["A\\\\u202e trial\\\\ud800"]}')
    {'title': ['A trial']}
    """
    return _seen(json.loads(raw))


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return RUN.sub(lambda run: "\n" if "\n" in run[0] else " ", UNSEEN.sub("", value[:MAX_TEXT]))
    if isinstance(value, list):
        return [_seen(one) for one in value]
    return {_seen(key): _seen(one) for key, one in value.items()} if isinstance(value, dict) else value
