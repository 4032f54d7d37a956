"""Pins and bans: what may be proposed, who decides, and that every step can be seen and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatbot.errors import Forbidden, ReviewError
from chatbot.marked import Place
from chatbot.review.proposals import move, proposals, propose, split_label
from chatbot.review.values import Account, Proposal

PLACE = Place("article", 10, 30)
ANN, BOB, LEA, LEO = (
    Account("ann", "moderator"),
    Account("bob", "moderator"),
    Account("lea", "lead"),
    Account("leo", "lead"),
)
MADE = Proposal("p1", "r1", "pin", "How long?", PLACE, "It lasts a week.", "ann", "1", "proposed", "", "clear")


def whole(place: Place) -> bool:
    return place == PLACE


@pytest.fixture
def made(book: Any) -> Proposal:
    propose(book, MADE, whole)
    return MADE


def one(book: Any) -> Proposal:
    (found,) = proposals(book)
    return found


def test_there_and_back(book: Any, made: Proposal) -> None:
    assert proposals(book) == [made]
    move(book, made, "approved", LEA, leads=["lea", "leo"], at="2", note="yes")
    assert one(book) == replace(made, state="approved", decided_by="lea", decision="yes", decided_at="2")
    move(book, one(book), "withdrawn", LEO, leads=["lea", "leo"], at="3")
    assert one(book) == replace(made, state="withdrawn", decided_by="leo", decision="yes", decided_at="3")
    assert [(line.label, line.who, line.at) for line in book.lines] == [
        ("pin:proposed:p1", "ann", "1"),
        ("pin:approved:p1", "lea", "2"),
        ("pin:withdrawn:p1", "leo", "3"),
    ]


def test_a_rejected_one_can_be_approved_after_all(book: Any, made: Proposal) -> None:
    move(book, made, "rejected", LEA, leads=["lea"], at="2")
    move(book, one(book), "approved", LEA, leads=["lea"], at="3")
    assert one(book).state == "approved"


@pytest.mark.parametrize(
    ("state", "wanted", "message"),
    [
        ("approved", "rejected", "p1 is approved and cannot be rejected; it can be withdrawn"),
        ("withdrawn", "approved", "p1 is withdrawn and cannot be approved; propose it anew"),
        ("proposed", "proposed", "p1 is proposed and cannot be proposed; it can be approved or rejected or withdrawn"),
    ],
)
def test_what_cannot_follow(book: Any, made: Proposal, state: Any, wanted: str, message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        move(book, replace(made, state=state), wanted, LEA, leads=["lea"], at="2")
    assert str(caught.value) == message


def test_only_a_lead_decides(book: Any, made: Proposal) -> None:
    for state in ("approved", "rejected"):
        with pytest.raises(Forbidden, match=r"^p1 is for a lead to decide; ask one$"):
            move(book, made, state, BOB, leads=["lea"], at="2")
    assert one(book).state == "proposed"


def test_nobody_decides_on_their_own_but_the_only_lead(book: Any) -> None:
    propose(book, replace(MADE, by="lea"), whole)
    for state in ("approved", "rejected"):
        with pytest.raises(Forbidden, match=r"^p1 is your own; another lead decides it: leo$"):
            move(book, one(book), state, LEA, leads=["lea", "leo"], at="2")
    move(book, one(book), "approved", LEA, leads=["lea"], at="2")
    assert one(book).state == "approved"


def test_who_may_withdraw(book: Any, made: Proposal) -> None:
    with pytest.raises(Forbidden, match=r"^p1 can be withdrawn by a lead, and before it is decided by ann$"):
        move(book, made, "withdrawn", BOB, leads=["lea"], at="2")
    with pytest.raises(Forbidden, match="can be withdrawn by a lead"):
        move(book, replace(made, state="approved"), "withdrawn", ANN, leads=["lea"], at="2")
    move(book, made, "withdrawn", ANN, leads=["lea"], at="2")
    assert one(book).state == "withdrawn"


def test_of_two_decisions_at_once_the_first_counts(book: Any, made: Proposal) -> None:
    move(book, made, "approved", LEA, leads=["lea", "leo"], at="2")
    move(book, made, "rejected", LEO, leads=["lea", "leo"], at="2")  # looked at before the first was written
    assert (one(book).state, one(book).decided_by) == ("approved", "lea")


def test_what_is_left_when_the_record_is_removed(book: Any, made: Proposal) -> None:
    move(book, made, "approved", LEA, leads=["lea"], at="2", note="yes")
    for line in book.lines:
        line.note = ""
    assert one(book) == replace(
        made,
        question="",
        place=Place("", 0, 0),
        text="",
        note="",
        state="approved",
        decided_by="lea",
        decided_at="2",
    )
    move(book, one(book), "withdrawn", LEA, leads=["lea"], at="3")
    assert one(book).state == "withdrawn"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"action": "hide"}, "'hide' cannot be proposed; choose pin or ban"),
        ({"question": "  "}, "a pin needs the question that it is for; write one"),
        ({"question": "x" * 2001}, "the question has 2001 characters; at most 2000 are kept"),
        ({"note": "x" * 501}, "the note has 501 characters; at most 500 are kept, shorten it"),
        ({"place": Place("article", 10, 29)}, "article:10-29 is not whole sentences of one paragraph; mark it anew"),
    ],
)
def test_what_cannot_be_proposed(book: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        propose(book, replace(MADE, **change), whole)
    assert str(caught.value) == message
    assert book.lines == []


@pytest.mark.parametrize("label", ["pin", "pin:proposed", "pin:proposed:", "hide:proposed:p1", "pin:done:p1"])
def test_a_line_of_a_later_version_is_named(label: str) -> None:
    with pytest.raises(ReviewError, match=r"is no line about a proposal; upgrade chatbot$"):
        split_label(label)
