"""Misspelt words are mended, known words and names stay."""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.answer.spelling import WORD, Speller, english_counts
from chatbot.building import Corpus

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "spelling.jsonl").read_text(encoding="utf-8").splitlines()
]
COMMON = sorted(english_counts(), key=lambda w: (-english_counts()[w], w))[:3000]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["typed"][:50])
def test_cases(speller: Speller, row: dict[str, str]) -> None:
    understood, changes = speller.correct(row["typed"])
    assert understood == row["understood"]
    assert bool(changes) is (row["typed"] != row["understood"])


def test_a_name_that_nobody_knows_is_not_read_as_a_word_with_another_beginning() -> None:
    """Two edits, one of them the first letter: "examine" is not what somebody who types "ketamine" means."""
    bare = Speller(["We examine what people said. Compassion was examined."])
    for typed in ("Is ketamine safe?", "ketamine examined"):
        assert bare.correct(typed) == (typed, ())
    assert bare.correct("Was compasion examned?") == (
        "Was compassion examined?",
        (("compasion", "compassion"), ("examned", "examined")),
    )


def test_changes_are_listed_in_order_as_typed_and_as_read(speller: Speller) -> None:
    assert speller.correct("Teh theripist’s placbo, teh MMDA") == (
        "The therapist’s placebo, the MDMA",
        (("Teh", "The"), ("theripist’s", "therapist’s"), ("placbo", "placebo"), ("teh", "the"), ("MMDA", "MDMA")),
    )


def test_no_word_of_the_corpus_is_changed(speller: Speller, shipped: Corpus) -> None:
    for document in shipped.documents.values():
        assert speller.correct(document.text) == (document.text, ())
        for word in set(WORD.findall(document.text)):
            assert speller.correct(word) == (word, ())


def test_no_english_word_is_changed_in_any_case(speller: Speller) -> None:
    english = random.Random(20).sample(sorted(english_counts()), 2000)
    for word in english:
        for form in (word, word.capitalize(), word.upper(), f"{word}'s", f"{word}’s"):
            assert speller.correct(f"is {form} it?") == (f"is {form} it?", ())


@given(
    st.sampled_from(COMMON), st.integers(0, 20), st.sampled_from("abcdefghijklmnopqrstuvwxyz"), st.sampled_from("idst")
)
@settings(max_examples=50)
def test_what_is_read_is_known_and_read_the_same_again(
    speller: Speller, word: str, at: int, letter: str, edit: str
) -> None:
    at %= len(word)
    rest = word[at + 1 :]
    typed = {
        "i": word[:at] + letter + word[at:],
        "d": word[:at] + rest,
        "s": word[:at] + letter + rest,
        "t": word[:at] + rest[:1] + word[at] + rest[1:],
    }[edit]
    understood, changes = speller.correct(f"so {typed} it is")
    assert speller.correct(understood) == (understood, ())
    assert understood == f"so {changes[0][1] if changes else typed} it is"
    if changes:
        assert changes[0][0] == typed
        assert not speller.knows(typed)
        assert speller.knows(changes[0][1])


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_only_words_change(speller: Speller, text: str) -> None:
    understood, changes = speller.correct(text)
    assert WORD.sub("", understood) == WORD.sub("", text)
    assert (understood == text) is (not changes)


def test_a_foreign_word_is_not_taken_apart(speller: Speller) -> None:
    for text in ("Schrödingr", "señorita", "wheréver simptomé", "été"):
        assert speller.correct(text) == (text, ())


def test_a_small_corpus_rules_its_own_words() -> None:
    speller = Speller(["The Zorblatt scale of MDMA and SSRIs. Quixnor said so; by quixnor, the quixnor’s view."])
    assert speller.correct("zorblat") == ("Zorblatt", (("zorblat", "Zorblatt"),))
    assert speller.correct("snri ssirs") == ("snri SSRIs", (("ssirs", "SSRIs"),))
    assert speller.correct("quixnro") == ("quixnor", (("quixnro", "quixnor"),))
    assert speller.correct("simptoms") == ("symptoms", (("simptoms", "symptoms"),))
    assert Speller(["Theed is near."]).correct("theer") == ("Theed", (("theer", "Theed"),))
    assert Speller(["It is near."]).correct("theer") == ("there", (("theer", "there"),))
    assert speller.knows("QUIXNOR’S")
    assert not speller.knows("quixnro")


def test_the_longest_question_of_unknown_words_takes_a_moment(speller: Speller) -> None:
    text = " ".join("".join(random.Random(i).choices("bcdfgjkqxz", k=7)) for i in range(250))
    began = time.perf_counter()
    assert re.sub(r"\w", "", speller.correct(text)[0]) == " " * 249
    assert time.perf_counter() - began < 15.0
