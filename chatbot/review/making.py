"""A test case made at the desk: a question, what is expected, and the sentences of the documents that answer.

Each is a line of the notebook about its record, `EXPECTATION:ID` with the words as JSON, checked before it is written and never
overwritten: of several cases of one record the last counts. The words of a removed record's case go with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

from chatbot.datatypes import Document
from chatbot.errors import ReviewError
from chatbot.marked import Place
from chatbot.review.values import MAX_GOLD, MAX_QUESTION, Expectation, MadeCase, Note, Notebook

KIND = "case"
EXPECTATIONS: tuple[str, ...] = get_args(Expectation)
MAX_SENTENCE = 2000  # characters; the longest sentence of the shipped sources has 600


def sentences_at(places: Sequence[Place], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """The words at places that somebody marked, without white space at their ends. Raises ReviewError where none can be."""
    return tuple(_words_at(place, documents) for place in dict.fromkeys(places))


def _words_at(place: Place, documents: Mapping[str, Document]) -> str:
    document = documents.get(place.doc_id)
    if document is None:
        raise ReviewError(
            f"{place.doc_id[:60]!r} is no document of this record; there are {', '.join(sorted(documents))}"
        )
    if not 0 <= place.start < place.end <= len(document.text):
        raise ReviewError(
            f"{place.doc_id} has no text at {place.start}-{place.end}; it has {len(document.text)} characters"
        )
    words = document.text[place.start : place.end].strip()
    if not words:
        raise ReviewError(f"{place.doc_id}:{place.start}-{place.end} is blank; mark the sentence that answers")
    if len(words) > MAX_SENTENCE:
        raise ReviewError(f"{len(words)} characters of {place.doc_id} are marked; mark at most {MAX_SENTENCE} at once")
    return words


def make(notebook: Notebook, case: MadeCase) -> None:
    """Checks a case and writes it down. Its gold comes from `sentences_at`. Raises ReviewError naming what is wrong."""
    if case.expectation not in EXPECTATIONS:
        raise ReviewError(f"{case.expectation!r} is nothing to expect; choose one of {', '.join(EXPECTATIONS)}")
    if not case.question.strip():
        raise ReviewError(f"{case.record_id}: a case needs a question; write one")
    if len(case.question) > MAX_QUESTION:
        raise ReviewError(f"the question has {len(case.question)} characters; at most {MAX_QUESTION} are kept")
    if case.expectation == "answer" and not case.gold:
        raise ReviewError(f"{case.record_id}: no sentence that answers was marked; mark one in a document")
    if case.expectation != "answer" and case.gold:
        raise ReviewError(f"{case.record_id}: sentences were marked, but {case.expectation} is expected; take them out")
    if len(case.gold) > MAX_GOLD:
        raise ReviewError(f"{len(case.gold)} sentences were marked; at most {MAX_GOLD} are kept")
    note = json.dumps({"question": case.question, "gold": list(case.gold)}, ensure_ascii=False)
    label = f"{case.expectation}:{case.case_id}"
    notebook.write(KIND, case.record_id, at=case.at, who=case.by, label=label, note=note)


def made_cases(notebook: Notebook, record_id: str | None = None) -> list[MadeCase]:
    """Every case made, of one record or of all, in order; those of removed records without question and gold."""
    return [_case(line) for line in notebook.read(KIND, record_id)]


def _case(line: Note) -> MadeCase:
    expectation, _, ident = line.label.partition(":")
    if expectation not in EXPECTATIONS:
        raise ReviewError(f"case of {line.subject}: {line.label!r} is nothing to expect; upgrade chatbot")
    said: dict[str, Any] = json.loads(line.note) if line.note else {}
    gold = tuple(said.get("gold", ()))
    wanted = cast(Expectation, expectation)
    return MadeCase(ident, line.subject, said.get("question", ""), wanted, gold, line.who, line.at)
