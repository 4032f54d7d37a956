"""Patterns alone: sure wording of the three kinds is met, look-alikes pass."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.triage import KINDS, MAX_SENTENCES, NONE, PIECE, THRESHOLDS, Rules, pieces_of, read_rules, triage

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "triage.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}: {row['text'][:50]}")
def test_cases(rules: Rules, row: dict[str, str]) -> None:
    assert triage(row["text"], rules, None) == row["kind"]


@pytest.mark.parametrize("row", [r for r in ROWS if r["kind"] == "crisis"], ids=lambda row: row["text"][:50])
def test_a_crisis_is_seen_within_a_longer_message(rules: Rules, row: dict[str, str]) -> None:
    text = f"Hello. I have read the article. {row['text']}. What did the trial find? Thank you!"
    assert triage(text, rules, None) == "crisis"
    assert triage(text.upper(), rules, None) == "crisis"


@pytest.mark.parametrize("row", [r for r in ROWS if r["kind"] is None], ids=lambda row: row["text"][:50])
def test_a_look_alike_stays_one_beside_other_questions(rules: Rules, row: dict[str, str]) -> None:
    assert triage(f"{row['text']} Thanks.", rules, None) is None
    assert triage(row["text"].upper(), rules, None) is None


def test_crisis_comes_before_the_other_kinds(rules: Rules) -> None:
    assert triage("Where can I buy MDMA? I want to kill myself.", rules, None) == "crisis"
    assert triage("Where can I buy MDMA? Should I stop my meds?", rules, None) == "drug_request"


def test_substances_are_the_corpus_s_own() -> None:
    tea = read_rules(["green tea", "tea"])
    assert triage("Where can I buy green tea?", tea, None) == "drug_request"
    assert triage("Where can I buy MDMA?", tea, None) is None
    none = read_rules([])
    assert triage("Where can I buy MDMA or some?", none, None) is None
    assert triage("I want to kill myself", none, None) == "crisis"
    assert triage("a+b", read_rules(["a+b("]), None) is None


# --- the classifier's word --------------------------------------------------------------------------------------------


def judge(scores: Mapping[str, Mapping[str, float]]) -> object:
    """A classifier that knows some pieces by heart."""

    def classify(texts: Sequence[str]) -> list[Mapping[str, float]]:
        return [scores.get(text, {}) for text in texts]

    return classify


def test_the_classifier_adds_to_the_patterns(rules: Rules) -> None:
    text = "It is dark here. What is shame?"
    for kind in KINDS:
        sure = judge({text: {kind: THRESHOLDS[kind]}})
        assert triage(text, rules, sure) == kind  # type: ignore[arg-type]
        unsure = judge({text: {kind: THRESHOLDS[kind] - 0.01}})
        assert triage(text, rules, unsure) is None  # type: ignore[arg-type]
        piece = judge({"It is dark here.": {kind: PIECE}})
        assert triage(text, rules, piece) == kind  # type: ignore[arg-type]
        weak = judge({"It is dark here.": {kind: PIECE - 0.01}})
        assert triage(text, rules, weak) is None  # type: ignore[arg-type]


def test_the_classifier_outweighs_patterns_of_advice_alone(rules: Rules) -> None:
    """A dinner is no treatment; of danger and of drugs a pattern is enough, however sure the classifier is that there is none."""
    for text, kind in (("I want to die", "crisis"), ("Where can I buy MDMA?", "drug_request")):
        assert triage(text, rules, judge({text: {"none": 1.0}})) == kind  # type: ignore[arg-type]
    dinner = "Where should I take my friend for dinner?"
    assert triage(dinner, rules, None) == "medical_advice"
    assert triage(dinner, rules, judge({dinner: {"none": NONE}})) is None  # type: ignore[arg-type]
    assert triage(dinner, rules, judge({dinner: {"none": NONE - 0.01}})) == "medical_advice"  # type: ignore[arg-type]


# --- pieces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One thing", ["One thing"]),
        ("One. Two?", ["One. Two?", "One.", "Two?"]),
        ("A! B? C.", ["A! B? C.", "A!", "B?", "C.", "A! B?", "B? C."]),
        ("No. No. No.", ["No. No. No.", "No.", "No. No."]),
        ("", [""]),
    ],
)
def test_pieces(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


@given(st.text(st.sampled_from("ab .!?\n"), max_size=400))
def test_pieces_hold_the_whole_every_word_and_are_few(text: str) -> None:
    pieces = pieces_of(text)
    assert pieces[0] == text
    assert len(pieces) == len(set(pieces)) <= 2 * MAX_SENTENCES
    if len(pieces) > 1:
        in_pieces = {word for piece in pieces[1:] for word in piece.split()}
        assert in_pieces == set(text.split())


def test_every_sentence_of_an_ordinary_message_is_a_piece() -> None:
    sentences = [f"Sentence number {i}." for i in range(MAX_SENTENCES)]
    assert set(sentences) < set(pieces_of(" ".join(sentences)))


@pytest.mark.parametrize(
    "piece",
    [
        "a. ",
        "how much ",
        "i am feeling ",
        "mdma ",
        "i want to get some ",
        "?",
        "is ",
        "can i take ",
        "buy some of the ",
        "i'm i ",
    ],
)
def test_a_hostile_text_is_read_in_a_moment(rules: Rules, piece: str) -> None:
    text = (piece * 2000)[:2000]
    began = time.perf_counter()
    triage(text, rules, None)
    assert time.perf_counter() - began < 2.0


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(rules: Rules, text: str) -> None:
    assert triage(text, rules, None) in (None, *KINDS)
    assert triage(text + " I want to kill myself.", rules, None) == "crisis" or re.search(r"\w$", text)
