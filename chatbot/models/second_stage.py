"""Reads a question and a sentence together and says whether the sentence answers: an ONNX cross-encoder.

The shipped weights (int8, all-MiniLM-L6-v2 as a start) are in `weights/second_stage`, made by `chatbot.training`. Another folder
in the same form (model.onnx with inputs ids, mask, types and one logit; tokenizer.json) may be named by the setting
SECOND_STAGE_MODEL; a hub cross-encoder comes to that form by `chatbot.training.export`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from chatbot.errors import ModelError
from chatbot.settings import THREADS

WEIGHTS = Path(__file__).parent / "weights"
MAX_PIECES = 128  # word pieces of question and text
BATCH = 16


class OnnxClassifier:
    """Logits of an ONNX text classifier, for single texts or pairs. Thread-safe."""

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
        options.intra_op_num_threads = THREADS
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])

    def logits(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(n, outputs) float32, in the order of `texts`. Like lengths are read together, so that little is padding."""
        encoded = [self._tokenizer.encode(*t) if isinstance(t, tuple) else self._tokenizer.encode(t) for t in texts]
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
        out: list[NDArray[np.float32]] = [np.zeros(0, dtype=np.float32)] * len(encoded)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            width = max(len(encoded[i].ids) for i in rows)
            ids, mask, types = (np.zeros((len(rows), width), dtype=np.int64) for _ in range(3))
            for at, i in enumerate(rows):
                length = len(encoded[i].ids)
                ids[at, :length] = encoded[i].ids
                mask[at, :length] = 1
                types[at, :length] = encoded[i].type_ids
            found = self._session.run(None, {"ids": ids, "mask": mask, "types": types})[0]
            for at, i in enumerate(rows):
                out[i] = np.asarray(found[at], dtype=np.float32)
        return np.stack(out) if out else np.zeros((0, 1), dtype=np.float32)


class CrossEncoder:
    """A SecondStage over an OnnxClassifier with one output."""

    def __init__(self, folder: Path, sha256: str = "") -> None:
        self._classifier = OnnxClassifier(folder, sha256)
        self.name = self._classifier.name
        self.sha256 = self._classifier.sha256

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) float32 logits: above 0, the text more likely answers than not."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        return self._classifier.logits([(question, text) for text in texts])[:, 0]
