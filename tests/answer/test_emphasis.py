"""Which words of a quote are emphasised: what the question asks for, never half a negation, never nearly all."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.emphasis import MAX_SHARE, asks_for, best_run, closed, emphasise, not_cut_off, phrases, whole_list

LITTLE = frozenset(
    "a an the of in on at to and or is are was were how many much what when who which did does do not be".split()
)


def stems(text: str) -> list[str]:
    return [w.rstrip("s") for w in re.findall(r"[a-z0-9-]+", text.lower()) if w not in LITTLE]


TRIAL = (
    "The trial had three sessions of about eight hours each, and its results were printed in Nature Medicine in 2021."
)


@pytest.mark.parametrize(
    ("question", "text", "shown"),
    [
        ("When were the results of the trial printed?", TRIAL, ["in 2021"]),
        (
            "What are the parts of self-compassion?",
            "Neff describes self-compassion as having three main parts: self-kindness, common humanity, and mindfulness (Neff, n.d.).",
            ["self-kindness, common humanity, and mindfulness"],
        ),
        (
            "Why are common side effects not listed?",
            "Common side effects in the trial are not listed because the tables could not be read, not for want of any.",
            ["because the tables could not be read"],
        ),
        ("Did the trial have three sessions?", TRIAL, []),  # yes or no: no words of it are the answer
        ("When was it?", "It was in 2021.", []),  # too little to choose from
        ("Who won the cup?", TRIAL, []),
        ("What is the trial?", "", []),
    ],
)
def test_what_the_question_asks_for(question: str, text: str, shown: list[str]) -> None:
    assert [text[a:b] for a, b in emphasise(text, question, stems)] == shown


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How long did it take?", "number"),
        ("what was the effect size", "number"),
        ("In which year was it?", "date"),
        ("Whose idea is it?", "who"),
        ("Where was it done?", "where"),
        ("What is the reason?", "why"),
        ("How does it help?", "how"),
        ("placebo group", "what"),
        ("Can it be had?", "whether"),
        ("Do you know who wrote it?", "who"),
    ],
)
def test_kinds_of_questions(question: str, kind: str) -> None:
    assert asks_for(question) == kind


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("It caused no serious side effects at all.", "side effects", "no serious side effects"),
        ("Patients didn’t really stop.", "stop", "didn’t really stop"),
        (
            "An estimated 40–60% of patients do not respond, some say.",
            "40–60% of patients",
            "40–60% of patients do not respond",
        ),
        ("It was not true, the dose fell.", "the dose", "the dose"),  # another clause's
        ("Nobody knows the dose.", "dose", "dose"),
    ],
)
def test_a_negation_is_not_cut_off(text: str, words: str, shown: str) -> None:
    start = text.index(words)
    assert text[slice(*not_cut_off(text, start, start + len(words)))] == shown


def test_a_bracket_is_closed_or_opened() -> None:
    text = "A scale (SCS) and (one) more"
    assert text[slice(*closed(text, 0, 12))] == "A scale (SCS)"
    assert text[slice(*closed(text, 9, 13))] == "(SCS)"
    assert text[slice(*closed(text, 0, 7))] == "A scale"


def test_a_list_ends_where_a_clause_begins() -> None:
    text = "People have thoughts, flashbacks, and nightmares that bring it back."
    assert [text[a:b] for a, b in whole_list(text, 22, 32)] == ["People have thoughts, flashbacks, and nightmares"] * 2
    assert whole_list("One, two.", 0, 3) == ()


def test_no_run_is_longer_than_allowed() -> None:
    assert best_run([0.9, 0.9], [(0, 10), (11, 30)], [(0, 1)], 9) is None
    assert best_run([0.9, 0.9], [(0, 10), (11, 30)], [(0, 1)], 10) == (0, 0)


texts = st.lists(
    st.sampled_from(
        [
            "It",
            "fell",
            "by",
            "24",
            "points",
            "(SD",
            "11)",
            ",",
            "and",
            "not",
            "isn’t",
            "a,",
            "b,",
            "or",
            "c",
            ".",
            "“x”",
            "é",
            "\n",
            "😀",
            "because",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(texts, st.sampled_from(["How many points?", "What fell?", "When?", "who", "Why not?", ""]))
def test_offsets_lie_in_the_text_and_are_a_part_of_it(text: str, question: str) -> None:
    spans = phrases(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    shown = emphasise(text, question, stems)
    assert len(shown) <= 1
    for start, end in shown:
        assert 0 <= start < end <= len(text)
        assert end - start <= MAX_SHARE * len(text)
        assert text[start:end].strip() == text[start:end]


def test_a_very_long_text_is_left_alone() -> None:
    assert emphasise("one, two, " * 5000, "How many?", stems) == ()
    assert emphasise("one by two to three in 1990 at " + "x." * 10000, "When?", stems) == ()
