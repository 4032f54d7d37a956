"""Geometry and joining without a PDF: words at places go in, lines, roles and paragraphs come out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.corpus.readers.pdf import columns, furniture, joining, listing, paragraphs, roles
from chatbot.corpus.readers.pdf.values import Line, Page, Text, Word, gap_of, join, same_line

PROSE = "words that fill the column and leave no gap"
TEXT = Text(10.0, "Times", False, 12.0)


def words(
    text: str, left: float, base: float, *, size: float = 10.0, font: str = "Times", bold: bool = False
) -> list[Word]:
    """A printed line, every character half as wide as high, spaces a quarter."""
    out = []
    for word in text.split():
        right = left + len(word) * size / 2
        out.append(Word(word, left, right, base, size, font, bold, False, bool(out)))
        left = right + size / 4
    return out


def page(*printed: list[Word], number: int = 1) -> Page:
    return Page(number, 600, 800, tuple(word for line in printed for word in line))


def read(*pages: Page) -> list[str]:
    found = {p.number: columns.stretches(p) for p in pages}
    clean = furniture.without_furniture(furniture.without_line_numbers(found), {p.number: p.height for p in pages})
    return [line.text for line in columns.lines_of(pages, clean)]


def line(
    text: str, *, left: float = 50, base: float = 100, size: float = 10.0, width: float = 200, **more: object
) -> Line:
    whole = Line(1, (text,), "Times", left, left + width, base, size, 0.0, 0.0, 50, 250, 800)
    return replace(whole, **more)  # type: ignore[arg-type]


def test_a_full_width_title_and_then_the_left_column_before_the_right_one() -> None:
    left = [words(f"left {i} {PROSE}", 50, 100 + 12 * i) for i in range(6)]
    right = [words(f"right {i} {PROSE}", 320, 100 + 12 * i) for i in range(6)]
    title = words("A title that is set over both of the columns of this page", 120, 60, size=14)
    rows = [row for pair in zip(left, right, strict=True) for row in pair]  # the file goes row by row
    assert read(page(title, *rows)) == [
        "A title that is set over both of the columns of this page",
        *(f"left {i} {PROSE}" for i in range(6)),
        *(f"right {i} {PROSE}" for i in range(6)),
    ]


def test_what_crosses_the_gutter_divides_the_page_into_bands() -> None:
    def band(name: str, top: float) -> list[list[Word]]:
        return [
            words(f"{name}{side} {i} {PROSE}", x, top + 12 * i) for side, x in (("L", 50), ("R", 320)) for i in range(5)
        ]

    wide = words("Table 1 goes over both columns and stands between the two bands", 50, 180)
    got = read(page(*band("a", 100), wide, *band("b", 210)))
    assert [text.split()[0] for text in got] == ["aL"] * 5 + ["aR"] * 5 + ["Table"] + ["bL"] * 5 + ["bR"] * 5


def test_three_columns_are_read_one_after_the_other() -> None:
    rows = [
        words(f"{n}{i} prose in three narrow columns", x, 100 + 12 * i)
        for i in range(6)
        for n, x in (("a", 20), ("b", 220), ("c", 420))
    ]
    assert [text.split()[0] for text in read(page(*rows))] == [f"{n}{i}" for n in "abc" for i in range(6)]


def test_the_cells_of_a_table_are_read_row_by_row() -> None:
    rows = [
        words(name, x, 100 + 12 * i) for i in range(8) for name, x in ((f"row{i}", 50), ("12.5", 200), ("0.03", 350))
    ]
    assert read(page(*rows))[:2] == ["row0 12.5 0.03", "row1 12.5 0.03"]


def test_a_raised_number_stays_on_its_line_and_a_space_comes_after_it() -> None:
    first = words("one billion.", 50, 100)
    raised = Word("4,5", first[-1].right, first[-1].right + 9, 96, 6, "Times", False, False, False)
    after = words("Many", raised.right + 0.5, 100)
    assert same_line(first[-1], raised)
    assert join([*first, raised, *after]) == "one billion.⁴,⁵ Many"


def test_running_heads_feet_and_page_numbers_go_and_what_stands_once_stays() -> None:
    pages = [
        page(
            words(f"{146 + n} A. Author et al.", 50, 30),
            words(f"This is only on page {n * 'i'} at the top of the text", 50, 90),
            words(f"© 20{10 + n} The Society", 200, 780),
            words(f"{n}", 300, 790),
            number=n,
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    assert read(*pages) == [f"This is only on page {n * 'i'} at the top of the text" for n in (1, 2, 3)]


def test_captions_at_the_head_of_two_pages_are_no_running_head() -> None:
    pages = [page(words(f"Table {n}", 50, 40), words(f"{PROSE} {n * 'x'}", 50, 200), number=n) for n in (1, 2)]
    assert [text for text in read(*pages) if text.startswith("Table")] == ["Table 1", "Table 2"]


def test_line_numbers_of_a_manuscript_go() -> None:
    pages = [
        page(
            *(words(str(20 * (n - 1) + i + 1), 20, 100 + 24 * i) for i in range(20)),
            *(words(f"{PROSE} {chr(97 + i) * n}", 60, 100 + 24 * i) for i in range(20)),
            number=n,
        )
        for n in (1, 2)
    ]
    assert read(*pages) == [f"{PROSE} {chr(97 + i) * n}" for n in (1, 2) for i in range(20)]


def test_numbers_before_the_entries_of_a_list_are_no_line_numbers() -> None:
    rows = [row for i in range(8) for row in (words(str(i + 1), 50, 100 + 24 * i), words(PROSE, 70, 100 + 24 * i))]
    plain = [page(words(f"{PROSE} {n * 'x'}", 50, 100), number=n) for n in (2, 3)]
    assert read(page(*rows), *plain)[0] == f"1 {PROSE}"


@pytest.mark.parametrize(
    ("lines", "vocabulary", "whole"),
    [
        (["the treat-", "ment"], {}, "the treatment"),
        (["more self-", "compassion"], {"self-compassion": 1}, "more self-compassion"),
        (["more self-", "compassion"], {"self": 2, "compassion": 3}, "more self-compassion"),
        (["more co-", "operation"], {"cooperation": 2, "co-operation": 1}, "more cooperation"),
        (["state-of-the-", "art"], {}, "state-of-the-art"),
        (["COVID-", "19"], {}, "COVID-19"),
        (["Agin-", "Liebes"], {}, "Agin-Liebes"),
        (["pre-", "and post-test"], {}, "pre- and post-test"),
        (["pages 10–", "20"], {}, "pages 10–20"),
        (["from 5 –", "it rose"], {}, "from 5 – it rose"),
        (["see https://example.org/a-", "b/c"], {}, "see https://example.org/a-b/c"),
        (["one", "two"], {}, "one two"),
    ],
)
def test_lines_are_joined(lines: list[str], vocabulary: dict[str, int], whole: str) -> None:
    assert joining.join_lines(lines, vocabulary) == whole


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="ab -–.A1\n", max_size=8), max_size=6))
def test_joining_loses_no_character_but_white_space_and_hyphens(lines: list[str]) -> None:
    whole = joining.join_lines(lines, {})
    kept = [c for c in whole if c not in " -"]
    assert kept == [c for text in lines for c in text if c not in " -\n"]
    assert whole == " ".join(whole.split())


def test_references_are_divided_by_labels_by_indents_and_by_gaps() -> None:
    labelled = [line("[1] Neff, K. Self."), line("goes on 2003."), line("[2] Gilbert, P."), line("[3] Mitchell, J.")]
    assert [(label, len(lines)) for label, lines in listing.entries_of(labelled)] == [("1", 2), ("2", 1), ("3", 1)]
    hanging = [
        line("Neff, K. (2003). The"),
        line("title.", left=60),
        line("Gilbert, P. (2010). An"),
        line("other.", left=60),
    ]
    assert [len(lines) for _, lines in listing.entries_of(hanging)] == [2, 2]
    bases = (100, 112, 130, 142, 160, 172, 184, 202)
    spaced = [line(f"of entry {i}", base=base) for i, base in enumerate(bases)]
    assert [len(lines) for _, lines in listing.entries_of(spaced)] == [2, 2, 3, 1]


def test_years_and_pages_at_a_line_s_start_are_no_labels() -> None:
    rows = [
        "1. Neff K. Self-compassion.",
        "2003. Self and Identity",
        "2. Gilbert P. Therapy",
        "15 pages. Constable.",
        "3. Mitchell J. MDMA.",
    ]
    assert [label for label, _ in listing.entries_of([line(row) for row in rows])] == ["1", "2", "3"]


def test_roles_of_lines() -> None:
    printed = [
        line("2 Methods", bold=1.0, width=60, base=100),
        line("We asked forty people who came to the clinic", base=120),
        line("and forty who did not.", base=132, width=100),
        line("Figure 1. How many came.", base=160, size=9, width=120),
        line("Data analysis", italic=1.0, base=190, width=60),
        line("The data were read twice by two of the authors.", base=202),
        line("¹ On Mondays.", base=760, size=8, width=60),
    ]
    assert [marked.role for marked in roles.mark(printed, TEXT, ())] == [
        "heading", "body", "body", "caption", "heading", "body", "footnote",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Figure 1 shows how many came to us", "Table 2 and Figure 3 agree with what was said"]
)
def test_a_sentence_about_a_figure_is_no_caption(text: str) -> None:
    printed = [line("This goes on and", base=100), line(text, base=112), line("and this too.", base=124)]
    assert {marked.role for marked in roles.mark(printed, TEXT, ())} == {"body"}


def test_a_paragraph_goes_on_over_a_column_and_a_footnote_and_ends_at_an_indent() -> None:
    printed = [
        line("One sentence that fills the line and goes", base=700),
        line("¹ A note in small type.", base=760, size=8, width=90),
        line("on in the next column. And another one is", left=300, base=100, column_left=300, column_right=500),
        line("here too.", left=300, base=112, width=50, column_left=300, column_right=500),
        line(
            "A new one stands in and is a paragraph", left=312, base=124, width=188, column_left=300, column_right=500
        ),
    ]
    marked = roles.mark(printed, TEXT, ())
    parts, _ = paragraphs.parts_of(marked, TEXT, lambda texts: joining.join_lines(texts, {}), listing.entries_of)
    assert [(part.role, part.text) for part in parts] == [
        ("body", "One sentence that fills the line and goes on in the next column. And another one is here too."),
        ("footnote", "¹ A note in small type."),
        ("body", "A new one stands in and is a paragraph"),
    ]


def test_headings_are_nested_by_number_and_by_type() -> None:
    def parts(*texts: tuple[str, float]) -> list[tuple[str, ...]]:
        rows = [line(text, size=size, bold=1.0, base=100 + 30 * i, width=60) for i, (text, size) in enumerate(texts)]
        marked = [replace(m, role="heading") for m in roles.mark(rows, TEXT, ())]
        return [p.heading_path for p in paragraphs.parts_of(marked, TEXT, " ".join, listing.entries_of)[0]]

    assert parts(("1 Introduction", 12), ("1.1 Aims", 10), ("2 Methods", 12)) == [
        ("1 Introduction",), ("1 Introduction", "1.1 Aims"), ("2 Methods",),
    ]  # fmt: skip
    assert parts(("Methods", 12), ("Sample", 10), ("Results", 12)) == [
        ("Methods",),
        ("Methods", "Sample"),
        ("Results",),
    ]


def test_an_abstract_that_begins_in_its_line_gets_a_heading() -> None:
    marked = roles.mark([line("Abstract: Forty people were asked.")], TEXT, ())
    parts, _ = paragraphs.parts_of(marked, TEXT, " ".join, listing.entries_of)
    assert [(p.role, p.heading_path, p.text) for p in parts] == [
        ("heading", ("Abstract",), "Abstract"),
        ("body", ("Abstract",), "Forty people were asked."),
    ]


def test_no_gap_is_told_over_a_page_or_a_column() -> None:
    assert gap_of(line("a"), line("b", base=112)) == 12
    assert gap_of(line("a"), line("b", base=112, page=2)) is None
    assert gap_of(line("a", base=700), line("b", left=300, base=100)) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 500), st.floats(1, 799), st.floats(1, 40), st.text(alphabet="abc", min_size=1, max_size=12)
        ),
        max_size=40,
    )
)
def test_every_word_comes_out_once_wherever_it_stands(printed: list[tuple[float, float, float, str]]) -> None:
    placed = [Word(text, x, x + 5, base, size, "Times", False, False, True) for x, base, size, text in printed]
    one = Page(1, 600, 800, tuple(placed))
    lines = columns.lines_of([one], {1: columns.stretches(one)})
    assert sorted(text for row in lines for text in row.text.split()) == sorted(w.text for w in placed)
