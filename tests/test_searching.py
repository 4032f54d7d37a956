"""The first stage: what is measured of a sentence before the second stage reads it, and which are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedder, WordStage, write_corpus

from chatbot import settings
from chatbot.answer.decision import read_weights
from chatbot.answer.evidence import SIGNALS
from chatbot.building import prepare
from chatbot.loading import Loaded, loaded_from
from chatbot.reading import FULL, Reader
from chatbot.searching import Query, Search

KETTLES = [f"Kettle {n} was tried in town {chr(97 + n)}{chr(98 + n)} by {20 + n} patient people." for n in range(24)]
NEW = "Heat from flames soon ruins a thin metal lid."
ASKED = "Do kettle lids melt near candles?"


class Heard(WordStage):
    """A second stage that remembers what it was given to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        return super().score(question, texts)


def loaded_of(folder: Path, *, bank: bool) -> Loaded:
    """A corpus in which each of 24 sentences has three questions of the bank and one has none; without a bank, 25 sentences."""
    asked = [
        (f"{how} kettle lids melt near candle {n}?", [KETTLES[n]])
        for n in range(24)
        for how in ("Do", "Why do", "When do")
    ]
    corpus = write_corpus(folder, {"one": [*KETTLES, NEW]}, asked if bank else [])
    draft = prepare(corpus, HashEmbedder())
    return loaded_from(draft.manifest, draft.files)


@pytest.fixture(scope="module")
def with_bank(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return loaded_of(tmp_path_factory.mktemp("bank") / "corpus", bank=True)


def reader_of(loaded: Loaded, stage: WordStage) -> Reader:
    weights = read_weights(settings.WEIGHTS / "decision.json", bank=bool(loaded.bank))
    return Reader(loaded, HashEmbedder(), stage, weights)


def query_of(search: Search, text: str, same: dict[int, float]) -> Query:
    vector = HashEmbedder().embed([text])[0]
    return Query(text, vector, vector, search.lexical(text), search.bank(vector), same)


def test_what_is_measured_is_what_the_names_say(with_bank: Loaded) -> None:
    search = Search(with_bank)
    texts = [s.text for s in with_bank.sentences]
    rows = [texts.index(KETTLES[3]), texts.index(NEW)]
    (third,) = [n for n, b in enumerate(with_bank.bank) if b.question == "Why do kettle lids melt near candle 3?"]
    query = query_of(search, ASKED, {third: 0.7})
    known, new = (dict(zip(SIGNALS, line, strict=True)) for line in search.measured(query, rows).tolist())
    assert known["second_stage"] == new["second_stage"] == 0.0
    assert known["cosine"] == pytest.approx(float(with_bank.sentence_vectors[rows[0]] @ query.vector))
    assert known["window"] == pytest.approx(float(with_bank.window_vectors[rows[0]] @ query.vector))
    assert new["lexical"] == 1.0
    assert 0.0 < known["lexical"] < 1.0
    assert new["overlap"] > known["overlap"] > 0.0  # it has the rarer word
    assert known["bank"] == pytest.approx(
        max(float(query.bank[n]) for n, b in enumerate(with_bank.bank) if rows[0] in b.answers)
    )
    assert (known["same"], new["same"], new["bank"]) == (0.7, 0.0, 0.0)
    vote = 0.7 * float(query.bank[third]) ** 4
    assert (known["votes"], new["votes"]) == (pytest.approx(vote / (vote + 0.1)), 0.0)
    assert search.measured(query, []).shape == (0, len(SIGNALS))


def test_the_second_stage_reads_the_leaders_alone(with_bank: Loaded) -> None:
    heard = Heard()
    reading = reader_of(with_bank, heard).read(ASKED)
    questions = {b.question for b in with_bank.bank}
    sentences = [t for t in heard.read if t not in questions]
    assert sorted(sentences) == sorted(e.sentence.text for e in reading.evidence)
    assert len(sentences) == settings.MAX_CANDIDATES + settings.BESIDE_BANK
    assert len(heard.read) - len(sentences) == settings.BANK_READ


def test_a_sentence_that_the_bank_does_not_know_is_read_and_found(with_bank: Loaded) -> None:
    """Every question of the bank asks nearly this and leads elsewhere: only the model without the bank lets it in."""
    reader = reader_of(with_bank, WordStage())
    found = [e.sentence.text for e in reader.read(ASKED).evidence]
    assert NEW in found
    assert NEW not in [e.sentence.text for e in reader.read(ASKED, depth=replace(FULL, beside=0)).evidence]


def test_a_corpus_without_a_bank_reads_as_many_as_it_may(tmp_path: Path) -> None:
    heard = Heard()
    reader_of(loaded_of(tmp_path / "corpus", bank=False), heard).read(ASKED)
    assert NEW in heard.read
    assert len(heard.read) == min(settings.WITHOUT_BANK, len(KETTLES) + 2)  # all of them, the disclaimer too
