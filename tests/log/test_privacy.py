"""What is taken out of a question before it is written, and what stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chatbot.answer.rendering import render_json
from chatbot.log.privacy import redact, redact_reply, scrub
from chatbot.replies import Outcome, Understood

CALM = settings(deadline=None)  # a busy machine is no failure
CASES = [
    json.loads(line) for line in (Path(__file__).parent / "redaction.jsonl").read_text(encoding="utf-8").splitlines()
]
PLAIN = st.lists(st.sampled_from("does mdma help people with trauma feel kindness again".split()), max_size=5).map(
    " ".join
)
LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.+_-", min_size=1, max_size=20)


@pytest.mark.parametrize("case", CASES, ids=[c["why"] for c in CASES])
def test_case(case: dict[str, str]) -> None:
    assert redact(case["text"]) == case["redacted"]


@CALM
@given(st.text(max_size=300) | st.text("name is my@. -+()0123456789[]Aéßمن９", max_size=120))
def test_twice_is_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@CALM
@given(PLAIN)
def test_plain_words_stay(text: str) -> None:
    assert redact(text) == text


@CALM
@given(PLAIN, LOCAL, st.sampled_from(["mail.org", "klinik.de", "a-b.example"]), PLAIN)
def test_no_mail_address_is_left(before: str, local: str, host: str, after: str) -> None:
    assert f"@{host}" not in redact(f"{before} {local}@{host} {after}")


@CALM
@given(PLAIN, st.lists(st.text("0123456789", min_size=3, max_size=4), min_size=3, max_size=4), st.sampled_from(" -./"))
def test_no_telephone_number_is_left(text: str, groups: list[str], between: str) -> None:
    assume(not all(re.fullmatch("(?:19|20)[0-9]{2}", group) for group in groups))  # a row of years is no number to call
    assert redact(f"{text} {between.join(groups)}") == f"{text} [number]"


@CALM
@given(PLAIN, st.sampled_from(["https://", "http://", "www."]), st.text("abc/?=&%1.", min_size=1, max_size=40))
def test_no_link_is_left(text: str, start: str, rest: str) -> None:
    assert start not in redact(f"{text} {start}{rest}")


@CALM
@given(st.text(st.characters(codec=None), max_size=60))
def test_what_is_left_can_be_written(text: str) -> None:
    assert "\x00" not in redact(text)
    redact(text).encode("utf-8")


def test_scrub_keeps_all_else() -> None:
    assert scrub("a\x00b\ud800c\ufeff\u202e😀") == "a\ufffdb\ufffdc\ufeff\u202e😀"


def test_quotes_stay_and_all_that_comes_from_the_reader_goes(outcome: Callable[..., Outcome]) -> None:
    question = "My name is Ann Zobel, does MDMA help?"
    understood = Understood(
        "my name is ann zobel does mdma help prague", (("Zobel", "nobel"), ("halp", "help")), ("prague",), (question,)
    )
    shown = render_json(outcome("abstention", question, understood, ("zobel", "ann")).reply, ident="i1", seconds=0.5)
    kept = redact_reply(shown, {"my", "name", "is", "does", "mdma", "help"})
    assert kept["question"] == "My name is [name], does MDMA help?"
    made = {key: kept[key] for key in ("understood", "changes", "carried", "parts")}
    assert made == {
        "understood": "my name is [name] does mdma help [removed]",
        "changes": [["[removed]", "[removed]"], ["[removed]", "help"]],
        "carried": ["[removed]"],
        "parts": ["My name is [name], does MDMA help?"],
    }
    assert kept["unknown_terms"] == ["[removed]", "[removed]"]
    untouched = (
        "quotes",
        "near_misses",
        "disclaimer",
        "message",
        "covered",
        "suggestions",
        "generation",
        "id",
        "seconds",
    )
    assert {key: kept[key] for key in untouched} == {key: shown[key] for key in untouched}
    assert "obel" not in json.dumps(kept)


def test_a_key_that_is_not_known_is_redacted() -> None:
    kept = redact_reply({"question": "", "later": [{"deep": "call 0800 1111 ann"}]}, {"call"})
    assert kept["later"] == [{"deep": "call [number] [removed]"}]
