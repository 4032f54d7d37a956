"""What readers ask and no source tells: a list for whoever keeps the corpus.

A gap is a line of the notebook about its record, `open:ID` with the words as JSON; `closed:ID` closes it, another `open:ID` opens it
again. Anybody who reviews reports one, a lead closes and opens. The words go when the record is removed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from chatbot.errors import Forbidden, ReviewError
from chatbot.review.values import MAX_QUESTION, Account, Gap, Note, Notebook

KIND = "gap"
OPEN, CLOSED = "open", "closed"
MAX_WORDS = 500  # characters


def report(notebook: Notebook, gap: Gap) -> None:
    """Checks a gap and writes it down. Raises ReviewError naming what is wrong with it."""
    if not gap.question.strip() and not gap.words.strip():
        raise ReviewError(f"{gap.record_id}: say what the sources do not tell")
    if len(gap.words) > MAX_WORDS:
        raise ReviewError(f"the words have {len(gap.words)} characters; at most {MAX_WORDS} are kept, shorten them")
    note = json.dumps({"question": gap.question[:MAX_QUESTION], "words": gap.words}, ensure_ascii=False)
    notebook.write(KIND, gap.record_id, at=gap.at, who=gap.by, label=f"{OPEN}:{gap.gap_id}", note=note)


def move(notebook: Notebook, gap: Gap, state: str, who: Account, *, at: str) -> None:
    """Closes a gap, or opens it again. Raises Forbidden for who is no lead, ReviewError for one that is so already."""
    if who.role != "lead":
        raise Forbidden(f"{gap.gap_id} is for a lead to close or open; ask one")
    if state == (CLOSED if gap.closed_by else OPEN):
        raise ReviewError(f"{gap.gap_id} is {state} already")
    notebook.write(KIND, gap.record_id, at=at, who=who.name, label=f"{state}:{gap.gap_id}")


def gaps(notebook: Notebook, record_id: str | None = None) -> list[Gap]:
    """Every gap as it stands, about one record or all, in the order in which they were reported."""
    out: dict[str, Gap] = {}
    for line in notebook.read(KIND, record_id):
        state, _, ident = line.label.partition(":")
        if state not in (OPEN, CLOSED) or not ident:
            raise ReviewError(f"{line.label!r} is no line about a gap; upgrade chatbot")
        if ident in out:
            out[ident] = replace(out[ident], closed_by=line.who if state == CLOSED else "")
        elif state == OPEN:
            out[ident] = _gap(line, ident)
    return list(out.values())


def _gap(line: Note, ident: str) -> Gap:
    said: dict[str, Any] = json.loads(line.note) if line.note else {}
    return Gap(ident, line.subject, said.get("question", ""), said.get("words", ""), line.who, line.at, "")
