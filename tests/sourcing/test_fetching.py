"""A cited work's own text takes its note's place only when it is that work, whole; whatever else happens, the note stays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import pytest

from chatbot import settings
from chatbot.corpus import provenance, readings
from chatbot.corpus.values import Part, Reading, Record
from chatbot.errors import CorpusError, FetchError, UnreadableSource
from chatbot.gathering import read_corpus, read_described
from chatbot.sourcing import fetching
from chatbot.sourcing.fetching import Attempt, exit_code, fetch, hosts_of, named_pdfs, unlike

DOI = "10.1038/s41591-021-01336-3"
TITLE = "MDMA-assisted therapy for severe PTSD: a randomized, double-blind, placebo-controlled phase 3 study"
WORK = f"https://api.crossref.org/works/{DOI.replace('/', '%2F')}"
PAGE = "https://www.nature.com/articles/s41591-021-01336-3"
XML_AT = "https://www.ebi.ac.uk/europepmc/webservices/rest/PMC1/fullTextXML"
LONG = "A trial is described here in words of our own. " * 150


@dataclass(frozen=True)
class Got:
    url: str
    content: bytes
    content_type: str = ""
    charset: str = ""
    fetched_at: str = "2026-11-24T12:00:00Z"


class Web:
    """Answers from a table; what is not in it is not there."""

    def __init__(self, answers: dict[str, Got | bytes | Exception]) -> None:
        self.answers, self.asked = answers, list[str]()

    def get(self, url: str, *, accept: str = "*/*", robots: bool = True) -> Got:
        self.asked.append(url)
        for start, answer in self.answers.items():
            if url.startswith(start):
                if isinstance(answer, Exception):
                    raise answer
                return answer if isinstance(answer, Got) else Got(url, answer)
        raise FetchError(f"{url}: answers 404; correct the address")


def crossref(**more: object) -> bytes:
    message = {"DOI": DOI, "title": [TITLE], "type": "journal-article", **more}
    return json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()


def epmc(*, is_open: bool = True, doi: str = DOI) -> bytes:
    row = {"id": "1", "source": "MED", "doi": doi, "pmcid": "PMC1", "isOpenAccess": "Y" if is_open else "N"}
    row |= {"title": TITLE, "license": "cc by", "inEPMC": "Y"}
    return json.dumps({"hitCount": 1, "resultList": {"result": [row]}}).encode()


def reading(text: str = LONG, title: str = TITLE, licence: str = "", heading: str = "Results") -> Reading:
    parts = (Part("title", (), title), Part("heading", (heading,), heading), Part("body", (heading,), text.strip()))
    return Reading(Record(title=title, licence=licence), parts, notes=("page 9 has no text",))


def reads(by_bytes: dict[bytes, Reading]) -> Callable[..., Reading]:
    def read(raw: bytes, media_type: str, *, url: str, where: str) -> Reading:
        if raw not in by_bytes:
            raise UnreadableSource(f"{where}: is no document; correct the address")
        return by_bytes[raw]

    return read


SEARCH = "https://www.ebi.ac.uk/europepmc/webservices/rest/search"
GOOD: dict[str, Got | bytes | Exception] = {
    "https://api.crossref.org/works/": crossref(),
    SEARCH: epmc(),
    XML_AT: Got(XML_AT, b"<article/>", "application/xml"),
}


def test_open_jats_replaces_the_note_and_keeps_where_it_came_from(corpus_copy: Path) -> None:
    (found,) = fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    assert (found.result, found.words_after, found.sections) == ("fetched", 1500, ("Results",))
    assert found.words_before > 300
    assert found.notes == ("page 9 has no text",)
    known = provenance.read_fetched(corpus_copy)["mitchell-2021"]
    assert (known.licence, known.open, known.media_type) == ("CC BY", True, "application/xml")
    assert (known.asked, known.url, known.fetched_at) == (XML_AT, XML_AT, "2026-11-24T12:00:00Z")
    assert hashlib.sha256((corpus_copy / known.original).read_bytes()).hexdigest() == known.original_sha256
    corpus = read_corpus(corpus_copy)
    document = corpus.documents["mitchell-2021"]
    assert document.text.startswith(f"{TITLE}\n\nResults\n\nA trial is described")
    assert known.text_sha256 == document.sha256
    assert (document.source.text_kind, document.source.limited, document.source.licence) == ("full", False, "CC BY")
    assert [d.doc_id for d in corpus.replaced] == ["mitchell-2021"]


def test_the_hosts_that_may_be_asked_are_the_registries_and_the_sources_own(corpus_copy: Path) -> None:
    sources = read_described(corpus_copy).sources
    mitchell = [s for s in sources if s.doc_id == "mitchell-2021"]
    assert hosts_of(mitchell) == {
        "www.ebi.ac.uk",
        "api.crossref.org",
        "doi.org",
        "www.nature.com",
        "nature.com",
    }


def test_a_text_that_nobody_may_copy_is_limited(corpus_copy: Path) -> None:
    web = Web({"https://api.crossref.org/works/": crossref(), PAGE: Got(PAGE, b"<html>", "text/html")})
    (found,) = fetch(corpus_copy, web.get, reads({b"<html>": reading()}), idents=["mitchell-2021"])
    assert found.provenance is not None
    assert (found.result, found.provenance.open, found.provenance.licence) == ("fetched", False, "")
    source = read_corpus(corpus_copy).documents["mitchell-2021"].source
    assert (source.limited, source.max_words) == (True, settings.MAX_WORDS_SHOWN)


@pytest.mark.parametrize(
    ("licence", "is_open"), [("https://creativecommons.org/licenses/by/4.0/", True), ("CC BY-NC-ND 4.0", False)]
)
def test_the_texts_own_licence_counts_before_a_registrys(corpus_copy: Path, licence: str, is_open: bool) -> None:
    read = reads({b"<article/>": reading(licence=licence)})
    (found,) = fetch(corpus_copy, Web(GOOD).get, read, idents=["mitchell-2021"])
    assert found.provenance is not None
    assert found.provenance.open is is_open


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (reading(text="An abstract only."), "has 3 words, fewer than 1000: an abstract or a notice, not the whole"),
        (
            reading(title="Cookies at our site", heading="Consent"),
            "is another text: its title is 'Cookies at our site'",
        ),
    ],
)
def test_what_is_not_the_whole_work_is_not_taken(corpus_copy: Path, what: Reading, why: str) -> None:
    before = {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()}
    (found,) = fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": what}), idents=["mitchell-2021"])
    assert found.result == "kept"
    assert any(a.url == XML_AT and a.why.startswith(why) for a in found.attempts)
    assert {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()} == before


def test_each_address_that_failed_says_why_and_the_next_is_asked(corpus_copy: Path) -> None:
    answers = GOOD | {XML_AT: FetchError(f"{XML_AT}: answers 503; try later"), PAGE: Got(PAGE, b"junk", "text/html")}
    web = Web(answers)
    (found,) = fetch(corpus_copy, web.get, reads({}), idents=["mitchell-2021"])
    assert found.attempts == (
        Attempt(XML_AT, "answers 503; try later"),
        Attempt(PAGE, "is no document; correct the address"),
    )
    assert exit_code([found]) == 1


def test_a_registry_that_is_down_does_not_end_the_search(corpus_copy: Path) -> None:
    down = FetchError("https://api.crossref.org: answers 500; try later")
    (found,) = fetch(
        corpus_copy,
        Web(GOOD | {"https://api.crossref.org/works/": down}).get,
        reads({b"<article/>": reading()}),
        idents=["mitchell-2021"],
    )
    assert found.result == "fetched"
    assert found.attempts[0].why == str(down)


def test_another_works_full_text_is_never_asked_for(corpus_copy: Path) -> None:
    web = Web(GOOD | {SEARCH: epmc(doi="10.5555/other")})
    (found,) = fetch(corpus_copy, web.get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    assert found.result == "kept"
    assert XML_AT not in web.asked


def test_a_page_that_names_its_pdf_leads_to_it(corpus_copy: Path) -> None:
    page = b'<html><head><meta name="citation_pdf_url" content="/articles/1.pdf"></head>'
    pdf = "https://www.nature.com/articles/1.pdf"
    web = Web({PAGE: Got(PAGE, page, "text/html"), pdf: Got(pdf, b"%PDF", "application/pdf")})
    read = reads({page: reading(text="An abstract."), b"%PDF": reading()})
    (found,) = fetch(corpus_copy, web.get, read, idents=["mitchell-2021"])
    assert found.provenance is not None
    assert (found.result, found.provenance.url) == ("fetched", pdf)
    assert found.provenance.original.endswith(".pdf")


def test_a_pdf_on_another_host_is_not_followed(corpus_copy: Path) -> None:
    page = b'<html><meta content="https://elsewhere.example/1.pdf" name="citation_pdf_url">'
    web = Web({PAGE: Got(PAGE, page, "text/html"), "https://elsewhere.example/": b"%PDF"})
    (found,) = fetch(corpus_copy, web.get, reads({b"%PDF": reading()}), idents=["mitchell-2021"])
    assert found.result == "kept"
    assert not any("elsewhere" in url for url in web.asked)
    assert named_pdfs(Got(PAGE, page, "text/html"), fetching.Candidate(PAGE, "text/html"))[0].url.startswith(
        "https://e"
    )


def test_a_dry_run_asks_and_writes_nothing(corpus_copy: Path) -> None:
    before = {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()}
    (found,) = fetch(
        corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"], dry_run=True
    )
    assert (found.result, found.words_after) == ("fetched", 1500)
    assert {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()} == before


def test_a_run_goes_on_where_it_was_and_changes_nothing_that_is_the_same(corpus_copy: Path) -> None:
    read = reads({b"<article/>": reading()})
    first = fetch(corpus_copy, Web(GOOD).get, read)
    assert [f.result for f in first] == ["fetched", "kept", "kept", "kept"]
    before = {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()}
    web = Web(GOOD)
    second = fetch(corpus_copy, web.get, read)
    assert [f.result for f in second] == ["skipped", "kept", "kept", "kept"]
    assert XML_AT not in web.asked
    late = GOOD | {XML_AT: Got(XML_AT, b"<article/>", "application/xml", "2027-01-01T00:00:00Z")}
    (third,) = fetch(corpus_copy, Web(late).get, read, idents=["mitchell-2021"])
    assert third.result == "unchanged"
    assert {p: p.read_bytes() for p in corpus_copy.rglob("*") if p.is_file()} == before


def test_a_newer_text_replaces_the_older_and_its_files(corpus_copy: Path) -> None:
    fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    newer = GOOD | {XML_AT: Got(XML_AT, b"<article>2</article>", "application/xml")}
    read = reads({b"<article>2</article>": reading(text=LONG + "One sentence more.")})
    (found,) = fetch(corpus_copy, Web(newer).get, read, idents=["mitchell-2021"])
    assert found.provenance is not None
    names = {p.name for p in (corpus_copy / "fetched").iterdir()}
    assert names == {".lock", "fetched.toml", Path(found.provenance.file).name, Path(found.provenance.original).name}
    assert read_corpus(corpus_copy).documents["mitchell-2021"].text.endswith("One sentence more.")


def test_removing_brings_the_note_back(corpus_copy: Path) -> None:
    before = read_corpus(corpus_copy).documents["mitchell-2021"].text
    fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    assert provenance.remove(corpus_copy, ["mitchell-2021"]) == ("mitchell-2021",)
    after = read_corpus(corpus_copy)
    assert (after.documents["mitchell-2021"].text, after.replaced) == (before, ())
    assert {p.name for p in (corpus_copy / "fetched").iterdir()} == {".lock", "fetched.toml"}
    with pytest.raises(CorpusError, match=r"'mitchell-2021' has no fetched text in .*; nothing was fetched"):
        provenance.remove(corpus_copy, ["mitchell-2021"])


def test_a_comment_on_the_work_is_not_taken_even_under_its_doi(corpus_copy: Path) -> None:
    comment = replace(reading(title=f"Comment on: {TITLE}"), record=Record(title=f"Comment on: {TITLE}", doi=DOI))
    (found,) = fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": comment}), idents=["mitchell-2021"])
    assert found.result == "kept"
    assert any(a.why.startswith("is a text about the work: its title is 'Comment on") for a in found.attempts)


def test_the_charset_that_the_server_names_goes_with_the_file(corpus_copy: Path) -> None:
    told: list[str] = []

    def read(raw: bytes, media_type: str, **_: object) -> Reading:
        told.append(media_type)
        return reading()

    answers = GOOD | {XML_AT: Got(XML_AT, b"<article/>", "application/xml", charset="iso-8859-2")}
    fetch(corpus_copy, Web(answers).get, read, idents=["mitchell-2021"])
    assert told == ["application/xml; charset=iso-8859-2"]


def test_what_two_fetches_bring_at_once_is_both_kept(corpus_copy: Path) -> None:
    """Between reading the table and writing it each waits for the other; without the lock the later writer would drop the earlier's."""
    fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    known = provenance.read_fetched(corpus_copy)["mitchell-2021"]
    idents = [f"work-{n}" for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda ident: provenance.store(corpus_copy, ident, known, {}), idents))
    assert set(provenance.read_fetched(corpus_copy)) == {"mitchell-2021", *idents}


