"""Questions on what a source is are told from questions on what it says, and the source is the one they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.answer.bibliography import asks_for_record, named_source, wants_reference_first
from chatbot.building import Corpus

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "bibliography.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["question"][:60])
def test_cases(shipped: Corpus, row: dict[str, str]) -> None:
    """The source whose record is asked for, or null: it is not asked for, or no one source is named."""
    question = row["question"]
    source = named_source(question, shipped.manifest.sources) if asks_for_record(question) else None
    assert (source.doc_id if source else None) == row["source"]


def test_every_name_in_the_manifest_names_its_source(shipped: Corpus) -> None:
    for source in shipped.manifest.sources:
        for name in (*source.names, *(n.replace("'", "’") for n in source.names), *(n.upper() for n in source.names)):
            assert named_source(f"Who wrote {name}?", shipped.manifest.sources) == source


def test_every_title_and_first_author_names_its_source(shipped: Corpus) -> None:
    for source in shipped.manifest.sources:
        assert named_source(f"When was “{source.title}” published?", shipped.manifest.sources) == source
        if source.authors:
            assert named_source(f"What did {source.authors[0].family} find?", shipped.manifest.sources) == source


@pytest.mark.parametrize(
    "question",
    [
        "What is MDMA-assisted therapy for PTSD?",
        "What are the three elements of self-compassion?",
        "Does self-compassion mediate treatment effects in MDMA-assisted therapy for posttraumatic stress disorder?",
        "Was it a randomized, double-blind, placebo-controlled phase 3 study?",
        "Compare the 2021 trial and the 2025 study",
        "",
    ],
)
def test_words_on_the_subject_name_no_source(shipped: Corpus, question: str) -> None:
    assert named_source(question, shipped.manifest.sources) is None


def test_of_no_sources_none_is_named() -> None:
    assert named_source("Who wrote the article?", ()) is None


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the DOI of the 2021 paper?", True),
        ("How do I cite the 2021 paper?", True),
        ("Where can I read the 2021 paper?", True),
        ("What is the address of the page?", True),
        ("Was the 2021 paper retracted?", True),
        ("Who wrote the 2021 paper?", False),
        ("When was the 2021 paper published?", False),
    ],
)
def test_what_only_a_printed_reference_can_answer(question: str, first: bool) -> None:
    assert asks_for_record(question)
    assert wants_reference_first(question) is first
