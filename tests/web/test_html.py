"""The HTML pieces without a browser: what stands in them, and that what is not markup is escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.datatypes import Citation, Document
from chatbot.replies import Answer, Definition, Statement, Understood
from chatbot.web import html, markup


class Texts(HTMLParser):
    """Collects the text of one kind of element, and every tag."""

    def __init__(self, wanted: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wanted, self.inside = wanted, False
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == self.wanted:
            self.inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.wanted:
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data


def read(piece: str, wanted: str) -> Texts:
    parser = Texts(wanted)
    parser.feed(piece)
    parser.close()
    return parser


VISIBLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"), min_size=1)


@given(VISIBLE)
def test_any_text_comes_back_as_it_was_and_on_one_line(value: str) -> None:
    piece = f"<p>{markup.text(value)}</p>"
    assert "\n" not in piece
    assert read(piece, "p").texts == [value]


@given(VISIBLE, VISIBLE)
def test_a_quote_is_its_slice_and_brings_no_tag_of_its_own(text: str, question: str) -> None:
    from chatbot.datatypes import Source, Status

    source = Source(
        "a", "article", "A", (), "2026", "", "", "https://example.org/", "", "full", "", Status("clear", "", "")
    )
    quote = Document(source, text, Document.digest(text)).quote(0, len(text), "g")
    citation = Citation(1, quote, "A (2026)", "", "https://example.org/", text, text, "full", text)
    found = read(html.turn("1", question, "answer", html.quote(citation)), "blockquote")
    assert found.texts == [text]
    assert set(found.tags) == {"article", "h2", "span", "li", "p", "blockquote", "cite", "a", "button"}


def test_an_answer_names_its_places_works_and_disclaimer(bot: Any) -> None:
    piece = html.reply("7", "Does it last?", bot.reply("Does it last?", ()))
    assert piece.startswith(f'<article class="turn answer gen-{bot.generation}" id="turn-7"><h2 class="asked">')
    assert piece.count('<li value="1">') == 1
    assert piece.count('<li value="2">') == 1
    quoted = bot.reply("last?", ()).statements[1].citations[0].quote
    assert (
        f'<a class="place" href="read/{bot.generation}/mitchell-2021/{quoted.start}-{quoted.end}" target="_blank">'
        '<cite>Note on Mitchell et al. (2021)</cite> <span class="dot">·</span> <span class="section">Results for PTSD symptoms</span>'
    ) in piece
    assert '<span class="line">no retraction known, checked 2026-11-23' in piece
    assert piece.count('<section class="references">') == 1
    assert piece.count("https://doi.org/10.1038/s41591-021-01336-3</a>") == 1
    assert 'Jurisdiction: United States. Sources as of 2026-11-23.</p></footer></div><div class="actions">' in piece


def test_every_kind_of_reply_ends_with_the_disclaimer(bot: Any) -> None:
    for question in ("last?", "weather", "hopeless", "dose", "should I", "parts", "tricky"):
        piece = html.reply("1", question, bot.reply(question, ()))
        assert read(piece, "footer").texts[0].startswith(bot.disclaimer.quote.text), question
        assert re.search(r"</footer></div>(<div class=\"actions\">.*</div>)?</article>$", piece), question
        assert ("actions" in piece) == (question != "hopeless")


def test_a_crisis_reply_begins_with_the_message_and_has_no_reading_of_the_question(bot: Any) -> None:
    piece = html.reply("1", "I feel hopeless, no compasion", bot.reply("I feel hopeless, no compasion", ()))
    assert "Understood as" not in piece
    assert piece.index("Thank you for writing this.") < piece.index('href="tel:988"')
    assert '<a href="https://findahelpline.com" target="_blank" rel="noopener noreferrer">' in piece


def test_closest_passages_stand_under_words_that_say_what_they_are(bot: Any) -> None:
    piece = html.reply("1", "weather", bot.reply("weather", ()))
    heading = "<h3>These are the closest passages; they do not answer the question</h3>"
    assert piece.index(heading) < piece.index("<blockquote")
    assert '<section class="references">' not in piece


def test_what_to_keep_in_mind_and_what_is_open_are_told(bot: Any) -> None:
    cited = bot.cite("unlocking-healing", "It is not a quick fix", 2, "")
    first = Statement(
        (bot.cite("unlocking-healing", "Living with PTSD is more than just having bad memories.", 1, ""),)
    )
    reply = Answer("q", Understood("q"), bot.disclaimer, bot.generation, (first,), 0.9, ("a & b",), (cited,))
    piece = html.reply("1", "q", reply)
    assert 'The sources do not answer this part: “<span class="open">a &amp; b</span>”' in piece
    assert piece.index("<h3>Keep in mind</h3>") < piece.index("It is not a quick fix")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "//example.org", "HTTPS:x"])
def test_only_web_addresses_become_links(address: str) -> None:
    assert markup.anchor(address, "words") == "words"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("988", '<a class="phone" href="tel:988">988</a>'),
        ("+44 (0)20 7946-0000", '<a class="phone" href="tel:+4402079460000">+44 (0)20 7946-0000</a>'),
        ("Text HOME to 741741", "Text HOME to 741741"),
        (
            "https://x.org/?a=1&b=2",
            '<a href="https://x.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">https://x.org/?a=1&amp;b=2</a>',
        ),
    ],
)
def test_a_contact_is_what_one_can_do_with_it(value: str, expected: str) -> None:
    assert markup.contact(value) == expected


def test_a_work_quoted_and_relied_on_is_listed_once(bot: Any) -> None:
    answer = bot.reply("last?", ())
    piece = html.references([c for s in answer.statements for c in s.citations])
    assert piece.count("<li>") == 3


def test_the_banner_stands_before_the_quote_and_is_escaped(bot: Any) -> None:
    cited = bot.ask("What is self-compassion?").reply.statements[0].citations[0]
    assert "alert" not in html.quote(cited)
    shown = html.quote(replace(cited, alert="This work is RETRACTED <b>."))
    assert shown.index("RETRACTED &lt;b&gt;.") < shown.index("<blockquote")
    assert read(shown, "strong").texts == ["Warning:"]


def test_words_that_carry_the_answer_are_marked_inside_the_exact_words(bot: Any) -> None:
    cited = bot.cite("unlocking-healing", "Living with PTSD is more than just having bad memories.", 1, "")
    shown = html.quote(replace(cited, emphasis=((12, 34),), terms=((12, 16, "PTSD"),)), {"PTSD": 2})
    assert read(shown, "blockquote").texts == [cited.quote.text]
    assert (
        'Living with <span class="term term-2" tabindex="0"><mark>PTSD</mark></span><mark> is more than just</mark> having'
        in shown
    )


@given(st.data())
def test_marks_and_terms_change_no_letter(data: st.DataObject) -> None:
    value = data.draw(VISIBLE)
    edges = data.draw(st.lists(st.integers(0, len(value)), min_size=8, max_size=8).map(sorted))
    marks = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    others = data.draw(st.lists(st.integers(0, len(value)), min_size=4, max_size=4).map(sorted))
    terms = [(a, b, "term-0") for a, b in zip(others[::2], others[1::2], strict=True) if a < b]
    assert read(f"<p>{markup.marked(value, marks, terms)}</p>", "p").texts == [value]


def test_terms_are_explained_with_whose_words_they_are(bot: Any) -> None:
    named = bot.reply("last?", ()).statements[1].citations[0]
    answer = bot.reply("last?", ())
    glossary = (Definition("CAPS-5", "A scale <of>.", named), Definition("mean", "An average."))
    piece = html.reply("3", "last?", replace(answer, glossary=glossary))
    assert '<dt>CAPS-5</dt><dd id="word-3-0"><span class="meaning">A scale &lt;of&gt;.</span>' in piece
    assert '<span class="whose">Note on Mitchell et al. (2021)</span>' in piece
    assert '<span class="meaning">An average.</span> <span class="whose">explained by this project</span>' in piece


def test_only_a_logged_reply_can_be_judged_and_deleted(bot: Any) -> None:
    answer = bot.reply("last?", ())
    assert "thumb" not in html.reply("1", "last?", answer)
    logged = html.reply("1", "last?", answer, "ABCDE-FGHIJ")
    assert logged.count("thumb") == 2
    assert '<code class="receipt">ABCDE-FGHIJ</code>' in logged
