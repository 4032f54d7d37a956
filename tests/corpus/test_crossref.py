"""What Crossref says of a work comes out whole, and what is no work is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.registries.crossref import bare_doi, plain, read_work, read_works, work_url, works_url
from chatbot.corpus.registries.works import Licence, Link, Listed, Person, Relation, Update
from chatbot.corpus.values import Record
from chatbot.datatypes import Author
from chatbot.errors import FetchError

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "eval" / "documents" / "crossref_rest"
WHERE = "10.5555/sleep.1"
WORK: dict[str, Any] = {
    "DOI": "10.5555/Sleep.1",
    "type": "journal-article",
    "title": ["Sleep after <i>long</i> shifts &amp; naps"],
    "subtitle": ["a trial"],
    "author": [
        {
            "given": "Ada",
            "family": "Kowal",
            "suffix": "Jr.",
            "sequence": "first",
            "ORCID": "https://orcid.org/0000-0000",
        },
        {"name": "The Night Shift Group", "sequence": "additional"},
    ],
    "editor": [{"given": "Bo", "family": "Lind"}],
    "published": {"date-parts": [[2019, 12, 30]]},
    "issued": {"date-parts": [[2019, 12, 30]]},
    "published-print": {"date-parts": [[2020, 2]]},
    "created": {"date-parts": [[2019, 12, 29]], "date-time": "2019-12-29T10:00:00Z"},
    "indexed": {"date-parts": [[2025, 3, 1]]},
    "container-title": ["Journal of Rest"],
    "volume": "7",
    "issue": "2",
    "page": "101-109",
    "publisher": "Rest Press",
    "license": [
        {"URL": "https://example.org/tdm", "content-version": "tdm", "start": {"date-parts": [[2020, 1, 1]]}},
        {
            "URL": "https://creativecommons.org/licenses/by/4.0/",
            "content-version": "vor",
            "delay-in-days": 366,
            "start": {"date-parts": [[2021, 1, 1]]},
        },
    ],
    "updated-by": [
        {
            "DOI": "10.5555/Notice.9",
            "type": "retraction",
            "label": "Retraction",
            "source": "retraction-watch",
            "updated": {"date-parts": [[2022, 7, 4]]},
            "record-id": 20946,
        }
    ],
    "update-to": [{"DOI": "10.5555/older", "type": "new-version", "label": "New version", "source": "publisher"}],
    "relation": {"has-preprint": [{"id-type": "doi", "id": "10.5555/pre", "asserted-by": "object"}]},
    "reference": [
        {"key": "r1", "DOI": "10.5555/CITED", "author": "Moe", "year": "2001", "article-title": "On naps"},
        {"key": "r2", "unstructured": "Roe, P. (1999). Beds &amp; <b>bunks</b>."},
    ],
    "link": [{"URL": "https://example.org/1.pdf", "content-type": "application/pdf", "content-version": "vor"}],
    "resource": {"primary": {"URL": "https://example.org/1"}},
    "ISSN": ["0000-0000"],
}


def answer(message: object, kind: str = "work") -> bytes:
    return json.dumps({"status": "ok", "message-type": kind, "message": message}).encode()


def test_a_work_is_read_whole() -> None:
    work = read_work(answer(WORK), WHERE)
    assert work.record == Record(
        kind="article-journal",
        title="Sleep after long shifts & naps: a trial",
        authors=(Author("Kowal", "Ada"), Author("The Night Shift Group")),
        editors=(Author("Lind", "Bo"),),
        year="2019",
        container="Journal of Rest",
        volume="7",
        issue="2",
        pages="101–109",
        publisher="Rest Press",
        doi="10.5555/sleep.1",
        url="https://doi.org/10.5555/sleep.1",
        licence="https://creativecommons.org/licenses/by/4.0/",
    )
    assert work.people[0] == Person("Kowal", "Ada", "Jr.", "", "https://orcid.org/0000-0000", "author")
    assert dict(work.dates)["published-print"] == "2020-02"
    assert dict(work.dates)["created"] == "2019-12-29"
    assert work.licences[1] == Licence("https://creativecommons.org/licenses/by/4.0/", "vor", "2021-01-01", 366)
    assert work.updated_by == (
        Update("retraction", "10.5555/notice.9", "2022-07-04", "retraction-watch", "Retraction", "20946"),
    )
    assert work.updates == (Update("new_version", "10.5555/older", "", "publisher", "New version", ""),)
    assert work.relations == (Relation("has-preprint", "10.5555/pre", "doi", "object"),)
    assert work.references == (
        Listed(doi="10.5555/cited", key="r1", author="Moe", year="2001", title="On naps"),
        Listed(key="r2", printed="Roe, P. (1999). Beds & bunks."),
    )
    assert work.links == (Link("https://example.org/1.pdf", "application/pdf", "vor", ""),)
    assert (work.page, work.numbers) == ("https://example.org/1", ("0000-0000",))


def test_the_same_work_without_an_envelope() -> None:
    """As content negotiation gives it: titles are plain strings, types those of CSL."""
    bare = {**WORK, "title": WORK["title"][0], "container-title": "Journal of Rest", "type": "article-journal"}
    assert read_work(json.dumps(bare).encode(), WHERE).record == read_work(answer(WORK), WHERE).record


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"subtitle": ["SLEEP AFTER LONG SHIFTS & NAPS"]}, "title", "Sleep after long shifts & naps"),
        ({"title": ["Is it sleep?"]}, "title", "Is it sleep? a trial"),
        ({"page": None, "article-number": "e12"}, "pages", "e12"),
        ({"page": "1-1-1-10"}, "pages", "1-1-1-10"),
        ({"published": None, "issued": {"date-parts": [[None]]}, "published-print": None}, "year", "n.d."),
        ({"published": {"date-parts": [["1998", "3"]]}}, "year", "1998"),
        ({"page": "145-145"}, "pages", "145"),
        ({"type": "book-chapter", "container-title": ["A series", "The book"]}, "container", "The book"),
        ({"container-title": ["J of Rest", "J Rest"]}, "container", "J of Rest"),
        ({"type": "posted-content"}, "kind", "article"),
        ({"type": "grant"}, "kind", "document"),
        ({"indexed": {"date-parts": [[2020, 6, 1]]}}, "licence", "https://example.org/tdm"),
        ({"license": []}, "licence", ""),
        (
            {"license": [{"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "am"}]},
            "licence",
            "",
        ),
        ({"author": [{"given": "Sukarno"}]}, "authors", (Author("Sukarno"),)),
        ({"author": [{"literal": "World <b>Rest</b> Office"}]}, "authors", (Author("World Rest Office"),)),
    ],
)
def test_one_field_otherwise(changed: dict[str, Any], field: str, expected: object) -> None:
    assert getattr(read_work(answer({**WORK, **changed}), WHERE).record, field) == expected


def test_lists_of_works_come_in_order() -> None:
    rows = {"items": [{"DOI": "10.5555/b"}, {"DOI": "10.5555/a"}], "total-results": 2}
    assert [w.record.doi for w in read_works(answer(rows, "work-list"), "a list")] == ["10.5555/b", "10.5555/a"]
    assert [w.record.doi for w in read_works(answer(WORK), "one")] == ["10.5555/sleep.1"]
    assert read_works(answer(rows, "work-list"), "a list")[0].record.year == ""  # not asked for, which is not "n.d."
    with pytest.raises(FetchError, match="is a list of works; ask for one DOI"):
        read_work(answer(rows, "work-list"), WHERE)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"Resource not found.", "is no work; it begins 'Resource not found.': check the DOI"),
        (b" @article{Kowal_2019, title={Sleep}}", "begins '@article"),
        (b'<?xml version="1.0"?><doi_records/>', "begins '<?xml"),
        (b"\xff\xfe\x00", "is no work"),
        (b"[" * 100_000, "is no work"),
        (b'"text"', "it is 'no object'"),
        (answer({"name": "Rest Press", "prefix": "10.5555"}, "prefix"), "it is 'prefix': check the address"),
        (answer({"items": ["x"]}, "work-list"), "neither DOI nor title"),
        (answer([]), "is no work"),
        (answer({"DOI": 7.5, "title": [None]}), "neither DOI nor title"),
    ],
)
def test_what_is_no_work_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(FetchError) as refused:
        read_works(raw, WHERE)
    assert f"Crossref's answer for {WHERE} is no work" in str(refused.value)
    assert words in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(WORK)), JSON)
def test_a_field_of_any_form_raises_nothing_but_our_error(key: str, value: object) -> None:
    try:
        assert read_work(answer({**WORK, key: value}), WHERE).record.title is not None
    except FetchError:
        assert key in ("DOI", "title", "items")


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=40))
def test_every_doi_comes_back_out_of_its_addresses(suffix: str) -> None:
    doi = f"10.5555/{suffix}"
    one = urlsplit(work_url(doi, "a+b@example.org"))
    assert unquote(one.path).removeprefix("/works/") == doi
    assert one.path.count("/") == 2
    assert parse_qs(one.query) == {"mailto": ["a+b@example.org"]}
    many = parse_qs(urlsplit(works_url([doi, "10.5555/x"], "")).query)
    assert many == {
        "filter": [f"doi:{doi},doi:10.5555/x"],
        "select": ["DOI,type,title,updated-by,update-to"],
        "rows": ["2"],
    }


def test_dois_are_bared() -> None:
    assert bare_doi(" doi: 10.5555/A(1)<2>3;4 ") == "10.5555/a(1)<2>3;4"
    assert bare_doi("http://dx.doi.org/10.1000.5/x") == "10.1000.5/x"
    assert (bare_doi("11.5555/a"), bare_doi("10.5555/a b"), bare_doi("")) == ("", "", "")


def test_text_loses_markup_and_nothing_else() -> None:
    assert plain("CO<sub>2</sub> at p &lt; .05, 1 < 2 > 0") == "CO2 at p < .05, 1 < 2 > 0"
    assert plain("<jats:title>Of <mml:math><mml:mi>x</mml:mi></mml:math></jats:title>") == "Of x"
    assert (
        plain("panel for\n   <i>KRAS</i>\n   /\n   <i>NRAS</i>\n   , and (\n  <b>B</b>\n )")
        == "panel for KRAS/NRAS, and (B)"
    )
    assert plain("&lt;i&gt;Bufo&lt;/i&gt; &amp;amp; kin") == "Bufo & kin"


def objects(raw: bytes) -> list[dict[str, Any]]:
    """The works in a recorded answer, by a reading of its own; none where it is no JSON of works."""
    try:
        found = json.loads(raw)
    except ValueError:
        return []
    message = found.get("message", found)
    rows = message.get("items", [message])
    return [row for row in rows if "DOI" in row or "title" in row]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no ../shared/eval: the recorded answers are kept elsewhere")
def test_recorded_answers_are_read_without_loss() -> None:
    counts = dict.fromkeys(("works", "people", "dates", "licences", "references", "updates", "refused"), 0)
    for path in sorted(RECORDED.iterdir()):
        rows = objects(path.read_bytes())
        try:
            works = read_works(path.read_bytes(), path.name)
        except FetchError as error:
            assert "is no work" in str(error) and not rows, path.name
            counts["refused"] += 1
            continue
        assert len(works) == len(rows)
        counts["works"] += len(works)
        for row, work in zip(rows, works, strict=True):
            assert work.record.doi == row.get("DOI", "").lower()
            registered = [(a.get("family", ""), a.get("given", "")) for a in row.get("author", [])]
            assert [(a.family, a.given) for a in work.people if a.role == "author"] == registered
            counts["people"] += len(registered)
            for key in [k for k in row if isinstance(row[k], dict) and (row[k].get("date-parts") or [[None]])[0][0]]:
                assert dict(work.dates)[key].split("-") == [f"{n:02}" for n in row[key]["date-parts"][0]]
                counts["dates"] += 1
            licences = [
                (n["URL"], n.get("content-version", ""), n.get("start", {}).get("date-time", "")[:10])
                for n in row.get("license", [])
            ]
            assert [(n.url, n.version, n.start) for n in work.licences] == licences
            counts["licences"] += len(licences)
            listed = [(r["key"], r.get("DOI", "").lower(), r.get("year", "")) for r in row.get("reference", [])]
            assert [(r.key, r.doi, r.year) for r in work.references] == listed
            counts["references"] += len(listed)
            notices = [(u["DOI"].lower(), u["type"]) for u in row.get("updated-by", []) + row.get("update-to", [])]
            assert [(u.doi, u.kind) for u in work.updated_by + work.updates] == notices
            counts["updates"] += len(notices)
            assert "<i>" not in work.record.title and "\n" not in work.record.title
    assert counts["works"] > 100 and counts["references"] > 3000 and counts["refused"] > 30, counts
