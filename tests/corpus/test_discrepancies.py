"""What differs between a printed reference and a record, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.corpus.manifest import read_manifest
from chatbot.corpus.references.discrepancies import compare
from chatbot.corpus.references.entries import parse_reference
from chatbot.corpus.references.labelling import read_labeller
from chatbot.corpus.references.styles import as_apa
from chatbot.corpus.values import Record, Reference
from chatbot.datatypes import Author, Source

WEIGHTS = Path(__file__).resolve().parents[2] / "chatbot" / "models" / "weights" / "references.json"
KINDS = {"journal-article": "article-journal", "web-page": "webpage"}
WAVES = Record(
    "article-journal",
    "Cold water and courage: A field study",
    (Author("Lindqvist", "Anna Maria"), Author("O’Hara", "Tim"), Author("van der Meer", "Jan-Willem")),
    year="2018",
    container="Journal of Winter Sports",
    volume="12",
    issue="3",
    pages="145–167",
    doi="10.1234/jws.2018.5",
)


def read(printed: str) -> Reference:
    return parse_reference(printed, read_labeller(WEIGHTS))


def said(printed: str, record: Record) -> list[str]:
    return [d.says for d in compare(read(printed), record)]


def test_a_right_reference_has_none() -> None:
    assert said(as_apa(WAVES), WAVES) == []
    loose = (
        as_apa(WAVES).replace("’", "'").replace("–", "-").replace("Cold water and courage", "COLD WATER AND COURAGE")
    )
    assert said(loose, WAVES) == []
    assert said(as_apa(WAVES).replace("145–167", "145–67"), WAVES) == []
    assert (
        said(as_apa(WAVES), replace(WAVES, container="J. Winter Sports", title="<i>Cold</i> water and courage")) == []
    )
    turned = (*WAVES.authors[:2], Author("Meer", "Jan-Willem van der"))
    assert said(as_apa(WAVES), replace(WAVES, authors=turned)) == []


CHANGES = {
    "year": ("(2018)", "(2017)", "The entry prints year 2017, the record has 2018."),
    "title": (
        "courage: A",
        "fear: A",
        "The entry prints title “Cold water and fear: A field study”, the record has “Cold water and courage: A field study”.",
    ),
    "container": (
        "Winter Sports",
        "Summer Sports",
        "The entry prints journal Journal of Summer Sports, the record has Journal of Winter Sports.",
    ),
    "volume": ("12(3)", "13(3)", "The entry prints volume 13, the record has 12."),
    "issue": ("12(3)", "12", "The entry has no issue; the record has 3."),
    "pages": (", 145–167", "", "The entry has no pages; the record has 145–167."),
    "doi": ("jws.2018.5", "jws.2018.6", "The entry prints DOI 10.1234/jws.2018.6, the record has 10.1234/jws.2018.5."),
    "missing doi": (
        " https://doi.org/10.1234/jws.2018.5",
        "",
        "The entry has no DOI; the record has 10.1234/jws.2018.5.",
    ),
    "dx": (
        "https://doi.org",
        "http://dx.doi.org",
        "The DOI is printed in an old form (http://dx.doi.org/); today's address is https://doi.org/10.1234/jws.2018.5.",
    ),
    "doi:": (
        "https://doi.org/",
        "doi:",
        "The DOI is printed in an old form (doi:); today's address is https://doi.org/10.1234/jws.2018.5.",
    ),
    "stop": ("jws.2018.5", "jws.2018.5.", "A full stop follows the DOI; copied with it, the address leads nowhere."),
    "space": ("(2018).", "(2018) .", "There is a stray space before the full stop after “(2018)”."),
    "order": (
        "Lindqvist, A. M., O’Hara, T.,",
        "O’Hara, T., Lindqvist, A. M.,",
        "The entry prints the authors in the order O’Hara, Lindqvist, van der Meer; the record has Lindqvist, O’Hara, van der Meer.",
    ),
    "missing author": ("O’Hara, T., & ", "& ", "The entry leaves out O’Hara, Tim."),
    "other author": ("O’Hara, T.", "Zeman, T.", "The entry names Zeman, T., whom the record does not have."),
    "spelling": ("Lindqvist", "Lindquist", "The entry spells an author Lindquist, the record Lindqvist."),
    "initials": ("A. M.", "A.", "The entry prints the initials of Lindqvist, A.; the record has Anna Maria Lindqvist."),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_change_is_found_and_named(name: str) -> None:
    right, wrong, says = CHANGES[name]
    printed = as_apa(WAVES)
    assert right in printed
    found = said(printed.replace(right, wrong, 1), WAVES)
    others = ["The entry leaves out O’Hara, Tim."] if name == "other author" else []
    assert found == [*others, says]


MANY = replace(WAVES, authors=tuple(Author(f"{a}{b}berg", "Ada") for a in "ABCDE" for b in "aeiou"))


def test_an_ellipsis_where_apa_puts_it_is_no_missing_author() -> None:
    printed = as_apa(MANY)
    assert (printed.count("berg"), said(printed, MANY)) == (20, [])
    assert said(printed.replace(". . .", "…"), MANY) == []


def test_an_ellipsis_elsewhere_is_told() -> None:
    printed = as_apa(MANY)
    early = printed.replace("Duberg, A., ", "").replace("Doberg, A., ", "")
    rule = "APA 7 prints the first 19, an ellipsis and the last"
    assert (
        said(early, MANY)[0] == f"The entry prints 18 authors before the ellipsis; of the record's 25 authors {rule}."
    )
    few = "Lindqvist, A. M., … van der Meer, J.-W. (2018). " + as_apa(WAVES).partition("(2018). ")[2]
    assert said(few, WAVES) == ["An ellipsis leaves authors out; the record has 3, and APA 7 prints up to 20 in full."]


def test_a_work_in_press_that_appeared_and_an_address_that_moved() -> None:
    coming = "Lindqvist, A. M., O’Hara, T., & van der Meer, J.-W. (in press). Cold water and courage: A field study. Journal of Winter Sports."
    assert said(coming, replace(WAVES, volume="", issue="", pages="", doi="")) == [
        "The entry says “in press”; by the record the work appeared in 2018."
    ]
    page = Record("webpage", "How cold?", (Author("Lake Council"),), year="n.d.", url="https://lakes.example/cold")
    assert said("Lake Council. (n.d.). How cold? http://lakes.example/cold.", page) == [
        "The address is printed with http; the record has https://lakes.example/cold.",
        "A full stop follows the address; copied with it, it may lead nowhere.",
    ]
    assert said("Lake Council. (n.d.). How cold? https://lakes.example/warm", page) == [
        "The entry prints address https://lakes.example/warm, the record has https://lakes.example/cold."
    ]


def record_of(source: Source) -> Record:
    return Record(
        KINDS.get(source.kind, ""),
        source.title,
        source.authors,
        year=source.year,
        container=source.container,
        volume=source.volume,
        issue=source.issue,
        pages=source.pages,
        doi=source.doi,
        url="" if source.doi else source.url,
    )


def test_the_shipped_corpus_shows_the_points_that_its_records_can_show(shipped_corpus: Path) -> None:
    sources = {s.doc_id: s for s in read_manifest(shipped_corpus).sources if s.reference}
    assert {name: said(s.reference, record_of(s)) for name, s in sources.items()} == {
        "mitchell-2021": [
            "The entry prints 7 authors before the ellipsis; of the record's 38 authors APA 7 prints the first 19, an ellipsis and the last.",
            "There is a stray space before the full stop after “(2021)”.",
        ],
        "agin-liebes-2025": [
            "The entry prints the authors in the order Agin-Liebes, Mitchell, Zeifman; the record has Agin-Liebes, Zeifman, Mitchell.",
            "The entry prints the initials of Agin-Liebes, G. I.; the record has Gabrielle Agin-Liebes.",
            "The entry prints the initials of Mitchell, J.; the record has Jennifer M. Mitchell.",
            "The entry has no article number; the record has 2485513.",
        ],
        "neff-three-elements": ["There is a stray space before the full stop after “(n.d.)”."],
        "webmd-mdma-therapy": ["There is a stray space before the full stop after “(n.d.)”."],
    }
