"""The manifest names file, line and mend for whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.corpus.manifest import read_manifest
from chatbot.errors import CorpusError


def test_the_shipped_manifest_keeps_its_facts(shipped_corpus: Path) -> None:
    manifest = read_manifest(shipped_corpus)
    assert [s.doc_id for s in manifest.sources] == [
        "unlocking-healing",
        "mitchell-2021",
        "agin-liebes-2025",
        "neff-three-elements",
        "webmd-mdma-therapy",
    ]
    assert [s.text_kind for s in manifest.sources] == ["full", "digest", "digest", "digest", "none"]
    assert len(manifest.sources[1].authors) == 38
    assert manifest.sources[1].label == "Note on Mitchell et al. (2021)"
    assert manifest.sources[2].link == "https://doi.org/10.1080/20008066.2025.2485513"
    assert manifest.jurisdiction == "United States"
    assert (shipped_corpus / manifest.cases).is_dir()


def test_test_cases_may_be_left_out(corpus_copy: Path) -> None:
    assert read_manifest(corpus_copy).cases == ""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('kind = "article"', 'kin = "article"', r"sources.toml:\d+: unknown key 'kin' in \[\[source\]\]"),
        (
            'text = "full"',
            'text = "whole"',
            r"sources.toml:\d+: source 'unlocking-healing': text = 'whole'; expected full",
        ),
        ('id = "mitchell-2021"', 'id = "unlocking-healing"', r"sources.toml:\d+: id 'unlocking-healing' stands twice"),
        ('article = "unlocking-healing"', 'article = "other"', r"sources.toml:\d+: article 'other' is no source's id"),
        ("\ncovered = [", "\ncases = 3\ncovered = [", r"sources.toml:\d+: cases = 3 in \[corpus\]; expected str"),
        ("format = 1", "format = 2", r"sources.toml:1: format is 2; this version reads format = 1"),
        ('file = "article.txt"', 'file = "../article.txt"', r"lies outside the corpus folder"),
        ('state = "clear"', 'state = "fine"', r"expected state \(clear, correction, concern, retracted\)"),
        ('state = "clear"', 'state = "clear", page = "moved 2026-12-02"', r"page \('changed' or 'gone' and a day\)"),
        ('state = "clear"', 'state = "clear", page = false', r"page \('changed' or 'gone' and a day\)"),
        ('year = "2021"', "year = 2021", r"sources.toml:\d+: year = 2021 in \[\[source\]\]; expected str"),
    ],
)
def test_a_wrong_manifest_is_refused_by_line(corpus_copy: Path, before: str, after: str, expected: str) -> None:
    path = corpus_copy / "sources.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(CorpusError, match=expected):
        read_manifest(corpus_copy)


def test_the_line_named_is_the_line(corpus_copy: Path) -> None:
    path = corpus_copy / "sources.toml"
    path.write_text(path.read_text().replace('year = "2021"', "year = 2021", 1))
    with pytest.raises(CorpusError) as caught:
        read_manifest(corpus_copy)
    line = int(str(caught.value).split(":")[1])
    assert path.read_text().splitlines()[line - 1] == "year = 2021"
