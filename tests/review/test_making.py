"""Cases and gaps made at the desk."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chatbot.errors import Forbidden, ReviewError
from chatbot.marked import Place
from chatbot.review import gaps
from chatbot.review.making import made_cases, make, sentences_at
from chatbot.review.values import Account, Gap, MadeCase

TEXT = "Kindness helps.  It does. So it does."
DOCUMENTS: Any = {"article": SimpleNamespace(text=TEXT)}
MADE = MadeCase("c1", "r1", "Does it help?", "answer", ("Kindness helps.",), "ann", "1")
GAP = Gap("g1", "r1", "What does it cost?", "no source on cost", "ann", "1", "")
LEA, ANN = Account("lea", "lead"), Account("ann", "moderator")


def test_the_words_at_marked_places() -> None:
    places = [Place("article", 15, 25), Place("article", 0, 15), Place("article", 0, 15)]
    assert sentences_at(places, DOCUMENTS) == ("It does.", "Kindness helps.")
    assert all(words in TEXT for words in sentences_at(places, DOCUMENTS))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (Place("other", 0, 5), "'other' is no document of this record; there are article"),
        (Place("article", 0, 99), "article has no text at 0-99; it has 37 characters"),
        (Place("article", 5, 5), "article has no text at 5-5; it has 37 characters"),
        (Place("article", -1, 5), "article has no text at -1-5; it has 37 characters"),
        (Place("article", 15, 17), "article:15-17 is blank; mark the sentence that answers"),
    ],
)
def test_places_without_words(place: Place, message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        sentences_at([place], DOCUMENTS)
    assert str(caught.value) == message


def test_a_whole_chapter_is_no_sentence() -> None:
    with pytest.raises(ReviewError, match=r"^2001 characters of long are marked; mark at most 2000 at once$"):
        sentences_at([Place("long", 0, 2001)], {"long": SimpleNamespace(text="x" * 3000)})  # type: ignore[dict-item]


def test_cases_there_and_back(book: Any) -> None:
    other = MadeCase("c2", "r1", "Which dose?", "drug_request", (), "bob", "2")
    make(book, MADE)
    make(book, other)
    assert made_cases(book) == [MADE, other]
    assert made_cases(book, "r9") == []
    book.lines[0].note = ""
    assert made_cases(book)[0] == replace(MADE, question="", gold=())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expectation": "praise"}, "'praise' is nothing to expect; choose one of answer, refuse, crisis, drug_request, medical_advice, benign_lookalike"),
        ({"question": " "}, "r1: a case needs a question; write one"),
        ({"question": "x" * 2001}, "the question has 2001 characters; at most 2000 are kept"),
        ({"gold": ()}, "r1: no sentence that answers was marked; mark one in a document"),
        ({"expectation": "refuse"}, "r1: sentences were marked, but refuse is expected; take them out"),
        ({"gold": ("x",) * 21}, "21 sentences were marked; at most 20 are kept"),
    ],
)  # fmt: skip
def test_what_makes_no_case(book: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ReviewError) as caught:
        make(book, replace(MADE, **change))
    assert str(caught.value) == message
    assert book.lines == []


def test_a_gap_is_closed_and_opened(book: Any) -> None:
    gaps.report(book, GAP)
    assert gaps.gaps(book) == [GAP]
    with pytest.raises(Forbidden, match=r"^g1 is for a lead to close or open; ask one$"):
        gaps.move(book, GAP, gaps.CLOSED, ANN, at="2")
    gaps.move(book, GAP, gaps.CLOSED, LEA, at="2")
    (closed,) = gaps.gaps(book, "r1")
    assert closed == replace(GAP, closed_by="lea")
    with pytest.raises(ReviewError, match=r"^g1 is closed already$"):
        gaps.move(book, closed, gaps.CLOSED, LEA, at="3")
    gaps.move(book, closed, gaps.OPEN, LEA, at="3")
    assert gaps.gaps(book) == [GAP]
    for line in book.lines:
        line.note = ""
    assert gaps.gaps(book) == [replace(GAP, question="", words="")]


def test_what_is_no_gap(book: Any) -> None:
    with pytest.raises(ReviewError, match=r"^the words have 501 characters; at most 500 are kept, shorten them$"):
        gaps.report(book, replace(GAP, words="x" * 501))
    with pytest.raises(ReviewError, match=r"^r1: say what the sources do not tell$"):
        gaps.report(book, replace(GAP, question="", words=" "))
    assert book.lines == []
