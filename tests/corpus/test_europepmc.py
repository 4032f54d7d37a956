"""What Europe PMC says of a work, in JSON and in XML alike."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.registries.europepmc import Hit, Notice, TextLink, exact, full_text_url, read_search, search_url
from chatbot.corpus.values import Record
from chatbot.datatypes import Author
from chatbot.errors import FetchError

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "eval" / "documents" / "europepmc_rest"
WHERE = "10.5555/sleep.1"
ROW: dict[str, Any] = {
    "id": "111",
    "source": "MED",
    "pmid": "111",
    "pmcid": "PMC222",
    "doi": "10.5555/Sleep.1",
    "title": "Sleep after <i>long</i> shifts &amp; naps.",
    "authorString": "Kowal A, The Night Shift Group.",
    "authorList": {
        "author": [
            {"fullName": "Kowal A", "firstName": "Ada", "lastName": "Kowal", "initials": "A"},
            {"collectiveName": "The Night Shift Group"},
            {"fullName": "Lind BC", "lastName": "Lind", "initials": "BC"},
        ]
    },
    "journalInfo": {"issue": "2", "volume": "7", "yearOfPublication": 2020, "journal": {"title": "Journal of Rest"}},
    "pubYear": "2020",
    "pageInfo": "101-109",
    "pubTypeList": {"pubType": ["Journal Article", "Retracted Publication"]},
    "isOpenAccess": "Y",
    "inEPMC": "Y",
    "hasPDF": "N",
    "license": "cc by",
    "fullTextUrlList": {
        "fullTextUrl": [
            {"availabilityCode": "OA", "documentStyle": "html", "site": "Europe_PMC", "url": "https://example.org/1"}
        ]
    },
    "commentCorrectionList": {
        "commentCorrection": [{"id": "333", "source": "MED", "reference": "J Rest. 2022;9:1", "type": "Retraction in"}]
    },
}
EXPECTED = Hit(
    record=Record(
        kind="article-journal",
        title="Sleep after long shifts & naps",
        authors=(Author("Kowal", "Ada"), Author("The Night Shift Group"), Author("Lind", "B. C.")),
        year="2020",
        container="Journal of Rest",
        volume="7",
        issue="2",
        pages="101–109",
        doi="10.5555/sleep.1",
        url="https://doi.org/10.5555/sleep.1",
        licence="cc by",
    ),
    number="111",
    source="MED",
    pmcid="PMC222",
    pmid="111",
    open_access=True,
    in_epmc=True,
    licence="cc by",
    kinds=("Journal Article", "Retracted Publication"),
    links=(TextLink("https://example.org/1", "html", "OA", "Europe_PMC"),),
    notices=(Notice("Retraction in", "333", "MED", "J Rest. 2022;9:1"),),
)


def answer(*rows: object) -> bytes:
    return json.dumps({"version": "6.9", "resultList": {"result": list(rows)}}).encode()


def as_xml(value: object, tag: str) -> ElementTree.Element:
    element = ElementTree.Element(tag)
    if isinstance(value, dict):
        for key, inner in value.items():
            element.extend([as_xml(one, key) for one in (inner if isinstance(inner, list) else [inner])])
    else:
        element.text = str(value)
    return element


def test_an_article_is_read_whole() -> None:
    assert read_search(answer(ROW), WHERE) == (EXPECTED,)


def test_xml_says_the_same() -> None:
    root = as_xml({"version": "6.9", "resultList": {"result": [ROW]}}, "responseWrapper")
    assert read_search(ElementTree.tostring(root), WHERE) == (EXPECTED,)


def test_a_lite_answer_gives_names_and_initials() -> None:
    row = {"id": "1", "source": "MED", "authorString": "van der Berg AB, Kowal A 3rd, Rest Group.", "title": "Naps..."}
    row |= {"journalTitle": "J Rest", "journalVolume": "7", "issue": "2", "pubType": "journal article; review"}
    hit = read_search(answer(row), WHERE)[0]
    assert hit.record.authors == (Author("van der Berg", "A. B."), Author("Kowal", "A."), Author("Rest Group"))
    assert (hit.record.title, hit.record.container, hit.record.volume, hit.record.issue) == (
        "Naps...",
        "J Rest",
        "7",
        "2",
    )
    assert hit.kinds == ("journal article", "review")
    assert not hit.open_access and not hit.pmcid


def test_nothing_found_is_no_error() -> None:
    assert read_search(answer(), WHERE) == ()
    assert read_search(b"<responseWrapper><hitCount>0</hitCount><resultList/></responseWrapper>", WHERE) == ()


def test_the_exact_doi_is_taken_and_the_full_text_before_the_abstract() -> None:
    preprint = {"id": "PPR1", "source": "PPR", "doi": "10.5555/sleep.10"}
    abstract = {"id": "111", "source": "MED", "doi": "10.5555/sleep.1"}
    hits = read_search(answer(preprint, abstract, ROW), WHERE)
    found = exact(hits, "10.5555/SLEEP.1")
    assert found and found.pmcid == "PMC222"
    assert exact(hits, "10.5555/sleep") is None


BOMB = b'<!DOCTYPE a [<!ENTITY b "bb">]><responseWrapper><resultList><result><id>&b;</id></result></resultList></responseWrapper>'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Service unavailable",
        b"<html><p>502</html>",
        b"<a",
        b"[]",
        b'{"errCode": 404}',
        BOMB,
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(FetchError, match=rf"Europe PMC's answer for {re.escape(WHERE)} (cannot be read|is no list)"):
        read_search(raw, WHERE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ROW)), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(ROW)), JSON)
def test_a_field_of_any_form_raises_nothing(key: str, value: object) -> None:
    assert len(read_search(answer({**ROW, key: value}), WHERE)) == 1


def test_addresses_carry_old_dois_whole() -> None:
    doi = "10.1002/(SICI)1099-0771(199806)11:2<107::AID-BDM292>3.0.CO;2-Y&a=b#c"
    assert parse_qs(urlsplit(search_url(doi)).query)["query"] == [f'DOI:"{doi}"']
    with pytest.raises(ValueError, match=r"'PMC1/\.\./x' is no PMC identifier"):
        full_text_url("PMC1/../x")


def plain_rows(path: Path) -> list[dict[str, str]]:
    """Identifiers and flags of each result of a recorded answer, by a reading of its own."""
    keys = ("id", "source", "pmid", "pmcid", "doi", "isOpenAccess", "inEPMC", "hasPDF", "license", "pubYear")
    if path.suffix == ".json":
        rows = json.loads(path.read_bytes())["resultList"]["result"]
        return [{key: str(row.get(key, "")) for key in keys} for row in rows]
    results = ElementTree.fromstring(path.read_bytes()).iter("result")
    return [{key: row.findtext(key) or "" for key in keys} for row in results]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no ../shared/eval: the recorded answers are kept elsewhere")
def test_recorded_answers_are_read_without_loss() -> None:
    hits_read = 0
    for path in sorted(RECORDED.iterdir()):
        if path.name.endswith("_dc.xml"):
            with pytest.raises(FetchError, match="ask for format=json"):
                read_search(path.read_bytes(), path.name)
            continue
        found = [
            {
                "id": hit.number,
                "source": hit.source,
                "pmid": hit.pmid,
                "pmcid": hit.pmcid,
                "doi": hit.record.doi,
                "isOpenAccess": "Y" if hit.open_access else "N",
                "inEPMC": "Y" if hit.in_epmc else "N",
                "hasPDF": "Y" if hit.has_pdf else "N",
                "license": hit.licence,
                "pubYear": hit.record.year,
            }
            for hit in read_search(path.read_bytes(), path.name)
        ]
        flags = ("isOpenAccess", "inEPMC", "hasPDF")
        expected = [
            {**row, "doi": row["doi"].lower(), **{flag: row[flag] or "N" for flag in flags}} for row in plain_rows(path)
        ]
        assert found == expected, path.name
        hits_read += len(found)
    assert hits_read >= 100


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no ../shared/eval: the recorded answers are kept elsewhere")
def test_recorded_core_answers_keep_people_links_and_notices() -> None:
    for path in RECORDED.glob("*core*.json"):
        rows = json.loads(path.read_bytes())["resultList"]["result"]
        for row, hit in zip(rows, read_search(path.read_bytes(), path.name), strict=True):
            people = row.get("authorList", {}).get("author", [])
            expected = [a.get("lastName") or a.get("collectiveName") or a["fullName"] for a in people]
            assert [a.family for a in hit.record.authors] == expected
            urls = [u["url"] for u in row.get("fullTextUrlList", {}).get("fullTextUrl", [])]
            assert [link.url for link in hit.links] == urls
            notices = [(c["type"], c["id"]) for c in row.get("commentCorrectionList", {}).get("commentCorrection", [])]
            assert [(n.kind, n.number) for n in hit.notices] == notices
