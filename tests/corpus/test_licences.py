"""A text is open only when its licence says so and nothing beside it says otherwise."""

from __future__ import annotations

import time

import pytest

from chatbot.corpus.licences import MAX_CHARACTERS, is_open, name_of, narrowest


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
        ("http://www.creativecommons.org/licences/by-sa/3.0/legalcode", "CC BY-SA 3.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC BY 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
        ("cc by", "CC BY"),
        ("CC-BY-4.0", "CC BY 4.0"),
        ("CC\u00a0BY", "CC BY"),
        ("CC0 1.0", "CC0"),
        ("Creative Commons Attribution License, which permits unrestricted use in any medium", "CC BY"),
        ("Creative Commons Attribution-ShareAlike 4.0 International License", "CC BY-SA 4.0"),
        ("This article is a U.S. Government work and is in the public domain in the USA", "public domain"),
    ],
)
def test_an_open_licence_is_known(licence: str, name: str) -> None:
    assert (name_of(licence), is_open(licence)) == (name, True)


@pytest.mark.parametrize(
    "licence",
    [
        "CC BY-NC-ND 4.0",
        "CC BY\u2011NC",
        "CC BY\u2013NC\u2013ND",
        "CC BY  NC",
        "CC BY\nNC",
        "CC BY - NC",
        "CC BY (NC)",
        "CC BY/NC",
        "CC BY 4.0 NC",
        "CC-BY-4.0-NC",
        "CC BY\u200b-NC",
        "CC BY NonCommercial",
        "CC BY NoDerivs",
        "Creative Commons Attribution Non Commercial License",
        "Creative Commons Attribution\u2013NonCommercial",
        "Creative Commons Attribution, Non-Commercial",
        "Creative Commons Attribution No Derivatives",
        "Creative Commons Attribution License (non-commercial use only)",
        "Creative Commons Attribution-ShareAlike-NonCommercial",
        "https://creativecommons.org/licenses/by%2Dnc/4.0/",
        "https://creativecommons.org/licenses/by\u2011nc/4.0/",
        "https://creativecommons.org/licenses/bync/4.0/",
        "https://creativecommons.org/licenses/by-sa-nc/4.0/",
        "https://evil.test/creativecommons.org/licenses/by/4.0/",
        "https://evilcreativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org.evil.test/licenses/by/4.0/",
        "https://creativecommons.org@evil.test/creativecommons.org/licenses/by/4.0/",
        "This article is not licensed under CC BY",
        "This is not public domain",
        "Parts are in the public domain, all rights reserved",
        "CC0 applies to the data only",
        "CC-0.5 dose",
        "https://www.springer.com/tdm",
        "CC BY " * MAX_CHARACTERS,
        "",
    ],
)
def test_in_doubt_a_licence_is_not_open(licence: str) -> None:
    assert not is_open(licence)


def test_a_restriction_is_in_the_name() -> None:
    assert name_of("Creative Commons Attribution Non Commercial (CC BY\u2011NC 4.0) license") == "CC BY-NC 4.0"


def test_of_two_that_are_said_the_narrower_holds() -> None:
    assert narrowest(["CC BY 4.0", "", "cc by-nc"]) == "cc by-nc"
    assert narrowest(["", "https://www.springer.com/tdm", "CC BY"]) == "https://www.springer.com/tdm"
    assert narrowest([]) == ""


@pytest.mark.parametrize("unit", ["CC BY ", "a", "no-", "%", "Creative Commons Attribution", "creativecommons.org/"])
def test_a_long_licence_costs_little(unit: str) -> None:
    began = time.process_time()
    name_of((unit * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - began < 3
