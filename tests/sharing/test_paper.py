"""The PDF: its words read back by another library, letter by letter, and what its fonts cannot show is said."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from taken_along import GENERATION, HOSTILE, MADE, TRIAL, TRICKY, any_quote

from chatbot.datatypes import Block, Document
from chatbot.errors import ChapterError, Malformed
from chatbot.sharing import fonts, paper
from chatbot.sharing.proving import prove
from chatbot.sharing.values import Place, Proved, Turn

FOOTER = "Chapter and Verse · made on 2026-11-24"


def pages(turns: list[Proved]) -> list[str]:
    """The text of each page as a reader copies it, without the footer."""
    document = pypdfium2.PdfDocument(paper.render(turns, MADE))
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    assert all(text.startswith(f"{FOOTER} {number}\r\n") for number, text in enumerate(texts, 1))
    return [text.split("\r\n", 1)[1] for text in texts]


def words(text: str) -> str:
    """The words, with one space between them."""
    return " ".join(text.split())


def letters(text: str) -> str:
    """All but white space, and but marks without a shape."""
    return "".join(c for c in text if not c.isspace() and not fonts.shapeless(c))


def test_every_word_of_a_reply_is_in_the_file(proved: Any, corpus: Any) -> None:
    for turn in proved.values():
        text = words("\n".join(pages([turn])))
        said = [turn.question, turn.message, turn.disclaimer.quote.text, f"Edition {GENERATION}", turn.near]
        said += [piece for line in turn.help_lines for piece in line]
        said += [piece for c in turn.citations for piece in (c.label, c.section, c.status, c.alert, c.lead_in)]
        said += [c.quote.text for c in turn.citations if c.quote.doc_id != "tricky"]
        assert [piece for piece in said if words(piece) not in text] == []


def test_a_tricky_text_is_shown_letter_by_letter(proved: Any) -> None:
    assert letters(TRICKY) in letters("".join(pages([proved["full"]])))


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_quote_is_the_slice_whichever_sentences_it_is(data: Any, corpus: Any, corpus_of: Any) -> None:
    turn, text = any_quote(data, corpus)
    found = prove(turn, corpus_of)
    assert words(text) in words("\n".join(pages([found])))


def test_every_sentence_of_the_corpus_is_shown_word_for_word(corpus: Any, corpus_of: Any) -> None:
    places = [
        Place(GENERATION, d.doc_id, b.start, b.end)
        for d in corpus.documents.values()
        for b in d.blocks
        if b.role not in ("front_matter", "heading", "title") and d.doc_id != "tricky"
    ]
    turns = [prove(Turn("Why?", "abstention", tuple(places[i : i + 9])), corpus_of) for i in range(0, len(places), 9)]
    text = words("\n".join(pages(turns)))
    lost = [c.quote.text for t in turns for c in t.citations if words(c.quote.text) not in text]
    assert len(places) >= 45
    assert lost == []


def test_the_file_has_a_title_a_language_tags_links_and_an_outline(proved: Any) -> None:
    content = paper.render([proved["full"], proved["crisis"]], MADE)
    document = pypdfium2.PdfDocument(content)
    try:
        meta = document.get_metadata_dict()
        outline = [item.get_title() for item in document.get_toc()]
    finally:
        document.close()
    assert meta["Title"] == "A conversation: 2 questions and what the sources say – Chapter and Verse"
    assert meta["CreationDate"].startswith("D:20261124000000")
    assert outline == ["1. In the sources’ own words", "2. Help, right now"]
    for part in (
        b"/Lang (en)",
        b"/MarkInfo",
        b"/DisplayDocTitle true",
        b"/S /BlockQuote",
        b"/S /H1",
        b"/S /H2",
        b"/S /Link",
    ):
        assert part in content, part
    for link in (b"(tel:988)", b"(https://doi.org/10.1038/s41591-021-01336-3)", b"(https://findahelpline.com)"):
        assert link in content, link


def test_the_same_turns_give_the_same_bytes(proved: Any) -> None:
    assert paper.render([proved["answer"]], MADE) == paper.render([proved["answer"]], MADE)


@pytest.mark.parametrize("question", HOSTILE)
def test_a_question_that_the_fonts_cannot_show_is_said_to_be_so(
    question: str, turns: Any, corpus_of: Any, caplog: Any
) -> None:
    turn = prove(replace(turns["answer"], question=question), corpus_of)
    text = "".join(pages([turn]))
    missing = [c for c in question if c in fonts.lacking(question)]
    boxed = "".join("□" if c in missing else c for c in question)
    assert letters(boxed) in letters(text)
    said = {0: "", 1: "□ stands for one sign"}.get(len(missing), f"□ stands for {len(missing)} signs")
    assert said in text
    assert ("□" in text) is bool(missing)
    assert caplog.text == ""


def test_words_of_a_source_that_the_fonts_cannot_show_refuse_the_file(corpus: Any) -> None:
    document = corpus.documents["mitchell-2021"]
    text = "العلاج works."
    foreign = Document(document.source, text, Document.digest(text), (Block(0, len(text), "body", ()),))
    kept = {GENERATION: replace(corpus, documents=corpus.documents | {"mitchell-2021": foreign})}
    turn = prove(Turn("Why?", "answer", (Place(GENERATION, "mitchell-2021", 0, len(text)),)), kept.get)
    with pytest.raises(Malformed, match=r"cannot show \(U\+0627, U\+0644, .*Take the HTML file"):
        paper.render([turn], MADE)


def test_signs_that_the_first_font_lacks_come_from_the_second(turns: Any, corpus_of: Any) -> None:
    question = "a\u2009b ‑ ‐ \u2192?"
    assert not fonts.in_first(question)
    assert fonts.lacking(question) == []
    assert letters(question) in letters("".join(pages([prove(replace(turns["answer"], question=question), corpus_of)])))


def test_a_font_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    with pytest.raises(ChapterError, match="no such font; install the gradio version"):
        fonts.font_file(fonts.FIRST, "Regular")


def test_twenty_long_turns_are_written_in_time(at: Any, corpus_of: Any) -> None:
    place = at("mitchell-2021", TRIAL)
    turn = prove(Turn("Why is that so? " * 125, "answer", (place,) * 9), corpus_of)
    paper.render([turn], MADE)
    began = time.perf_counter()
    found = pages([turn] * 20)
    assert time.perf_counter() - began < 20.0  # 1.4 s on two free cores; a gate may be ten times slower
    assert words("\n".join(found)).count(TRIAL) == 180
    assert io.BytesIO(paper.render([turn] * 20, MADE)).getbuffer().nbytes < 600_000
