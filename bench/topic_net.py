"""Training of the small network on word vectors, in numpy: its way forward again, and its way back."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutor.adapters.topic_features import WORD_WIDTH, Reading
from tutor.adapters.topic_model import READINGS, Net

Floats = NDArray[np.float32]
WIDTH, HIDDEN = 64, 64
EPOCHS, BATCH, RATE, DECAY = 14, 64, 2e-3, 1e-2
DROP, WORD_DROP, SENSE_DROP, SMOOTH = 0.45, 0.15, 0.15, 0.03


class Batch(NamedTuple):
    """Readings with their answers and weights."""

    readings: Sequence[Reading]
    answers: NDArray[np.int64]
    weights: Floats


class _Pooled(NamedTuple):
    """The words of each reading after the convolution, with what the way back needs."""

    words: Floats
    active: Floats
    strongest: NDArray[np.int64]
    lengths: Floats
    top: Floats
    mean: Floats


def train_net(batch: Batch, *, seed: int) -> Net:
    """Adam with weight decay, dropout on words, senses and hidden units; the rate falls to zero."""
    return _Training(batch, seed).run()


class _Training:
    def __init__(self, batch: Batch, seed: int) -> None:
        self._batch = batch
        self._chance = np.random.default_rng(seed)
        self._rows = np.stack([np.concatenate([r.whole[256:], r.frame, r.around]) for r in batch.readings])
        classes = len(READINGS)
        self._goals = np.full((len(batch.answers), classes), SMOOTH / classes, dtype=np.float32)
        self._goals[np.arange(len(batch.answers)), batch.answers] += 1 - SMOOTH
        self._net = {
            "conv": self._start(WORD_WIDTH, 3 * WIDTH, 0.5),
            "conv_bias": np.zeros(WIDTH, dtype=np.float32),
            "hidden": self._start(2 * WIDTH + self._rows.shape[1], HIDDEN, 1.0),
            "hidden_bias": np.zeros(HIDDEN, dtype=np.float32),
            "out": self._start(HIDDEN, classes, 1.0),
            "out_bias": np.zeros(classes, dtype=np.float32),
        }
        self._first = {name: np.zeros_like(value) for name, value in self._net.items()}
        self._second = {name: np.zeros_like(value) for name, value in self._net.items()}
        self._steps = 0

    def _start(self, rows: int, columns: int, size: float) -> Floats:
        return np.asarray(
            self._chance.standard_normal((rows, columns)) * np.sqrt(size / rows), dtype=np.float32
        )

    def run(self) -> Net:
        lengths = np.array([len(reading.words) for reading in self._batch.readings])
        for epoch in range(EPOCHS):
            order = self._chance.permutation(len(lengths))
            # Texts of like length in one batch: less padding to reckon with.
            chunks = np.array_split(order, max(1, len(order) // (BATCH * 8)))
            order = np.concatenate([chunk[np.argsort(lengths[chunk], kind="stable")] for chunk in chunks])
            parts = np.array_split(order, max(1, len(order) // BATCH))
            for number in self._chance.permutation(len(parts)):
                self._step(parts[number], RATE * (1 - epoch / EPOCHS))
        return Net(**self._net)

    def _step(self, chosen: NDArray[np.int64], rate: float) -> None:
        net, readings = self._net, [self._batch.readings[i] for i in chosen]
        pooled = self._forward([reading.words for reading in readings])
        row = np.hstack([pooled.top, pooled.mean, self._rows[chosen]])
        row_kept, hidden_kept = self._kept(row.shape), self._kept((len(chosen), HIDDEN))
        row = row * row_kept
        hidden = np.maximum(row @ net["hidden"] + net["hidden_bias"], 0) * hidden_kept
        logits = hidden @ net["out"] + net["out_bias"]
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        fault = (chances - self._goals[chosen]) * self._batch.weights[chosen, None] / len(chosen)
        to_hidden = (fault @ net["out"].T) * hidden_kept * (hidden > 0)
        to_row = (to_hidden @ net["hidden"].T) * row_kept
        slopes = {
            "out": hidden.T @ fault,
            "out_bias": fault.sum(axis=0),
            "hidden": row.T @ to_hidden,
            "hidden_bias": to_hidden.sum(axis=0),
            "conv": np.zeros_like(net["conv"]),
            "conv_bias": np.zeros_like(net["conv_bias"]),
        }
        self._backward(pooled, to_row[:, :WIDTH], to_row[:, WIDTH : 2 * WIDTH], slopes)
        self._adam(slopes, rate)

    def _kept(self, shape: tuple[int, ...]) -> Floats:
        return ((self._chance.random(shape) > DROP) / (1 - DROP)).astype(np.float32)

    def _forward(self, texts: Sequence[Floats]) -> _Pooled:
        lengths = np.array([len(text) for text in texts])
        words = np.zeros((len(texts), lengths.max() + 2, WORD_WIDTH), dtype=np.float32)
        there = np.zeros((len(texts), lengths.max(), 1), dtype=np.float32)
        for number, text in enumerate(texts):
            words[number, 1 : 1 + len(text)] = text
            there[number, : len(text)] = 1
        words *= self._chance.random((*words.shape[:2], 1)) > WORD_DROP
        words[:, :, 256:] *= self._chance.random((*words.shape[:2], 1)) > SENSE_DROP
        each = (words.reshape(-1, WORD_WIDTH) @ self._net["conv"]).reshape(len(texts), -1, 3 * WIDTH)
        sums = each[:, :-2, :WIDTH] + each[:, 1:-1, WIDTH : 2 * WIDTH] + each[:, 2:, 2 * WIDTH :]
        active = np.maximum(sums + self._net["conv_bias"], 0) * there
        roots = np.sqrt(lengths)[:, None].astype(np.float32)
        return _Pooled(
            words, active, active.argmax(axis=1), roots, active.max(axis=1), active.sum(axis=1) / roots
        )

    def _backward(self, part: _Pooled, top: Floats, mean: Floats, slopes: dict[str, Floats]) -> None:
        fault = np.repeat((mean / part.lengths)[:, None, :], part.active.shape[1], axis=1)
        fault[np.arange(len(top))[:, None], part.strongest, np.arange(WIDTH)[None]] += top
        fault *= part.active > 0
        slopes["conv_bias"] += fault.sum(axis=(0, 1))
        flat = fault.reshape(-1, WIDTH)
        around = (part.words[:, :-2], part.words[:, 1:-1], part.words[:, 2:])
        slopes["conv"] += np.hstack([words.reshape(-1, WORD_WIDTH).T @ flat for words in around])

    def _adam(self, slopes: dict[str, Floats], rate: float) -> None:
        self._steps += 1
        for name, slope in slopes.items():
            self._first[name] = 0.9 * self._first[name] + 0.1 * slope
            self._second[name] = 0.999 * self._second[name] + 0.001 * slope * slope
            first = self._first[name] / (1 - 0.9**self._steps)
            second = self._second[name] / (1 - 0.999**self._steps)
            decay = DECAY * self._net[name] if slope.ndim == 2 else 0.0
            self._net[name] = (self._net[name] - rate * (first / (np.sqrt(second) + 1e-8) + decay)).astype(
                np.float32
            )
