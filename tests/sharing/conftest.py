"""The shipped corpus, places in it, and one turn of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from taken_along import CORPUS, EMERGING, GENERATION, SETTING, STUDIES, TRIAL, TRICKY

from chatbot.datatypes import Block, Document, Source, Status
from chatbot.gathering import Corpus
from chatbot.sharing.values import Place, Proved, Turn


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The repository's corpus, and a made-up work whose text is tricky."""
    from chatbot.gathering import read_corpus

    read = read_corpus(CORPUS)
    status = Status("retracted", "2026-11-23", "a test")
    source = Source(
        "tricky", "web-page", "Tricky", (), "2026", "", "", "https://example.org/t?a=1&b=2", "", "full", "", status
    )
    tricky = Document(source, TRICKY, Document.digest(TRICKY), (Block(0, len(TRICKY), "body", ("A *section*",)),))
    manifest = replace(read.manifest, sources=(*read.manifest.sources, source))
    return replace(read, documents=read.documents | {"tricky": tricky}, manifest=manifest)


@pytest.fixture(scope="session")
def corpus_of(corpus: Corpus) -> Callable[[str], Corpus | None]:
    """Knows one generation."""
    return lambda generation: corpus if generation == GENERATION else None


@pytest.fixture(scope="session")
def at(corpus: Corpus) -> Callable[[str, str], Place]:
    """The place of words."""

    def find(doc_id: str, words: str) -> Place:
        start = corpus.documents[doc_id].text.index(words)
        return Place(GENERATION, doc_id, start, start + len(words))

    return find


@pytest.fixture(scope="session")
def turns(at: Any) -> dict[str, Turn]:
    """One turn of each kind, and one with everything in it."""
    studies, trial = at("unlocking-healing", STUDIES), at("mitchell-2021", TRIAL)
    setting = at("unlocking-healing", SETTING)
    return {
        "answer": Turn("Does it help?", "answer", (studies, trial)),
        "full": Turn(
            "Does it help, and who paid?",
            "answer",
            (trial, at("tricky", TRICKY)),
            (at("unlocking-healing", EMERGING),),
            ("who paid?",),
            false_premise=True,
        ),
        "abstention": Turn("Will it rain?", "abstention", (setting,)),
        "crisis": Turn("I feel hopeless", "crisis", generation=GENERATION),
        "drug_request": Turn("What dose?", "drug_request", (setting, at("unlocking-healing", EMERGING))),
        "medical_advice": Turn("Should I stop?", "medical_advice", (setting,)),
    }


@pytest.fixture(scope="session")
def proved(turns: dict[str, Turn], corpus_of: Any) -> dict[str, Proved]:
    """The same, proved."""
    from chatbot.sharing.proving import prove

    return {name: prove(turn, corpus_of) for name, turn in turns.items()}
