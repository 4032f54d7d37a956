"""`chatbot corpus status`: asks, judges, stamps, keeps the answers. Every answer here is of works that do not exist."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.quoting import status_line
from chatbot.corpus import provenance, readings
from chatbot.corpus.manifest import read_manifest
from chatbot.corpus.provenance import Provenance
from chatbot.corpus.snapshot import read_snapshot
from chatbot.corpus.stamps import stamped
from chatbot.corpus.values import Part, Reading, Record, Reference
from chatbot.datatypes import Document, Status
from chatbot.errors import CorpusError, FetchError, NotThere
from chatbot.sourcing.watching import MAX_BATCH, StatusReport, as_json, as_lines, batches, check_status

DAY, LATER = "2026-11-24", "2026-12-24"
NOTHING = "no retraction, concern or correction known to Crossref"
RETRACTION = {
    "DOI": "10.5555/notice",
    "type": "retraction",
    "source": "retraction-watch",
    "updated": {"date-parts": [[2026, 11, 1]]},
}
RETRACTED = "retracted on 2026-11-01 (notice 10.5555/notice; named by Retraction Watch)"
CONCERN = {"DOI": "10.5555/eoc", "type": "expression_of_concern", "source": "publisher"}
CORRECTION = {"DOI": "10.5555/erratum", "type": "erratum", "source": "publisher"}

MANIFEST = """# kept as it is
format = 1

[corpus]
article = "article"
subject = "sleep"
disclaimer = "None."
jurisdiction = "nowhere"
as_of = "2026-01-01"
contact = "owner@example.org"
covered = [
  "sleep",   # more to come
]
examples = ["What is sleep?"]

[[source]]
id = "article"   # the article itself
kind = "article"
title = "On sleep"
authors = []
year = "2026"
url = ""
file = ""
text = "none"
reference = ""
status = { state = "clear", checked = "2026-01-01", basis = "ours" }   # never asked

[[source]]
id = "kowal-2020"
kind = "journal-article"
title = "Sleep after long shifts"
authors = [{ family = "Kowal", given = "Ada" }]
year = "2020"
doi = "10.5555/Sleep.1"
url = "https://example.org/sleep"
file = ""
text = "none"
reference = "Kowal, A. (2020)."
status = {state="clear",  checked = '2026-01-01', basis = "copies" }   # close  layout
names = ["Kowal"]

[[source]]
id = "page"
kind = "web-page"
title = "A page on rest"
authors = []
year = "n.d."
url = "https://example.org/rest"
file = ""
text = "none"
reference = ""
status = { state = "clear", checked = "2026-01-01", basis = "copies" }
"""


@dataclass(frozen=True)
class Page:
    content: bytes
    url: str
    status: int = 200


@dataclass
class Outside:
    """A stand-in for the network: works by DOI, pages by address, and a log of what was asked."""

    works: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    broken: Callable[[str], bool] = lambda _: False
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, accept: str = "*/*", robots: bool = True) -> Page:
        self.asked.append(url)
        parts = urlsplit(url)
        api = parts.netloc == "api.crossref.org"
        assert robots is not api
        if self.broken(url):
            raise FetchError(f"{url}: no complete answer within 60 s; try again later")
        if not api:
            if url not in self.pages:
                raise NotThere(f"{url}: it is not there (404)")
            return Page(self.pages[url], url)
        assert accept == "application/json"
        assert parse_qs(parts.query)["mailto"] == ["owner@example.org"]
        if parts.path == "/works":
            dois = [d.removeprefix("doi:") for d in parse_qs(parts.query)["filter"][0].split(",")]
            return self.answer(url, "work-list", {"items": [self.works[d] for d in dois if d in self.works]})
        doi = unquote(parts.path).removeprefix("/works/")
        if doi not in self.works:
            raise NotThere(f"{url}: it is not there (404)")
        return self.answer(url, "work", self.works[doi])

    def answer(self, url: str, kind: str, message: Any) -> Page:
        return Page(json.dumps({"status": "ok", "message-type": kind, "message": message}).encode(), url)


def a_work(doi: str, *updated_by: Any, references: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"DOI": doi, "title": [f"On {doi[8:]}"], "updated-by": list(updated_by), "reference": list(references)}


@pytest.fixture
def outside() -> Outside:
    return Outside({"10.5555/sleep.1": a_work("10.5555/sleep.1")}, {"https://example.org/rest": b"<p>Rest well.</p>"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(MANIFEST)
    return tmp_path


def check(folder: Path, outside: Outside, today: str = DAY, **options: Any) -> StatusReport:
    return check_status(folder, outside.get, today, text_of=lambda got: got.content.decode(), **options)


def stamps(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row["status"] for row in tomllib.loads((folder / "sources.toml").read_text())["source"]}


def test_nothing_new_moves_the_date_and_not_one_byte_more(folder: Path, outside: Outside) -> None:
    report = check(folder, outside)
    assert report.exit_status == 0
    assert [(s.doc_id, bool(s.why)) for s in report.sources] == [
        ("article", True),
        ("kowal-2020", False),
        ("page", False),
    ]
    expected = MANIFEST.replace(
        """{state="clear",  checked = '2026-01-01', basis = "copies" }   # close""",
        f"""{{state="clear",  checked = "{DAY}", basis = "{NOTHING}" }}   # close""",
    ).replace(
        '{ state = "clear", checked = "2026-01-01", basis = "copies" }',
        f'{{ state = "clear", checked = "{DAY}", basis = "web page, first looked at on {DAY}" }}',
    )
    assert (folder / "sources.toml").read_bytes() == expected.encode()
    assert read_manifest(folder).sources[1].status == Status("clear", DAY, NOTHING)
    assert list(folder.glob(".beside-*")) == []


