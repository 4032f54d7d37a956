"""Exact search by inner product over unit vectors, by FAISS (IndexFlatIP): the score is the cosine.

The vectors are kept as a `.npy` file that is read without pickle and added to the index at load, because FAISS reads many
damaged files without a word.
"""

from __future__ import annotations

import io
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from chatbot.datatypes import Vectors
from chatbot.errors import IndexDamaged

faiss.omp_set_num_threads(1)  # two threads made every single query slower
# A product of one query takes microseconds; OpenBLAS's second thread would go on spinning for some 20 ms after each, on the core on which
# the second stage reads: a question took 108 ms with it and 80 without.
threadpool_limits(limits=1, user_api="blas")


class VectorIndex:
    """`vectors` is (n, dim) float32, unit rows; row i is text i."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self._index = faiss.IndexFlatIP(int(vectors.shape[1]))
        self._index.add(vectors)

    def search(self, query: Vectors, top_k: int) -> tuple[list[int], list[float]]:
        """Rows and cosines of the `top_k` nearest to one (dim,) query, best first."""
        count = min(top_k, len(self.vectors))
        if not count:
            return [], []
        cosines, rows = self._index.search(query.reshape(1, -1), count)
        return rows[0].tolist(), cosines[0].tolist()


def to_bytes(vectors: Vectors) -> bytes:
    """The array as `.npy` bytes; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(vectors, dtype=np.float32), allow_pickle=False)
    return buffer.getvalue()


def from_bytes(raw: bytes, *, rows: int, dimension: int, where: Path) -> Vectors:
    """The array back. Raises IndexDamaged unless it is (rows, dimension) float32 with finite unit rows."""
    try:
        array = np.load(io.BytesIO(raw), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise IndexDamaged(f"{where}: not a vector file ({error}); run `chatbot index build`") from error
    if array.shape != (rows, dimension) or array.dtype != np.float32:
        raise IndexDamaged(
            f"{where}: holds {array.dtype} {array.shape}, expected float32 ({rows}, {dimension}); run `chatbot index build`"
        )
    if rows and not np.allclose(np.linalg.norm(array, axis=1), 1.0, atol=1e-3):
        raise IndexDamaged(f"{where}: has rows that are not of length 1; run `chatbot index build`")
    return np.ascontiguousarray(array)
