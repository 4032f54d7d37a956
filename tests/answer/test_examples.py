"""The examples in the docstrings of the room are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import chatbot.answer

MODULES = sorted(m.name for m in pkgutil.iter_modules(chatbot.answer.__path__))
WITH_EXAMPLES = {
    "claims",
    "composing",
    "decision",
    "emphasis",
    "evidence",
    "glossary",
    "pinning",
    "question",
    "quoting",
    "readability",
    "retrieval",
    "triage",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"chatbot.answer.{name}"))
    assert result.failed == 0
    assert (result.attempted > 0) is (name in WITH_EXAMPLES)
