"""Texts of strangers that are made to cost time, or to show other words than they hold."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from chatbot.corpus.identifiers import doi_of
from chatbot.corpus.readers import lines
from chatbot.corpus.readers.jats import read_jats
from chatbot.corpus.references.entries import parse_reference
from chatbot.corpus.references.rules import by_rules
from chatbot.corpus.registries import crossref, europepmc, status
from chatbot.corpus.registries.answers import MAX_TEXT, read_json

SIZE = 100_000
STEERING = "\u202e\u2066\u200b\x1b\x07\x9b\u061c\ufeff\U000e0041\u00ad"


@pytest.mark.parametrize(
    ("read", "unit", "size"),
    [
        (crossref.plain, "\n", SIZE),
        (crossref.plain, " \n/", SIZE),
        (crossref.plain, "&amp;", SIZE),
        (crossref.plain, "<", SIZE),
        (lambda t: doi_of(f"10.5555/{t}"), ">]", SIZE),
        (status.MARKED.match, "[withdrawn", SIZE),
        (lambda t: lines.finished(t, ()), "\t", SIZE),
        (lambda t: lines.cite("word", f"{t}x", 0, False), "2003, ", SIZE),
        (lambda t: parse_reference(t, by_rules), "1", 2000),
        (lambda t: parse_reference(t, by_rules), "(", 2000),
    ],
)
def test_repeats_cost_little(read: Callable[[str], object], unit: str, size: int) -> None:
    text = (unit * size)[:size]
    began = time.process_time()
    read(f"Aa (2003{text}!")
    read(text)
    assert time.process_time() - began < 3


def test_a_crossref_answer_made_to_cost_time_costs_little() -> None:
    began = time.process_time()
    for unit in ("\n", " ", "1", "&amp;", "("):
        text = f"a{unit * SIZE}b"
        row = {"DOI": text, "title": [text], "page": text, "publisher": text, "reference": [{"unstructured": text}]}
        crossref.read_work(json.dumps(row).encode(), "here")
    assert time.process_time() - began < 5


def test_what_nobody_sees_is_dropped_from_an_answer() -> None:
    raw = json.dumps({"DOI": f"10.5555/{STEERING}x", "title": [f"On{STEERING} naps\ud800"], "publisher": "a\u200db"})
    record = crossref.read_work(raw.encode(), "here").record
    assert (record.doi, record.title, record.publisher) == ("10.5555/x", "On naps", "a\u200db")
    assert read_json(b'{"a": ["x\\u001b[31m", 5, null]}') == {"a": ["x[31m", 5, None]}
    assert len(read_json(json.dumps("a" * SIZE).encode())) == MAX_TEXT


def test_white_space_of_a_pretty_printer_is_no_part_of_a_title() -> None:
    assert crossref.plain("Mutations (\n  <i>PIK3CA</i>\n  ) of p110\n  /\n  p85 \n  \n and\tmore") == (
        "Mutations (PIK3CA) of p110/p85 and more"
    )


@pytest.mark.parametrize("pmcid", ["../../search?x=", "PMC1/../..", "PMC", "PMC１２"])
def test_what_is_no_pmc_identifier_leads_nowhere(pmcid: str) -> None:
    row = {"id": "1", "doi": "10.5555/x", "pmcid": pmcid, "isOpenAccess": "Y"}
    (hit,) = europepmc.read_search(json.dumps({"resultList": {"result": [row]}}).encode(), "here")
    assert hit.pmcid == ""


@pytest.mark.parametrize("text", [f"doi:10.5555/{STEERING}ab", "https://doi.org/10.5555/a%E2%80%AEb"])
def test_a_doi_holds_nothing_unseen(text: str) -> None:
    assert doi_of(text) == "10.5555/ab"


def test_direction_marks_in_an_article_are_dropped_and_the_rest_is_read() -> None:
    link = 'xmlns:l="http://www.w3.org/1999/xlink" l:href='
    raw = f"""<article><front><article-meta><article-id pub-id-type="doi">10.5555/a\u202eb</article-id>
      <title-group><article-title>Na\u202eps</article-title></title-group>
      <permissions><license {link}"https://creativecommons.org/licenses/by/4.0/\u202e"/></permissions></article-meta></front>
      <body><sec><title>Re\u2066sults</title><p>It \u202efell\u202c. \u2069It\U000e0041 rose.</p></sec></body>
      <back><ref-list><ref><label>1\u200b</label><mixed-citation>Moe. Na\u202eps. <ext-link {link}"https://a.test/\u202ex"/>
      </mixed-citation></ref></ref-list></back></article>"""
    reading = read_jats(raw.encode(), "here")
    assert (reading.record.doi, reading.record.title) == ("10.5555/ab", "Naps")
    assert reading.record.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert [p.text for p in reading.parts] == ["Naps", "Results", "It fell. It rose.", "1 Moe. Naps."]
    (entry,) = reading.references
    assert (entry.label, entry.printed, entry.record.url) == ("1", "Moe. Naps.", "https://a.test/x")
