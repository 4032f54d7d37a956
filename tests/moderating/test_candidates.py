"""Why a sentence was shown or dropped, as far as the log tells."""

from __future__ import annotations

from typing import Any

import pytest
from moderated import NEW, candidate, make_document, quote, record

from chatbot.log.records import Candidate, Record
from chatbot.moderating.candidates import views
from chatbot.settings import STATEMENT_SHARE

DOCUMENTS = {"article": make_document()}
BEST = candidate("Kindness helps.", 0.8, shown=True)
FAR = candidate("Nobody was harmed.", 0.79 * STATEMENT_SHARE)  # the best has .8
NEAR = candidate("It helps people who are hard on themselves.", 0.3)
SITES = candidate("MDMA was given at 15 sites.", 0.2)


def why(found: Record, threshold: float | None = 0.5) -> list[str]:
    return [view.why for view in views(found, DOCUMENTS, threshold)]


def test_shown_and_too_far_below_the_best() -> None:
    assert why(record("r1", hits=(BEST, FAR, NEAR))) == [
        "shown as quote 1",
        f"its score is below {STATEMENT_SHARE:.0%} of the best one’s",
        "not known",
    ]


def test_shown_within_a_longer_quote_or_beside_it() -> None:
    whole = "Kindness helps. It helps people who are hard on themselves."
    reply = {"quotes": [quote(whole)], "keep_in_mind": [quote("Nothing here is approved.", 2)]}
    told = candidate("Nothing here is approved.", 0.01)
    assert why(record("r1", reply=reply, hits=(BEST, told))) == ["shown within quote 1", "shown under “Keep in mind”"]


def test_a_near_repeat_of_one_that_is_shown() -> None:
    text = "It helps all who try.\nIt helps all who try it. Else it does not."
    reply = {"quotes": [{"doc_id": "article", "start": 0, "end": 21, "text": text[:21]}]}
    hits = tuple(Candidate("article", a, b, 0.8, (), a == 0) for a, b in ((0, 21), (22, 46), (47, 64)))
    found = views(record("r1", reply=reply, hits=hits), {"article": make_document(text)}, 0.5)
    assert [view.why for view in found] == [
        "shown as quote 1",
        "nearly repeats candidate 1, which is shown (likeness 89 of 100)",
        "not known",
    ]


def test_at_most_three() -> None:
    words = ("Kindness helps.", "Nobody was harmed.", "Nothing here is approved.")
    shown = tuple(candidate(text, 0.8, shown=True) for text in words)
    reply = {"quotes": [quote(text, n) for n, text in enumerate(words, 1)]}
    assert why(record("r1", reply=reply, hits=(*shown, SITES)))[3] == "3 better ones were shown, which is the most"


@pytest.mark.parametrize(
    ("more", "threshold", "expected"),
    [
        ({"kind": "abstention", "confidence": 0.412}, 0.5, "the reply refused: confidence 0.412 was below the threshold 0.500"),
        ({"kind": "abstention", "confidence": 0.412}, None, "the reply refused; the threshold of its generation is not known"),
        ({"kind": "abstention", "confidence": 0.9, "reply": {"reason": "no_text"}}, 0.5, "the reply refused: it asks about a source that has no text here"),
        ({"kind": "abstention", "confidence": 0.9}, 0.5, "the reply refused although its confidence was not below the threshold: not known"),
        ({"kind": "drug_request"}, 0.5, "not used: drug request gets fixed wording"),
        ({"kind": "medical_advice", "confidence": 0.3}, 0.5, "no sentence was shown: confidence 0.300 was below the threshold 0.500"),
        ({"kind": "answer", "confidence": 0.3, "reply": {"quotes": [quote("Nobody was harmed.")]}}, 0.5, "not shown: confidence 0.300 was below the threshold 0.500; what is quoted is the record of a source"),
        ({"reply": {"parts": ["One?", "Two?"]}}, 0.5, "not known: the question had 2 parts"),
        ({"settings_digest": "of another time"}, 0.5, "not known: the reply was made under other settings"),
    ],
)  # fmt: skip
def test_why_one_was_not_shown(more: dict[str, Any], threshold: float | None, expected: str) -> None:
    assert why(record("r1", **{"kind": "answer", "hits": (NEAR,)} | more), threshold) == [expected]


def test_the_closest_passages_of_a_refusal() -> None:
    reply = {"near_misses": [quote("It helps people who are hard on themselves.")]}
    assert why(record("r1", "abstention", 0.2, reply=reply, hits=(NEAR,))) == [
        "shown among the closest passages, not as an answer: the reply refused: confidence 0.200 was below the threshold 0.500"
    ]


def test_pins_and_bans_name_themselves() -> None:
    pinned = candidate("Kindness helps.", 0.1, shown=True, **{"cosine": 0.2, "pinned": 1.0, "pinned:p1": 1.0})
    banned = candidate("Nobody was harmed.", 0.0, **{"banned": 1.0, "banned:b2": 1.0})
    assert why(record("r1", hits=(pinned, banned))) == [
        "shown as quote 1: pin p1",
        "never shown for questions like this one: ban b2",
    ]


def test_texts_and_headings_come_from_the_document() -> None:
    outside = Candidate("article", 0, 9999, None, (), False)
    other = Candidate("other", 0, 5, 0.5, (), False)
    found = views(record("r1", hits=(SITES, outside, other), generation=NEW), DOCUMENTS, 0.5)
    assert [(view.text, view.heading) for view in found] == [
        ("MDMA was given at 15 sites.", "The trial › Sites"),
        ("", "Kindness"),
        ("", ""),
    ]
    assert found[1].why == "not known"
