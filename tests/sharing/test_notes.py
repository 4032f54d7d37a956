"""The Markdown file: a renderer shows every quote and every question as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt
from taken_along import EMERGING, HOSTILE, MADE, SETTING, STUDIES, TRIAL, TRICKY, any_quote

from chatbot.sharing import notes
from chatbot.sharing.proving import prove

RENDERERS = {
    "commonmark": MarkdownIt("commonmark"),
    "tables": MarkdownIt("commonmark").enable(["table", "strikethrough"]),
    "typographer": MarkdownIt("js-default", {"typographer": True, "html": True}).enable(
        ["replacements", "smartquotes"]
    ),
}
# Markdown has no way to write NUL, a bare CR and other control characters; a document holds none.
WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=120)
MARKS = st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~=$^&;:'\"@%/ \n\t1ac"), min_size=1, max_size=40)


def shown(markdown: str, renderer: str = "commonmark") -> Any:
    """The page that the renderer makes."""
    return html.fromstring(f"<div>{RENDERERS[renderer].render(markdown)}</div>")


def paragraph(element: Any) -> str:
    """The text of the one paragraph in it."""
    (only,) = element.iter("p")
    return str(only.text_content())


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
@settings(deadline=None, max_examples=300)
@given(text=WRITABLE | MARKS)
def test_escaped_text_is_shown_as_it_is(renderer: str, text: str) -> None:
    page = shown(f"before\n\n{notes._blockquote(text)}\n\nafter", renderer)
    (quote,) = page.iter("blockquote")
    assert paragraph(quote) == text
    assert [e.tag for e in quote.iter() if e.tag not in ("blockquote", "p", "br")] == []


def test_escaping_leaves_prose_as_it_is() -> None:
    for text in (TRIAL, STUDIES, SETTING, EMERGING):
        assert notes.escaped(text) == text


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
def test_every_quote_is_the_slice(renderer: str, proved: Any) -> None:
    for turn in proved.values():
        quotes = [paragraph(q) for q in shown(notes.render([turn], MADE), renderer).iter("blockquote")]
        assert quotes == [*(c.quote.text for c in turn.citations), turn.disclaimer.quote.text]


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_a_quote_is_the_slice_whichever_sentences_it_is(data: Any, corpus: Any, corpus_of: Any) -> None:
    turn, text = any_quote(data, corpus)
    found = prove(turn, corpus_of)
    assert paragraph(next(shown(notes.render([found], MADE)).iter("blockquote"))) == text


@pytest.mark.parametrize("question", [q for q in HOSTILE if "\x07" not in q] + [TRICKY])
@pytest.mark.parametrize("renderer", sorted(RENDERERS))
def test_a_question_is_one_paragraph_of_text(renderer: str, question: str, turns: Any, corpus_of: Any) -> None:
    plain = shown(notes.render([prove(turns["answer"], corpus_of)], MADE), renderer)
    page = shown(notes.render([prove(replace(turns["answer"], question=question), corpus_of)], MADE), renderer)
    tags = [e.tag for e in page.iter() if e.tag != "br"]
    assert tags == [e.tag for e in plain.iter() if e.tag != "br"]
    seen = [p.text_content() for p in page.iter("p")]
    assert seen[seen.index("Question, in the reader’s words:") + 1] == question


def test_the_file_reads_as_a_note(proved: Any, corpus: Any) -> None:
    page = shown(notes.render([proved["full"], proved["crisis"]], MADE))
    assert [h.text_content() for h in page.iter("h1", "h2", "h3")] == [
        "A conversation: 2 questions and what the sources say",
        "1. In the sources’ own words",
        "Keep in mind",
        "References",
        "2. Help, right now",
    ]
    seen = [p.text_content() for p in page.iter("p")]
    assert "Warning: This work is RETRACTED, checked 2026-11-23." in seen
    assert "— “Tricky” (2026) · A *section* · RETRACTED, checked 2026-11-23 · read it in the source" in seen
    assert corpus.messages.false_premise in seen
    assert "The sources do not answer this part: “who paid?”" in seen
    assert seen[-1].endswith("The questions are the reader’s own words. Made on 2026-11-24.")
    links = [a.get("href") for a in page.iter("a")]
    assert links[0] == "https://doi.org/10.1038/s41591-021-01336-3"
    assert links[1].startswith("https://example.org/t?a=1&b=2#:~:text=")
    assert [li.text_content() for li in page.iter("li")][
        -1
    ] == "Anywhere else – Find A Helpline, a list by country: https://findahelpline.com"
