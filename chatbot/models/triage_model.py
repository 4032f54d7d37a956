"""Tells a person in danger, a request to get or take a drug, and a personal medical decision from an ordinary question.

A BERT text classifier with four outputs (int8 ONNX, started from all-MiniLM-L6-v2), made by `chatbot.training.triage`. It is one of
two judges: the patterns of `answer/triage_rules.toml` work without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from chatbot.models.second_stage import OnnxClassifier

LABELS = ("none", "crisis", "drug_request", "medical_advice")


class TriageModel:
    """Probabilities of the four labels."""

    def __init__(self, folder: Path, sha256: str = "") -> None:
        self._classifier = OnnxClassifier(folder, sha256)

    def classify(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """One {label: probability} a text; the four sum to 1."""
        logits = self._classifier.logits(list(texts))
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        rows = shifted / shifted.sum(axis=1, keepdims=True)
        return [dict(zip(LABELS, map(float, row), strict=True)) for row in rows]
