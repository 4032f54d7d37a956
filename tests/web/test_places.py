"""The document behind a quote: the right place among equal ones, over paragraphs, in its own generation, or not marked at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.figures import Figures, Published
from chatbot.datatypes import Block, Document
from chatbot.errors import Malformed
from chatbot.web import about, listing, places, theme
from chatbot.web.pages import Pages

TWICE = "The same words.\n\nOther words.\n\nThe same words.\n\nThe end."
GENERATION = "0123456789abcdef"


def parsed(piece: str | bytes) -> Any:
    return lxml.html.fromstring(piece)


def marks(piece: str) -> list[str]:
    return [mark.text_content() for mark in parsed(piece).iter("mark")]


@pytest.fixture(scope="module")
def twice(corpus: Any) -> Any:
    """The corpus with a document that says a sentence twice, each paragraph a block."""
    blocks, at = [], 0
    for line in TWICE.split("\n\n"):
        start = TWICE.index(line, at)
        blocks.append(Block(start, start + len(line), "body", ("A", "B")))
        at = start + len(line)
    source = replace(corpus.documents["mitchell-2021"].source, doc_id="twice", text_kind="full")
    document = Document(source, TWICE, Document.digest(TWICE), tuple(blocks))
    return replace(corpus, documents=corpus.documents | {"twice": document})


@pytest.mark.parametrize("which", [0, 1])
def test_of_equal_sentences_the_quoted_one_is_marked(twice: Any, which: int) -> None:
    start = [0, TWICE.rindex("The same")][which]
    piece = places.place(twice, GENERATION, "twice", (start, start + 15))
    paragraphs = parsed(piece).xpath("//p[@class='body']")
    assert [len(p.xpath(".//mark")) for p in paragraphs] == [[1, 0, 0, 0], [0, 0, 1, 0]][which]
    assert marks(piece) == ["The same words."]


def test_a_span_over_paragraphs_is_marked_in_each_of_them(twice: Any) -> None:
    piece = places.place(twice, GENERATION, "twice", (4, TWICE.index("The end")))
    assert marks(piece) == ["same words.", "Other words.", "The same words."]
    assert piece.count('id="here"') == 1


@given(st.data())
def test_whatever_is_marked_the_text_is_the_documents(corpus: Any, data: st.DataObject) -> None:
    document = corpus.documents[data.draw(st.sampled_from(["unlocking-healing", "mitchell-2021"]))]
    block = data.draw(st.sampled_from([b for b in document.blocks if b.role == "body"]))
    start = data.draw(st.integers(block.start, block.end - 1))
    end = data.draw(st.integers(start + 1, block.end))
    piece = places.place(corpus, GENERATION, document.doc_id, (start, end))
    assert marks(piece) == [document.text[start:end]]
    shown = [p.text_content() for p in parsed(piece).xpath("//p[@class='body']")]
    assert shown == [document.text[b.start : b.end] for b in document.blocks if b.role == "body"]


def test_a_note_says_that_it_is_one_and_shows_nothing_of_its_front_matter(corpus: Any) -> None:
    piece = places.whole(corpus, GENERATION, "mitchell-2021")
    assert places.NOTE in piece
    assert "reviewed_by" not in piece
    assert 'aria-label="Note on “MDMA-assisted therapy for severe PTSD' in piece


def test_of_a_limited_text_only_the_place_is_shown(twice: Any) -> None:
    document = twice.documents["twice"]
    limited = replace(document, source=replace(document.source, limited=True, max_words=3))
    guarded = replace(twice, documents=twice.documents | {"twice": limited})
    piece = places.place(guarded, GENERATION, "twice", (0, 15))
    assert places.LIMITED in piece
    assert "Other words" not in piece
    assert "Other words" not in places.whole(guarded, GENERATION, "twice")
    assert places.CLOSED in places.whole(guarded, GENERATION, "twice", stale=True)
    with pytest.raises(Malformed, match="at most 3 words"):
        places.place(guarded, GENERATION, "twice", (0, 28))


@pytest.fixture
def pages(bot: Any) -> Pages:
    return Pages(bot, theme.static_files()[0], recording=True, figures=lambda: None)


def test_a_place_whose_generation_is_gone_is_not_marked_and_says_so(pages: Pages, bot: Any) -> None:
    status, content = pages.read("f" * 16, "unlocking-healing", 0, 20)
    assert status == 410
    assert places.GONE in content.decode()
    assert not list(parsed(content).iter("mark"))
    status, content = pages.read(bot.generation, "unlocking-healing", 100, 120)
    assert status == 200
    assert len(list(parsed(content).iter("mark"))) == 1


@pytest.mark.parametrize(
    ("doc_id", "start", "end"),
    [("nothing", -1, -1), ("webmd-mdma-therapy", -1, -1), ("unlocking-healing", 5, 5), ("mitchell-2021", 0, 9)],
)
def test_what_cannot_be_shown_is_not_found(pages: Pages, bot: Any, doc_id: str, start: int, end: int) -> None:
    status, content = pages.read(bot.generation, doc_id, start, end)
    assert status == 404
    assert not list(parsed(content).iter("mark"))


def test_every_source_is_listed_with_what_of_it_is_quoted(corpus: Any) -> None:
    piece = parsed(listing.listing(corpus, GENERATION))
    works = {work.get("id"): work for work in piece.xpath("//ol[@class='works']/li")}
    assert list(works) == [s.doc_id for s in corpus.manifest.sources]
    said = works["neff-three-elements"].text_content()
    assert "Quoted through a note of 39 sentences in 8 sections, written by this project." in said
    assert "The note rests on: NOT the cited page, which could not be read." in said
    assert "Nothing of it is quoted" in works["webmd-mdma-therapy"].text_content()
    assert works["mitchell-2021"].xpath(".//a[starts-with(@href, 'read/')]/@href") == [
        f"read/{GENERATION}/mitchell-2021"
    ]


def test_figures_are_shown_as_measured_or_said_to_be_missing() -> None:
    row = Published("Found <it>", 0.934, 0.91, 0.96, 351, "BM25 63 %")
    figures = Figures("2026-11-24", GENERATION, "cases", "Ours.", (row,))
    piece = about.about(figures, {}, GENERATION, ("line",))
    cells = [cell.text_content() for cell in parsed(piece).xpath("//tbody/tr/*")]
    assert cells == ["Found <it>", "93.4 %", "91–96 %", "351", "BM25 63 %"]
    assert "with the index in use" in piece
    assert "with an earlier index than the one in use" in about.about(figures, {}, "f" * 16, ())
    assert "Nothing was measured" in about.about(None, {}, GENERATION, ())


def test_the_threshold_is_told_from_the_generations_own_calibration() -> None:
    curve = [
        {"threshold": 0.2, "false_refusals": 0.01, "answered_near": 0.4},
        {"threshold": 0.5, "false_refusals": 0.035, "answered_near": 0.125},
    ]
    piece = about.threshold_section({"calibrated": True, "threshold": 0.5, "cases": 400, "curve": curve})
    assert "400 questions" in piece
    assert "3.5 % of the answerable ones are refused, and 12.5 % of those" in piece
    assert about.threshold_section({"calibrated": False, "threshold": 0.5, "curve": []}) == ""