def test_a_retraction_is_news_once(folder: Path, outside: Outside) -> None:
    check(folder, outside)
    outside.works["10.5555/sleep.1"]["updated-by"] = [CORRECTION, RETRACTION]
    report = check(folder, outside, LATER)
    assert report.exit_status == 3
    source = report.sources[1]
    assert (source.before.state, source.after.state) == ("clear", "retracted")
    assert source.news == (f"was clear, is retracted: {RETRACTED}",)
    assert source.findings == (RETRACTED, "corrected by its publisher (notice 10.5555/erratum; named by the publisher)")
    assert stamps(folder)["kowal-2020"] == {"state": "retracted", "checked": LATER, "basis": "; ".join(source.findings)}
    again = check(folder, outside, LATER)
    assert (again.exit_status, again.sources[1].news, again.sources[1].findings) == (0, (), source.findings)


def test_a_second_notice_of_the_same_state_is_news_too(folder: Path, outside: Outside) -> None:
    outside.works["10.5555/sleep.1"]["updated-by"] = [CORRECTION]
    assert check(folder, outside).exit_status == 3
    outside.works["10.5555/sleep.1"]["updated-by"] = [CORRECTION, {**CORRECTION, "DOI": "10.5555/erratum.2"}]
    report = check(folder, outside, LATER)
    assert report.sources[1].news == ("corrected by its publisher (notice 10.5555/erratum.2; named by the publisher)",)


def test_a_stamp_is_never_made_milder(folder: Path, outside: Outside) -> None:
    path = folder / "sources.toml"
    path.write_text(path.read_text().replace('{state="clear",', '{state="concern",'))
    report = check(folder, outside)
    assert stamps(folder)["kowal-2020"] == {"state": "concern", "checked": "2026-01-01", "basis": "copies"}
    assert report.exit_status == 0
    assert report.sources[1].notes == (
        "Crossref's notices say clear; the stamp stays concern until a person changes it",
    )


def test_works_that_a_source_relies_on_are_asked_for_and_told_apart(folder: Path, outside: Outside) -> None:
    listed = [{"key": f"r{n}", "DOI": f"10.5555/R{n}"} for n in range(3)]
    listed += [{"key": "r3", "DOI": "10.5555/comma,1"}, {"key": "r4", "unstructured": "A book."}]
    listed += [{"key": "r5", "DOI": "10.5555/elsewhere"}, {"key": "r6", "DOI": "10.5555/old<1>;2"}]
    outside.works["10.5555/sleep.1"] = a_work("10.5555/sleep.1", references=tuple(listed))
    outside.works |= {f"10.5555/r{n}": a_work(f"10.5555/r{n}") for n in range(3)}
    outside.works["10.5555/r1"] = a_work("10.5555/r1", CONCERN)
    outside.works["10.5555/r2"] = a_work("10.5555/r2", CORRECTION)
    outside.works["10.5555/comma,1"] = a_work("10.5555/comma,1", RETRACTION)
    outside.works["10.5555/old<1>;2"] = a_work("10.5555/old<1>;2", RETRACTION)
    report = check(folder, outside)
    relies_on = (
        f"10.5555/comma,1 (“On comma,1”): {RETRACTED}",
        f"10.5555/old<1>;2 (“On old<1>;2”): {RETRACTED}",
        "10.5555/r1 (“On r1”): under an expression of concern (notice 10.5555/eoc; named by the publisher)",
    )
    assert report.sources[1].after.relies_on == relies_on
    assert report.sources[1].news == tuple(f"relies on {line}" for line in relies_on)
    assert report.sources[1].after == Status("clear", DAY, NOTHING, relies_on)
    assert report.sources[1].notes == (
        "entries of its reference list without a DOI, which were not asked for: 1",
        "works of its reference list that Crossref does not know: 1",
    )
    assert stamps(folder)["kowal-2020"]["relies_on"] == list(relies_on)
    assert len([url for url in outside.asked if "crossref" in url]) == 4
    assert read_manifest(folder).sources[1].status == report.sources[1].after
    assert check(folder, outside).sources[1].news == ()


