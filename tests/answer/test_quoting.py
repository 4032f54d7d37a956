"""Exact words, the sentences they need to stand alone, and links that lead to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.quoting import MAX_LEANING, cite, completed, span_of, status_line, text_fragment
from chatbot.datatypes import Document, Sentence, Status


def paragraph(*texts: str, role: str = "body") -> list[Sentence]:
    """Sentences of one block, one space apart."""
    out: list[Sentence] = []
    for position, text in enumerate(texts):
        start = out[-1].end + 1 if out else 0
        out.append(Sentence("d", start, start + len(text), text, (), role, 0, position))  # type: ignore[arg-type]
    return out


@pytest.mark.parametrize(
    ("second", "leans"),
    [
        ("It can change how you see the world.", True),
        ("It’s about observing our suffering.", True),
        ("It's about observing our suffering.", True),
        ("They might avoid places.", True),
        ("This can open a window.", True),
        ("Their findings suggest so.", True),
        ("These experiences are exhausting.", True),
        ("She says so.", True),
        ("It is important to remember this.", False),
        ("It seems that the state helps.", False),
        ("Italy took part.", False),
        ("Thisbe and others agree.", False),
        ("People with PTSD avoid places.", False),
        ("it can be so.", False),
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_shown_with_it(second: str, leans: bool) -> None:
    sentences = paragraph("Living with PTSD is hard.", second)
    assert span_of(sentences, 1) == ((0, 1) if leans else (1, 1))
    assert span_of(sentences, 0) == (0, 0)


@pytest.mark.parametrize(
    "second", ["It’s important to understand that.", "It's important to rest.", "It seems that it helps."]
)
def test_a_remark_of_its_own_leans_on_nothing(second: str) -> None:
    assert span_of(paragraph("Living with PTSD is hard.", second), 1) == (1, 1)


def test_a_sentence_that_goes_on_is_shown_when_it_has_to_do_with_the_question() -> None:
    sentences = paragraph("It works.", "People feel safe.", "This lets them look back.", "They sleep.", "Rest helps.")
    assert completed(sentences, (1, 1), lambda row: row == 2) == (1, 2)  # one more and no further
    assert completed(sentences, (0, 1), lambda row: row == 2) == (0, 2)
    assert completed(sentences, (1, 1), lambda row: row != 2) == (1, 1)
    assert completed(sentences, (3, 3), lambda row: True) == (3, 3)  # "Rest helps." does not lean back
    assert completed(sentences, (4, 4), lambda row: True) == (4, 4)  # the last of all


def test_nothing_goes_on_in_another_paragraph_another_role_or_at_length() -> None:
    def always(row: int) -> bool:
        return True

    alone = [*paragraph("People feel safe."), *paragraph("This lets them look back.")]
    assert completed(alone, (0, 0), always) == (0, 0)
    assert completed(paragraph("Safe.", "This is so.", role="reference"), (0, 0), always) == (0, 0)
    fits = "a" * (MAX_LEANING - len("It is so.") - 1)
    assert completed(paragraph(fits, "It is so."), (0, 0), always) == (0, 1)
    assert completed(paragraph(fits + "a", "It is so."), (0, 0), always) == (0, 0)


def test_what_begins_a_paragraph_leans_on_nothing() -> None:
    assert span_of(paragraph("It is hot.", "Rest helps."), 0) == (0, 0)


def test_a_long_pair_and_other_roles_stand_alone() -> None:
    short = "It is so."
    fits = "a" * (MAX_LEANING - len(short) - 1)
    assert span_of(paragraph(fits, short), 1) == (0, 1)
    assert span_of(paragraph(fits + "a", short), 1) == (1, 1)
    assert span_of(paragraph("Rest.", short, role="reference"), 1) == (1, 1)


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "text", "link"),
    [
        ("https://e.org/a", "One two.", "https://e.org/a#:~:text=One%20two."),
        ("https://e.org/a#top", "Rest", "https://e.org/a#:~:text=Rest"),
        (
            "https://e.org/a",
            "self-kind, common & “odd” – 50%",
            "https://e.org/a#:~:text=self%2Dkind%2C%20common%20%26%20%E2%80%9Codd%E2%80%9D%20%E2%80%93%2050%25",
        ),
        ("https://e.org/a", "a b c d e f g h", "https://e.org/a#:~:text=a%20b%20c%20d%20e%20f%20g%20h"),
        ("https://e.org/a", "a b c d e f g h i", "https://e.org/a#:~:text=a%20b%20c%20d,f%20g%20h%20i"),
    ],
)
def test_text_fragments(url: str, text: str, link: str) -> None:
    assert text_fragment(url, text) == link


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_the_words_of_a_fragment_are_the_text_s(text: str) -> None:
    address, _, directive = text_fragment("https://e.org/a?b=c", text).partition("#:~:text=")
    assert address == "https://e.org/a?b=c"
    assert not set(directive) & set("-& \n")
    ends = [unquote(part) for part in directive.split(",")]
    words = text.split()
    if len(words) <= 8:
        assert ends == [" ".join(words)]
    else:
        assert ends == [" ".join(words[:4]), " ".join(words[-4:])]


# --- citations --------------------------------------------------------------------------------------------------------


def test_a_quote_of_the_article(world: Any) -> None:
    cited = world.cite("Rest is more than sleep.", 4)
    assert cited.quote.text == "Rest is more than sleep."
    assert (cited.quote.start, cited.quote.end) == (13, 37)
    assert world.article.text[13:37] == cited.quote.text
    assert cited.quote.sha256 == Document.digest(world.article.text)
    assert (cited.number, cited.quote.generation) == (4, "g1")
    assert cited.link == "https://example.org/rest#:~:text=Rest%20is%20more%20than%20sleep."
    assert cited.label == "“Resting well” (n.d.)"
    assert cited.lead_in == "From the article:"
    assert cited.status == "no retraction known, checked 2026-01-02"
    assert cited.relies_on == ()


def test_a_quote_of_a_note_links_to_the_work_and_says_that_it_is_a_note(world: Any) -> None:
    cited = world.cite("It found no harm.", 1, note=True)
    assert cited.text_kind == "digest"
    assert cited.label == "Note on Example Society (2020)"
    assert cited.lead_in == "Note on Example Society (2020), a note:"
    assert cited.link == "https://doi.org/10.1000/rest"
    assert cited.reference == "Example Society. (2020). *Rest and the day*. https://doi.org/10.1000/rest"
    assert cited.status == "corrected since publication, checked 2026-01-02"


def test_works_that_the_article_relies_on_keep_their_own_label(world: Any) -> None:
    cited = world.cite("It can change how people see a hard day (Example Society, 2020).", 1)
    assert cited.relies_on == (
        (
            "Example Society (2020)",
            "Example Society. (2020). Rest and the day. https://doi.org/10.1000/rest",
            "https://doi.org/10.1000/rest",
        ),
    )


def test_a_printed_reference_has_its_own_lead_in(world: Any) -> None:
    cited = world.cite("Example Society. (2020). Rest and the day.", 1, role="reference")
    assert cited.lead_in == "From the reference list:"


def test_a_full_text_without_a_page_is_linked_by_its_doi(world: Any) -> None:
    def link(**fields: str) -> str:
        document = replace(world.article, source=replace(world.article.source, **fields))
        return cite(document, 13, 37, number=1, generation="g", section="", lead_ins={"full": ""}).link

    assert link(url="", doi="10.1/x") == "https://doi.org/10.1/x#:~:text=Rest%20is%20more%20than%20sleep."
    assert link(url="", doi="") == ""


@pytest.mark.parametrize("span", [(-1, 5), (5, 5), (9, 5), (0, 10**6)])
def test_a_span_outside_the_text_is_no_quote(world: Any, span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="resting-well: no text at"):
        cite(world.article, *span, number=1, generation="g", section="", lead_ins={"full": ""})


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("clear", "no retraction known, checked 2026-05-06"),
        ("correction", "corrected since publication, checked 2026-05-06"),
        ("concern", "under an expression of concern, checked 2026-05-06"),
        ("retracted", "RETRACTED, checked 2026-05-06"),
    ],
)
def test_status_lines(state: Any, line: str) -> None:
    assert status_line(Status(state, "2026-05-06", "by hand")) == line


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status("clear", "2026-01-02", ""), ""),
        (Status("correction", "2026-01-02", ""), ""),
        (Status("retracted", "2026-01-02", ""), "This work is RETRACTED, checked 2026-01-02."),
        (Status("retracted", "", ""), "This work is RETRACTED."),
        (Status("concern", "2026-01-02", ""), "This work is under an expression of concern, checked 2026-01-02."),
        (
            Status("clear", "2026-01-02", "", ("10.5555/a, retracted on 2020-01-01",)),
            "This work cites a work that was retracted or put under concern: 10.5555/a, retracted on 2020-01-01.",
        ),
    ],
)
def test_no_quote_of_a_retracted_work_goes_without_its_banner(world: Any, status: Status, said: str) -> None:
    document = replace(world.article, source=replace(world.article.source, status=status))
    span = (0, 12)
    lead_ins = {"full": "From the article:"}
    assert cite(document, *span, number=1, generation="g", section="", lead_ins=lead_ins).alert == said


def test_a_sentence_that_cites_a_retracted_work_has_a_banner_too(world: Any) -> None:
    work = world.note.source
    retracted = replace(work, status=Status("retracted", "2026-01-02", ""))
    shared = {"number": 1, "generation": "g", "section": "", "lead_ins": {"full": "From the article:"}}
    named = work.label.removeprefix("Note on ")
    assert cite(world.article, 0, 12, relies_on=[retracted], **shared).alert == (
        f"{named}, cited here, is RETRACTED, checked 2026-01-02."
    )
    assert cite(world.article, 0, 12, relies_on=[work], **shared).alert == ""
