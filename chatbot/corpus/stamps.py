"""Writes how sources stand into sources.toml, and changes nothing else there: comments, order and layout stay as they are.

Text in, text out. A source's `status` is {state, checked, basis}, `relies_on` where works that it cites fell (one text each, as
readers may see it), and `page` where a web page is no longer as it was. What it leaves out: reading and writing the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from chatbot.datatypes import Status
from chatbot.errors import CorpusError

RELIES, PAGE = "relies_on", "page"


def stamped(text: str, stamps: Mapping[str, Status]) -> str:
    """The manifest with these stamps, by source id. Raises CorpusError rather than change anything else.

    >>> before = '[[source]]\\nid = "a"   # ours\\nstatus = { state = "clear", checked = "", basis = "" }\\n'
    >>> print(stamped(before, {"a": Status("concern", "2026-11-24", "seen")}), end="")
    [[source]]
    id = "a"   # ours
    status = { state = "concern", checked = "2026-11-24", basis = "seen" }
    """
    try:
        document: Any = tomlkit.parse(text)
        for table in document.get("source", ()):
            if table["id"] in stamps:
                _stamp(table["status"], stamps[table["id"]])
        out = tomlkit.dumps(document)
        same = _without_status(out) == _without_status(text)
    except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"sources.toml: cannot be stamped ({error}); run `chatbot corpus check`") from error
    if not same:
        raise CorpusError(
            "sources.toml: a stamp would change more than `status`; write it as one line, { state = ... }"
        )
    return out


def _stamp(status: Any, now: Status) -> None:
    for key in ("state", "checked", "basis"):
        if status[key] != getattr(now, key):
            status[key] = getattr(now, key)
    if now.relies_on and list(status.get(RELIES, ())) != list(now.relies_on):
        status[RELIES] = list(now.relies_on)
    elif not now.relies_on and RELIES in status:
        del status[RELIES]
    if now.page and status.get(PAGE) != now.page:
        status[PAGE] = now.page
    elif not now.page and PAGE in status:
        del status[PAGE]


def _without_status(text: str) -> Any:
    """The manifest's values but for those that a stamp may change."""
    data = tomllib.loads(text)
    for row in data.get("source", ()):
        row.pop("status", None)
    return data