def test_a_name_that_is_no_cited_source_is_told(corpus_copy: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"'mitchel' is no cited source of .*; they are: mitchell-2021, agin-liebes-2025"
    ):
        fetch(corpus_copy, Web({}).get, reads({}), idents=["mitchel"])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda t: t.replace("open = true", 'open = "yes"'), r"\[mitchell-2021\] has not the keys file, sha256"),
        (lambda t: t.replace("[mitchell-2021]", "[nobody-2020]"), r"\[nobody-2020\] is no source of sources.toml"),
        (lambda t: t.replace("fetched/mitchell", "../mitchell"), "names a file outside"),
        (lambda t: t.replace("format = 1", "format = 2"), "is not of format 1"),
        (lambda t: t + "\x00", "not TOML"),
    ],
)
def test_a_spoilt_list_of_what_was_fetched_is_told(corpus_copy: Path, spoil: Callable[[str], str], why: str) -> None:
    fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    path = corpus_copy / provenance.FILE
    path.write_text(spoil(path.read_text()))
    with pytest.raises(CorpusError, match=why):
        read_corpus(corpus_copy)


def test_a_reading_that_was_edited_is_refused(corpus_copy: Path) -> None:
    fetch(corpus_copy, Web(GOOD).get, reads({b"<article/>": reading()}), idents=["mitchell-2021"])
    path = corpus_copy / provenance.read_fetched(corpus_copy)["mitchell-2021"].file
    path.write_bytes(path.read_bytes().replace(b"trial", b"cure!", 1))
    with pytest.raises(
        CorpusError, match=r"fetched.toml says [0-9a-f]{64}; run `chatbot corpus fetch mitchell-2021` again"
    ):
        read_corpus(corpus_copy)