def test_a_work_that_fell_stays_in_the_stamp_when_it_is_named_no_longer_until_a_person_takes_it_away(
    folder: Path, outside: Outside
) -> None:
    listed = ({"DOI": "10.5555/r"}, {"DOI": "10.5555/s"})
    outside.works["10.5555/sleep.1"] = a_work("10.5555/sleep.1", references=listed)
    outside.works |= {"10.5555/r": a_work("10.5555/r", RETRACTION), "10.5555/s": a_work("10.5555/s", CONCERN)}
    first, second = check(folder, outside).sources[1].after.relies_on
    outside.works["10.5555/s"] = a_work("10.5555/s", CONCERN, CORRECTION)
    outside.works["10.5555/sleep.1"]["reference"] = [{"DOI": "10.5555/s"}]
    report = check(folder, outside, LATER).sources[1]
    assert report.after.relies_on == (second, first)  # what Crossref names comes first
    assert report.notes == (f"relies on {first}: Crossref no longer names it; it stays until a person takes it away",)
    assert stamps(folder)["kowal-2020"]["relies_on"] == [second, first]
    path = folder / "sources.toml"
    path.write_text(path.read_text().replace(f', "{first}"', ""))
    report = check(folder, outside, LATER).sources[1]
    assert (report.after.relies_on, report.notes) == ((second,), ())


def test_a_part_of_the_reference_list_that_could_not_be_asked_keeps_what_is_known(
    folder: Path, outside: Outside
) -> None:
    outside.works["10.5555/sleep.1"] = a_work(
        "10.5555/sleep.1", references=({"DOI": "10.5555/r"}, {"DOI": "10.5555/s"})
    )
    outside.works["10.5555/r"] = a_work("10.5555/r", RETRACTION)
    first = check(folder, outside).sources[1].after.relies_on
    outside.broken = lambda url: "filter" in url
    report = check(folder, outside, LATER).sources[1]
    assert report.after.relies_on == first and len(first) == 1
    assert report.news == ()
    assert report.notes[0].startswith(
        "works of its reference list that could not be asked for: 2 (https://api.crossref.org/works?"
    )
    assert not report.why


def test_long_reference_lists_are_cut_and_it_is_said(folder: Path, outside: Outside) -> None:
    listed = tuple({"DOI": f"10.5555/r{n}"} for n in range(143))
    outside.works["10.5555/sleep.1"] = a_work("10.5555/sleep.1", references=listed)
    outside.works |= {row["DOI"]: a_work(row["DOI"]) for row in listed}
    report = check(folder, outside)
    assert report.sources[1].notes == ("of 143 DOIs in its reference list the first 100 were asked for",)
    assert len([url for url in outside.asked if "filter" in url]) == 2


def test_the_reference_list_of_the_fetched_text_counts_too(folder: Path, outside: Outside) -> None:
    reading = Reading(Record(), (Part("reference", (), "Moe"),), (Reference("Moe", Record(doi="10.5555/M")),))
    (folder / "fetched").mkdir()
    origin = readings.Origin("k.xml", "0" * 64, "application/xml")
    (folder / "fetched" / "k.reading.json").write_bytes(readings.to_bytes(reading, origin))
    write_fetched(folder, "kowal-2020", "https://doi.org/10.5555/sleep.1", "x", "fetched/k.reading.json")
    outside.works["10.5555/m"] = a_work("10.5555/m", RETRACTION)
    assert check(folder, outside).sources[1].after.relies_on == (f"10.5555/m (“On m”): {RETRACTED}",)


