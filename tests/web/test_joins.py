"""What of a page event reaches Gradio."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.web.joins import Refused, rewrite

SHAPES = {3: ("text", "texts", "flag"), 4: ()}


def body(**changes: Any) -> bytes:
    whole: dict[str, Any] = {
        "fn_index": 3,
        "session_hash": "abc",
        "data": ["q", ["a"], False],
        "trigger_id": 7,
    } | changes
    return json.dumps({k: v for k, v in whole.items() if v != "absent"}).encode()


def test_a_good_event_passes_with_the_fields_that_matter() -> None:
    session, passed = rewrite(body(event_data={"x": 1}, oauth_token="t", simple_format=True), SHAPES)
    assert session == "abc"
    assert json.loads(passed) == {
        "data": ["q", ["a"], False],
        "fn_index": 3,
        "trigger_id": 7,
        "session_hash": "abc",
        "event_data": None,
    }


def test_lone_surrogates_are_replaced_wherever_text_stands() -> None:
    raw = b'{"fn_index":3,"session_hash":"abc","data":["x\\ud800","\\udc00y",1]}'.replace(
        b'"\\udc00y"', b'["\\udc00y"]'
    )
    _, passed = rewrite(raw, SHAPES)
    assert json.loads(passed)["data"] == ["x\ufffd", ["\ufffdy"], False]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"fn_index": 99}, 404, "not_found"),
        ({"fn_index": True}, 404, "not_found"),
        ({"fn_index": "3"}, 404, "not_found"),
        ({"fn_index": "absent"}, 404, "not_found"),
        ({"data": ["q"]}, 422, "malformed"),
        ({"data": "absent"}, 422, "malformed"),
        ({"data": [None, [], False]}, 422, "malformed"),
        ({"data": ["q", "a", False]}, 422, "malformed"),
        ({"data": ["q", [1], False]}, 422, "malformed"),
        ({"data": ["q", ["a"] * 21, False]}, 422, "malformed"),
        ({"data": ["x" * 2001, [], False]}, 422, "question"),
        ({"session_hash": "../x"}, 400, "malformed"),
        ({"session_hash": None}, 400, "malformed"),
        ({"session_hash": "x" * 65}, 400, "malformed"),
    ],
)
def test_anything_else_is_refused_with_a_reason(changes: dict[str, Any], status: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rewrite(body(**changes), SHAPES)
    assert (refused.value.status, refused.value.code) == (status, code)


@given(st.binary())
def test_bytes_are_refused_and_never_break_it(raw: bytes) -> None:
    with pytest.raises(Refused):
        rewrite(raw, SHAPES)


def test_brackets_a_hundred_thousand_deep_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        rewrite(b"[" * 60_000, SHAPES)
    assert refused.value.status == 400
