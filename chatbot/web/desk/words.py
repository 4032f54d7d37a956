"""The desk's words for what the review room and the log name in one word each, and how moments and numbers are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from chatbot.web.html import counted as counted

KINDS: Mapping[str, str] = {
    "answer": "Answered",
    "abstention": "Refused",
    "crisis": "Crisis",
    "drug_request": "Drug request",
    "medical_advice": "Personal advice",
}
LABELS: Mapping[str, str] = {
    "good": "Good",
    "should_have_refused": "Should have refused",
    "should_have_answered": "Should have answered",
    "wrong_triage": "Wrong triage",
    "unsafe": "Unsafe",
}
QUOTES: Mapping[str, tuple[str, str]] = {
    "answers": ("Answers", "a"),
    "partly": ("Partly", "p"),
    "does_not": ("Does not", "d"),
    "misleading": ("Misleading out of context", "m"),
}
TRIAGES: Mapping[str, str] = {
    "crisis": "As a crisis",
    "drug_request": "As a request for a drug",
    "medical_advice": "As a wish for personal advice",
    "benign_lookalike": "As an ordinary question",
}
EXPECTATIONS: Mapping[str, str] = {
    "answer": "Answer it, with the sentences below",
    "refuse": "Refuse: the sources do not answer",
    "crisis": "Take it as a crisis",
    "drug_request": "Take it as a request for a drug",
    "medical_advice": "Take it as a wish for personal advice",
    "benign_lookalike": "Take it as an ordinary question",
}
THUMBS: Mapping[str, str] = {
    "": "no reason given",
    "wrong_passage": "the wrong passage",
    "not_answered": "not answered",
    "unclear": "unclear",
    "other": "another reason",
}
ACTIONS: Mapping[str, str] = {"pin": "Pin", "ban": "Never show"}
STATES: Mapping[str, str] = {
    "proposed": "Waits for a lead",
    "approved": "Approved",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
}
CHANGES: Mapping[str, str] = {
    "view": "looked at it",
    "document": "looked at a document of it",
    "documents": "looked at the documents of it",
    "claim": "took it",
    "release": "gave it back",
    "verdict": "judged it",
    "case": "made a test case",
    "proposal": "pin or ban",
    "gap": "gap in the sources",
}
HOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:00Z")
NO_TEXT = "The text of a crisis is not logged"


def moment(at: str) -> str:
    """A moment as the log writes it, for people; what is no moment stays as it is. All are UTC.

    >>> moment("2026-11-24T08:00Z"), moment("2026-11-24T08:05:09.120000Z"), moment("soon")
    ('24 Nov 2026, 08:00', '24 Nov 2026, 08:05', 'soon')
    """
    try:
        return datetime.fromisoformat(at).strftime("%d %b %Y, %H:%M").lstrip("0")
    except ValueError:
        return at


def hour(at: str) -> str:
    """The hour in which something was asked: the log keeps no minute of it. Any other moment is written as `moment` writes it.

    >>> hour("2026-11-24T08:00Z"), hour("2026-11-24T23:00Z"), hour("2026-11-24T08:05:09.120000Z")
    ('24 Nov 2026, 08–09 UTC', '24 Nov 2026, 23–24 UTC', '24 Nov 2026, 08:05')
    """
    if not HOUR.fullmatch(at):
        return moment(at)
    first = int(at[11:13])
    return f"{moment(at).removesuffix(at[11:16])}{first:02}–{first + 1:02} UTC"


def number(value: float | None) -> str:
    """Two places, a dash for none.

    >>> number(0.4), number(None)
    ('0.40', '–')
    """
    return "–" if value is None else f"{value:.2f}"


def told(name: str) -> str:
    """What a word of the log means to people; any other stays as it is.

    >>> told("should_have_refused"), told("crisis"), told("Mitchell")
    ('Should have refused', 'Crisis', 'Mitchell')
    """
    return LABELS.get(name) or KINDS.get(name) or EXPECTATIONS.get(name) or name


def capitalised(words: str) -> str:
    """The words with a capital at their start, the rest as it is.

    >>> capitalised("shown as quote 1 of PTSD"), capitalised("")
    ('Shown as quote 1 of PTSD', '')
    """
    return words[:1].upper() + words[1:]
