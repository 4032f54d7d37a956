"""The counting of fields, on cases worked by hand."""

from __future__ import annotations

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate.fields import FieldScore, plain, weigh_references

ROWS = [
    {
        "id": "a",
        "reference": "A",
        "fields": {"author": "Neff, K.", "date": ["(2003).", "4 May."], "title": "Kind minds."},
    },
    {"id": "b", "reference": "B", "fields": {"author": "Lund, M.", "title": "Waves."}},
]


def test_all_right_is_one_everywhere() -> None:
    given = {
        "A": {"author": "neff, k", "date": "2003). 4 May", "title": "“Kind  minds”"},
        "B": {"author": "Lund, M.", "title": "Waves"},
    }
    assert {s.label: s.f1 for s in weigh_references(ROWS, given.__getitem__)} == {
        "all": 1.0,
        "words": 1.0,
        "author": 1.0,
        "title": 1.0,
        "date": 1.0,
    }


def test_precision_and_recall_are_kept_apart() -> None:
    """All: 2 of 5 gold fields, 2 of 3 given. Words: gold neff k 2003 4 may kind minds lund m waves (10), given neff k, kind, waves (4)."""
    given = {"A": {"author": "Neff, K.", "title": "Kind"}, "B": {"title": "Waves."}}
    scores = {s.label: s for s in weigh_references(ROWS, given.__getitem__)}
    assert scores["all"] == FieldScore("all", 2 / 3, 2 / 5, 4 / 8, 5, 3)
    assert scores["words"] == FieldScore("words", 4 / 4, 4 / 10, 8 / 14, 10, 4)
    assert scores["title"] == FieldScore("title", 1 / 2, 1 / 2, 1 / 2, 2, 2)
    assert scores["date"] == FieldScore("date", 0.0, 0.0, 0.0, 1, 0)


def test_a_label_that_the_gold_lacks_costs_precision() -> None:
    (everything, _, *labels) = weigh_references(
        ROWS[1:], lambda _: {"author": "Lund, M.", "title": "Waves", "note": "x"}
    )
    assert (everything.precision, everything.recall) == (2 / 3, 1.0)
    assert labels[-1] == FieldScore("note", 0.0, 0.0, 0.0, 0, 1)


def test_nothing_is_nothing() -> None:
    assert weigh_references([], lambda _: {}) == (
        FieldScore("all", 0.0, 0.0, 0.0, 0, 0),
        FieldScore("words", 0.0, 0.0, 0.0, 0, 0),
    )
    assert plain(" . ") == ""


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": "a", "fields": {}}, "reference a: 'reference' is None"),
        ({"id": "a", "reference": "A", "fields": []}, "reference a: 'fields' is \\[\\]"),
        ({"id": "a", "reference": "A", "fields": {"title": 3}}, "reference a: field 'title' is 3"),
    ],
)
def test_a_bad_row_is_named(row: dict[str, object], says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        weigh_references([row], lambda _: {})
