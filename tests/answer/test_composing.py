"""Which sentences are shown, in which order, and which are joined."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.composing import EQUAL, choose, spans
from chatbot.datatypes import Evidence, Sentence

DISTINCT = (
    "Rest helps people sleep at night.",
    "Ninety volunteers took part.",
    "The amygdala quietens while trust grows, slowly, over many weeks of steady work.",
    "Approval is still pending.",
    "Mindfulness means open noticing of what hurts.",
)


def sentence(text: str, block: int = 0, position: int = 0, doc_id: str = "d") -> Sentence:
    return Sentence(doc_id, 0, len(text), text, (), "body", block, position)


def found(*scored: tuple[float, str]) -> list[Evidence]:
    """Evidence, best first."""
    return [Evidence(row, sentence(text), score, ()) for row, (score, text) in enumerate(scored)]


def rows(evidence: list[Evidence], share: float = 0.5, most: int = 3) -> list[int]:
    return [e.row for e in choose(evidence, max_statements=most, share=share, near_repeat=85.0, own_leads=0.4)]


def test_the_best_leads_and_others_follow_while_they_are_near() -> None:
    """Half of .8 is .4: .5 is shown, .39 is not."""
    assert rows(found((0.8, DISTINCT[0]), (0.5, DISTINCT[1]), (0.39, DISTINCT[3]))) == [0, 1]
    assert rows(found((0.8, DISTINCT[0]), (0.4, DISTINCT[1]))) == [0, 1]


def test_at_most_so_many() -> None:
    many = found(*((0.9 - i / 10, text) for i, text in enumerate(DISTINCT)))
    assert rows(many) == [0, 1, 2]
    assert rows(many, most=1) == [0]
    assert rows(many, share=0.0, most=9) == [0, 1, 2, 3, 4]


def test_of_equals_the_plainer_goes_first() -> None:
    """.906 and .899 are equal within a hundredth, though they round to .91 and .90."""
    assert rows(found((0.906, DISTINCT[2]), (0.899, DISTINCT[3]))) == [1, 0]
    assert rows(found((0.906, DISTINCT[2]), (0.895, DISTINCT[3]))) == [0, 1]


def test_a_near_repeat_is_dropped() -> None:
    assert rows(found((0.9, DISTINCT[0]), (0.8, "Rest helps people sleep at night, too."), (0.7, DISTINCT[1]))) == [
        0,
        2,
    ]


def test_a_texts_own_words_lead_unless_a_note_is_clearly_better() -> None:
    """Of .5 four tenths are .2: a text's own sentence leads from there on, and what it passes by keeps its order."""

    def led(own: float) -> list[int]:
        note, other, whole = found((0.5, DISTINCT[0]), (0.3, DISTINCT[1]), (own, DISTINCT[3]))
        return rows([note, other, replace(whole, signals=(("whole", 1.0),))], share=0.1)

    assert led(0.2) == [2, 0, 1]
    assert led(0.19) == [0, 1, 2]


def test_a_notes_repeat_of_a_texts_own_words_is_the_one_to_go() -> None:
    note, whole = found((0.5, "Rest helps people sleep at night."), (0.4, "Rest helps people sleep at night, too."))
    assert rows([note, replace(whole, signals=(("whole", 1.0),))]) == [1]


def test_nothing_of_nothing() -> None:
    assert choose([], max_statements=3, share=0.5, near_repeat=85.0, own_leads=0.4) == ()


@given(st.lists(st.floats(0.0, 1.0), max_size=8), st.integers(1, 4), st.floats(0.0, 1.0))
def test_what_is_chosen_is_near_the_best(scores: list[float], most: int, share: float) -> None:
    evidence = found(*((s, DISTINCT[i % 5]) for i, s in enumerate(sorted(scores, reverse=True))))
    chosen = choose(evidence, max_statements=most, share=share, near_repeat=85.0, own_leads=0.4)
    assert len(chosen) <= most
    assert bool(chosen) is bool(scores)
    assert all(e in evidence for e in chosen)
    assert len({e.sentence.text for e in chosen}) == len(chosen)
    if chosen:
        assert max(scores) - chosen[0].score <= EQUAL
        assert all(e.score >= share * max(scores) for e in chosen[1:])


# --- spans ------------------------------------------------------------------------------------------------------------

PARAGRAPHS = [sentence(str(i), block=i // 4, position=i % 4) for i in range(8)]


def joined(shown: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return spans(found(*((0.5, str(i)) for i in range(len(shown)))), shown, PARAGRAPHS)


@pytest.mark.parametrize(
    ("shown", "quoted"),
    [
        ([(2, 2)], [(2, 2)]),
        ([(2, 2), (0, 0)], [(2, 2), (0, 0)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(2, 2), (5, 5), (1, 2)], [(1, 2), (5, 5)]),
        ([(0, 1), (2, 3), (1, 2)], [(0, 3)]),
        ([(6, 7), (0, 1), (2, 3), (1, 2)], [(6, 7), (0, 3)]),
        ([(2, 3), (2, 3)], [(2, 3)]),
        ([(3, 3), (4, 4)], [(3, 3), (4, 4)]),
        ([], []),
    ],
)
def test_overlapping_spans_of_one_paragraph_become_one(
    shown: list[tuple[int, int]], quoted: list[tuple[int, int]]
) -> None:
    assert joined(shown) == quoted


def test_the_same_rows_of_another_block_are_not_joined() -> None:
    apart = [sentence("a", block=0), sentence("b", block=1), sentence("c", block=1, position=1)]
    assert spans(found((0.9, "a"), (0.8, "b")), [(0, 0), (1, 2)], apart) == [(0, 0), (1, 2)]


pairs = st.sampled_from([(row, row) for row in range(8)] + [(row - 1, row) for row in (1, 2, 3, 5, 6, 7)])


@given(st.lists(pairs, max_size=6))
def test_every_row_is_quoted_once(shown: list[tuple[int, int]]) -> None:
    quoted = joined(shown)
    quoted_rows = [row for first, last in quoted for row in range(first, last + 1)]
    assert sorted(quoted_rows) == sorted({row for first, last in shown for row in range(first, last + 1)})
    if shown:
        assert quoted[0][0] <= shown[0][0] <= shown[0][1] <= quoted[0][1]
