"""Passages hold whole sentences, fit, overlap by one sentence, and lose none: against a slow, obvious check."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chatbot import settings
from chatbot.building import cut, read_corpus
from chatbot.datatypes import Sentence
from chatbot.index.passages import embedded_text, pack_passages
from chatbot.index.tokens import token_counter


def sentences_of(lengths: list[list[int]]) -> tuple[list[Sentence], str]:
    """Sentences of so many words each, one list a block, in one text."""
    out: list[Sentence] = []
    text = ""
    for block, words in enumerate(lengths):
        for position, count in enumerate(words):
            body = " ".join(["w"] * count)
            out.append(Sentence("d", len(text), len(text) + len(body), body, (), "body", block, position))
            text += body + " "
    return out, text


@given(
    st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=9), min_size=1, max_size=4),
    st.integers(3, 20),
    st.integers(0, 1),
)
def test_packing(lengths: list[list[int]], limit: int, overlap: int) -> None:
    sentences, text = sentences_of(lengths)
    passages = pack_passages(
        sentences, lambda _, a, b: text[a:b], lambda t: len(t.split()), max_tokens=limit, overlap=overlap
    )
    covered = [row for p in passages for row in range(p.first, p.last + 1)]
    assert sorted(set(covered)) == list(range(len(sentences)))
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert len({sentences[r].block for r in range(passage.first, passage.last + 1)}) == 1
        assert len(passage.text.split()) <= limit or passage.first == passage.last
    for one, two in pairwise(passages):
        assert two.first > one.first
        assert two.first >= one.last + 1 - overlap


def test_the_corpus_fits_the_limit(shipped_corpus: Path) -> None:
    _, passages = cut(read_corpus(shipped_corpus))
    count = token_counter()
    assert max(count(p.text) for p in passages) <= settings.MAX_PASSAGE_TOKENS


def test_tokens_are_counted_offline() -> None:
    assert token_counter()("self-compassion <|endoftext|>") == 10


def test_headings_go_into_the_embedded_text_only() -> None:
    assert embedded_text(("One", "Two"), "Words.") == "One > Two. Words."
    assert embedded_text((), "Words.") == "Words."
