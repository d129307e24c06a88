"""Training of the small network behind the guard, in numpy: its way forward again, and its way back."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.adapters.topic_features import DENSE
from tutor.adapters.topic_model import READINGS, Net

Floats = NDArray[np.float32]
HIDDEN = 192
EPOCHS, BATCH, RATE, DECAY = 10, 64, 1.5e-3, 2e-2
DROP_IN, DROP_HIDDEN, SMOOTH = 0.3, 0.4, 0.03


class Batch(NamedTuple):
    """Readings with their answers and weights."""

    dense: Floats
    """Shape (messages, DENSE)."""
    parts: Floats
    """Shape (messages, PARTS)."""
    answers: NDArray[np.int64]
    weights: Floats


PARTS_SIZE = 0.18
"""Spread of the parts while training: about that of the other columns."""


def train_net(batch: Batch, *, seed: int) -> Net:
    """Adam with weight decay and dropout; the rate falls to zero."""
    middle, scale = batch.parts.mean(axis=0), np.float32(PARTS_SIZE / batch.parts.std())
    columns = np.hstack([batch.dense, (batch.parts - middle) * scale])
    net = _Training(columns, batch.answers, batch.weights, seed).run()
    # The network that judges reads the parts as they are.
    parts = net["hidden"][DENSE:] * scale
    return Net(net["hidden"][:DENSE], parts, net["hidden_bias"] - middle @ parts, net["out"], net["out_bias"])


class _Training:
    def __init__(self, columns: Floats, answers: NDArray[np.int64], weights: Floats, seed: int) -> None:
        self._columns, self._weights = columns, weights
        self._chance = np.random.default_rng(seed)
        classes = len(READINGS)
        self._goals = np.full((len(answers), classes), SMOOTH / classes, dtype=np.float32)
        self._goals[np.arange(len(answers)), answers] += 1 - SMOOTH
        self._net = {
            "hidden": self._start(columns.shape[1], HIDDEN),
            "hidden_bias": np.zeros(HIDDEN, dtype=np.float32),
            "out": self._start(HIDDEN, classes),
            "out_bias": np.zeros(classes, dtype=np.float32),
        }
        self._first = {name: np.zeros_like(value) for name, value in self._net.items()}
        self._second = {name: np.zeros_like(value) for name, value in self._net.items()}
        self._steps = 0

    def _start(self, rows: int, columns: int) -> Floats:
        return np.asarray(self._chance.standard_normal((rows, columns)) * np.sqrt(1 / rows), dtype=np.float32)

    def run(self) -> dict[str, Floats]:
        count = len(self._columns)
        for epoch in range(EPOCHS):
            for part in np.array_split(self._chance.permutation(count), max(1, count // BATCH)):
                self._step(part, RATE * (1 - epoch / EPOCHS))
        return self._net

    def _step(self, chosen: NDArray[np.int64], rate: float) -> None:
        net, weights = self._net, self._weights[chosen, None]
        row = self._columns[chosen]
        row = row * self._kept(row.shape, DROP_IN)
        kept = self._kept((len(chosen), HIDDEN), DROP_HIDDEN)
        hidden = np.maximum(row @ net["hidden"] + net["hidden_bias"], 0) * kept
        logits = hidden @ net["out"] + net["out_bias"]
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        fault = (chances - self._goals[chosen]) * weights / np.float32(len(chosen))
        to_hidden = (fault @ net["out"].T) * kept * (hidden > 0)
        self._adam(
            {
                "hidden": row.T @ to_hidden,
                "hidden_bias": to_hidden.sum(axis=0),
                "out": hidden.T @ fault,
                "out_bias": fault.sum(axis=0),
            },
            rate,
        )

    def _kept(self, shape: tuple[int, ...], drop: float) -> Floats:
        there = self._chance.random(shape, dtype=np.float32) > drop
        return there.astype(np.float32) / np.float32(1 - drop)

    def _adam(self, slopes: dict[str, Floats], rate: float) -> None:
        self._steps += 1
        # Early on, both averages still lean towards their zero start.
        rate *= float(np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps))
        for name, slope in slopes.items():
            first, second, value = self._first[name], self._second[name], self._net[name]
            first += np.float32(0.1) * (slope - first)
            second += np.float32(0.001) * (slope * slope - second)
            if slope.ndim == 2:
                value *= np.float32(1 - rate * DECAY)
            value -= np.float32(rate) * first / (np.sqrt(second) + np.float32(1e-8))
