"""The nearest rows are the nearest, and a vector file is what it says or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import IndexDamaged
from chatbot.index.lexical import LexicalIndex
from chatbot.index.vectors import VectorIndex, from_bytes, to_bytes


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 40))
def test_search_equals_a_full_sort(seed: int, n: int, top_k: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[0]
    rows, cosines = VectorIndex(vectors).search(query, top_k)
    expected = sorted(range(n), key=lambda i: -float(vectors[i] @ query))[:top_k]
    assert sorted(rows) == sorted(expected)
    assert cosines == sorted(cosines, reverse=True)
    assert rows[0] == 0


def test_a_file_that_is_not_what_it_should_be() -> None:
    good = np.eye(3, dtype=np.float32)
    where = Path("v.npy")
    assert np.array_equal(from_bytes(to_bytes(good), rows=3, dimension=3, where=where), good)
    with pytest.raises(IndexDamaged, match=r"v.npy: holds float32 \(3, 3\), expected float32 \(4, 3\)"):
        from_bytes(to_bytes(good), rows=4, dimension=3, where=where)
    with pytest.raises(IndexDamaged, match="rows that are not of length 1"):
        from_bytes(to_bytes(good * 2), rows=3, dimension=3, where=where)
    with pytest.raises(IndexDamaged, match="rows that are not of length 1"):
        from_bytes(to_bytes(np.full((3, 3), np.nan)), rows=3, dimension=3, where=where)
    with pytest.raises(IndexDamaged, match="not a vector file"):
        from_bytes(b"nonsense", rows=3, dimension=3, where=where)


def test_lexical_scores_by_stem() -> None:
    index = LexicalIndex(["The sessions help.", "A trial of sites."])
    scores = index.scores("Which session helped?")
    assert scores[0] > 0
    assert scores[1] == 0
    assert index.scores("zebra").tolist() == [0.0, 0.0]