def test_a_reading_survives_its_file() -> None:
    origin = readings.Origin("fetched/a.xml", "0" * 64, "application/xml")
    assert readings.from_bytes(readings.to_bytes(reading(), origin), Path("a.reading.json")) == (reading(), origin)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"format": 2}',
        b'{"format": 1, "parts": []}',
        readings.to_bytes(reading(), readings.Origin("a", "b", "c")).replace(b'"body"', b'"verse"'),
        readings.to_bytes(reading(), readings.Origin("a", "b", "c")).replace(b"own. A", b"own.\\nA", 1),
    ],
)
def test_what_is_no_reading_is_an_error_of_ours(raw: bytes) -> None:
    with pytest.raises(CorpusError, match="run `chatbot corpus fetch` again"):
        readings.from_bytes(raw, Path("a.reading.json"))


def test_a_page_needs_fewer_words_than_an_article(corpus_copy: Path) -> None:
    page = next(s for s in read_described(corpus_copy).sources if s.doc_id == "neff-three-elements")
    text = "Three elements are described here at length. " * 20
    assert unlike(page, reading(text=text, title="The Three Elements of Self-Compassion | Somewhere")) == ""
    assert "fewer than 120" in unlike(page, reading(text="Short.", title=page.title))


def test_another_work_with_words_of_the_title_is_not_taken(corpus_copy: Path) -> None:
    trial, neff = (
        s for s in read_described(corpus_copy).sources if s.doc_id in ("mitchell-2021", "neff-three-elements")
    )
    roses = reading(title="Roses", heading="Study")
    assert unlike(trial, roses).startswith("is another text: its title is 'Roses'")
    shop = reading(title="Shop", heading="Self-Compassion")
    assert unlike(neff, shop).startswith("is another text: its title is 'Shop'")
    other = replace(reading(), record=Record(title=TITLE, doi="10.5555/other"))
    assert unlike(trial, other) == f"is another work: its DOI is 10.5555/other, not {DOI}"
    retitled = replace(reading(title="In another language"), record=Record(title="In another language", doi=DOI))
    assert unlike(trial, retitled) == ""


