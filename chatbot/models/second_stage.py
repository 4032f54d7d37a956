"""Reads a question and a sentence together and says whether the sentence answers: an ONNX cross-encoder.

The shipped weights (eight bits, all-MiniLM-L6-v2 as a start) are in `weights/second_stage`, made by `chatbot.training`. Another
folder in the same form (model.onnx with inputs ids, mask, types and one logit; tokenizer.json) may be named by the setting
SECOND_STAGE_MODEL; a hub cross-encoder comes to that form by `chatbot.training.export`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from chatbot.errors import ModelError
from chatbot.settings import THREADS

WEIGHTS = Path(__file__).parent / "weights"
MAX_PIECES = 128  # word pieces of question and text
BATCH = 5  # texts that are read together, at most; chosen for time
# Of the optimisations of onnxruntime the one that joins a sum with the layer normalisation after it: the joined operator takes
# five times as long as the two.
SLOWER = ["SkipLayerNormFusion"]
Encoded = tuple[list[int], list[int]]  # word pieces and their types


class OnnxClassifier:
    """Logits of an ONNX text classifier, for single texts or pairs. Thread-safe.

    Texts of like length are read together by THREADS workers, each on one core. What is said of a text does not depend on the
    others: the export fixes the ranges of the eight-bit products (`chatbot.training.eight_bit`).
    """

    def __init__(self, folder: Path, sha256: str = "") -> None:
        try:
            raw = (folder / "model.onnx").read_bytes()
            pieces = (folder / "tokenizer.json").read_text(encoding="utf-8")
        except OSError as error:
            raise ModelError(
                f"{folder}: {error.filename or folder} cannot be read ({error.strerror}); restore it"
            ) from error
        self.sha256 = hashlib.sha256(raw + pieces.encode()).hexdigest()
        if sha256 and self.sha256 != sha256:
            raise ModelError(
                f"{folder}: model and tokenizer hash to {self.sha256}, expected {sha256}; restore the files"
            )
        self.name = folder.name
        self._tokenizer = Tokenizer.from_str(pieces)
        self._tokenizer.enable_truncation(MAX_PIECES)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            raw, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
        )
        self._workers = ThreadPoolExecutor(THREADS, thread_name_prefix=self.name)

    def logits(self, texts: Sequence[str | tuple[str, str]]) -> NDArray[np.float32]:
        """(n, outputs) float32, in the order of `texts`. A text by itself waits for no other caller's."""
        if not texts:
            return np.zeros((0, 1), dtype=np.float32)
        encoded = [self._tokenizer.encode(*t) if isinstance(t, tuple) else self._tokenizer.encode(t) for t in texts]
        pieces: list[Encoded] = [(e.ids, e.type_ids) for e in encoded]
        batches = batched([len(ids) for ids, _ in pieces])
        waiting = [[pieces[at] for at in batch] for batch in batches]
        read = map(self._read, waiting) if len(waiting) == 1 else self._workers.map(self._read, waiting)
        found = np.concatenate(list(read))
        return found[np.argsort([at for batch in batches for at in batch])]

    def _read(self, batch: Sequence[Encoded]) -> NDArray[np.float32]:
        """(batch, outputs) float32 logits of texts that are read together."""
        longest = max(len(ids) for ids, _ in batch)
        ids, mask, types = (np.zeros((len(batch), longest), dtype=np.int64) for _ in range(3))
        for row, (its_ids, its_types) in enumerate(batch):
            ids[row, : len(its_ids)], mask[row, : len(its_ids)], types[row, : len(its_ids)] = its_ids, 1, its_types
        found = self._session.run(None, {"ids": ids, "mask": mask, "types": types})[0]
        return np.asarray(found, dtype=np.float32)


def batched(lengths: Sequence[int]) -> list[list[int]]:
    """Positions of texts of like length, at most BATCH together and as many batches for each worker, the longest first.

    >>> batched([3, 9, 5, 7])
    [[1, 3], [2, 0]]
    """
    count = min(len(lengths), THREADS * math.ceil(len(lengths) / (THREADS * BATCH)))
    order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
    return [list(map(int, part)) for part in np.array_split(order, count)] if count else []


class CrossEncoder:
    """A SecondStage over an OnnxClassifier with one output."""

    def __init__(self, folder: Path, sha256: str = "") -> None:
        self._classifier = OnnxClassifier(folder, sha256)
        self.name = self._classifier.name
        self.sha256 = self._classifier.sha256

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) float32 logits: above 0, the text more likely answers than not."""
        return self._classifier.logits([(question, text) for text in texts])[:, 0]
