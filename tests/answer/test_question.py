"""What is asked: one clean line, its parts, what points back, and the words added to a search."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatbot.answer import question as asked
from chatbot.errors import QuestionError
from chatbot.settings import MAX_PARTS, MAX_QUESTION_CHARACTERS

CASES = Path(__file__).parent / "cases"
JOINTS = {"and", "but", "or", "also"}
ODD = "\x00\x07\t\n\r\x1b\x85\xad\u200b\u200d\u202e\u2066\ufeff\u2028\ud800\udfff\u0301\u0344\u0958"
any_text = st.text(st.one_of(st.characters(), st.sampled_from(ODD), st.sampled_from("ab e?.,")), max_size=300)


def rows(name: str) -> list[dict[str, object]]:
    """One table of cases."""
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    """Words in lower case."""
    return re.findall(r"\w+", text.lower())


# --- clean ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  What\tis\n\nPTSD? ", "What is PTSD?"),
        ("a\x00b", "a b"),
        ("what\u200b is\u00ad it", "what is it"),
        ("\u202eevil\u202c \u2066text\u2069", "evil text"),
        ("e\u0301", "é"),
        ("e\u200d\u0301", "é"),
        ("\ud800?", "??"),
        ("line\u2028two\u2029three", "line two three"),
        ("caf\u00e9 \U0001f642 自我 ПТСР", "café 🙂 自我 ПТСР"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("\ufeffIs it?", "Is it?"),
        ("a\u00a0b\u3000c", "a b c"),
    ],
)
def test_clean(typed: str, read: str) -> None:
    assert asked.clean(typed) == read


@pytest.mark.parametrize("typed", ["", " \n\t", "\x00", "\u200b\u200d", "\u202e", "\ufeff \u00ad", "\u2028"])
def test_an_empty_question_says_what_to_do(typed: str) -> None:
    with pytest.raises(QuestionError, match=r"^the question is empty; type a question$"):
        asked.clean(typed)


def test_the_limit_counts_what_is_read() -> None:
    longest = "a" * MAX_QUESTION_CHARACTERS
    assert asked.clean(f"  {longest}\n") == longest
    assert asked.clean("\u200b" * 3000 + longest) == longest
    with pytest.raises(QuestionError, match="has 2001 characters; at most 2000 are read, so please shorten it"):
        asked.clean(longest + "b")


@pytest.mark.parametrize("letter", ["a", "\u0301", "\u0301\u0323", "\x00", "\ud800", " ", "ﷺ"])
def test_a_megabyte_is_refused_at_once(letter: str) -> None:
    began = time.perf_counter()
    with pytest.raises(QuestionError, match="characters; at most 2000"):
        asked.clean(letter * (1_000_000 // len(letter)))
    assert time.perf_counter() - began < 1.0


def test_a_tower_of_marks_is_cut_before_it_is_sorted() -> None:
    began = time.perf_counter()
    read = asked.clean("a" + "\u0315\u0323" * 3900 + " b")
    assert time.perf_counter() - began < 1.0
    assert unicodedata.normalize("NFD", read) == "a" + "\u0323" * 15 + "\u0315" * 15 + " b"


@given(any_text)
@example("\u0301" * 40)
@example("e\u200d\u0301")
@example("a" + "\u0344" * 20)
def test_what_is_read_is_one_plain_line(typed: str) -> None:
    try:
        read = asked.clean(typed)
    except QuestionError:
        left = [c for c in typed if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Zs", "Mn", "Mc", "Me")]
        assert not left or len(typed) > MAX_QUESTION_CHARACTERS
        return
    assert asked.clean(read) == read
    assert unicodedata.is_normalized("NFC", read)
    assert read == " ".join(read.split()) != ""
    assert not {unicodedata.category(c) for c in read} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    read.encode("utf-8")


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How is the amygdala affected by MDMA?", ("amygdala", "affected", "mdma")),
        ("Neff’s and Neff's view", ("neff's", "view")),
        ("what does 'mediation' mean", ("mediation",)),
        ("self-compassion, self-", ("self-compassion", "self")),
        ("Что такое ПТСР?", ("что", "такое", "птср")),
        ("naïve Müller", ("naïve", "müller")),
        ("a b 7 18-week", ("7", "18-week")),
        ("MDMA mdma Mdma", ("mdma",)),
        ("is it the one that they do?", ()),
        ("--- ’’’ ???", ()),
    ],
)
def test_content_words(text: str, found: tuple[str, ...]) -> None:
    assert asked.content_words(text) == found


@given(any_text)
def test_content_words_are_words_of_the_text_each_once(text: str) -> None:
    found = asked.content_words(text)
    plain = text.lower().replace("’", "'")
    assert len(set(found)) == len(found)
    assert all(word in plain and word not in asked.STOP and word[0].isalnum() for word in found)


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("parts"), ids=lambda row: row["question"][:50])
def test_parts(row: dict[str, object]) -> None:
    assert list(asked.split_parts(str(row["question"]))) == row["parts"]


CLAUSES = (
    "what is it", "who took part", "Is it safe", "how large was the effect", "did patients improve", "I have PTSD",
    "MDMA", "in which year", "if so", "why", "does it, as they say, help", "people who are hurt and are alone", "tell me more",
)  # fmt: skip
BETWEEN = (" and ", ", and ", ", ", "; ", "? ", ". ", " but ", " or also ", " & ", " ", "! ")


@given(st.lists(st.tuples(st.sampled_from(CLAUSES), st.sampled_from(BETWEEN)), min_size=1, max_size=7))
@settings(max_examples=300)
def test_no_word_of_the_question_is_lost_but_joints(pieces: list[tuple[str, str]]) -> None:
    check_parts("".join(clause + joint for clause, joint in pieces).strip())


@given(any_text)
def test_no_word_of_any_text_is_lost_but_joints(text: str) -> None:
    check_parts(text)


def check_parts(text: str) -> None:
    """The parts hold the words of the asking sentences, in order, but for joints; the asking sentences all that ask."""
    asking = asked.asking_sentences(text)
    parts = asked.split_parts(text)
    assert len(parts) <= MAX_PARTS
    kept = iter(words(" ".join(parts)))
    last = next(kept, None)
    for word in words(" ".join(asking)):
        if word == last:
            last = next(kept, None)
        else:
            assert word in JOINTS, (text, parts, word)
    assert last is None
    sentences = [s.strip() for s in re.split(r"(?<=[.!?])\s+", text) if s.strip()]
    assert [s for s in sentences if s.endswith("?")] == [
        s for s in asking if s.endswith("?") and s in sentences
    ] or asking == (text,)
    assert all(s in text for s in asking)


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("I was hurt. Does it help? I hope so.", ("Does it help?",)),
        ("It was hard. I am tired.", ("It was hard. I am tired.",)),
        ("what is it. who made it.", ("what is it. who made it.",)),
        ("what is it. who made it?", ("what is it.", "who made it?")),
        ("what is it. is it legal.", ("what is it.", "is it legal.")),
        ("When I was ill I read it. Please explain shame. Why?", ("Please explain shame.", "Why?")),
        ("What happened to me was bad. Is there help?", ("Is there help?",)),
        ("", ("",)),
    ],
)
def test_asking_sentences(text: str, asking: tuple[str, ...]) -> None:
    assert asked.asking_sentences(text) == asking


# --- conversation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("followups"), ids=lambda row: row["question"][:50])
def test_follow_ups(row: dict[str, object]) -> None:
    text = str(row["question"])
    assert asked.is_follow_up(text) is row["follow_up"]
    assert bool(asked.POINTS_BACK.search(text)) is row["points_back"]
    assert asked.ordinal_of(text) == row["ordinal"]


@pytest.mark.parametrize(
    ("sentence", "items"),
    [
        (
            "It has three main parts: self-kindness, common humanity, and mindfulness (Neff, n.d.).",
            ("self-kindness", "common humanity", "mindfulness"),
        ),
        ("Two drugs: sertraline and paroxetine.", ("sertraline", "paroxetine")),
        (
            "Three opposites: self-judgment, isolation and over-identification.",
            ("self-judgment", "isolation", "over-identification"),
        ),
        ("It has three parts.", ()),
        ("One thing: rest.", ()),
        ("At 10:30 it began.", ()),
        ("Think about it: if trauma often makes people feel ashamed, an experience that helps can be powerful.", ()),
    ],
)
def test_enumerated(sentence: str, items: tuple[str, ...]) -> None:
    assert asked.enumerated(sentence) == items


def test_with_history_joins_the_last_question_only() -> None:
    assert asked.with_history("and then?", ["first?", "second?"]) == "second? and then?"
    assert asked.with_history("and then?", []) == "and then?"


# --- synonyms ---------------------------------------------------------------------------------------------------------

SYNONYMS = (
    ("molly", ("MDMA",)),
    ("e", ("MDMA",)),
    ("psychotherapy", ("therapy",)),
    ("counselling", ("therapy", "talk therapy")),
    ("the 2021 study", ("Mitchell trial",)),
)


@pytest.mark.parametrize(
    ("query", "searched", "read"),
    [
        ("is molly safe", "is molly safe MDMA", "is molly (MDMA) safe"),
        ("Molly, is it safe?", "Molly, is it safe? MDMA", "Molly (MDMA), is it safe?"),
        ("is molly mdma?", "is molly mdma?", "is molly mdma?"),
        ("what is e", "what is e MDMA", "what is e (MDMA)"),
        ("symptoms, e.g. nightmares", "symptoms, e.g. nightmares", "symptoms, e.g. nightmares"),
        ("symptoms, i.e. nightmares", "symptoms, i.e. nightmares", "symptoms, i.e. nightmares"),
        ("by e-mail", "by e-mail", "by e-mail"),
        ("why psychotherapy?", "why psychotherapy? therapy", "why psychotherapy (therapy)?"),
        ("counselling", "counselling therapy talk therapy", "counselling (therapy)"),
        ("molly and e and molly", "molly and e and molly MDMA", "molly (MDMA) and e and molly"),
        ("who ran The 2021 Study", "who ran The 2021 Study Mitchell trial", "who ran The 2021 Study (Mitchell trial)"),
        ("mollycoddled", "mollycoddled", "mollycoddled"),
        ("", "", ""),
    ],
)
def test_synonyms_are_added_and_replace_nothing(query: str, searched: str, read: str) -> None:
    assert asked.expand(query, SYNONYMS) == searched
    assert asked.replace_synonyms(query, SYNONYMS) == read


@given(any_text)
def test_every_typed_character_stays(query: str) -> None:
    assert asked.expand(query, SYNONYMS).startswith(query)
    assert re.sub(r" \((?:MDMA|therapy|Mitchell trial)\)", "", asked.replace_synonyms(query, SYNONYMS)) == re.sub(
        r" \((?:MDMA|therapy|Mitchell trial)\)", "", query
    )
