"""Citations against records: order, names, years, initials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.corpus.references.attributions import differences, initials, is_of, printed_names
from chatbot.datatypes import Author, Source, Status

PEOPLE = (Author("Okafor", "Ada N."), Author("de Vries", "Jan"), Author("Ruiz-Peña", "Luz"))
SOURCE = Source(
    "s", "journal-article", "On rust", PEOPLE, "2019", "Metals", "", "", "", "full",
    "Okafor, A. N., de Vries, J. K., & Ruiz-Pena, L. (2019). On rust. Metals.", Status("clear", "", ""),
)  # fmt: skip


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ("Okafor et al., 2019", []),
        ("Okafor, de Vries, & Ruiz-Peña, 2019", []),
        ("Okafor, De Vries, and Ruiz-Pena (2019)", []),
        ("see Okafor et al., 2019, p. 3", []),
        (
            "Okafor, Ruiz-Peña, and de Vries (2019)",
            [
                "the citation names the authors in the order Okafor, Ruiz-Peña, de Vries; the record has Okafor, de Vries, Ruiz-Peña"
            ],
        ),
        ("Okafor & Lindqvist, 2019", ["the citation names Lindqvist; the record has Okafor, de Vries, Ruiz-Peña"]),
        ("Okafor et al., 2018", ["the citation prints the year 2018; the record has 2019"]),
        ("Okafor & de Vries, 2019", ["the citation names 2 of 3 authors without “et al.”"]),
    ],
)
def test_a_citation_against_the_record(work: str, expected: list[str]) -> None:
    assert list(differences(work, SOURCE)) == expected


def test_a_body_and_a_work_without_date() -> None:
    body = replace(SOURCE, authors=(Author("Harbour Board"),), year="n.d.")
    assert list(differences("Harbour Board, n.d.", body)) == []
    assert is_of("Harbour Board, n.d.", body)
    assert not is_of("Okafor et al., 2019", body)


def test_a_work_without_authors_goes_by_its_title() -> None:
    assert list(differences("On rust, 2019", replace(SOURCE, authors=()))) == []


def test_initials_of_the_printed_reference() -> None:
    assert list(initials(SOURCE)) == ["the reference prints “de Vries, J. K.”; the record gives “Jan”"]


def test_names_with_et_al() -> None:
    assert printed_names("(e.g., Okafor, de Vries, et al., 2019)") == (("Okafor", "de Vries"), True)
