"""How a work stands: its notices, those of the works it cites, and a page that changed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.registries.status import KINDS, NOTHING, ORDER, Finding, findings, milder, page_state, standing
from chatbot.corpus.registries.works import Listed, Update, Work
from chatbot.corpus.snapshot import reduced, restored
from chatbot.corpus.values import Record
from chatbot.datatypes import Status

DAY = "2026-11-24"


def work(*updated_by: Update, doi: str = "10.5555/a", title: str = "On sleep", **more: tuple[object, ...]) -> Work:
    return Work(Record(doi=doi, title=title), updated_by=updated_by, **more)  # type: ignore[arg-type]


def test_nothing_known_is_clear() -> None:
    assert standing(work(), {}, DAY).status == Status("clear", DAY, NOTHING)


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("retraction", "retracted", "retracted on 2020-03-01"),
        ("withdrawal", "retracted", "withdrawn on 2020-03-01"),
        ("removal", "retracted", "removed on 2020-03-01"),
        ("partial_retraction", "concern", "retracted in part on 2020-03-01"),
        ("expression_of_concern", "concern", "under an expression of concern on 2020-03-01"),
        ("correction", "correction", "corrected on 2020-03-01"),
        ("corrigendum", "correction", "corrected by its authors on 2020-03-01"),
        ("erratum", "correction", "corrected by its publisher on 2020-03-01"),
        ("clarification", "correction", "clarified on 2020-03-01"),
        ("addendum", "correction", "added to on 2020-03-01"),
        ("something_new", "concern", "subject of a notice of kind 'something_new' on 2020-03-01"),
    ],
)
def test_each_kind_of_notice_has_its_state_and_words(kind: str, state: str, words: str) -> None:
    found = standing(work(Update(kind, "10.5555/n", "2020-03-01", "publisher")), {}, DAY).status
    assert found == Status(state, DAY, f"{words} (notice 10.5555/n; named by the publisher)")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["new_version", "new_edition", "reinstatement"])
def test_what_is_no_fault_leaves_a_work_clear_and_is_said(kind: str) -> None:
    found = standing(work(Update(kind, "10.5555/n", "2020", "publisher")), {}, DAY).status
    assert found.state == "clear"
    assert found.basis == f"{NOTHING}; {KINDS[kind][1]} in 2020 (notice 10.5555/n; named by the publisher)"


def test_the_worst_comes_first_and_two_sources_of_one_notice_are_one_finding() -> None:
    found = findings(
        work(
            Update("correction", "10.5555/c", "2019-01-01", "publisher"),
            Update("retraction", "10.5555/r", "2022-07-09", "publisher"),
            Update("retraction", "10.5555/r", "2022-07-04", "retraction-watch"),
        )
    )
    assert found == (
        Finding("retracted", "retraction", "10.5555/r", "2022-07-04", ("publisher", "retraction-watch")),
        Finding("correction", "correction", "10.5555/c", "2019-01-01", ("publisher",)),
    )


def test_a_reinstatement_takes_no_retraction_back() -> None:
    status = standing(
        work(Update("retraction", "10.5555/r", "2020-01-01"), Update("reinstatement", "10.5555/i", "2021-01-01")),
        {},
        DAY,
    ).status
    assert status.state == "retracted"
    assert status.basis.endswith("; reinstated on 2021-01-01 (notice 10.5555/i; named by Crossref)")


def test_a_notice_is_not_the_work_that_it_retracts() -> None:
    notice = work(title="Retracted: On naps", updates=(Update("retraction", "10.5555/naps"),))
    assert standing(notice, {}, DAY).status == Status(
        "clear", DAY, f"{NOTHING}; is itself the notice by which 10.5555/naps is retracted"
    )


def test_a_notice_in_the_works_own_place_counts() -> None:
    own = work(updates=(Update("withdrawal", "10.5555/a", "2021", "publisher"),))
    assert standing(own, {}, DAY).status.basis == "withdrawn in 2021 (notice 10.5555/a; named by the publisher)"


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("RETRACTED: On sleep", True),
        ("Retracted Article: On sleep", True),
        ("[Retracted] On sleep", True),
        ("WITHDRAWN: On sleep", True),
        ("On sleep (Retracted article. See vol. 3, p. 1)", True),
        ("Retraction: On sleep", False),
        ("Retracted papers and how they are cited", False),
        ("Withdrawn doses: a trial", False),
        ("How (retracted) papers live on", False),
    ],
)
def test_a_title_that_says_so_is_believed(title: str, marked: bool) -> None:
    status = standing(work(title=title), {}, DAY).status
    assert status == (
        Status("retracted", DAY, "retracted (named by its registered title)")
        if marked
        else Status("clear", DAY, NOTHING)
    )


def test_works_cited_that_fell_are_told_apart_from_the_works_own_state() -> None:
    source = work(
        references=tuple(Listed(doi=f"10.5555/{n}") for n in ("fine", "shaky", "gone", "gone", "unasked", "a"))
    )
    found = standing(
        source,
        {
            "10.5555/fine": work(Update("correction", "10.5555/c"), doi="10.5555/fine"),
            "10.5555/shaky": work(Update("expression_of_concern", "10.5555/e"), doi="10.5555/shaky", title=""),
            "10.5555/gone": work(
                Update("retraction", "10.5555/r", "2020-01-01", "retraction-watch"),
                Update("erratum", "10.5555/c"),
                doi="10.5555/gone",
                title="On naps",
            ),
            "10.5555/not-cited": work(Update("retraction", "10.5555/r"), doi="10.5555/not-cited"),
            "10.5555/a": work(Update("retraction", "10.5555/r")),
        },
        DAY,
    )
    assert (found.status.state, found.status.basis) == ("clear", NOTHING)
    assert list(found.status.relies_on) == [r.words for r in found.relies_on]
    assert [r.words for r in found.relies_on] == [
        "10.5555/gone (“On naps”): retracted on 2020-01-01 (notice 10.5555/r; named by Retraction Watch)",
        "10.5555/shaky: under an expression of concern (notice 10.5555/e; named by Crossref)",
    ]


def test_pages_are_told_by_their_text() -> None:
    assert [page_state(*pair) for pair in (("", "b"), ("a", "a"), ("a", "b"), ("a", ""), ("", ""))] == [
        "first",
        "unchanged",
        "changed",
        "gone",
        "gone",
    ]


def test_milder() -> None:
    assert milder("clear", "correction") and milder("concern", "retracted")
    assert not milder("retracted", "retracted") and not milder("concern", "correction")


UPDATES = st.builds(
    Update,
    kind=st.sampled_from([*KINDS, "other"]),
    doi=st.sampled_from(["10.5555/a", "10.5555/n", ""]),
    date=st.sampled_from(["", "2020", "2020-05", "2020-05-06"]),
    source=st.sampled_from(["publisher", "retraction-watch", ""]),
)


@given(st.lists(UPDATES, max_size=5), st.lists(UPDATES, max_size=3))
def test_the_state_is_the_worst_notice_and_survives_the_snapshot(by: list[Update], to: list[Update]) -> None:
    one = Work(Record(doi="10.5555/a"), updated_by=tuple(by), updates=tuple(to), references=(Listed(doi="10.5555/x"),))
    found = standing(one, {}, DAY)
    worst = [KINDS.get(u.kind, ("concern", ""))[0] for u in [*by, *(u for u in to if u.doi == "10.5555/a")]]
    assert found.status.state == max(worst, key=ORDER.index, default="clear")
    assert standing(restored(json.loads(json.dumps(reduced(one)))), {}, DAY) == found
