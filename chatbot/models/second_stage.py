"""Reads a question and a sentence together and says whether the sentence answers: an ONNX cross-encoder.

The shipped weights (eight bits, all-MiniLM-L6-v2 as a start) are in `weights/second_stage`, made by `chatbot.training`. Another
folder in the same form (model.onnx with inputs ids, mask, types and one logit; tokenizer.json) may be named by the setting
SECOND_STAGE_MODEL; a hub cross-encoder comes to that form by `chatbot.training.export`.
"""

from __future__ import annotations

import hashlib
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
# Of the optimisations of onnxruntime the one that joins a sum with the layer normalisation after it: the joined operator takes
# five times as long as the two.
SLOWER = ["SkipLayerNormFusion"]
Encoded = tuple[list[int], list[int]]  # word pieces and their types


class OnnxClassifier:
    """Logits of an ONNX text classifier, for single texts or pairs. Thread-safe.

    Each text is read alone, by one of THREADS workers on one core: batches of three to ten took as long or longer, and what an
    eight-bit model whose ranges are measured in each call says of a text in a batch depends on the others in it.
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
        encoded = [self._tokenizer.encode(*t) if isinstance(t, tuple) else self._tokenizer.encode(t) for t in texts]
        pieces: list[Encoded] = [(e.ids, e.type_ids) for e in encoded]
        read = map(self._read, pieces) if len(pieces) == 1 else self._workers.map(self._read, pieces)
        return np.stack(list(read)) if pieces else np.zeros((0, 1), dtype=np.float32)

    def _read(self, pieces: Encoded) -> NDArray[np.float32]:
        """(outputs,) float32 logits of one text."""
        ids, types = (np.array([row], dtype=np.int64) for row in pieces)
        found = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids), "types": types})[0]
        return np.asarray(found[0], dtype=np.float32)


class CrossEncoder:
    """A SecondStage over an OnnxClassifier with one output."""

    def __init__(self, folder: Path, sha256: str = "") -> None:
        self._classifier = OnnxClassifier(folder, sha256)
        self.name = self._classifier.name
        self.sha256 = self._classifier.sha256

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) float32 logits: above 0, the text more likely answers than not."""
        return self._classifier.logits([(question, text) for text in texts])[:, 0]
