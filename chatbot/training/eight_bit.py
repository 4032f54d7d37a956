"""A BERT text classifier as an ONNX graph with eight-bit matrix products, whose ranges are fixed beforehand.

`observe` runs the float model on texts and notes the range of every channel that goes into a product; `graph` writes the products with
those ranges. Onnxruntime's dynamic quantisation measures one range for every call, which takes time and, in a batch, lets the other texts
change what is said of one. A few channels of BERT are many times as large as the rest and would leave these few
of the 256 steps, so the channels that go into the feed-forward layers are divided by a power of their size, and the weights multiplied
by it (SmoothQuant, Xiao et al. 2023). The last layer is computed for the first word piece alone, which the classifier reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Floats = NDArray[np.float32]
Ranges = dict[
    str, tuple[Floats, Floats]
]  # lowest and highest of each channel, by the name of the layer that it goes into

# Power of a channel's largest value that it is divided by, the rest of the power on its weights. Root mean square error of the second
# stage's logits on 500 pairs of the corpus: .097 at .85, .108 at .7, .175 without; with a range measured in every call .177.
SMOOTHING = 0.85
SMOOTHED = ("intermediate.dense", "output.dense")  # dividing what goes into attention too changed nothing
CONTRIB = "com.microsoft"  # onnxruntime's own operators
EPSILON = 1e-12  # of BERT's layer normalisation


def observe(model: torch.nn.Module, batches: Iterable[Mapping[str, torch.Tensor]]) -> Ranges:
    """(channels,) lowest and highest value of what goes into each linear layer of `model`, over batches of one text each."""
    seen: Ranges = {}

    def note(name: str, into: torch.Tensor) -> None:
        rows = into.reshape(-1, into.shape[-1])
        low, high = (np.asarray(edge.values, dtype=np.float32) for edge in (rows.min(dim=0), rows.max(dim=0)))
        before = seen.get(name, (low, high))
        seen[name] = np.minimum(before[0], low), np.maximum(before[1], high)

    hooks = [
        layer.register_forward_pre_hook(lambda _, args, name=name: note(name, args[0].detach()))
        for name, layer in model.named_modules()
        if isinstance(layer, torch.nn.Linear)
    ]
    with torch.inference_mode():
        for batch in batches:
            model(**batch)
    for hook in hooks:
        hook.remove()
    return seen


def by_column(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """(in, out) weights in steps of each column's largest by 127, and the (out,) steps."""
    largest = np.abs(weights).max(axis=0)
    steps = (np.where(largest > 0, largest, 1.0) / 127.0).astype(np.float32)
    return np.round(weights / steps).astype(np.int8), steps


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Adds a constant."""
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, kind: str, into: list[str], out: str, domain: str = "", **attributes: object) -> str:
        """Adds a node with one output."""
        self.nodes.append(helper.make_node(kind, into, [out], domain=domain, **attributes))
        return out


class _Bert:
    """Writes one model's graph. `state` are its named weights; layers have their names in transformers' BERT."""

    def __init__(self, state: Mapping[str, torch.Tensor], heads: int, ranges: Ranges) -> None:
        self._state, self._heads, self._ranges = state, heads, ranges
        self._graph = _Graph()
        self.constant, self.add = self._graph.constant, self._graph.add
        self._layers = 1 + max(int(name.split(".")[3]) for name in state if name.startswith("bert.encoder.layer."))
        for name, value in (("zero", [0]), ("one", [1]), ("two", [2])):
            self.constant(name, np.array(value, dtype=np.int64))

    def model(self) -> onnx.ModelProto:
        """The whole graph: `ids`, `mask` and `types` (batch, pieces) int64 to `logits` (batch, outputs) float32."""
        held = self._embedded()
        self.add("Cast", ["mask"], "kept", to=onnx.TensorProto.INT32)
        for number in range(self._layers):
            held = self._layer(f"bert.encoder.layer.{number}", held, last=number == self._layers - 1)
        self.constant("first", np.array(0, dtype=np.int64))
        self.add("Gather", [held, "first"], "first_piece", axis=1)
        self.add("Tanh", [self._float_product("bert.pooler.dense", "first_piece")], "pooled")
        self.add("Identity", [self._float_product("classifier", "pooled")], "logits")
        int64, float32 = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
        inputs = [helper.make_tensor_value_info(n, int64, ["batch", "pieces"]) for n in ("ids", "mask", "types")]
        outputs = [helper.make_tensor_value_info("logits", float32, ["batch", "outputs"])]
        graph = helper.make_graph(self._graph.nodes, "classifier", inputs, outputs, self._graph.constants)
        sets = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=8)

    def _values(self, name: str) -> Floats:
        """Weights by their name."""
        return np.asarray(self._state[name].detach().numpy(), dtype=np.float32)

    def _named(self, name: str) -> str:
        """Weights as a constant of their name."""
        return self.constant(name, self._values(name))

    def _normal(self, name: str, into: str) -> str:
        """A layer normalisation."""
        weights = [self._named(f"{name}.weight"), self._named(f"{name}.bias")]
        return self.add("LayerNormalization", [into, *weights], f"{name}.out", axis=-1, epsilon=EPSILON)

    def _embedded(self) -> str:
        """The sum of the three embeddings, normalised; that of words is held as int8 rows with a step each."""
        rows, steps = by_column(self._values("bert.embeddings.word_embeddings.weight").T)
        self.constant("words.rows", rows.T)
        self.constant("words.steps", steps[:, None])
        self._named("bert.embeddings.position_embeddings.weight")
        self._named("bert.embeddings.token_type_embeddings.weight")
        self.add("Gather", ["words.rows", "ids"], "words.int8")
        self.add("Cast", ["words.int8"], "words.float", to=onnx.TensorProto.FLOAT)
        self.add("Gather", ["words.steps", "ids"], "words.scale")
        self.add("Mul", ["words.float", "words.scale"], "words")
        self.add("Gather", ["bert.embeddings.token_type_embeddings.weight", "types"], "types.embedded")
        self.add("Shape", ["ids"], "shape")
        self.add("Slice", ["shape", "one", "two"], "length")
        self.add("Slice", ["bert.embeddings.position_embeddings.weight", "zero", "length", "zero"], "positions")
        self.add("Add", ["words", "types.embedded"], "words.typed")
        self.add("Add", ["words.typed", "positions"], "embedded")
        return self._normal("bert.embeddings.LayerNorm", "embedded")

    def _layer(self, name: str, held: str, *, last: bool) -> str:
        """Attention and feed-forward; in the last layer queries and all after them are of the first piece."""
        attention = f"{name}.attention"
        three = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        steps = self._quantised(held, three)
        queried = steps
        if last:
            queried = self.add("Slice", [steps, "zero", "one", "one"], f"{name}.first_steps")
            held = self.add("Slice", [held, "zero", "one", "one"], f"{name}.first_held")
        products = [self._product(part, queried if part == three[0] else steps, three) for part in three]
        self.add("MultiHeadAttention", [*products, "", "kept"], f"{attention}.out", CONTRIB, num_heads=self._heads)
        held = self._added(f"{attention}.output", f"{attention}.out", held)
        inner = f"{name}.intermediate.dense"
        self.add("Gelu", [self._product(inner, self._quantised(held, [inner]), [inner])], f"{inner}.gelu", CONTRIB)
        return self._added(f"{name}.output", f"{inner}.gelu", held)

    def _added(self, name: str, into: str, held: str) -> str:
        """A product added to what was held, normalised."""
        dense = f"{name}.dense"
        product = self._product(dense, self._quantised(into, [dense]), [dense])
        return self._normal(f"{name}.LayerNorm", self.add("Add", [product, held], f"{name}.sum"))

    def _divisors(self, layers: list[str]) -> Floats:
        """(in,) what each channel that goes into `layers` is divided by."""
        low, high = self._ranges[layers[0]]
        if not layers[0].endswith(SMOOTHED) or "attention" in layers[0]:
            return np.ones_like(low)
        largest = np.maximum(np.maximum(-low, high), 1e-3)
        weights = np.max([np.abs(self._values(f"{layer}.weight")).max(axis=0) for layer in layers], axis=0)
        divisors = largest**SMOOTHING / np.maximum(weights, 1e-4) ** (1 - SMOOTHING)
        return np.asarray(divisors / np.median(divisors), dtype=np.float32)

    def _quantised(self, into: str, layers: list[str]) -> str:
        """What goes into `layers` in 256 steps of its range."""
        name, divisors = f"{layers[0]}.in", self._divisors(layers)
        low, high = (edge / divisors for edge in self._ranges[layers[0]])
        lowest, highest = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
        step = (highest - lowest) / 255 or 1.0
        self.constant(f"{name}.step", np.array(step, dtype=np.float32))
        self.constant(f"{name}.zero", np.array(round(-lowest / step), dtype=np.uint8))
        if not np.all(divisors == 1):
            into = self.add("Mul", [into, self.constant(f"{name}.by", 1 / divisors)], f"{name}.even")
        return self.add("QuantizeLinear", [into, f"{name}.step", f"{name}.zero"], f"{name}.steps")

    def _product(self, layer: str, steps: str, layers: list[str]) -> str:
        """The product of `steps`, which were made for `layers`, and one layer's weights, with its bias, in float32."""
        weights, scales = by_column(self._values(f"{layer}.weight").T * self._divisors(layers)[:, None])
        into = [
            steps,
            self.constant(f"{layer}.weight", weights),
            f"{layers[0]}.in.step",
            self.constant(f"{layer}.steps", scales),
            f"{layers[0]}.in.zero",
            self.constant(f"{layer}.zeros", np.zeros(len(scales), dtype=np.int8)),
            self._named(f"{layer}.bias"),
        ]
        return self.add("MatMulIntegerToFloat", into, f"{layer}.out", CONTRIB)

    def _float_product(self, layer: str, into: str) -> str:
        """A product in float32: of one vector a text, where eight bits would save nothing."""
        weights = self.constant(f"{layer}.weight", self._values(f"{layer}.weight").T)
        return self.add("Gemm", [into, weights, self._named(f"{layer}.bias")], f"{layer}.out")


def graph(model: torch.nn.Module, heads: int, ranges: Ranges) -> onnx.ModelProto:
    """`model`, a transformers BertForSequenceClassification with `heads` attention heads, as ONNX. `ranges` are by `observe`."""
    return _Bert(model.state_dict(), heads, ranges).model()
