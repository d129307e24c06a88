"""The local tier's scorer: a linear model with letter groups and small networks, averaged.

Trained by `bench/train_guard.py` on `tests/data/guard/`; the file beside this module holds the result.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from tutor.adapters.topic_features import (
    ALONE,
    DENSE,
    Floats,
    Linear,
    Reader,
    Reading,
    Sentences,
    chances_of,
)
from tutor.domain.chat import ChatMessage
from tutor.domain.topic import Chances, Thresholds
from tutor.errors import ModelMissing

FILE = Path(__file__).with_name("topic_model.npz")
READINGS = ("on", "social", "off", "injection", "cruelty", "malware", "distress")
"""The order of every row of chances."""


class Net(NamedTuple):
    """One hidden layer over all dense columns and the parts."""

    hidden: Floats
    """Shape (DENSE, width)."""
    parts: Floats
    """Shape (PARTS, width)."""
    hidden_bias: Floats
    out: Floats
    """Shape (width, CLASSES)."""
    out_bias: Floats

    def scores(self, reading: Reading) -> Floats:
        """Logits of shape (7,)."""
        # Without a conversation its columns are zero: reading their weights would take most of the time.
        end = DENSE if reading.dense[ALONE:].any() else ALONE
        seen = reading.dense[:end] @ self.hidden[:end] + reading.parts @ self.parts
        hidden = np.maximum(seen + self.hidden_bias, 0)
        return np.asarray(hidden @ self.out + self.out_bias, dtype=np.float32)


def mean_chances(nets: Sequence[Net], reading: Reading) -> Floats:
    """What the networks say on average, of shape (7,)."""
    return np.asarray(np.mean([chances_of(net.scores(reading)) for net in nets], axis=0), dtype=np.float32)


class TrainedTopicModel:
    """Implements the port `TopicModel`. Loaded at first use; thread-safe."""

    def __init__(self, encoder: Sentences, file: Path = FILE) -> None:
        self._encoder = encoder
        self._file = file
        self._lock = threading.Lock()
        self._loaded: tuple[_Weights, Reader] | None = None

    def warm(self) -> None:
        """Load the weights now, and the encoder with them. Raises ModelMissing."""
        self.weigh("what is a loop", (), "")

    @property
    def thresholds(self) -> Thresholds:
        """Those that were chosen with the weights."""
        return self._ready()[0].thresholds

    def weigh(self, message: str, history: Sequence[ChatMessage], chapter: str) -> tuple[Chances, str]:
        """How likely each reading is. Raises ModelMissing."""
        weights, reader = self._ready()
        with self._lock:
            reading = reader.read(message, history, chapter)
        linear = weights.linear.chances(reading.grams, reading.dense)
        nets = mean_chances(weights.nets, reading)
        agree = int(linear.argmax()) == int(nets.argmax())
        return _as_chances(weights.blend(linear, nets)), "agree" if agree else "disagree"

    def _ready(self) -> "tuple[_Weights, Reader]":
        with self._lock:
            if self._loaded is None:
                weights = _Weights.load(self._file)
                self._loaded = weights, Reader(self._encoder, weights.alone)
            return self._loaded


class _Weights(NamedTuple):
    alone: Linear
    linear: Linear
    nets: tuple[Net, ...]
    sharpness: float
    """Power that calibrates the average; below 1 it makes the model more modest."""
    thresholds: Thresholds

    @classmethod
    def load(cls, file: Path) -> Self:
        try:
            with np.load(file) as stored:
                arrays = {name: stored[name].astype(np.float32) for name in stored.files}
            nets = tuple(
                Net(*(arrays[f"net{number}_{part}"] for part in Net._fields))
                for number in range(int(arrays["nets"]))
            )
            alone = Linear(*(arrays[f"alone_{part}"] for part in Linear._fields))
            linear = Linear(*(arrays[f"linear_{part}"] for part in Linear._fields))
            return cls(alone, linear, nets, float(arrays["sharpness"]), _thresholds(arrays))
        except (OSError, ValueError, KeyError) as error:
            raise ModelMissing(f"topic model {file}: {type(error).__name__} {error}") from error

    def blend(self, linear: Floats, nets: Floats) -> Floats:
        return sharpened(blended(linear, nets), self.sharpness)


def blended(linear: Floats, nets: Floats) -> Floats:
    """The mean of both, in which the networks count twice: they are the better ones."""
    return np.asarray((linear + 2 * nets) / 3, dtype=np.float32)


def sharpened(chances: Floats, power: float) -> Floats:
    """Chances raised to a power and brought back to a sum of 1, over the last axis."""
    powers = np.power(np.maximum(chances, 1e-9), power)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def _thresholds(arrays: Mapping[str, Floats]) -> Thresholds:
    on, social, off, unsafe = (round(float(value), 4) for value in arrays["thresholds"])
    return Thresholds(on=on, social=social, off=off, unsafe=unsafe)


def _as_chances(row: Floats) -> Chances:
    return Chances(**{name: float(chance) for name, chance in zip(READINGS, row, strict=True)})