def write_fetched(folder: Path, doc_id: str, asked: str, text: str, file: str = "fetched/p.txt") -> None:
    row = Provenance(
        file,
        "0" * 64,
        "fetched/p",
        "0" * 64,
        Document.digest(text),
        "text/html",
        asked,
        asked,
        "2026-10-02T08:00:00Z",
        "",
        False,
    )
    provenance.write_fetched(folder, {doc_id: row})


@pytest.mark.parametrize(
    ("text", "state", "code"), [("<p>Rest well.</p>", "unchanged", 0), ("Rest ill.", "changed", 3)]
)
def test_a_page_is_compared_with_the_text_that_was_fetched(
    folder: Path, outside: Outside, text: str, state: str, code: int
) -> None:
    write_fetched(folder, "page", "https://example.org/rest", text)
    report = check(folder, outside)
    assert (report.sources[2].page, report.exit_status) == (state, code)
    assert stamps(folder)["page"]["basis"] == f"web page, {state} since 2026-10-02"
    assert check(folder, outside, LATER).exit_status == 0


def test_a_page_without_fetched_text_is_compared_with_the_last_check(folder: Path, outside: Outside) -> None:
    assert check(folder, outside).sources[2].page == "first"
    assert check(folder, outside, "2026-12-01").sources[2].after.basis == f"web page, unchanged since {DAY}"
    outside.pages["https://example.org/rest"] = b"<p>Rest more.</p>"
    report = check(folder, outside, "2026-12-02")
    assert report.sources[2].news == (f"web page, changed since {DAY}; run `chatbot corpus fetch page` and look at it",)
    assert stamps(folder)["page"]["page"] == "changed 2026-12-02"
    report = check(folder, outside, "2026-12-03")
    assert report.sources[2].news == ()
    assert report.sources[2].after == Status(
        "clear", "2026-12-03", f"web page, changed since {DAY}", page="changed 2026-12-02"
    )
    assert status_line(read_manifest(folder).sources[2].status) == (
        "no retraction known, the page has changed since it was read (seen 2026-12-02), checked 2026-12-03"
    )
    take_the_mark_away(folder)
    report = check(folder, outside, "2026-12-04")
    assert report.sources[2].after == Status("clear", "2026-12-04", "web page, unchanged since 2026-12-02")


def take_the_mark_away(folder: Path) -> None:
    """What a person does who has looked at the page."""
    path = folder / "sources.toml"
    kept, _, rest = path.read_text().partition(', page = "changed')
    path.write_text(kept + rest[rest.index('"') + 1 :])


def test_a_page_that_comes_back_as_it_was_is_as_it_was(folder: Path, outside: Outside) -> None:
    check(folder, outside)
    page = outside.pages.pop("https://example.org/rest")
    assert check(folder, outside, "2026-12-01").sources[2].after.page == "gone 2026-12-01"
    outside.pages["https://example.org/rest"] = b"<p>Something else.</p>"
    assert check(folder, outside, "2026-12-02").sources[2].after.page == "changed 2026-12-02"
    outside.pages["https://example.org/rest"] = page
    assert check(folder, outside, "2026-12-03").sources[2].after.page == ""


def test_a_mark_stays_where_the_answers_were_lost(folder: Path, outside: Outside) -> None:
    """Without the snapshot nobody knows what the page was: only a person, or a fetch, takes the mark away."""
    check(folder, outside)
    outside.pages["https://example.org/rest"] = b"<p>Rest more.</p>"
    check(folder, outside, "2026-12-01")
    (folder / "fetched" / "status.json").unlink()
    for day in ("2026-12-02", "2026-12-03"):
        assert check(folder, outside, day).sources[2].after.page == "changed 2026-12-01"
    take_the_mark_away(folder)
    assert check(folder, outside, "2026-12-04").sources[2].after.page == ""


def test_a_page_that_is_fetched_anew_is_no_longer_marked(folder: Path, outside: Outside) -> None:
    write_fetched(folder, "page", "https://example.org/rest", "Rest ill.")
    assert check(folder, outside).sources[2].after.page == f"changed {DAY}"
    write_fetched(folder, "page", "https://example.org/rest", "<p>Rest well.</p>")
    assert check(folder, outside, LATER).sources[2].after.page == ""


