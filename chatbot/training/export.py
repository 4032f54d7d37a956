"""Writes a trained second stage as ONNX with int8 weights: `python -m chatbot.training.export MODEL OUT`.

Only the weights of matrix products are quantised (per channel, dynamic activations) and the word embeddings (8 bits, one scale
a row); everything else stays float32. It prints the file's size, the agreement with torch on a few pairs, and the sha256 to
pin in `chatbot/models/second_stage.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

PAIRS = [
    ("How many sites were there?", "The trial had 15 sites in three countries."),
    ("How many sites were there?", "The placebo group improved too."),
    ("What is mediation?", "Mediation means that a third factor accounts for some of an effect."),
    ("Who paid for it?", "Mindfulness is an open way of noticing what one thinks and feels."),
]


class Logits(torch.nn.Module):
    """The model as a plain function of three tensors."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """(batch, outputs) logits."""
        logits: torch.Tensor = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).logits
        return logits


def embeddings_by_row(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its largest float table looked up as int8 rows, each with a scale of its own."""
    graph = model.graph
    table = max((i for i in graph.initializer if i.data_type == onnx.TensorProto.FLOAT), key=lambda i: np.prod(i.dims))
    values = numpy_helper.to_array(table)
    scales = np.abs(values).max(axis=1, keepdims=True) / 127.0 + 1e-12
    lookup = next(n for n in graph.node if n.op_type == "Gather" and n.input[0] == table.name)
    at = list(graph.node).index(lookup)
    out, ids = lookup.output[0], lookup.input[1]
    nodes = [
        helper.make_node("Gather", ["rows_int8", ids], ["looked_up_int8"]),
        helper.make_node("Cast", ["looked_up_int8"], ["looked_up"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", ["row_scales", ids], ["looked_up_scales"]),
        helper.make_node("Mul", ["looked_up", "looked_up_scales"], [out]),
    ]
    graph.node.remove(lookup)
    for offset, node in enumerate(nodes):
        graph.node.insert(at + offset, node)
    graph.initializer.remove(table)
    graph.initializer.append(numpy_helper.from_array(np.round(values / scales).astype(np.int8), "rows_int8"))
    graph.initializer.append(numpy_helper.from_array(scales.astype(np.float32), "row_scales"))
    return model


def export(folder: Path, out: Path) -> None:
    """Writes `out`/model.onnx and `out`/tokenizer.json."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = Logits(AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval())
    batch = tokenizer([q for q, _ in PAIRS], [t for _, t in PAIRS], padding=True, return_tensors="pt")
    inputs = (batch["input_ids"], batch["attention_mask"], batch["token_type_ids"])
    axes = {name: {0: "batch", 1: "pieces"} for name in ("ids", "mask", "types")}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        torch.onnx.export(
            model,
            inputs,
            str(plain),
            input_names=["ids", "mask", "types"],
            output_names=["logits"],
            dynamic_axes={**axes, "logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        small = Path(scratch) / "small.onnx"
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"])
        onnx.save(embeddings_by_row(onnx.load(small)), out / "model.onnx")
    bare = Tokenizer.from_file(str(folder / "tokenizer.json"))
    bare.no_padding()
    bare.no_truncation()
    bare.save(str(out / "tokenizer.json"))
    onnx.checker.check_model(str(out / "model.onnx"))
    session = onnxruntime.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])
    found = session.run(None, dict(zip(("ids", "mask", "types"), (t.numpy() for t in inputs), strict=True)))[0]
    with torch.inference_mode():
        expected = model(*inputs).numpy()
    raw = (out / "model.onnx").read_bytes()
    print(
        json.dumps(
            {
                "bytes": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
                "largest_difference": round(float(np.abs(np.asarray(found) - expected).max()), 4),
            }
        )
    )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    export(options.model, options.out)


if __name__ == "__main__":
    main()
