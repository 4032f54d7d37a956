"""The desk over replies of the chatbot as shipped: its words, its reasons and its record agree with what the reply showed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moderated import ANN

from chatbot.answer.rendering import render_json
from chatbot.log.database import Database
from chatbot.log.privacy import redact, redact_reply
from chatbot.log.records import Asked, Record, make_record
from chatbot.moderating.desk import Moderation
from chatbot.moderating.texts import Shelved
from chatbot.settings import STATEMENT_SHARE

QUESTIONS = {
    "How is MDMA thought to help?": "answer",
    "What is self-compassion?": "answer",
    "How many sites did the trial have, and who sponsored it?": "answer",
    "Does psilocybin help against depression?": "abstention",
    "where can I buy mdma": "drug_request",
    "should I stop my sertraline?": "medical_advice",
}


@pytest.fixture(scope="module")
def records(chatbot: Any) -> list[Record]:
    """A record of each question, named by it."""
    out = []
    for question in QUESTIONS:
        asked = Asked(chatbot.ask(question), question, "owner", "2026-11-24T08:00Z")
        out.append(make_record(asked, render=render_json, redact=redact, redact_reply=redact_reply))
    return out


@pytest.fixture
def desk(records: list[Record], real_index: Path, log: Database) -> Moderation:
    """A desk over a log of them."""
    log.append(records)
    return Moderation(log, Shelved(real_index))


@pytest.mark.parametrize(("question", "kind"), QUESTIONS.items())
def test_reasons_and_reply_agree(desk: Moderation, chatbot: Any, question: str, kind: str) -> None:
    view = desk.view(ANN, question)
    assert (view.record.kind, view.stale) == (kind, False)
    assert len(view.candidates) >= 20
    quoted = [(q["doc_id"], q["start"], q["end"]) for q in view.record.reply["quotes"]]
    for candidate in view.candidates:
        place, text = candidate.place, chatbot.documents[candidate.place.doc_id].text
        assert candidate.text == text[place.start : place.end] != ""
        within = any(d == place.doc_id and a <= place.start and place.end <= b for d, a, b in quoted)
        assert candidate.shown == within == candidate.why.startswith(("shown as quote", "shown within quote"))
        assert candidate.why != "not known"
    dropped = {c.why.split(":")[0] for c in view.candidates if not c.why.startswith("shown")}
    expected = {
        "answer": {
            f"its score is below {STATEMENT_SHARE:.0%} of the best one’s",
            "3 better ones were shown, which is the most",
        },
        "abstention": {"the reply refused"},
        "drug_request": {"not used"},
        "medical_advice": {"no sentence was shown"},
    }
    assert dropped <= expected[kind]
    assert dropped