def test_a_page_that_is_gone_is_news_once_and_its_source_stays(folder: Path, outside: Outside) -> None:
    check(folder, outside)
    outside.pages.clear()
    report = check(folder, outside, LATER)
    assert (report.exit_status, report.sources[2].page) == (3, "gone")
    assert stamps(folder)["page"] == {
        "state": "clear",
        "checked": LATER,
        "basis": f"web page, gone: not found on {LATER}",
        "page": f"gone {LATER}",
    }
    assert check(folder, outside, LATER).exit_status == 0


def test_what_could_not_be_asked_keeps_its_stamp_and_says_why(folder: Path, outside: Outside) -> None:
    check(folder, outside)
    before = stamps(folder)["kowal-2020"]
    outside.broken = lambda url: "crossref" in url
    report = check(folder, outside, LATER)
    assert report.exit_status == 0
    assert report.sources[1].why.endswith("no complete answer within 60 s; try again later")
    assert stamps(folder)["kowal-2020"] == before
    assert stamps(folder)["page"]["checked"] == LATER
    answers = read_snapshot(folder)
    assert (answers["kowal-2020"].checked, answers["page"].checked) == (DAY, LATER)


@pytest.mark.parametrize(
    ("doi", "words"),
    [
        ("10.5555/unknown", "Crossref does not know 10.5555/unknown"),
        ("sleep.1", "doi = 'sleep.1' is no DOI; correct it in sources.toml"),
    ],
)
def test_a_doi_that_crossref_does_not_know(folder: Path, outside: Outside, doi: str, words: str) -> None:
    (folder / "sources.toml").write_text(MANIFEST.replace("10.5555/Sleep.1", doi))
    assert words in check(folder, outside).sources[1].why


def test_an_answer_that_is_no_work_and_a_page_without_text(folder: Path, outside: Outside) -> None:
    outside.works["10.5555/sleep.1"] = []
    outside.pages["https://example.org/rest"] = b" \n"
    report = check(folder, outside)
    assert "Crossref's answer for 10.5555/sleep.1 is no work" in report.sources[1].why
    assert "no text was found on the page" in report.sources[2].why
    assert report.exit_status == 1
    assert as_lines(report)[2] == "Nothing could be checked."
    assert (folder / "sources.toml").read_text() == MANIFEST
    assert not (folder / "fetched").exists()


def test_offline_reports_from_the_snapshot_and_warns_when_it_is_old(folder: Path, outside: Outside) -> None:
    with pytest.raises(CorpusError, match="no snapshot; run `chatbot corpus status` where there is a network"):
        check(folder, Outside(), offline=True)
    outside.works["10.5555/sleep.1"]["updated-by"] = [RETRACTION]
    check(folder, outside)
    (folder / "sources.toml").write_text(MANIFEST)
    snapshot = (folder / "fetched" / "status.json").read_bytes()
    silent = Outside(broken=lambda _: True)
    report = check(folder, silent, "2026-12-25", offline=True)
    assert silent.asked == []
    assert report.exit_status == 3
    assert report.sources[1].after == Status("retracted", DAY, RETRACTED)
    assert report.warnings == (
        "the snapshot is 31 days old (its oldest answer is of 2026-11-24; more than 30 is old): "
        "run `chatbot corpus status` where there is a network",
    )
    assert check(folder, silent, "2026-12-24", offline=True).warnings == ()
    assert len(check(folder, silent, "2026-12-02", offline=True, max_age_days=7).warnings) == 1
    assert (folder / "sources.toml").read_text() == MANIFEST
    assert (folder / "fetched" / "status.json").read_bytes() == snapshot


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format": 2, "sources": {}}',
        b'{"format": 1, "sources": {"a": {}}}',
        b'{"format": 1, "sources": {"a": {"checked": "soon"}}}',
        b"\xff",
    ],
)
def test_a_snapshot_that_is_none_is_named(folder: Path, outside: Outside, content: bytes) -> None:
    (folder / "fetched").mkdir()
    (folder / "fetched" / "status.json").write_bytes(content)
    with pytest.raises(CorpusError, match=r"status\.json.*again"):
        check(folder, outside)


