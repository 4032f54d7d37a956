"""Marks on a claim: each rule on sentences of its own, in several fields."""

from __future__ import annotations

import pytest

from chatbot.audit import claims
from chatbot.audit.auditing import stems
from chatbot.datatypes import Sentence


def held(*texts: str, known: tuple[str, ...] = ()) -> claims.Text:
    """Sentences of one source, closest first."""
    sentences, at = [], 0
    for number, text in enumerate(texts):
        sentences.append(Sentence("s", at, at + len(text), text, (), "body", 0, number))
        at += len(text) + 1
    return claims.Text(tuple(sentences), stems, known)


def notes(kind: str, claim: str, text: claims.Text) -> list[str]:
    return [look.note for look in claims.look(claim, text) if look.kind == kind]


def test_a_number_that_the_source_never_gives() -> None:
    text = held("The bridge carried 1,200 cars a day.", "It is four lanes wide.")
    assert notes("number", "It carries 1200 cars on 4 lanes.", text) == []
    assert notes("number", "It carries 1500 trucks.", text) == [
        "the claim says “1500 trucks”; that number stands nowhere in the source"
    ]
    assert notes("number", "About 30 % of it is rust.", text) == [
        "the claim says “30 %”; that number stands nowhere in the source"
    ]


def test_a_year_of_the_record_is_no_new_number() -> None:
    assert notes("number", "The 1998 survey says so.", held("It says so.", known=("1998",))) == []


def test_another_number_of_the_same_thing() -> None:
    text = held("Each volunteer had three long sessions.", "There were two groups.")
    assert notes("number", "There are one or more sessions.", text) == [
        "the claim says “one or more sessions”; near by in the source stands “three long sessions”"
    ]
    assert notes("number", "There are three sessions.", text) == []


def test_one_alone_and_numbers_in_names_are_no_quantities() -> None:
    assert notes("number", "One promising way uses the DSM-5 and CO2.", held("Nothing here.")) == []


def test_words_that_stand_nowhere_by_their_stems() -> None:
    text = held("The reefs recovered slowly.", known=("Corals of the world",))
    assert notes("word", "Coral reefs have shown a recovering, resilient health that isn't found elsewhere.", text) == [
        "these words stand in no form in the source: resilient, health, elsewhere"
    ]
    assert notes("word", "Coral reefs recover.", text) == []


def test_strong_words_that_the_closest_words_do_not_have() -> None:
    text = held("It fell significantly.", "b", "c", "The effect was lasting.")
    claim = "It always leads to a significant and lasting fall."
    assert notes("strength", claim, text) == [
        "the claim says “always”; the closest words do not, nor anywhere in the source",
        "the claim says “leads to”; the closest words do not, nor anywhere in the source",
        "the claim says “lasting”; the closest words do not",
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("It may slow the decay.", "“may” (possibility)"),
        ("The results suggest that it slows the decay.", "“suggest” (inference)"),
        ("It partly slows the decay.", "“partly” (part)"),
        ("The decay was fully mediated by heat.", "“fully mediated” (mediation)"),
        ("Slower decay was associated with it.", "“associated” (association)"),
        ("In this secondary analysis it slowed the decay.", "“secondary analysis” (early)"),
    ],
)
def test_reserve_of_the_source_that_the_claim_lacks(source: str, said: str) -> None:
    found = [look for look in claims.look("It slows the decay.", held(source)) if look.kind == "hedge"]
    assert [look.note for look in found] == [f"the closest words say {said}; the claim has no word of that kind"]
    assert [s.text for s in found[0].seen] == [source]


def test_reserve_of_the_same_kind_is_enough() -> None:
    assert notes("hedge", "It might slow the decay.", held("It may slow the decay.")) == []


def test_a_word_that_only_one_side_denies() -> None:
    text = held("Rain had no direct effect on the yield of wheat.")
    assert notes("negation", "Rain acts directly on the yield of wheat.", text) == ["“directly”, denied in the source:"]
    assert notes("negation", "Rain does not act directly on the yield of wheat.", text) == []
    other = held("Rain acts directly on the yield of wheat.")
    assert notes("negation", "Rain has no direct effect on the yield of wheat.", other) == [
        "“direct”, denied in the claim and not in the source:"
    ]


def test_not_only_denies_nothing_and_one_shared_word_is_too_few() -> None:
    assert claims.denied("It doesn't just reduce pain, it never fails", stems) == {"fail"}
    assert notes("negation", "Rain acts directly on wheat.", held("No direct flights leave today.")) == []


def test_a_claim_of_duration_meets_the_spans_of_the_source() -> None:
    text = held("It was painted in 3 weeks.", "The last visit came six months after the repair.")
    found = [look for look in claims.look("The repair is long-lasting.", text) if look.kind == "time"]
    assert [look.note for look in found] == ["the claim says “long-lasting”; spans of time in the source: “six months”"]
    assert [s.text for s in found[0].seen] == ["The last visit came six months after the repair."]
    assert notes("time", "The repair is permanent.", held("It holds.")) == [
        "the claim says “permanent”; no span of time afterwards stands in the source"
    ]
    assert notes("time", "The repair holds.", text) == []


def test_a_claim_of_effect_meets_limits_and_the_study() -> None:
    text = held(
        "Tutoring raised marks.",
        "We analysed data of 61 first-year students in an open-label pilot.",
        "The design cannot show what came first.",
    )
    found = {look.kind: look for look in claims.look("Tutoring improves marks.", text)}
    assert [s.text for s in found["limit"].seen] == ["The design cannot show what came first."]
    assert found["study"].note == (
        "said in the source of what was studied, and not in the claim: “61 first-year students”, “open-label”, “pilot”"
    )
    assert {"limit", "study"}.isdisjoint(look.kind for look in claims.look("Tutoring is old.", text))


def test_what_the_claim_says_of_the_study_is_not_said_again() -> None:
    text = held("A randomised trial of 40 adults was done.")
    assert notes("study", "A randomised trial of 40 adults found that it improves sleep.", text) == []
