"""The weights file is read whole or not at all; numbers that the sources do not hold are seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.decision import WITH_BANK, WITHOUT_BANK, has_foreign_number, numbers_of, read_weights
from chatbot.answer.evidence import SIGNALS, LinearModel
from chatbot.errors import ModelError

SHIPPED = Path(__file__).parent.parent.parent / "chatbot" / "models" / "weights" / "decision.json"


def weights(**changed: Any) -> dict[str, Any]:
    """The content of a weights file, the evidence model's fields changed."""
    model = {"names": ["cosine"], "means": [0.5], "scales": [2.0], "weights": [3], "bias": -1.0}
    part = {"first": model | {"bias": 7.0}, "evidence": model | changed, "answerable": model, "threshold": 0.4}
    return {"with_bank": part, "without_bank": part | {"threshold": 0.6, "first": model | {"bias": 8.0}}}


def test_both_kinds_of_weights(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(weights()), encoding="utf-8")
    read = read_weights(path, bank=True)
    assert read.evidence == LinearModel(("cosine",), (0.5,), (2.0,), (3.0,), -1.0)
    assert read.answerable == read.evidence
    assert read.threshold == 0.4
    plain = read_weights(path, bank=False)
    assert plain.threshold == 0.6
    assert [model.bias for model in read.first] == [7.0, 8.0]  # a corpus with a bank also has the model that knows none
    assert [model.bias for model in plain.first] == [8.0]
    assert read.evidence.logit({"cosine": 1.5}) == 0.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "indices must be integers"),
        ("{}", "with_bank"),
        ('{"with_bank": {}, "without_bank": 3}', "not subscriptable"),
        ('{"with_bank": {}, "without_bank": {}}', "first"),
        (json.dumps(weights(names=["cosine", "lexical"])), "2 names with 1, 1, 1 means"),
        (json.dumps(weights(weights=[1.0, 2.0])), "1 names with 1, 1, 2 means"),
        (json.dumps(weights(means=[float("nan")])), "not a finite number"),
        (json.dumps(weights(bias=float("inf"))), "not a finite number"),
        (json.dumps(weights(scales=[0])), "a scale is 0"),
        (json.dumps(weights(weights=["much"])), "could not convert string"),
        (json.dumps(weights(means=None)), "not iterable"),
    ],
)
def test_a_malformed_file_says_what_to_run(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "decision.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"decision\.json: no decision weights .*; run `python -m chatbot\.training\.decision`"
    ) as caught:
        read_weights(path, bank=True)
    assert reason in str(caught.value)


def test_a_missing_or_binary_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        read_weights(tmp_path / "none.json", bank=True)
    (tmp_path / "decision.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="can't decode"):
        read_weights(tmp_path / "decision.json", bank=True)


@pytest.mark.parametrize(("bank", "names"), [(True, WITH_BANK), (False, WITHOUT_BANK)])
def test_the_shipped_weights_are_for_the_signals_that_there_are(bank: bool, names: tuple[str, ...]) -> None:
    read = read_weights(SHIPPED, bank=bank)
    assert set(read.evidence.names) <= set(SIGNALS)
    assert set(read.answerable.names) <= set(names)
    cheap = set(SIGNALS) - {"second_stage"}
    assert [set(model.names) <= cheap for model in read.first] == [True] * (1 + bank)
    assert not {"bank", "same", "votes"} & set(read.first[-1].names)
    assert 0.0 < read.threshold < 1.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5,000 people, d = 0.91, in 2021", {"5000", "0.91", "2021"}),
        ("It was 18 weeks. Or 18-week.", {"18"}),
        ("CAPS-5, DSM-5 and BDI-II", set()),
        ("pages 1025–1033, 27(6)", {"1025", "1033", "27", "6"}),
        ("40–60% of 1,234,567.5", {"40", "60", "1234567.5"}),
        ("P < 0.0001.", {"0.0001"}),
        ("three sessions", set()),
        ("", set()),
    ],
)
def test_numbers(text: str, found: set[str]) -> None:
    assert numbers_of(text) == found


def test_numbers_that_are_spelt_out() -> None:
    assert numbers_of("Three sessions and nine, at 15 sites", words=True) == {"3", "9", "15"}
    assert numbers_of("someone often", words=True) == set()


@pytest.mark.parametrize(
    ("question", "texts", "foreign"),
    [
        ("Did 90 people take part?", ["It randomised 90 people.", "There were 15 sites."], False),
        ("Did 500 people take part?", ["It randomised 90 people."], True),
        ("Were there 3 sessions?", ["They had three sessions."], False),
        ("Did 90 people at 16 sites take part?", ["90 people", "15 sites"], True),
        ("Did three hundred take part?", ["90 people"], False),
        ("Who took part?", [], False),
        ("Is it 7?", [], True),
        ("the CAPS-5?", ["nothing"], False),
    ],
)
def test_foreign_numbers(question: str, texts: list[str], foreign: bool) -> None:
    assert has_foreign_number(question, texts) is foreign


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=5))
def test_a_number_is_the_same_with_and_without_marks(numbers: list[int]) -> None:
    plain = " and ".join(str(n) for n in numbers)
    marked = " and ".join(f"{n:,}" for n in numbers)
    assert numbers_of(plain) == numbers_of(marked) == {str(n) for n in numbers}
    assert not has_foreign_number(plain, [marked])
