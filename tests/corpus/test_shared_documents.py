"""The readers on real documents, where they lie beside the repository (they are not part of it); floors a little under what was measured."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from chatbot.corpus.readers.html import read_html
from chatbot.corpus.readers.jats import read_jats
from chatbot.corpus.readings import as_json, from_json
from chatbot.errors import UnreadableSource
from chatbot.weighing import Weighed, weigh_documents

SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval" / "documents"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/eval: the evaluation data is kept elsewhere")

# Measured on 2026-11-24. With readable rows repeating their headers the precision of whole JATS readings was .834.
FLOORS = {
    ("jats", "chatbot", "recall"): 0.985,  # .993
    ("jats", "chatbot", "precision"): 0.82,  # .834
    ("jats", "chatbot, no tables", "precision"): 0.94,  # .951; itertext .887
    ("html", "chatbot", "recall"): 0.965,  # .977; trafilatura .927
    ("html", "chatbot", "precision"): 0.96,  # .970; trafilatura .948
    ("html", "chatbot", "f1_in_order"): 0.94,  # .953; trafilatura .900
    ("html_snippets", "chatbot", "with"): 1.0,
}


@cache
def weighed() -> dict[tuple[str, str], Weighed]:
    return {(row.kind, row.reader): row for row in weigh_documents(SHARED)}


@pytest.mark.parametrize("floor", FLOORS, ids="-".join)
def test_quality_has_a_floor(floor: tuple[str, str, str]) -> None:
    kind, reader, figure = floor
    assert weighed()[kind, reader].figures[figure].value >= FLOORS[floor]


def test_nothing_that_must_not_be_there_is_there() -> None:
    assert weighed()["html_snippets", "chatbot"].figures["without"].value == 0.0


def test_pages_are_read_better_than_by_the_baseline() -> None:
    ours, plain = (weighed()["html", reader].figures for reader in ("chatbot", "trafilatura"))
    assert all(ours[name].value > plain[name].value for name in ("recall", "precision", "f1", "f1_in_order"))


def test_every_article_and_page_is_read() -> None:
    assert {key: (row.n_files, row.n_unreadable) for key, row in weighed().items() if key[1] == "chatbot"} == {
        ("jats", "chatbot"): (16, 0),
        ("html", "chatbot"): (12, 0),
        ("html_snippets", "chatbot"): (5, 0),
    }


def test_every_reference_is_cited_somewhere_in_the_text() -> None:
    cited = total = 0
    for path in sorted((SHARED / "jats").glob("*.nxml")):
        reading = read_jats(path.read_bytes(), path.name)
        assert from_json(as_json(reading)) == reading
        cited += len({number for part in reading.parts for mark in part.marks for number in mark.references})
        total += len(reading.references)
    assert (cited, total) == (1516, 1516)


def test_no_file_of_any_kind_raises_anything_but_our_error() -> None:
    read: dict[str, int] = {"jats": 0, "html": 0}
    for path in sorted(p for p in SHARED.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        for name in read:
            try:
                _ = read_jats(raw, path.name) if name == "jats" else read_html(raw, "https://example.org/", path.name)
            except UnreadableSource as error:
                assert str(error).startswith(f"{path.name}: ")
            else:
                read[name] += 1
    assert read == {"jats": 27, "html": 29}
