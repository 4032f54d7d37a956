"""Outcomes and records to log: a document of three sentences, and replies that quote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatbot.datatypes import Author, Citation, Document, Evidence, Sentence, Source, Status
from chatbot.log.database import Database
from chatbot.log.records import Record
from chatbot.replies import Abstention, Answer, Disclaimer, Outcome, Redirect, Statement, Trace, Understood

TEXT = "Kindness helps.\nMDMA was given in 15 sites.\nNothing here is approved."
SENTENCES = ((0, 15), (16, 43), (44, 69))
GENERATION = "0123456789abcdef"
VISIT = "visit-of-a-reader-1"


def make_document(text: str = TEXT) -> Document:
    source = Source(
        "article", "web", "On kindness", (Author("Lee"),), "2024", "", "", "https://example.org/a", "own", "full", "Lee (2024).",
        Status("clear", "2026-11-01", "read"),
    )  # fmt: skip
    return Document(source, text, Document.digest(text))


DOCUMENT = make_document()


def make_citation(number: int, span: tuple[int, int]) -> Citation:
    quote = DOCUMENT.quote(*span, GENERATION)
    return Citation(
        number, quote, "Lee (2024)", "Lee (2024).", "https://example.org/a#:~:text=x", "", "clear", "full", "From:"
    )


def make_outcome(
    kind: str = "answer",
    question: str = "Does kindness help?",
    understood: Understood | None = None,
    unknown_terms: tuple[str, ...] = (),
) -> Outcome:
    disclaimer = Disclaimer(DOCUMENT.quote(*SENTENCES[2], GENERATION), "United States", "2026-11-01")
    common = (question, understood or Understood(question, parts=(question,)), disclaimer, GENERATION)
    reply: Answer | Abstention | Redirect
    if kind == "answer":
        reply = Answer(*common, (Statement((make_citation(1, SENTENCES[0]),)),), 0.9)
    elif kind == "abstention":
        near = (make_citation(1, SENTENCES[1]),)
        reply = Abstention(
            *common, "not_answered", "Not answered.", near, unknown_terms, ("kindness",), ("What helps?",), 0.3
        )
    else:
        help_lines = (("United States", "Lifeline", "988"),)
        reply = Redirect(*common, kind, "Fixed words.", help_lines, ())  # type: ignore[arg-type]
    candidates = tuple(
        Evidence(
            row,
            Sentence("article", start, end, TEXT[start:end], (), "body", 0, row),
            0.8 - row / 10,
            (("cosine", 0.5),),
        )
        for row, (start, end) in enumerate(SENTENCES[:2])
    )
    return Outcome(reply, Trace(candidates, 0.9 if kind == "answer" else 0.3, "settings1", 0.125))


def make_logged(
    number: int, *, owner: str = "owner", asked_at: str = "2026-11-24T08:00Z", question: str = ""
) -> Record:
    quote = {"doc_id": "article", "start": 0, "end": 15, "text": "Kindness helps.", "sha256": DOCUMENT.sha256}
    return Record(
        record_id=f"record-{number}",
        owner=owner,
        asked_at=asked_at,
        kind="answer",
        question=question or f"Question {number}?",
        reply={"kind": "answer", "question": question or f"Question {number}?", "quotes": [quote]},
        hits=(),
        settings_digest="settings1",
        generation=GENERATION,
        confidence=0.75,
        seconds=0.125,
    )


@pytest.fixture
def outcome() -> Callable[..., Outcome]:
    """Makes an outcome: kind, question, understood, unknown_terms."""
    return make_outcome


@pytest.fixture
def logged() -> Callable[..., Record]:
    """Makes a record: number, owner, asked_at, question."""
    return make_logged


@pytest.fixture
def document() -> Document:
    """The document that all these quote."""
    return DOCUMENT


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "answers.sqlite"


@pytest.fixture
def database(log_path: Path) -> Iterator[Database]:
    """An empty log."""
    found = Database.open(log_path, create=True, busy_seconds=0.3)
    yield found
    found.close()
