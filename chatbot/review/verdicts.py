"""Verdicts, checked before they are written down and never overwritten: who changes their mind adds another one.

Storage is a notebook that the caller gives. The label of a line is the verdict's, with `:due` behind it where a blind second verdict
is to follow and `:blind` where it is one, so that agreement can be counted when the record is gone: a verdict whose record was
removed keeps its label and loses its words, its tags and what was said of quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, cast, get_args

from chatbot.errors import ReviewError
from chatbot.review.values import (
    MAX_GOLD,
    REDIRECTS,
    Label,
    Note,
    Notebook,
    QuoteLabel,
    QuoteVerdict,
    Reviewable,
    Triage,
    Verdict,
)

KIND = "verdict"
LABELS: tuple[str, ...] = get_args(Label)
TRIAGES: tuple[str, ...] = get_args(Triage)
QUOTE_LABELS: tuple[str, ...] = get_args(QuoteLabel)
MAX_NOTE = 2000  # characters, as many as a question
MAX_REVIEWER = 64  # characters; an account has 32, a name of the system may be longer
MAX_TAGS = 8
TAG = re.compile(r"(?=.{1,32}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
BLIND, DUE = "blind", "due"  # behind the label; no verdict is both
SHOWN = ("quotes", "keep_in_mind", "near_misses")  # where a reply shows quotes
FITS = {  # the kinds of reply that a label can be true of; a label that is not here fits all
    "should_have_refused": ("answer",),
    "should_have_answered": ("abstention", *REDIRECTS),
}


def judge(notebook: Notebook, verdict: Verdict, record: Reviewable, is_quotable: Callable[[str], bool]) -> None:
    """Checks a verdict and writes it down. `is_quotable` tells whether a text is a slice of a document.

    Raises ReviewError naming what is wrong with it.
    """
    check(verdict, record, is_quotable)
    label = verdict.label + (f":{BLIND}" if verdict.blind else f":{DUE}" if verdict.due else "")
    at, who = verdict.judged_at, verdict.reviewer
    notebook.write(KIND, verdict.record_id, at=at, who=who, label=label, note=_note(verdict))


def _note(verdict: Verdict) -> str:
    """What a removal of the record takes away, as JSON."""
    said = {
        "note": verdict.note,
        "gold": list(verdict.gold),
        "triage": verdict.triage,
        "quotes": [[q.doc_id, q.start, q.end, q.label] for q in verdict.quotes],
        "tags": list(verdict.tags),
    }
    return json.dumps(said, ensure_ascii=False)


def check(verdict: Verdict, record: Reviewable, is_quotable: Callable[[str], bool]) -> None:
    """Raises ReviewError unless the verdict can be true of the record."""
    if verdict.record_id != record.record_id:
        raise ReviewError(
            f"the verdict is on {verdict.record_id!r}, the record is {record.record_id!r}; give the right one"
        )
    _check_label(verdict, record)
    _check_words(verdict)
    if verdict.triage is not None and verdict.triage not in TRIAGES:
        raise ReviewError(f"{verdict.triage!r} is no way to take a question; choose one of {', '.join(TRIAGES)}")
    if verdict.label == "wrong_triage" and verdict.triage in (None, record.kind):
        raise ReviewError(
            f"say how the question should have been taken: {', '.join(t for t in TRIAGES if t != record.kind)}"
        )
    _check_quotes(verdict, record)
    if len(verdict.gold) > MAX_GOLD:
        raise ReviewError(f"{len(verdict.gold)} sentences that answer were named; at most {MAX_GOLD} are kept")
    for sentence in verdict.gold:
        if not is_quotable(sentence):
            raise ReviewError(f"{sentence[:60]!r} stands in no document; copy the sentence exactly from a source")


def _check_label(verdict: Verdict, record: Reviewable) -> None:
    if verdict.label not in LABELS:
        raise ReviewError(f"{verdict.label!r} is no verdict; choose one of {', '.join(LABELS)}")
    if record.kind not in FITS.get(verdict.label, (record.kind,)):
        fitting = " or ".join(FITS[verdict.label])
        raise ReviewError(
            f"{verdict.label} fits {fitting}, but {record.record_id} is {record.kind}; choose another verdict"
        )


def _check_words(verdict: Verdict) -> None:
    """Reviewer, note and tags."""
    if not verdict.reviewer.strip():
        raise ReviewError("a verdict needs a reviewer; give a name")
    if len(verdict.reviewer) > MAX_REVIEWER or not verdict.reviewer.isprintable():
        raise ReviewError(
            f"{verdict.reviewer[:MAX_REVIEWER]!r} is no reviewer's name; use at most {MAX_REVIEWER} letters"
        )
    if len(verdict.note) > MAX_NOTE:
        raise ReviewError(f"the note has {len(verdict.note)} characters; at most {MAX_NOTE} are kept, shorten it")
    for tag in verdict.tags:
        if not TAG.fullmatch(tag):
            raise ReviewError(f"{tag[:40]!r} is no tag; use up to 32 of a-z and 0-9, words joined by hyphens")
    if len(set(verdict.tags)) != len(verdict.tags) or len(verdict.tags) > MAX_TAGS:
        raise ReviewError(f"the tags are {', '.join(verdict.tags)}; give each once, at most {MAX_TAGS}")


def _check_quotes(verdict: Verdict, record: Reviewable) -> None:
    """Each verdict on a quote must be on one that the reply shows, and on each there is one at most."""
    shown = set(quotes_shown(record))
    seen: set[tuple[str, int, int]] = set()
    for quote in verdict.quotes:
        place = (quote.doc_id, quote.start, quote.end)
        named = f"{quote.doc_id[:60]}:{quote.start}-{quote.end}"
        if quote.label not in QUOTE_LABELS:
            raise ReviewError(f"{quote.label!r} is no verdict on a quote; choose one of {', '.join(QUOTE_LABELS)}")
        if place not in shown:
            raise ReviewError(f"{named} is no quote of {record.record_id}; name one that its reply shows")
        if place in seen:
            raise ReviewError(f"{named} is judged twice; give one verdict on each quote")
        seen.add(place)


def quotes_shown(record: Reviewable) -> list[tuple[str, int, int]]:
    """Where the quotes that the reply shows stand: what answers, what to keep in mind, the closest passages."""
    quotes = [quote for name in SHOWN for quote in record.reply.get(name) or ()]
    return [(str(q["doc_id"]), int(q["start"]), int(q["end"])) for q in quotes if "doc_id" in q]


def verdicts(notebook: Notebook, record_id: str | None = None) -> list[Verdict]:
    """Every verdict, on one record or on all, in the order in which they were given."""
    return [verdict_of(note) for note in notebook.read(KIND, record_id)]


def latest(given: Iterable[Verdict]) -> dict[str, Verdict]:
    """The last verdict on each record, by record id."""
    return {verdict.record_id: verdict for verdict in given}


def verdict_of(line: Note, *, words: bool = True) -> Verdict:
    """A line of the notebook as a verdict; without `words` only who said which label when. Raises ReviewError for one that is none."""
    label, _, more = line.label.partition(":")
    if label not in LABELS or more not in ("", BLIND, DUE):
        raise ReviewError(
            f"verdict on {line.subject}: {line.label!r} is not among {', '.join(LABELS)}; upgrade chatbot"
        )
    said: dict[str, Any] = json.loads(line.note) if words and line.note else {}
    return Verdict(
        record_id=line.subject,
        label=cast(Label, label),
        reviewer=line.who,
        note=said.get("note", ""),
        judged_at=line.at,
        gold=tuple(said.get("gold", ())),
        triage=said.get("triage"),
        quotes=tuple(QuoteVerdict(*row) for row in said.get("quotes", ())),
        tags=tuple(said.get("tags", ())),
        blind=more == BLIND,
        due=more == DUE,
    )
