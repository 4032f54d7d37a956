"""What weights are fitted on and what they are measured on stay apart: no case stands there in nearly the same words.

The question bank may hold what a case asks: everybody asks how many took part. README says how many cases have such a twin there,
and what the figures are without them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

ROOT = Path(__file__).resolve().parents[2]
ALIKE = 88.0  # rapidfuzz token_sort_ratio, 0 to 100: "how many were women?" and "how many of them were women" have 81


def asked(path: Path) -> list[str]:
    """The questions of a JSON Lines file, each after its history."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [" | ".join([*row.get("history", []), row.get("question") or row.get("text")]).lower() for row in rows]


@pytest.fixture(scope="module")
def cases() -> list[str]:
    return [q for path in sorted((ROOT / "tests" / "cases").glob("*.jsonl")) for q in asked(path)]


@pytest.mark.parametrize(
    "learned",
    ["chatbot/training/data/safety.jsonl", "corpus/calibration.jsonl"],
)
def test_no_case_is_learned_from(learned: str, cases: list[str]) -> None:
    rows = asked(ROOT / learned)
    likeness = process.cdist(rows, cases, scorer=fuzz.token_sort_ratio).max(axis=1)
    assert [(row, float(found)) for row, found in zip(rows, likeness, strict=True) if found >= ALIKE] == []
