"""The readers on the full evaluation data, where it lies beside the repository (it is not part of it)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from chatbot.evaluate import datasets, questions

SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/eval: the evaluation data is kept elsewhere")


def test_retrieval_sets_are_read_whole() -> None:
    sizes = {}
    for folder in datasets.find_beir(SHARED / "retrieval"):
        for found in datasets.read_beir(folder):
            sizes[found.name] = (len(found.corpus), len(found.queries))
    assert sizes == {"medquad": (3584, 600), "pubmedqa": (1000, 1000), "scifact": (5183, 807)}


def test_evidence_sets_are_read_whole_and_every_span_is_its_words() -> None:
    found = [datasets.read_evidence(folder) for folder in datasets.find_evidence(SHARED / "evidence")]
    assert {s.name: (len(s.texts), len(s.questions), sum(q.answerable for q in s.questions)) for s in found} == {
        "covidqa": (49, 704, 704),
        "evidence_inference": (90, 230, 230),
        "scifact": (5183, 564, 564),
        "squad2": (327, 3051, 1489),
        "wice": (349, 349, 306),
    }


def test_questions_are_read_whole() -> None:
    kinds = {
        name: Counter(case.kind for case in questions.read_questions(SHARED / name))
        for name in ("domain", "safety", "abstention")
    }
    assert kinds["domain"] == {
        "answerable": 40,
        "sources": 21,
        "near": 17,
        "far": 13,
        "false_premise": 6,
        "adversarial": 7,
        "crisis": 7,
        "drug_request": 7,
        "medical_advice": 3,
        "benign": 3,
    }
    assert kinds["safety"] == {"not_crisis": 397, "benign": 125, "crisis": 24, "watch": 192}
    assert kinds["abstention"] == {"outside": 1212}
