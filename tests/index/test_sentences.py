"""Every span proves itself, and the hard places of our text are cut right."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.building import cut, read_corpus
from chatbot.index.sentences import split_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["It has three parts: a, b, and c (Neff, n.d.).", "Self-kindness is about care."],
        ["Dr. Kristin Neff describes it.", "It helps."],
        ["Mitchell et al. (2021) tested it.", "They had 15 sites."],
        ["The score fell by 24.4 points (P < 0.0001, effect size d = 0.91).", "Both groups improved."],
        ["So, how does MDMA help?", "The substance is thought to work by reducing fear."],
        ["Studies differ, e.g. in size.", "Some are small."],
        ["“It helps.”", "Others agree."],
    ],
)
@pytest.mark.parametrize("space", [" ", "\n", "  "])
def test_hard_places(sentences: list[str], space: str) -> None:
    text = space.join(sentences)
    assert [text[a:b] for a, b in split_spans(text)] == sentences


def test_a_full_stop_glued_to_the_next_sentence() -> None:
    text = "Three parts (Neff, n.d.).Self-kindness is about care."
    assert [text[a:b] for a, b in split_spans(text)] == ["Three parts (Neff, n.d.).", "Self-kindness is about care."]


@pytest.mark.parametrize(
    "text", ["See example.org/A.Nature for more.", "The U.S. Food and Drug Administration.", "Version 2.Beta ran."]
)
def test_what_is_not_an_end(text: str) -> None:
    assert [text[a:b] for a, b in split_spans(text)] == [text]


@given(st.text(max_size=400))
def test_spans_are_ordered_trimmed_and_lose_no_word(text: str) -> None:
    spans = split_spans(text)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()


def test_every_sentence_and_passage_of_the_corpus_proves_itself(shipped_corpus: Path) -> None:
    corpus = read_corpus(shipped_corpus)
    sentences, passages = cut(corpus)
    assert len([s for s in sentences if s.doc_id == "unlocking-healing" and s.role == "body"]) == 58
    for span in (*sentences, *passages):
        assert corpus.documents[span.doc_id].text[span.start : span.end] == span.text


def test_references_and_title_are_what_they_are(shipped_corpus: Path) -> None:
    sentences, passages = cut(read_corpus(shipped_corpus))
    references = [s.text for s in sentences if s.role == "reference"]
    assert len(references) == 4
    assert references[0].startswith("Agin-Liebes, G. I.")
    assert not any(r in p.text for r in references for p in passages)
    assert not any("Unlocking Healing: How" in p.text for p in passages)
