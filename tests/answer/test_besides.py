"""What stands beside quotes, rule by rule: cautions, explained terms, the reading grade."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatbot.answer.glossary import find_terms, names_of, pattern_of
from chatbot.answer.keeping import keep_in_mind
from chatbot.answer.readability import reading_grade
from chatbot.marked import Benefit, Caution, Marks, Place, Term

GOOD_A, GOOD_B, GOOD_SAFE = Place("a", 0, 10), Place("b", 0, 10), Place("b", 20, 30)
LIMIT_A, RISK_A, RULE_A = Place("a", 100, 110), Place("a", 200, 210), Place("a", 300, 310)
LIMIT_B, SAFE_B = Place("b", 100, 110), Place("b", 200, 210)
MARKS = Marks(
    (Benefit(GOOD_A), Benefit(GOOD_B), Benefit(GOOD_SAFE, "safety")),
    (
        Caution(RULE_A, "regulatory", ("any",)),
        Caution(LIMIT_A, "limit", ("any",)),
        Caution(RISK_A, "risk", ("a",)),
        Caution(LIMIT_B, "limit", ("a", "b")),
        Caution(SAFE_B, "risk", ("b",), "safety"),
    ),
)


def near(_: Sequence[Place], caution: Place) -> float:
    """The further back the nearer."""
    return caution.start / 1000


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ([Place("a", 20, 30)], []),  # speaks of no benefit
        ([Place("a", 5, 50)], [RISK_A]),  # overlaps one; the same source's nearest that is not regulatory
        ([GOOD_B], [LIMIT_B]),  # the same source's before a nearer one of another
        ([GOOD_A, GOOD_B], [RISK_A, LIMIT_B]),
        ([GOOD_B, GOOD_A], [LIMIT_B, RISK_A]),
        ([GOOD_A, LIMIT_A], []),  # says so itself
        ([GOOD_SAFE], [SAFE_B]),  # a topic's cautions only
        ([GOOD_A, Place("c", 0, 5)], [RISK_A]),
        ([], []),
    ],
)
def test_one_caution_for_a_source(shown: list[Place], kept: list[Place]) -> None:
    assert [c.place for c in keep_in_mind(shown, MARKS, near)] == kept


def test_two_at_most_and_never_the_same_twice() -> None:
    marks = Marks(
        tuple(Benefit(Place(d, 0, 10)) for d in "abc"),
        (
            Caution(Place("z", 0, 5), "limit", ("any",)),
            Caution(Place("z", 10, 15), "limit", ("any",)),
            Caution(Place("z", 20, 25), "limit", ("any",)),
        ),
    )
    found = keep_in_mind([Place(d, 0, 10) for d in "abc"], marks, near)
    assert [c.place.start for c in found] == [20, 10]


def test_approval_comes_last_and_what_is_always_shown_is_not_chosen() -> None:
    only_rule = Marks((Benefit(GOOD_A),), (Caution(RULE_A, "regulatory", ("any",)),))
    assert [c.place for c in keep_in_mind([GOOD_A], only_rule, near)] == [RULE_A]
    assert keep_in_mind([GOOD_A], only_rule, near, always=[RULE_A]) == ()
    assert keep_in_mind([GOOD_A, RULE_A], MARKS, near, always=[RULE_A]) == ()


TERMS = [
    Term("mediation", ("mediation", "mediates"), place=Place("b", 50, 90)),
    Term("full mediation", ("full mediation",), "all of it"),
    Term("PTSD", ("PTSD", "post-traumatic stress disorder"), "an illness"),
    Term("placebo", ("placebo",), "a dummy"),
]


def find(*quotes: tuple[Place, str]) -> tuple[tuple[tuple[tuple[int, int, str], ...], ...], tuple[str, ...]]:
    return find_terms(quotes, TERMS, finder=pattern_of(TERMS), names=names_of(TERMS))


def test_terms_are_explained_once_where_they_first_stand() -> None:
    one = (Place("a", 0, 9), "Full mediation, and mediation, of Post-Traumatic Stress Disorder (PTSD).")
    two = (Place("a", 10, 19), "A placebo-like Placebo; it mediates PTSD.")
    assert find(one, two) == (
        (
            ((0, 14, "full mediation"), (20, 29, "mediation"), (34, 64, "PTSD")),
            ((15, 22, "placebo"),),
        ),
        ("full mediation", "mediation", "PTSD", "placebo"),
    )


def test_a_term_whose_definition_is_quoted_is_not_explained() -> None:
    found, names = find((Place("b", 50, 95), "Mediation means x."), (Place("a", 0, 9), "Full mediation and mediation."))
    assert (found, names) == (((), ((0, 14, "full mediation"),)), ("full mediation",))


def test_capitals_count_where_a_form_has_them() -> None:
    assert find((Place("a", 0, 9), "ptsd, PTSDs, xPTSD"))[1] == ()
    assert find_terms([(Place("a", 0, 9), "placebo")], (), finder=pattern_of(()), names={}) == (((),), ())


def test_reading_grade_by_hand() -> None:
    """25 words of "considerations" (14 letters) in one sentence: 4.71 * 14 + 0.5 * 25 - 21.43 = 65.94 + 12.5 - 21.43 = 57.01: the end
    of the scale. 25 words of 5 letters in two sentences (13 and 12): 4.71 * 5 + 0.5 * 12.5 - 21.43 = 23.55 + 6.25 - 21.43 = 8.37.
    """
    assert reading_grade([[" ".join(["considerations"] * 25) + "."]]) == 20
    five = ["abcde"] * 13
    assert reading_grade([[" ".join(five) + ".", " ".join(five[:12]) + "."]]) == 8
    assert reading_grade([[" ".join(five) + "."], [" ".join(five[:12]) + "."]]) == 8
    assert reading_grade([[" ".join(five) + ".", " ".join(five[:11]) + "."]]) is None
    assert reading_grade([]) is None


def test_a_citation_in_brackets_is_not_counted() -> None:
    five = " ".join(["abcde"] * 24)
    assert reading_grade([[f"{five} (Mitchell et al., 2021; WebMD, n.d.)."]]) is None
    assert reading_grade([[f"{five} (as they say)."]]) is not None
