"""From the network to the reader: over a local stand-in for Crossref, Europe PMC and a web page, with nothing else replaced but the model.

The stand-in speaks TLS and answers by host name and path, as the real ones do; the fetcher, the parsing child, the build and the
chatbot are the product's own.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEmbedder, WordStage, no_triage
from servers import AUTHORITY, Limits, Server, World, reply

from chatbot.building import build
from chatbot.corpus import readings
from chatbot.corpus.provenance import read_fetched
from chatbot.corpus.registries import crossref, europepmc
from chatbot.gathering import read_described
from chatbot.loading import load
from chatbot.pipeline import Chatbot
from chatbot.replies import Answer
from chatbot.sourcing.fetching import fetch, hosts_of
from chatbot.sourcing.isolating import read_apart
from chatbot.sourcing.watching import check_status

DOI = "10.1038/s41591-021-01336-3"
TITLE = "MDMA-assisted therapy for severe PTSD: a randomized, double-blind, placebo-controlled phase 3 study"
FOUND = "Blood pressure rose for some hours after dosing and fell again by the evening in every participant."
FILLER = "".join(
    f"<p>Paragraph {n} of the methods says at some length how visit {n} was planned and kept.</p>" for n in range(80)
)
JATS = f"""<?xml version="1.0" encoding="UTF-8"?>
<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>
<article-id pub-id-type="doi">{DOI}</article-id><title-group><article-title>{TITLE}</article-title></title-group>
<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Open.</license-p></license></permissions>
</article-meta></front><body><sec><title>Methods</title>{FILLER}</sec>
<sec><title>Safety</title><p>{FOUND} Nobody needed treatment.</p></sec></body></article>""".encode()
PAGE_TEXT = (
    "Self-compassion is a warm way of meeting oneself when things go wrong, said the page in its own words. " * 12
)
PAGE = f"""<!doctype html><html><head><title>The Three Elements of Self-Compassion</title></head><body><main><article>
<h1>The Three Elements of Self-Compassion</h1><h2>Warmth</h2><p>{PAGE_TEXT}</p><p>{PAGE_TEXT}</p></article></main></body></html>""".encode()


def crossref_says(**more: object) -> bytes:
    message = {"DOI": DOI, "title": [TITLE], "type": "journal-article", **more}
    return json.dumps({"status": "ok", "message-type": "work", "message": message}).encode()


@pytest.fixture
def stand_in(tls: ssl.SSLContext, corpus_copy: Path) -> Iterator[World]:
    hosts = hosts_of(read_described(corpus_copy).sources)
    server = Server(AUTHORITY.issue_cert(*sorted(hosts)))
    hit = {"id": "1", "source": "MED", "doi": DOI, "pmcid": "PMC1", "isOpenAccess": "Y", "title": TITLE}
    found = json.dumps({"hitCount": 1, "resultList": {"result": [hit]}}).encode()
    for url, answer in {
        crossref.work_url(DOI): reply(crossref_says(), content_type="application/json"),
        europepmc.search_url(DOI): reply(found, content_type="application/json"),
        europepmc.full_text_url("PMC1"): reply(JATS, content_type="application/xml"),
        "https://self-compassion.org/the-three-elements-of-self-compassion/": reply(
            PAGE, content_type="text/html; charset=utf-8"
        ),
    }.items():
        server.replies["/" + url.split("/", 3)[3]] = answer
    yield World(server, tls)
    server.close()


def test_the_fetched_text_replaces_the_note_and_an_answer_quotes_it(
    stand_in: World, corpus_copy: Path, tmp_path: Path
) -> None:
    hosts = hosts_of(read_described(corpus_copy).sources)
    with stand_in.fetcher(Limits(backoff=0.01), hosts) as fetcher:
        found = {f.doc_id: f for f in fetch(corpus_copy, fetcher.get, read_apart)}
    assert {doc_id: f.result for doc_id, f in found.items()} == {
        "mitchell-2021": "fetched",
        "agin-liebes-2025": "kept",
        "neff-three-elements": "fetched",
        "webmd-mdma-therapy": "kept",
    }
    assert all(a.why for a in found["agin-liebes-2025"].attempts)
    known = read_fetched(corpus_copy)
    assert (known["mitchell-2021"].licence, known["mitchell-2021"].open) == ("CC BY 4.0", True)
    assert (known["neff-three-elements"].licence, known["neff-three-elements"].open) == ("", False)

    embedder, index = HashEmbedder(), tmp_path / "index"
    generation = build(corpus_copy, index, embedder)
    bot = Chatbot.over(load(index, generation, embedder), embedder, WordStage(), no_triage)
    reply = bot.ask("What happened to blood pressure in every participant some hours after dosing?").reply
    assert isinstance(reply, Answer)
    cited = reply.statements[0].citations[0]
    assert (cited.quote.text, cited.section) == (FOUND, "Safety")
    assert (cited.lead_in, cited.text_kind) == ("From Mitchell et al. (2021):", "full")
    assert bot.documents["mitchell-2021"].text[cited.quote.start : cited.quote.end] == FOUND

    asked = set(stand_in.targets())
    assert "/robots.txt" in asked
    assert {r.headers["user-agent"] for r in stand_in.server.requests} == {
        "ChapterAndVerse/0.1.0 (mailto:maintainer@papers.test)"
    }


def test_what_was_fetched_is_watched(stand_in: World, corpus_copy: Path) -> None:
    hosts = hosts_of(read_described(corpus_copy).sources)

    def text_of(got):  # type: ignore[no-untyped-def]
        return readings.text_of(read_apart(got.content, got.content_type, url=got.url, where=got.url))[0]

    def check(today: str):  # type: ignore[no-untyped-def]
        with stand_in.fetcher(Limits(backoff=0.01), hosts) as fetcher:
            return check_status(corpus_copy, fetcher.get, today, text_of=text_of)

    with stand_in.fetcher(Limits(backoff=0.01), hosts) as fetcher:
        fetch(corpus_copy, fetcher.get, read_apart, idents=["neff-three-elements"])
    check("2026-11-25")
    assert check("2026-11-26").exit_status == 0
    update = {"DOI": "10.5555/notice", "type": "retraction", "source": "publisher", "label": "Retraction"}
    update["updated"] = {"date-parts": [[2026, 11, 20]], "date-time": "2026-11-20T00:00:00Z", "timestamp": 1}  # type: ignore[assignment]
    target = "/" + crossref.work_url(DOI).split("/", 3)[3]
    stand_in.server.replies[target] = reply(crossref_says(**{"updated-by": [update]}), content_type="application/json")
    page = "/the-three-elements-of-self-compassion/"
    stand_in.server.replies[page] = reply(PAGE.replace(b"warm way", b"stern way"), content_type="text/html")
    found = check("2026-11-27")
    assert found.exit_status == 3
    states = {s.doc_id: s.status for s in read_described(corpus_copy).sources}
    assert (states["mitchell-2021"].state, states["mitchell-2021"].checked) == ("retracted", "2026-11-27")
    assert {r.doc_id for r in found.sources if r.page == "changed"} == {"neff-three-elements"}
