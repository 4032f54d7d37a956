"""The reader of PDFs on files made here, and on whatever may come."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import printing
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.readers.pdf.words import MAX_PAGES
from chatbot.corpus.values import Reading
from chatbot.errors import UnreadableSource
from chatbot.sourcing.parsing import read_pdf

SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval" / "documents" / "pdf"

LEFT = (
    "Walking in a park is said to lift the mood,", "and the ef\x01cacy of it was asked here of forty", "people who met once a week. The self-",
    "compassion scale was \x01lled in by all of them", "before and after. No re\x02ex was meas-", "ured. The scale has twenty-six questions,",
)  # fmt: skip
RIGHT = (
    "and self-compassion is its mean. People who", "walked gained 0.4 points, and people who sat", "indoors gained none at all (see Figure 1).",
    "Nobody was hurt, and nobody left before it", "ended, which is more than could be said of", "other groups that met in the same winter.",
)  # fmt: skip


def article() -> bytes:
    """Two pages: title, authors, abstract, two columns, a figure's caption, a note, references with hanging indents."""
    head = [(50, 30, 8, "I", "Journal of Parks 12 (2021) 1\x0310"), (545, 30, 8, "F", "1")]
    top = [
        (120, 80, 18, "B", "Walking in Parks and Self-Compassion"),
        (200, 105, 11, "F", "A. Author and B. Writer"),
        (200, 120, 9, "I", "Institute of Walking, Somewhere; doi:10.1234/park.2021.7"),
        (50, 150, 12, "B", "Abstract"),
        (
            50,
            166,
            10,
            "F",
            "Forty people walked in a park once a week, or sat indoors, and said how they thought of themselves.",
        ),
        (50, 200, 12, "B", "1 Introduction"),
    ]
    left = [(50, 220 + 12 * i, 10, "F", text) for i, text in enumerate(LEFT)]
    right = [(320, 220 + 12 * i, 10, "F", text) for i, text in enumerate(RIGHT)]
    note = [(50, 700, 7.5, "F", "* Written to by letter only.")]
    caption = [(320, 330, 8.5, "B", "Figure 1."), (362, 330, 8.5, "F", "Points gained by both groups.")]
    listed = [
        (50, 80, 12, "B", "2 Discussion"),
        (
            50,
            100,
            10,
            "F",
            "Parks help. This was shown in one winter only, and with few people, so that it may not hold for others.",
        ),
        (50, 130, 12, "B", "References"),
        (50, 150, 10, "F", "Gilbert, P. (2010). Compassion focused therapy: Distinctive features of it"),
        (68, 162, 10, "F", "and more. Routledge."),
        (50, 174, 10, "F", "Neff, K. D. (2003). The development and validation of a scale to measure"),
        (68, 186, 10, "F", "self-compassion. Self and Identity, 2(3), 223\x03250."),
    ]
    second = [(50, 30, 8, "I", "Journal of Parks 12 (2021) 1\x0310"), (545, 30, 8, "F", "2")]
    return printing.pdf(
        [head + top + left + note + right + caption, second + listed], title="Walking in Parks and Self-Compassion"
    )


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_pdf(article(), "article.pdf")


def test_an_article_is_read_whole_and_in_order(reading: Reading) -> None:
    assert [(part.role, part.text) for part in reading.parts] == [
        ("title", "Walking in Parks and Self-Compassion"),
        ("front_matter", "A. Author and B. Writer"),
        ("front_matter", "Institute of Walking, Somewhere; doi:10.1234/park.2021.7"),
        ("heading", "Abstract"),
        ("body", "Forty people walked in a park once a week, or sat indoors, and said how they thought of themselves."),
        ("heading", "1 Introduction"),
        ("body", "Walking in a park is said to lift the mood, and the efficacy of it was asked here of forty people who met once a"
         " week. The self-compassion scale was filled in by all of them before and after. No reflex was measured. The scale has"
         " twenty-six questions, and self-compassion is its mean. People who walked gained 0.4 points, and people who sat indoors"
         " gained none at all (see Figure 1). Nobody was hurt, and nobody left before it ended, which is more than could be said of other"
         " groups that met in the same winter."),
        ("footnote", "* Written to by letter only."),
        ("caption", "Figure 1. Points gained by both groups."),
        ("heading", "2 Discussion"),
        ("body", "Parks help. This was shown in one winter only, and with few people, so that it may not hold for others."),
        ("heading", "References"),
        ("reference", "Gilbert, P. (2010). Compassion focused therapy: Distinctive features of it and more. Routledge."),
        ("reference", "Neff, K. D. (2003). The development and validation of a scale to measure self-compassion. Self and Identity,"
         " 2(3), 223–250."),
    ]  # fmt: skip


def test_parts_know_their_headings(reading: Reading) -> None:
    paths = {part.text[:12]: part.heading_path for part in reading.parts}
    assert paths["Walking in a"] == ("1 Introduction",)
    assert paths["Parks help. "] == ("2 Discussion",)
    assert paths["Gilbert, P. "] == ("References",)


def test_the_record_and_the_references(reading: Reading) -> None:
    assert (reading.record.title, reading.record.doi, reading.record.year) == (
        "Walking in Parks and Self-Compassion", "10.1234/park.2021.7", "2021",
    )  # fmt: skip
    printed = [part.text for part in reading.parts if part.role == "reference"]
    assert [reference.printed for reference in reading.references] == printed
    assert [reference.record.year for reference in reading.references] == ["2010", "2003"]


