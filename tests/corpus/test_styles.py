"""APA 7, CSL-JSON, BibTeX and RIS: exact forms, and read back by other people's readers where they are installed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chatbot.corpus.references.styles import apa_names, as_apa, as_bibtex, as_csl, as_ris, citation_keys, csl_text
from chatbot.corpus.values import Record
from chatbot.datatypes import Author as A

ARTICLE = Record(
    "article-journal",
    "Salt & sand: 50% of {a}_b",
    (A("Ot'alora G.", "Marcela"), A("van der Meer", "Jan-Willem"), A("King", "M. L., Jr."), A("Sand and Sea Group")),
    year="2021",
    container="Coasts & Harbours",
    volume="27",
    issue="6",
    pages="1025–1033",
    doi="10.1234/c_1",
)
CHAPTER = Record(
    "chapter",
    "Bridges of rope",
    (A("Ruiz", "Pilar"),),
    (A("Falk", "Dora"), A("Stern", "Emil Otto")),
    year="2011",
    container="Handbook of small crossings",
    edition="2",
    pages="101–119",
    publisher="Harrow Press",
    place="London",
)
PAGE = Record(
    "webpage",
    "How cold is the water?",
    (A("Lake Council"),),
    year="n.d.",
    container="Lake Council",
    url="https://l.example/a",
)


@pytest.mark.parametrize(
    ("record", "printed"),
    [
        (
            ARTICLE,
            "Ot'alora G., M., van der Meer, J.-W., King, M. L., Jr., & Sand and Sea Group. (2021). Salt & sand: 50% of {a}_b. "
            "Coasts & Harbours, 27(6), 1025–1033. https://doi.org/10.1234/c_1",
        ),
        (
            CHAPTER,
            "Ruiz, P. (2011). Bridges of rope. In D. Falk & E. O. Stern (Eds.), Handbook of small crossings (2nd ed., pp. 101–119). Harrow Press.",
        ),
        (PAGE, "Lake Council. (n.d.). How cold is the water? https://l.example/a"),
        (
            replace(PAGE, container="Lakes Online"),
            "Lake Council. (n.d.). How cold is the water? Lakes Online. https://l.example/a",
        ),
        (
            Record(
                "article-journal", "Tides", (A("Ode", "T."),), year="2025", container="Sea", volume="3", pages="2485513"
            ),
            "Ode, T. (2025). Tides. Sea, 3, Article 2485513.",
        ),
        (
            Record("book", "Bees", (A("Brandt", "K."),), year="2003", edition="3", publisher="Harrow"),
            "Brandt, K. (2003). Bees (3rd ed.). Harrow.",
        ),
        (
            Record("book", "Bees", (), (A("Falk", "D."),), year="2003", publisher="Harrow"),
            "Falk, D. (Ed.). (2003). Bees. Harrow.",
        ),
        (Record("book", "Bees", year="2003", edition="Rev"), "Bees (Rev. ed.). (2003)."),
        (
            Record(
                "report",
                "Safe ports",
                (A("Port Office"),),
                year="2009",
                publisher="Port Office",
                url="https://p.example/r",
            ),
            "Port Office. (2009). Safe ports. https://p.example/r",
        ),
        (
            Record("thesis", "Ice and sleep", (A("Jensen", "A. B."),), year="2012", publisher="University of Oslo"),
            "Jensen, A. B. (2012). Ice and sleep [Thesis, University of Oslo].",
        ),
    ],
)
def test_apa(record: Record, printed: str) -> None:
    assert as_apa(record) == printed


def test_of_twenty_authors_all_are_printed_and_of_more_the_first_nineteen_and_the_last() -> None:
    authors = tuple(A(f"N{i}", "A.") for i in range(1, 23))
    assert apa_names(authors[:20]).endswith("N19, A., & N20, A.")
    assert apa_names(authors[:21]).endswith("N18, A., N19, A., . . . N21, A.")


def test_csl_keeps_every_field_and_is_json() -> None:
    assert as_csl([CHAPTER, PAGE]) == [
        {
            "id": "ruiz2011",
            "type": "chapter",
            "title": "Bridges of rope",
            "author": [{"family": "Ruiz", "given": "Pilar"}],
            "editor": [{"family": "Falk", "given": "Dora"}, {"family": "Stern", "given": "Emil Otto"}],
            "issued": {"date-parts": [[2011]]},
            "container-title": "Handbook of small crossings",
            "page": "101-119",
            "edition": "2",
            "publisher": "Harrow Press",
            "publisher-place": "London",
        },
        {
            "id": "lakecouncilnd",
            "type": "webpage",
            "title": "How cold is the water?",
            "author": [{"literal": "Lake Council"}],
            "container-title": "Lake Council",
            "URL": "https://l.example/a",
        },
    ]
    assert json.loads(csl_text([CHAPTER, PAGE])) == as_csl([CHAPTER, PAGE])


def test_bibtex() -> None:
    assert as_bibtex([ARTICLE]) == (
        "@article{otalorag2021,\n"
        "  author = {Ot'alora G., Marcela and van der Meer, Jan-Willem and King, Jr., M. L. and {Sand and Sea Group}},\n"
        "  title = {{Salt \\& sand: 50\\% of \\lbrace{}a\\rbrace{}\\_b}},\n"
        "  journal = {Coasts \\& Harbours},\n"
        "  year = {2021},\n"
        "  volume = {27},\n"
        "  number = {6},\n"
        "  pages = {1025--1033},\n"
        "  doi = {10.1234/c_1}\n"
        "}\n"
    )


def test_ris() -> None:
    assert as_ris([CHAPTER]).split("\r\n") == [
        "TY  - CHAP",
        "AU  - Ruiz, Pilar",
        "A2  - Falk, Dora",
        "A2  - Stern, Emil Otto",
        "TI  - Bridges of rope",
        "T2  - Handbook of small crossings",
        "PY  - 2011",
        "SP  - 101",
        "EP  - 119",
        "ET  - 2",
        "PB  - Harrow Press",
        "CY  - London",
        "ER  - ",
        "",
        "",
    ]


def test_bibtex_is_read_back_by_bibtexparser() -> None:
    bibtexparser = pytest.importorskip("bibtexparser", reason="bibtexparser reads BibTeX back")
    from bibtexparser import middlewares

    steps = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts(), middlewares.LatexDecodingMiddleware()]
    library = bibtexparser.parse_string(as_bibtex([ARTICLE, CHAPTER, PAGE]), append_middleware=steps)
    assert (library.failed_blocks, [e.key for e in library.entries]) == (
        [],
        ["otalorag2021", "ruiz2011", "lakecouncilnd"],
    )
    fields = {name: field.value for name, field in library.entries[0].fields_dict.items()}
    assert (fields["title"].strip("{}"), fields["journal"], fields["pages"]) == (
        ARTICLE.title,
        ARTICLE.container,
        ARTICLE.pages,
    )
    names = [(" ".join((*n.von, *n.last)), " ".join(n.first), " ".join(n.jr)) for n in fields["author"]]
    assert names == [
        ("Ot'alora G.", "Marcela", ""),
        ("van der Meer", "Jan-Willem", ""),
        ("King", "M. L.", "Jr."),
        ("{Sand and Sea Group}", "", ""),
    ]


def test_ris_is_read_back_by_rispy() -> None:
    rispy = pytest.importorskip("rispy", reason="rispy reads RIS back")
    found = rispy.loads(as_ris([ARTICLE, CHAPTER, PAGE]))
    assert [(r["type_of_reference"], r["title"]) for r in found] == [
        ("JOUR", ARTICLE.title),
        ("CHAP", CHAPTER.title),
        ("ELEC", PAGE.title),
    ]
    assert found[0]["authors"] == [
        "Ot'alora G., Marcela",
        "van der Meer, Jan-Willem",
        "King, M. L., Jr.",
        "Sand and Sea Group",
    ]
    assert (found[0]["doi"], found[0]["start_page"], found[2]["urls"]) == (ARTICLE.doi, "1025", [PAGE.url])


def test_a_brace_alone_does_not_break_bibtex() -> None:
    text = as_bibtex([Record("webpage", "A { brace", url="https://l.example/{x")])
    assert text.count("{") == text.count("}")


def test_keys_are_never_the_same() -> None:
    same = Record(authors=(A("Núñez", "A."),), year="2003")
    assert citation_keys([same, same, same, Record()]) == ["nunez2003", "nunez2003b", "nunez2003c", "work"]
    assert len(set(citation_keys([same] * 60))) == 60