def test_the_report_as_text_and_as_json(folder: Path, outside: Outside) -> None:
    outside.works["10.5555/sleep.1"] = a_work("10.5555/sleep.1", RETRACTION, references=({"DOI": "10.5555/r"},))
    outside.works["10.5555/r"] = a_work("10.5555/r", CONCERN)
    report = check(folder, outside)
    relies = "10.5555/r (“On r”): under an expression of concern (notice 10.5555/eoc; named by the publisher)"
    assert as_lines(report) == [
        f"How the sources stand, {DAY}",
        "",
        "To look at:",
        f"  kowal-2020: was clear, is retracted: {RETRACTED}",
        f"  kowal-2020: relies on {relies}",
        "Not checked: 1 of 3; the reasons stand below.",
        "",
        "article (“On sleep” (2026))",
        "  not checked: it has neither DOI nor address; add one in sources.toml",
        "  stays: clear, checked 2026-01-01: ours",
        "",
        "kowal-2020 (Kowal (2020))",
        f"  was clear, is retracted, checked {DAY}: {RETRACTED}",
        f"  relies on {relies}",
        "",
        "page (“A page on rest” (n.d.))",
        f"  clear, checked {DAY}: web page, first looked at on {DAY}",
    ]
    rows = json.loads(json.dumps(as_json(report)))
    assert (rows["format"], rows["exit_status"], rows["checked_at"], rows["offline"]) == (1, 3, DAY, False)
    assert rows["sources"][1]["before"] == {
        "state": "clear",
        "checked": "2026-01-01",
        "basis": "copies",
        "relies_on": [],
        "page": "",
    }
    assert rows["sources"][1]["after"]["relies_on"] == [relies]


def test_an_edit_made_while_the_sources_are_asked_is_kept(folder: Path, outside: Outside) -> None:
    path = folder / "sources.toml"

    def edit(_: Any) -> str:
        path.write_text(path.read_text().replace("# more to come", "# no more"))
        return "Rest well."

    check_status(folder, outside.get, DAY, text_of=edit)
    assert "# no more" in path.read_text()
    assert stamps(folder)["page"]["checked"] == DAY


def test_the_shipped_manifest_changes_in_its_status_lines_alone(shipped_corpus: Path) -> None:
    before = (shipped_corpus / "sources.toml").read_bytes().decode()
    sources = read_manifest(shipped_corpus).sources
    after = stamped(
        before, {s.doc_id: Status("concern", DAY, 'said “so” by "them"', ("10.5555/r: fell",)) for s in sources}
    )
    pairs = list(zip(before.split("\n"), after.split("\n"), strict=True))
    assert [old.split(" = ")[0] for old, new in pairs if old != new] == ["status"] * len(sources)
    assert stamped(after, {s.doc_id: s.status for s in sources}) == before


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_any_words_come_back_out_of_the_manifest(words: str, end: str) -> None:
    text = MANIFEST.replace("\n", end)
    after = stamped(text, {"page": Status("concern", words, words, (words,))})
    status = {"state": "concern", "checked": words, "basis": words, "relies_on": [words]}
    assert tomllib.loads(after)["source"][2]["status"] == status
    assert after.split(end)[:-2] == text.split(end)[:-2]


def test_what_cannot_be_stamped_is_refused() -> None:
    for text in ("not = toml = at all", '[[source]]\nid = "a"\n', '[[source]]\nid = "a"\nstatus = "clear"\n'):
        with pytest.raises(CorpusError, match=r"sources\.toml: cannot be stamped"):
            stamped(text, {"a": Status("clear", "", "")})


@given(st.lists(st.text(alphabet="ab,<(1", min_size=1, max_size=300).map("10.5555/".__add__), max_size=130))
def test_batches_hold_every_doi_once_and_short_addresses(dois: list[str]) -> None:
    found = batches(dois, "owner@example.org")
    assert [doi for batch in found for doi in batch] == dois
    assert all(len(batch) <= MAX_BATCH for batch in found)
    assert all("," not in doi for batch in found if len(batch) > 1 for doi in batch)


def test_a_work_under_another_doi_is_told(folder: Path, outside: Outside) -> None:
    outside.works["10.5555/sleep.1"] = a_work("10.5555/sleep.new", references=({"DOI": "10.5555/alias"},))
    outside.works["10.5555/alias"] = a_work("10.5555/real", RETRACTION)
    report = check(folder, outside).sources[1]
    assert report.notes == ("Crossref answers with 10.5555/sleep.new for 10.5555/sleep.1",)
    assert report.after.relies_on == (f"10.5555/alias (“On real”): {RETRACTED}",)


def test_progress_is_told_a_source_at_a_time(folder: Path, outside: Outside) -> None:
    seen: list[tuple[str, int, int]] = []
    check(folder, outside, progress=lambda *step: seen.append(step))
    assert seen == [("checking", 0, 3), ("checking", 1, 3), ("checking", 2, 3), ("checking", 3, 3)]