def test_citations_are_marked() -> None:
    said = "Compassion is taught in groups [2], and kindness alone does little [1, 2], as was said before."
    page = [(50, 60, 18, "B", "A Title of Five Words"), (50, 80, 12, "B", "Introduction"), (50, 100, 10, "F", said)]
    page += [(50, 130, 12, "B", "References")]
    page += [(50, 150 + 12 * i, 10, "F", f"[{i}] Neff K. Title number {i}. Journal 2003;1:1.") for i in (1, 2, 3)]
    reading = read_pdf(printing.pdf([page]), "cites.pdf")
    body = next(part for part in reading.parts if part.role == "body")
    assert [(body.text[m.start : m.end], m.references) for m in body.marks] == [("[2]", (1,)), ("[1, 2]", (0, 1))]
    assert [reference.label for reference in reading.references] == ["1", "2", "3"]


def test_a_page_without_text_among_others_is_a_note() -> None:
    text = [(50, 100 + 12 * i, 10, "F", "There is text enough on this page to be read.") for i in range(3)]
    assert read_pdf(printing.pdf([text, [], text]), "gap.pdf").notes == ("page 2 has no text",)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "a.pdf: is no PDF (it begins with b''); look at the address it came from"),
        (b"<html>", "a.pdf: is no PDF (it begins with b'<html>'); look at the address it came from"),
        (
            b"%PDF-1.4\nnothing more",
            "a.pdf: the PDF is damaged and cannot be opened; fetch it again or use another copy",
        ),
        (printing.locked(), "a.pdf: the PDF is encrypted and opens with a password only; use a copy without one"),
        (
            printing.pdf([[]]),
            "a.pdf: the PDF has no text (pages: 1), so it was probably scanned; use a copy with a text layer",
        ),
        (
            printing.pdf([[]] * (MAX_PAGES + 1)),
            f"a.pdf: the PDF has {MAX_PAGES + 1} pages, at most {MAX_PAGES} are read; fetch the one article or chapter",
        ),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, said: str) -> None:
    with pytest.raises(UnreadableSource, match=f"^{re.escape(said)}$"):
        read_pdf(raw, "a.pdf")


def test_turned_pages_are_read_and_stamps_in_the_margin_are_not() -> None:
    lines = [
        b"BT /F 10 Tf 0 1 -1 0 %d 60 Tm (This page is turned, and its line %d is level.) Tj ET" % (100 + 14 * i, i)
        for i in range(5)
    ]
    stamp = b"BT /F 20 Tf 1 0 0 1 20 20 Tm (Stamp) Tj ET"
    parts = read_pdf(printing.from_streams([b"\n".join([stamp, *lines])]), "turned.pdf").parts
    assert " ".join(p.text for p in parts) == " ".join(
        f"This page is turned, and its line {i} is level." for i in range(5)
    )


def test_an_accent_drawn_over_a_letter_is_on_it() -> None:
    raw = printing.pdf(
        [
            [
                (50, 100, 10, "F", "The paper of L"),
                (114.5, 100, 10, "F", "´"),
                (114, 100, 10, "F", "eon is about forty walking people."),
            ]
        ]
    )
    assert read_pdf(raw, "accent.pdf").parts[0].text == "The paper of Léon is about forty walking people."


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(article()) - 1), st.integers(0, 255)), min_size=1, max_size=30), st.booleans()
)
def test_a_damaged_file_gives_a_reading_or_our_own_error(changes: list[tuple[int, int]], cut: bool) -> None:
    raw = bytearray(article())
    for at, value in changes:
        raw[at] = value
    try:
        read_pdf(bytes(raw[: changes[0][0]] if cut else raw), "damaged.pdf")
    except UnreadableSource as error:
        assert str(error).startswith("damaged.pdf: ")


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/eval: the evaluation data is kept elsewhere")
def test_papers_hold_what_others_found_in_them_and_in_their_order() -> None:
    """Recall and precision of words (multisets), and recall of runs of four words, against another reader's body text."""
    from lxml import etree

    wanted = (
        "//*[local-name()='titleStmt' or local-name()='abstract'] | (//*[local-name()='body'] | //*[local-name()='back']"
        "//*[local-name()='div'][not(@type='references')])//*[contains(' p head figDesc note formula table ',"
        " concat(' ', local-name(), ' '))]"
    )
    for name, least in (("2020.acl-main.207", (0.93, 0.96, 0.87)), ("N18-3011", (0.96, 0.95, 0.89))):
        texts = [" ".join(e.itertext()) for e in etree.parse(SHARED / f"{name}.tei.xml").xpath(wanted)]
        gold = re.findall(r"\w+", " ".join(texts).lower())
        reading = read_pdf((SHARED / f"{name}.pdf").read_bytes(), name)
        shown = [part.text for part in reading.parts if part.role not in ("reference", "front_matter", "table")]
        found = re.findall(r"\w+", " ".join(shown).lower())
        common = sum((Counter(gold) & Counter(found)).values())
        runs, got = (Counter(zip(w, w[1:], w[2:], w[3:], strict=False)) for w in (gold, found))
        figures = common / len(gold), common / len(found), sum((runs & got).values()) / sum(runs.values())
        assert all(figure >= floor for figure, floor in zip(figures, least, strict=True)), (name, figures)
