"""The measure of an extract, against a slow and obvious count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.values import Part, Reading, Record
from chatbot.errors import EvaluationError
from chatbot.evaluate.extracts import Agreement, agreement, share_found, words_of
from chatbot.weighing import weigh_documents

TEXTS = st.lists(st.sampled_from(["it", "fell", "rose", "and", "10"]), max_size=12).map(" ".join)


def slow(extract: str, gold: str, n: int) -> tuple[int, int, int]:
    """Runs found, runs wanted, runs in both, each run of the gold struck out once."""
    runs = []
    for text in (extract, gold):
        words = text.split()
        runs.append([words[i : i + n] for i in range(len(words) - n + 1)] or ([words] if words else []))
    found, left = runs[0], list(runs[1])
    both = 0
    for run in found:
        if run in left:
            left.remove(run)
            both += 1
    return len(found), len(runs[1]), both


@given(TEXTS, TEXTS, st.integers(1, 4))
def test_agreement_is_the_slow_count(extract: str, gold: str, n: int) -> None:
    found, wanted, both = slow(extract, gold, n)
    if found and wanted:
        assert agreement(extract, gold, n) == Agreement(both / wanted, both / found, 2 * both / (found + wanted))
    else:
        assert agreement(extract, gold, n) == Agreement(*[float(found == wanted)] * 3)


@given(TEXTS, st.integers(1, 4))
def test_a_text_agrees_with_itself_wholly(text: str, n: int) -> None:
    assert agreement(text, text, n) == Agreement(1.0, 1.0, 1.0)


def test_order_counts_only_in_runs() -> None:
    assert agreement("rose and it fell", "it fell and rose").f1 == 1.0
    assert agreement("rose and it fell", "it fell and rose", 2) == Agreement(1 / 3, 1 / 3, 1 / 3)


def test_words_are_compared_without_their_dress() -> None:
    assert words_of("Post\u00adtraumatic CO₂, 10⁻³ – “m²”") == ["posttraumatic", "co", "2", "10", "3", "m", "2"]


def test_ligatures_are_not_forgiven() -> None:
    assert words_of("eﬀect") != words_of("effect")


def test_snippets_are_found_over_line_ends() -> None:
    assert share_found(["a long line", "Menu", "it fell"], "a\nlong\u00a0line. It fell.") == 1 / 3
    assert share_found([], "x") == 1.0


def test_documents_are_weighed_beside_their_baselines(tmp_path: Path) -> None:
    files = {
        "jats/a.nxml": "<article><front/><body><sec><title>Rain</title><p>It fell for days.</p></sec></body></article>",
        "jats_plaintext/a.txt": "BODY.RAIN:\nIt fell for days.",
        "jats/b.nxml": "no article",
        "jats_plaintext/b.txt": "BODY:\nIt rose.",
        "jats/c.nxml": "without gold",
        "pdf/a.pdf": "%PDF",
        "pdf/a.tei.xml": "<TEI><teiHeader><abstract><p>Dry.</p></abstract></teiHeader><text><body><p>It f<hi>ell</hi>.</p></body></text></TEI>",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    pdf = Reading(Record(), (Part("body", (), "Dry. It fell."), Part("reference", (), "Oak 2010")))
    rows = {(row.kind, row.reader): row for row in weigh_documents(tmp_path, lambda raw, where: pdf)}
    assert sorted(rows) == [
        ("jats", "chatbot"),
        ("jats", "chatbot, no tables"),
        ("jats", "itertext"),
        ("pdf", "chatbot"),
    ]
    ours = rows["jats", "chatbot"]
    assert (ours.n_files, ours.n_unreadable, ours.figures["recall"].value) == (2, 1, 0.5)
    assert rows["pdf", "chatbot"].figures["f1"].value == 1.0


def test_a_folder_without_documents_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="has no documents"):
        weigh_documents(tmp_path)
