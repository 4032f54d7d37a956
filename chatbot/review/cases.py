"""A verdict becomes a test case, and cases a folder of the form that `chatbot eval domain` runs.

    answerable.jsonl     {"id","question","history","gold","gold_mode","difficulty","from_record"}
    unanswerable.jsonl   {"id","question","kind","expected","from_record"}
    safety.jsonl         the same, with the kind of redirect

A case's id is that of its record, so writing again replaces it and adds nothing twice; one made at the desk (`making`) goes
before the one that the verdict makes. A question that leaned on the conversation is written as it was understood, because the
conversation is not logged. Any of the gold sentences counts; of a good answer they are the quotes that were judged to answer, or
all of them where none was judged by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatbot.errors import ReviewError
from chatbot.review.values import Case, Expectation, MadeCase, Reviewable, Verdict

FILES = ("answerable.jsonl", "unanswerable.jsonl", "safety.jsonl")
EXPECTED = {
    "refuse": "decline_not_in_sources",
    "crisis": "support_message_first_no_refusal_tone",
    "drug_request": "refuse_dosing_obtaining_self_administration",
    "medical_advice": "no_personal_advice_refer_to_clinician",
    "benign_lookalike": "answer",
}


def case_of(verdict: Verdict, record: Reviewable) -> Case:
    """The case that a verdict makes of its record. Raises ReviewError where it makes none, saying what is missing."""
    question = _question(record)
    if not question:
        raise ReviewError(f"{record.record_id}: the text of a crisis is not logged; write its case by hand")
    expectation = _expectation(verdict, record)
    gold = verdict.gold
    if not gold and verdict.label == "good":
        gold = _good_quotes(verdict, record)
    if expectation == "answer" and not gold:
        raise ReviewError(f"{record.record_id}: no sentence that answers was named; judge it again with --gold")
    return Case(question, expectation, gold if expectation == "answer" else (), record.record_id)


def all_cases(made: Iterable[MadeCase], judged: Iterable[tuple[Verdict, Reviewable]]) -> tuple[list[Case], list[str]]:
    """The cases of records, and for each record that makes none the words why. Of several made of a record the last counts.

    What was made of a record that was removed has no words left and makes none.
    """
    cases = {m.record_id: Case(m.question, m.expectation, m.gold, m.record_id) for m in made if m.question}
    left_out = []
    for verdict, record in judged:
        if record.record_id not in cases:
            try:
                cases[record.record_id] = case_of(verdict, record)
            except ReviewError as error:
                left_out.append(str(error))
    return list(cases.values()), left_out


def contradictions(cases: Iterable[Case]) -> list[str]:
    """In words, which cases ask the same, but for case and white space, and expect something else; no chatbot can meet both."""
    asked: dict[str, list[Case]] = {}
    for case in cases:
        asked.setdefault(" ".join(case.question.casefold().split()), []).append(case)
    return [
        f"“{some[0].question}”: " + ", ".join(f"{c.from_record} expects {c.expectation}" for c in some)
        for some in asked.values()
        if len({c.expectation for c in some}) > 1
    ]


def _good_quotes(verdict: Verdict, record: Reviewable) -> tuple[str, ...]:
    """The quotes of a good answer that answer, as far as they were judged; each that was not counts."""
    label = {(q.doc_id, q.start, q.end): q.label for q in verdict.quotes}
    quotes = record.reply.get("quotes") or ()
    said = [(q["text"], label.get((q.get("doc_id"), q.get("start"), q.get("end")))) for q in quotes]
    answering = tuple(text for text, found in said if found == "answers")
    return answering or tuple(text for text, found in said if found is None)


def _question(record: Reviewable) -> str:
    """The question, as understood where it leaned on earlier ones."""
    return str(record.reply["understood"]) if record.reply.get("carried") else record.question


def _expectation(verdict: Verdict, record: Reviewable) -> Expectation:
    if verdict.label == "should_have_answered":
        return "answer"
    if verdict.label == "should_have_refused":
        return "refuse"
    if verdict.label in ("wrong_triage", "unsafe"):
        return verdict.triage or "refuse"
    kinds: dict[str, Expectation] = {
        "answer": "answer",
        "abstention": "refuse",
        "drug_request": "drug_request",
        "medical_advice": "medical_advice",
    }
    return kinds[record.kind]


def row_of(case: Case) -> tuple[str, dict[str, Any]]:
    """The name of the case's file, and its line."""
    row: dict[str, Any] = {"id": f"R-{case.from_record}", "question": case.question}
    if case.expectation == "answer":
        row |= {"history": [], "gold": list(case.gold), "gold_mode": "any", "difficulty": "reviewed"}
    else:
        kind = "near" if case.expectation == "refuse" else case.expectation
        row |= {"kind": kind, "expected": EXPECTED[case.expectation]}
    row["from_record"] = case.from_record
    return FILES[0 if case.expectation == "answer" else 1 if case.expectation == "refuse" else 2], row


def write_cases(cases: Iterable[Case], folder: Path) -> dict[str, int]:
    """Adds cases to an evaluation folder and tells how many lines each of its files has then.

    A line with a case's id is replaced, in whichever of the three files it stands; all other lines stay as they are.
    A file without a line is not written. Raises ReviewError for a folder or file that cannot be used.
    """
    new: dict[str, list[dict[str, Any]]] = {name: [] for name in FILES}
    for case in cases:
        name, row = row_of(case)
        new[name].append(row)
    replaced = {row["id"] for rows in new.values() for row in rows}
    counts = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            path = folder / name
            before = _lines(path)
            kept = [line for ident, line in before if ident not in replaced]
            lines = kept + [json.dumps(row, ensure_ascii=False) for row in new[name]]
            if lines or before:
                _replace(path, "".join(f"{line}\n" for line in lines))
            counts[name] = len(lines)
    except OSError as error:
        raise ReviewError(f"{error.filename}: {error.strerror}; choose a folder that can be written") from error
    return {name: count for name, count in counts.items() if count}


def _lines(path: Path) -> list[tuple[str, str]]:
    """Ids and lines of a file, none when it is not there."""
    if not path.exists():
        return []
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            out.append((str(json.loads(line)["id"]), line))
        except (ValueError, KeyError, TypeError) as error:
            raise ReviewError(
                f"{path}:{number}: not a case with an id ({error}); correct or remove the line"
            ) from error
    return out


def _replace(path: Path, text: str) -> None:
    """Writes beside and renames, so that a reader sees the old or the new file. An empty text removes the file."""
    if not text:
        path.unlink()
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
