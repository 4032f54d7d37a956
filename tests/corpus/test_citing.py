"""In-text citations and the entries that they name: author and year, numbers, raised numbers."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.references.citations import cite_marks, in_text_citations, match_source, plain
from chatbot.corpus.values import Record, Reference
from chatbot.datatypes import Author, Source, Status


def entry(names: str, year: str, *, label: str = "", title: str = "", printed: str = "") -> Reference:
    """An entry of "Family|J. M.; Family|K."; `year` may carry a letter, which only the print keeps."""
    authors = tuple(Author(*name.split("|")) for name in names.split("; ") if name)
    record = Record(authors=authors, year=year[:4] if year[:1].isdigit() else year, title=title)
    return Reference(printed or f"({year})", record, label)


LIST = (
    entry("Neff|K. D.", "2003a"),
    entry("Neff|K. D.", "2003b"),
    entry("Neff|K. D.; Germer|C.", "2013"),
    entry("Neff|K. D.; Pinto-Gouveia|J.; Germer|C.", "2013"),
    entry("World Health Organization", "2020"),
    entry("Ot’alora G.|M.; Doblin|R.", "2018"),
    entry("van der Kolk|B.", "2014"),
    entry("Núñez|A.; García Márquez|L.", "2010"),
    entry("WebMD", "n.d."),
    entry("", "2015", title="Three roads to calm"),
    entry("Smith|J.", "", printed="Smith, J. (in press). Waves."),
    entry("O'Brien|K.; Lee|S.", "2001"),
)

CASES = {
    "Neff's (2003a) scale": {"Neff's (2003a)": (0,)},
    "Neff’s (2003b) scale": {"Neff’s (2003b)": (1,)},
    "Neff (2003) said": {"Neff (2003)": (0, 1)},
    "It helps (Neff, 2003a, 2003b).": {"(Neff, 2003a, 2003b)": (0, 1)},
    "It helps (Neff, 2003a,b).": {"(Neff, 2003a,b)": (0, 1)},
    "It helps (Neff 2003a, p. 90).": {"(Neff 2003a, p. 90)": (0,)},
    "Neff and Germer (2013) found": {"Neff and Germer (2013)": (2,)},
    "(Neff & Germer, 2013; see also van der Kolk, 2014, pp. 1–2)": {
        "(Neff & Germer, 2013; see also van der Kolk, 2014, pp. 1–2)": (2, 6)
    },
    "(e.g., Neff et al., 2013)": {"(e.g., Neff et al., 2013)": (3,)},
    "Neff, Pinto-Gouveia, and Germer (2013) and Neff and her colleagues (2013)": {
        "Neff, Pinto-Gouveia, and Germer (2013)": (3,),
        "Neff and her colleagues (2013)": (3,),
    },
    "When Neff and Germer (2013) met Neff (2003a)": {"Neff and Germer (2013)": (2,), "Neff (2003a)": (0,)},
    "the World Health Organization (WHO, 2020), later (WHO, 2020, Chapter 3)": {
        "(WHO, 2020)": (4,),
        "(WHO, 2020, Chapter 3)": (4,),
    },
    "(World Health Organization [WHO], 2020)": {"(World Health Organization [WHO], 2020)": (4,)},
    "By the World Health Organization (2020)": {"World Health Organization (2020)": (4,)},
    "In Ot'alora G. and Doblin (2018)": {"Ot'alora G. and Doblin (2018)": (5,)},
    "(Ot’alora & Doblin, 2018)": {"(Ot’alora & Doblin, 2018)": (5,)},
    "Van der Kolk's (2014) book": {"Van der Kolk's (2014)": (6,)},
    "Núñez and García Márquez (2010)": {"Núñez and García Márquez (2010)": (7,)},
    "(Nunez & García‑Márquez, 2010)": {"(Nunez & García‑Márquez, 2010)": (7,)},
    "(WebMD, n.d.).Self-kindness": {"(WebMD, n.d.)": (8,)},
    "(“Three Roads to Calm,” 2015)": {"(“Three Roads to Calm,” 2015)": (9,)},
    "Smith (in press); (Smith, in press)": {"Smith (in press)": (10,), "(Smith, in press)": (10,)},
    "(for a review, see O’Brien & Lee, 2001)": {"(for a review, see O’Brien & Lee, 2001)": (11,)},
    "(namely O'Brien and Lee, 2001)": {"(namely O'Brien and Lee, 2001)": (11,)},
    "(Neff, 2003a, O'Brien & Lee, 2001)": {"(Neff, 2003a, O'Brien & Lee, 2001)": (0, 11)},
    "(van der Kolk, 1994/2014)": {"(van der Kolk, 1994/2014)": (6,)},
    "in May (2003), in 2003 (see Table 2), (n = 30, 2003), (Nobody, 2003)": {},
    "Neff, K. D. (2003a). Kind. WebMD. (n.d.). Page.": {},
    "an interval [3, 5] beside Neff (2003a)": {"Neff (2003a)": (0,)},
}


@pytest.mark.parametrize("text", CASES)
def test_author_and_year_name_their_entries(text: str) -> None:
    assert {text[m.start : m.end]: m.references for m in cite_marks(text, LIST)} == CASES[text]


NUMBERED = tuple(entry(f"Name{i}|A.", "2001", label=str(i)) for i in range(1, 12))
NUMBERS = {
    "found [3] and [3–5, 7]": {"[3]": (2,), "[3–5, 7]": (2, 3, 4, 6)},
    "word^3 and end.^3,5–7": {"^3": (2,), "^3,5–7": (2, 4, 5, 6)},
    "PTSD^{1,2} in trials³⁻⁵": {"^{1,2}": (0, 1), "³⁻⁵": (2, 3, 4)},
    "10^3 m^2 of R^2, kg/m², [12], [0]": {},
    "95% CI [1, 5]": {},
    "both [1][2]": {"[1]": (0,), "[2]": (1,)},
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_name_the_entries_of_that_label(text: str) -> None:
    assert {text[m.start : m.end]: m.references for m in cite_marks(text, NUMBERED)} == NUMBERS[text]


def test_in_a_list_without_numbers_a_bracket_is_a_place_unless_the_text_cites_by_year() -> None:
    unnumbered = tuple(entry(f"Name{i}|A.", "2001") for i in "abc")
    assert [m.references for m in cite_marks("see [2, 3] and [4]", unnumbered)] == [(1, 2)]
    assert [m.references for m in cite_marks("Namea (2001) and [2, 3]", unnumbered)] == [(0,)]


def source(ident: str, authors: tuple[Author, ...], year: str) -> Source:
    return Source(ident, "journal-article", "T", authors, year, "", "", "", "", "none", "", Status("clear", "", ""))


def test_sources_are_named_by_their_ids_and_an_unknown_work_by_none() -> None:
    sources = (source("neff", (Author("Neff", "Kristin"),), "n.d."), source("lund", (Author("Lund", "M."),), "2019b"))
    text = "It helps (Neff, n.d.; Lund, 2019b). So said Berg (2011)."
    assert [(c.text, c.doc_ids) for c in in_text_citations(text, sources)] == [
        ("(Neff, n.d.; Lund, 2019b)", ("neff", "lund")),
        ("Berg (2011)", ()),
    ]
    assert (match_source("see Lund, 2019b, p. 3", sources), match_source("Lund, 2018", sources)) == ("lund", "")


@given(st.text(max_size=60))
def test_any_text_gives_marks_within_it_in_order(text: str) -> None:
    text = f"{text} (Neff, 2003a) {text}"
    marks = cite_marks(text, LIST)
    assert all(0 <= m.start < m.end <= len(text) for m in marks)
    assert all(a.end <= b.start for a, b in pairwise(marks))


@pytest.mark.parametrize(
    "text",
    [
        "(" + "2003 " * 20_000,
        "Neff, " * 5_000 + "(2003)",
        "(" * 20_000 + "2003",
        "Aa " * 20_000 + "(2003)",
        "[1," * 9_000,
    ],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    begun = time.process_time()
    cite_marks(text, NUMBERED)
    assert time.process_time() - begun < 2


def test_names_are_compared_without_case_accents_and_marks() -> None:
    assert {plain("Parker‑Guilbert"), plain("PARKER-GUILBERT"), plain("Parker Guilbert")} == {"parker guilbert"}
    assert plain("Łukasz Øster’s") == "lukasz osters"
