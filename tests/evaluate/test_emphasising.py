"""The measure of emphasis, on values worked by hand."""

from __future__ import annotations

import pytest

from chatbot.evaluate.emphasising import PLAIN, clauses, emphasis_figures, measure_emphasis, measured_half, word_f1
from chatbot.evaluate.values import EvidenceQuestion, EvidenceSet

TEXT = "It rained. The dam broke in 1990, and nobody left."
DATA = EvidenceSet(
    "squad2",
    {"a#0": TEXT, "b#0": "Not measured in 1990.", "c#0": "One. Two."},
    (
        EvidenceQuestion("q1", "When did it break?", "a#0", True, ((28, 32), (25, 32))),
        EvidenceQuestion("q2", "Who left?", "a#0", False),
        EvidenceQuestion("q3", "When?", "b#0", True, ((16, 20),)),
        EvidenceQuestion("q4", "Which two?", "c#0", True, ((0, 9),)),
    ),
)
SPLITS = {TEXT: [(0, 10), (11, 50)], "One. Two.": [(0, 4), (5, 9)]}


def test_every_second_document_is_measured_and_golds_over_two_sentences_are_left_out() -> None:
    assert measured_half(DATA) == {"a#0", "c#0"}
    rows = list(measure_emphasis(DATA, {"": lambda s, q: []}, SPLITS.__getitem__))
    assert [row.ident for row in rows] == ["squad2:q1"]


def test_what_is_counted() -> None:
    """The sentence has 39 characters. "in 1990" is 14-21 of it, the golds are "1990" and "in 1990".

    Emphasised "broke in 1990" (13 characters): both golds lie within; 3 words against 2, 2 in both: F1 = 2 * 2 / (3 + 2).
    """
    methods = {"": lambda s, q: [(8, 21)], "none": lambda s, q: [], "half": lambda s, q: [(17, 20)]}
    figures = {
        name: f.value for name, f in emphasis_figures(list(measure_emphasis(DATA, methods, SPLITS.__getitem__))).items()
    }
    assert figures == pytest.approx(
        {
            "squad2.contains": 1.0,
            "squad2.share": 13 / 39,
            "squad2.word_f1": 0.8,
            "squad2.shown": 1.0,
            "squad2.contains_of_shown": 1.0,
            "none:squad2.contains": 0.0,
            "none:squad2.share": 0.0,
            "none:squad2.word_f1": 0.0,
            "none:squad2.shown": 0.0,
            "half:squad2.contains": 0.0,
            "half:squad2.share": 3 / 39,
            "half:squad2.word_f1": 0.0,
            "half:squad2.shown": 1.0,
            "half:squad2.contains_of_shown": 0.0,
        }
    )


def test_the_rows_show_where_in_the_text() -> None:
    (row,) = measure_emphasis(DATA, {"": lambda s, q: [(14, 21)]}, SPLITS.__getitem__, limit=1)
    assert [(q.doc_id, q.start, q.end, q.text) for q in row.quotes] == [("a#0", 25, 32, "in 1990")]
    assert TEXT[25:32] == "in 1990"


@pytest.mark.parametrize(
    ("method", "shown"),
    [
        ("whole", "The dam broke in 1990, and nobody left."),
        ("overlap", "and nobody left."),
        ("last", "and nobody left."),
        ("longest", "The dam broke in 1990"),
    ],
)
def test_the_plain_ways(method: str, shown: str) -> None:
    sentence = TEXT[11:]
    assert [sentence[a:b] for a, b in PLAIN[method](sentence, "Why has nobody left?")] == [shown]


def test_a_text_without_words_is_one_clause() -> None:
    assert clauses("…") == [(0, 1)]
    assert word_f1("…", [(0, 1)], (0, 1)) == 0.0
