"""Verdicts from a file, as `chatbot review export` writes them: one JSON object a line.

Every line is looked at by itself: what is there already is passed over, what is wrong is named with its line. What to do when
something is wrong is the caller's to say. Left out: the writing down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from chatbot.datatypes import Json
from chatbot.errors import ReviewError
from chatbot.review.values import Label, QuoteVerdict, Triage, Verdict

AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
MAX_LINE = 200_000  # characters; a verdict with everything at its limit has about 50,000
TEXTS = ("record_id", "label", "reviewer", "note", "judged_at")
COLUMNS = (
    "record_id",
    "label",
    "reviewer",
    "judged_at",
    "question",
    "note",
    "gold",
    "triage",
    "quotes",
    "tags",
    "blind",
)
What = Literal["taken", "there", "wrong"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, counted from 1. `words` say what is wrong with it, "" otherwise."""

    number: int
    what: What
    words: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file. `written` tells whether what is taken was written down."""

    lines: tuple[Line, ...]
    written: bool

    def count(self, what: What) -> int:
        """How many lines are so."""
        return sum(line.what == what for line in self.lines)


def row_of(verdict: Verdict, question: str | None) -> Json:
    """A verdict as a line is made of, with the question that it is about, None where its record was removed."""
    return asdict(verdict) | {"question": question}


def cells_of(verdict: Verdict, question: str | None) -> tuple[object, ...]:
    """A verdict as the cells of COLUMNS: a list one below the other, nothing as an empty cell."""
    quotes = "\n".join(f"{q.doc_id}:{q.start}-{q.end}={q.label}" for q in verdict.quotes)
    lists = {"gold": "\n".join(verdict.gold), "quotes": quotes, "tags": "\n".join(verdict.tags)}
    row = row_of(verdict, question) | lists | {"blind": "blind" if verdict.blind else ""}
    return tuple(row[name] or "" for name in COLUMNS)


def look_at(lines: Iterable[str], known: Collection[Verdict], check: Callable[[Verdict], None]) -> list[Line]:
    """Every line that is not blank. `known` are the verdicts that are there; `check` raises ReviewError for what cannot be taken.

    A verdict is there when one of the same record, reviewer, moment and label is that says the same, or nothing any more because its
    record was removed.
    """
    there = {_key(verdict): verdict for verdict in known}
    out = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            verdict = parse(text)
            before = there.get(_key(verdict))
            if before is None:
                check(verdict)
                there[_key(verdict)] = verdict
            else:
                _check_same(before, verdict)
        except ReviewError as error:
            out.append(Line(number, "wrong", str(error), None))
            continue
        out.append(Line(number, "taken" if before is None else "there", "", verdict))
    return out


def _key(verdict: Verdict) -> tuple[str, str, str, str]:
    return verdict.record_id, verdict.reviewer, verdict.judged_at, verdict.label


def _check_same(before: Verdict, verdict: Verdict) -> None:
    """Raises ReviewError where a verdict of the same moment says something else."""
    was, now = ((v.note, v.gold, v.triage, v.quotes, v.tags) for v in (before, verdict))
    if was not in (now, ("", (), None, (), ())):
        raise ReviewError(
            f"{verdict.record_id} has a verdict of {verdict.reviewer} at {verdict.judged_at} that says something else"
        )


def parse(line: str) -> Verdict:
    """A line as a verdict of the right form; whether it fits its record is not looked at. Raises ReviewError."""
    if len(line) > MAX_LINE:
        raise ReviewError(f"the line has {len(line)} characters; a verdict has at most {MAX_LINE}")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        place = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ReviewError(f"no JSON{place}; give lines as `chatbot review export` writes them") from error
    if not isinstance(row, dict):
        raise ReviewError("no JSON object; give lines as `chatbot review export` writes them")
    return _verdict(row)


def _verdict(row: dict[str, Any]) -> Verdict:
    for name in TEXTS:
        if not isinstance(row.get(name), str):
            raise ReviewError(f"{name} is no text; write it in quotation marks")
    if not AT.fullmatch(row["judged_at"]):
        raise ReviewError(f"judged_at is {row['judged_at'][:40]!r}; give a moment such as 2026-11-24T08:00:00Z")
    triage = row.get("triage")
    if not isinstance(triage, str | None):
        raise ReviewError("triage is neither a text nor null")
    flags = [row.get(name, False) for name in ("blind", "due")]
    if not all(isinstance(flag, bool) for flag in flags) or all(flags):
        raise ReviewError("blind and due are true or false, and not both true")
    return Verdict(
        record_id=row["record_id"],
        label=cast(Label, row["label"]),  # what the words may be is the check's to say
        reviewer=row["reviewer"],
        note=row["note"]
        .encode("utf-8", "replace")
        .decode()
        .replace("\0", "\ufffd"),  # escapes may say what no text can hold
        judged_at=row["judged_at"],
        gold=_texts(row, "gold"),
        triage=cast(Triage, triage) if triage else None,
        quotes=tuple(_quote(quote) for quote in _list(row, "quotes")),
        tags=_texts(row, "tags"),
        blind=flags[0],
        due=flags[1],
    )


def _list(row: dict[str, Any], name: str) -> list[Any]:
    value = row.get(name, [])
    if not isinstance(value, list):
        raise ReviewError(f"{name} is no list")
    return value


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = _list(row, name)
    if not all(isinstance(value, str) for value in values):
        raise ReviewError(f"{name} is no list of texts")
    return tuple(values)


def _quote(row: object) -> QuoteVerdict:
    wanted = {"doc_id": str, "start": int, "end": int, "label": str}
    if not isinstance(row, dict) or any(type(row.get(name)) is not kind for name, kind in wanted.items()):
        raise ReviewError("a verdict on a quote has doc_id, start, end and label")
    return QuoteVerdict(*(row[name] for name in wanted))
