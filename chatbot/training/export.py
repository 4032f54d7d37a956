"""Writes a trained classifier as ONNX: `python -m chatbot.training.export MODEL OUT --texts FILE`.

The matrix products of a BERT model get eight bits, with ranges from the texts of FILE (`eight_bit`); a model of another
architecture is written in float32. It prints the file's size, how far its logits are from torch's on texts that gave no range, and the
sha256 to pin in `chatbot/settings.py`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from chatbot.models.second_stage import MAX_PIECES, OnnxClassifier
from chatbot.training import eight_bit

TEXTS = 1600  # that give ranges; the largest channels are the same in every text
CHECKED = 200  # that are compared with torch afterwards
SEED = 7
Text = str | tuple[str, str]


class Logits(torch.nn.Module):
    """The model as a plain function of three tensors."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """(batch, outputs) logits."""
        logits: torch.Tensor = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).logits
        return logits


def read_texts(path: Path, count: int) -> list[Text]:
    """`count` of the file's rows, or all where it has fewer: {"question", "text"} as a pair, or {"text"}, in random order.

    Raises ValueError when it has too few to give ranges and to check them.
    """
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [json.loads(line) for line in raw.decode("utf-8").splitlines() if line.strip()]
    random.Random(SEED).shuffle(rows)
    if len(rows) < 2 * CHECKED:
        raise ValueError(
            f"{path}: has {len(rows)} texts; {CHECKED} are kept for the check and as many at least give the ranges"
        )
    return [(row["question"], row["text"]) if "question" in row else row["text"] for row in rows[:count]]


def encoded(tokenizer: Any, texts: list[Text]) -> Iterator[Any]:
    """Each text as the tensors of a batch of its own."""
    for text in texts:
        both = text if isinstance(text, tuple) else (text,)
        yield tokenizer(*both, truncation="longest_first", max_length=MAX_PIECES, return_tensors="pt")


def traced(model: Any, batch: Any) -> onnx.ModelProto:
    """Any model in float32."""
    axes = {name: {0: "batch", 1: "pieces"} for name in ("ids", "mask", "types")}
    types = batch.get("token_type_ids", torch.zeros_like(batch["input_ids"]))
    with tempfile.TemporaryDirectory() as scratch:
        torch.onnx.export(
            Logits(model),
            (batch["input_ids"], batch["attention_mask"], types),
            str(Path(scratch) / "model.onnx"),
            input_names=list(axes),
            output_names=["logits"],
            dynamic_axes={**axes, "logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        return onnx.load(Path(scratch) / "model.onnx")


def export(folder: Path, out: Path, texts: list[Text]) -> dict[str, object]:
    """Writes `out`/model.onnx and `out`/tokenizer.json; returns what is printed. The last CHECKED texts give no range."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
    known, unknown = texts[:-CHECKED], texts[-CHECKED:]
    if model.config.model_type == "bert":
        ranges = eight_bit.observe(model, encoded(tokenizer, known))
        made = eight_bit.graph(model, model.config.num_attention_heads, ranges)
    else:
        made = traced(model, next(encoded(tokenizer, unknown)))
    out.mkdir(parents=True, exist_ok=True)
    onnx.save(made, out / "model.onnx")
    bare = Tokenizer.from_file(str(folder / "tokenizer.json"))
    bare.no_padding()
    bare.no_truncation()
    bare.save(str(out / "tokenizer.json"))
    written = OnnxClassifier(out)
    with torch.inference_mode():
        expected = np.concatenate([model(**batch).logits.numpy() for batch in encoded(tokenizer, unknown)])
    apart = written.logits(unknown) - expected
    return {
        "bytes": (out / "model.onnx").stat().st_size,
        "sha256": written.sha256,
        "root_mean_square_difference": round(float(np.sqrt((apart**2).mean())), 4),
        "largest_difference": round(float(np.abs(apart).max()), 4),
    }


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, required=True, help="JSON lines (.gz too) of question and text, or text")
    options = parser.parse_args()
    print(json.dumps(export(options.model, options.out, read_texts(options.texts, TEXTS + CHECKED))))


if __name__ == "__main__":
    main()
