"""A quote of an earlier generation is looked up in that generation's own corpus, or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fakes import HashEmbedder, write_corpus

from chatbot import building
from chatbot.shelf import Shelf


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(index: Path, text: str) -> str:
    return building.build(write_corpus(index.parent / "corpus", {"article": [text]}), index, HashEmbedder())


def text_of(shelf: Shelf, generation: str) -> str | None:
    found = shelf.corpus_of(generation)
    return found.documents["article"].text if found else None


def test_each_generation_keeps_its_own_words(index: Path) -> None:
    first, second = build(index, "The sky is blue."), build(index, "The sea is green.")
    shelf = Shelf(index, max_kept=1)
    for _ in range(2):
        assert "The sky is blue." in (text_of(shelf, first) or "")
        assert "The sea is green." in (text_of(shelf, second) or "")


@pytest.mark.parametrize("name", ["0" * 16, "", "..", "../index", "current"])
def test_what_is_no_generation_is_not_there(index: Path, name: str) -> None:
    build(index, "The sky is blue.")
    assert Shelf(index).corpus_of(name) is None


def test_a_damaged_generation_is_not_there_and_the_error_log_says_why(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = build(index, "The sky is blue.")
    file = index / found / "documents" / "article.txt"
    file.write_bytes(file.read_bytes().replace(b"blue", b"grey"))
    with caplog.at_level(logging.WARNING):
        assert Shelf(index).corpus_of(found) is None
    assert "article.txt: is not what the manifest says" in caplog.text