def test_the_time_for_a_hostile_page_grows_with_its_length_and_no_faster() -> None:
    candidate = fetching.Candidate(PAGE, "text/html")

    def seconds(content: bytes) -> float:
        taken = []
        for _ in range(3):
            began = process_time()
            assert named_pdfs(Got(PAGE, content, "text/html"), candidate) == ()
            taken.append(process_time() - began)
        return min(taken)

    for piece in (b"<meta name=x ", b"<meta name='citation_pdf_url' ", b"<meta " + b" content=" * 50):
        n = 400_000 // len(piece)
        assert (
            seconds(piece * n) < 10 * seconds(piece * (n // 4)) + 0.01
        )  # four times as long; sixteen would be backtracking


def test_a_licence_that_was_withdrawn_does_not_stay_open(corpus_copy: Path) -> None:
    for licence, is_open in (("CC BY 4.0", True), ("CC BY-NC 4.0", False), ("CC BY 4.0", True)):
        read = reads({b"<article/>": reading(licence=licence)})
        (found,) = fetch(corpus_copy, Web(GOOD).get, read, idents=["mitchell-2021"])
        assert found.result == "fetched"
        assert provenance.read_fetched(corpus_copy)["mitchell-2021"].open is is_open
        assert read_corpus(corpus_copy).documents["mitchell-2021"].source.limited is not is_open


@pytest.mark.parametrize("named", ["https://[", "//[::1", "http://elsewhere.example:99999999/1.pdf"])
def test_an_address_that_is_none_ends_nothing(corpus_copy: Path, named: str) -> None:
    page = f'<meta name="citation_pdf_url" content="{named}">'.encode()
    links = [{"URL": named, "content-type": "application/pdf"}]
    web = Web({"https://api.crossref.org/works/": crossref(link=links), PAGE: Got(PAGE, page, "text/html")})
    (found,) = fetch(corpus_copy, web.get, reads({}), idents=["mitchell-2021"])
    assert found.result == "kept"
    assert named not in web.asked
