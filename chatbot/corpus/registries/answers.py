"""The JSON of a registry's answer, without the characters that nobody sees and that change how others are shown.

Depositors write titles and names, so an answer can hold direction marks, terminal commands and half characters. They are dropped from
every text; joiners stay, for some scripts need them, and so does white space, but for long runs, which cost patterns much time. What
it leaves out: texts beyond a length that no title, name or printed reference has, and what an answer means.
"""

from __future__ import annotations

import json
import re
from typing import Any

UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


RUN = re.compile(r"\s{9,}")
MAX_TEXT = 10_000  # characters; a reference with hundreds of authors has some 5,000


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
