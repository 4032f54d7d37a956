"""Light, deterministic stand-ins for the models: what is tested with them is everything else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from chatbot.datatypes import Vectors

DIMENSION = 64


class HashEmbedder:
    """Bag of hashed words as unit vectors: texts that share words are near each other."""

    name = "hash"
    sha256 = "0" * 64
    dimension = DIMENSION
    max_pieces = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.1
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.md5(word.encode()).hexdigest(), 16) % DIMENSION] += 1.0
            row /= np.linalg.norm(row)
        return rows

    def count_pieces(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text)) + 2
