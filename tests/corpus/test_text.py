"""A text is never changed, and each of its lines is what it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.building import read_corpus
from chatbot.corpus.references.citations import in_text_citations
from chatbot.corpus.text import markdown_blocks, plain_blocks
from chatbot.errors import CorpusError
from chatbot.gathering import read_document


def test_the_article_is_the_owners_own_byte_for_byte(shipped_corpus: Path) -> None:
    raw = (shipped_corpus / "article.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == "cc0205df0627f37ce31dd7bfe41847b54a448a09945936d5c6999b2acf300df6"
    article = read_corpus(shipped_corpus).documents["unlocking-healing"]
    assert article.text.encode() == raw


def test_the_articles_blocks(shipped_corpus: Path) -> None:
    blocks = read_corpus(shipped_corpus).documents["unlocking-healing"].blocks
    roles = [b.role for b in blocks]
    assert roles == ["title", "body", *["heading", "body"] * 5, "disclaimer", "heading", *["reference"] * 4]
    assert blocks[3].heading_path == ("Understanding the Grip of Trauma",)


def test_a_notes_blocks() -> None:
    text = "---\nid: a\n---\n\n## One\n\nFirst. Second.\n\n### Deeper\n\nThird.\n"
    found = [(b.role, b.heading_path, text[b.start : b.end]) for b in markdown_blocks(text)]
    assert found == [
        ("front_matter", (), "---\nid: a\n---\n"),
        ("heading", ("One",), "## One"),
        ("body", ("One",), "First. Second."),
        ("heading", ("One", "Deeper"), "### Deeper"),
        ("body", ("One", "Deeper"), "Third."),
    ]


@given(st.text(max_size=300))
def test_blocks_never_overlap_and_never_leave_the_text(text: str) -> None:
    for blocks in (plain_blocks(text, "Title"), markdown_blocks(text)):
        at = 0
        for block in blocks:
            assert at <= block.start < block.end <= len(text)
            at = block.end


def test_another_text_than_the_manifests_is_refused(corpus_copy: Path) -> None:
    (corpus_copy / "article.txt").write_text("Something else.\n")
    with pytest.raises(CorpusError, match=r"article.txt: sha256 is [0-9a-f]{64}, sources.toml says cc0205df"):
        read_corpus(corpus_copy)


def test_bytes_that_are_not_utf8_are_named(corpus_copy: Path) -> None:
    source = read_corpus(corpus_copy).manifest.sources[0]
    (corpus_copy / "article.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError, match="not UTF-8 at byte 3; save it as UTF-8"):
        read_document(corpus_copy, source, sha256="")


def test_in_text_citations_are_resolved(shipped_corpus: Path) -> None:
    corpus = read_corpus(shipped_corpus)
    text = corpus.documents["unlocking-healing"].text
    found = [(c.text, c.doc_ids) for c in in_text_citations(text, corpus.manifest.sources)]
    assert found == [
        ("(Mitchell et al., 2021; WebMD, n.d.)", ("mitchell-2021", "webmd-mdma-therapy")),
        ("(Neff, n.d.)", ("neff-three-elements",)),
        ("Agin-Liebes, Mitchell, and Zeifman (2025)", ("agin-liebes-2025",)),
    ]
