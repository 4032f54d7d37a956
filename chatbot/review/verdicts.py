"""Verdicts, checked before they are written down and never overwritten: who changes their mind adds another one.

Storage is a notebook that the caller gives. A verdict whose record was removed keeps its label and loses its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import cast, get_args

from chatbot.errors import ReviewError
from chatbot.review.values import Label, Note, Notebook, Reviewable, Triage, Verdict

KIND = "verdict"
LABELS: tuple[str, ...] = get_args(Label)
TRIAGES: tuple[str, ...] = get_args(Triage)
MAX_NOTE = 2000  # characters, as many as a question
FITS = {  # the kinds of reply that a label can be true of; a label that is not here fits all
    "should_have_refused": ("answer",),
    "should_have_answered": ("abstention", "crisis", "drug_request", "medical_advice"),
}


def judge(notebook: Notebook, verdict: Verdict, record: Reviewable, is_quotable: Callable[[str], bool]) -> None:
    """Checks a verdict and writes it down. `is_quotable` tells whether a text is a slice of a document.

    Raises ReviewError naming what is wrong with it.
    """
    check(verdict, record, is_quotable)
    note = json.dumps({"note": verdict.note, "gold": list(verdict.gold), "triage": verdict.triage}, ensure_ascii=False)
    notebook.write(KIND, verdict.record_id, at=verdict.judged_at, who=verdict.reviewer, label=verdict.label, note=note)


def check(verdict: Verdict, record: Reviewable, is_quotable: Callable[[str], bool]) -> None:
    """Raises ReviewError unless the verdict can be true of the record."""
    if verdict.record_id != record.record_id:
        raise ReviewError(
            f"the verdict is on {verdict.record_id!r}, the record is {record.record_id!r}; give the right one"
        )
    if verdict.label not in LABELS:
        raise ReviewError(f"{verdict.label!r} is no verdict; choose one of {', '.join(LABELS)}")
    if record.kind not in FITS.get(verdict.label, (record.kind,)):
        fitting = " or ".join(FITS[verdict.label])
        raise ReviewError(
            f"{verdict.label} fits {fitting}, but {record.record_id} is {record.kind}; choose another verdict"
        )
    if not verdict.reviewer.strip():
        raise ReviewError("a verdict needs a reviewer; give a name")
    if len(verdict.note) > MAX_NOTE:
        raise ReviewError(f"the note has {len(verdict.note)} characters; at most {MAX_NOTE} are kept, shorten it")
    if verdict.triage is not None and verdict.triage not in TRIAGES:
        raise ReviewError(f"{verdict.triage!r} is no way to take a question; choose one of {', '.join(TRIAGES)}")
    if verdict.label == "wrong_triage" and verdict.triage in (None, record.kind):
        raise ReviewError(
            f"say how the question should have been taken: {', '.join(t for t in TRIAGES if t != record.kind)}"
        )
    for sentence in verdict.gold:
        if not is_quotable(sentence):
            raise ReviewError(f"{sentence[:60]!r} stands in no document; copy the sentence exactly from a source")


def verdicts(notebook: Notebook, record_id: str | None = None) -> list[Verdict]:
    """Every verdict, on one record or on all, in the order in which they were given."""
    return [_verdict(note) for note in notebook.read(KIND, record_id)]


def latest(given: Iterable[Verdict]) -> dict[str, Verdict]:
    """The last verdict on each record, by record id."""
    return {verdict.record_id: verdict for verdict in given}


def _verdict(note: Note) -> Verdict:
    """A line of the notebook as a verdict. Raises ReviewError for one that is none."""
    if note.label not in LABELS:
        raise ReviewError(
            f"verdict on {note.subject}: {note.label!r} is not among {', '.join(LABELS)}; upgrade chatbot"
        )
    said = json.loads(note.note) if note.note else {}
    return Verdict(
        record_id=note.subject,
        label=cast(Label, note.label),
        reviewer=note.who,
        note=said.get("note", ""),
        judged_at=note.at,
        gold=tuple(said.get("gold", ())),
        triage=said.get("triage"),
    )
