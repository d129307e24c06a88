"""Fit the guard's topic model to labelled messages: its two regressions and its networks.

Needs scipy, which the app itself does not import.
"""

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp

from bench.guard_rows import Row
from bench.topic_net import Batch, train_net
from tutor.adapters.topic_features import BUCKETS, CLASSES, VECTOR, WHOLE, Linear, Reader, Reading, Sentences
from tutor.adapters.topic_model import Net, blended, mean_chances

SEEDS = (0, 1, 2, 3)
VAGUE = ("on_short", "on_voices")
"""Kinds whose messages mean something only in a lesson: they are not shown after another conversation."""
WEIGHTS = {"on": 1.6, "social": 0.8, "off": 0.9, "unsafe": 0.7}
"""How much a message of each label counts: between its share in the data and its share in real use."""

Floats = NDArray[np.float64]


class Remembering:
    """An encoder that computes each text once: training reads the same texts many times."""

    def __init__(self, encoder: Sentences) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the encoder does."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.read(new), strict=True))
        return np.stack([self._known[text] for text in texts])


class Example(NamedTuple):
    """A reading with its answer."""

    reading: Reading
    answer: int
    weight: float


def placed(row: Row, pool: Sequence[Row], choice: random.Random, *, share: float) -> Row:
    """A message that stands alone, with the history of another one for this share of them.

    What a message like that means does not depend on what went before, and the model has to learn so.
    """
    if row.history or choice.random() >= share or row.kind in VAGUE:
        return row
    return row._replace(history=choice.choice(pool).history)


def examples(chosen: Sequence[Row], reader: Reader) -> list[Example]:
    """Each message as it stands, and those that stand alone once more after another conversation."""
    choice = random.Random(1)
    pool = [row for row in chosen if row.history]
    made = []
    for row in chosen:
        variants = [row] if row.history else [row, placed(row, pool, choice, share=1.0)]
        weight = WEIGHTS[row.label] * (1.5 if row.history else 0.7)
        for variant in variants:
            reading = reader.read(variant.message, variant.history, variant.chapter)
            made.append(Example(reading, row.reading, weight))
    return made


class Trained(NamedTuple):
    """All parts of the model, before its calibration."""

    alone: Linear
    linear: Linear
    nets: tuple[Net, ...]
    reader: Reader

    def chances(self, chosen: Iterable[Row]) -> Floats:
        """Of shape (rows, 7), not yet sharpened."""
        readings = [self.reader.read(row.message, row.history, row.chapter) for row in chosen]
        return np.array([self._chances(reading) for reading in readings], dtype=np.float64)

    def _chances(self, reading: Reading) -> NDArray[np.float32]:
        linear = self.linear.chances(reading.grams, reading.dense)
        return blended(linear, mean_chances(self.nets, reading))


def fit(chosen: Sequence[Row], encoder: Sentences, *, seeds: Sequence[int] = SEEDS) -> Trained:
    """Train all parts on these messages: first the one that reads messages alone, then the others."""
    plain, lonely = Reader(encoder), [row for row in chosen if not row.history]
    alone = fit_linear([_example(row, plain) for row in lonely], whole_only=True)
    reader = Reader(encoder, alone)
    made = examples(chosen, reader)
    batch = Batch(
        np.stack([example.reading.dense for example in made]),
        np.stack([example.reading.parts for example in made]),
        np.array([example.answer for example in made]),
        np.array([example.weight for example in made], dtype=np.float32),
    )
    nets = tuple(train_net(batch, seed=seed) for seed in seeds)
    return Trained(alone, fit_linear(made), nets, reader)


def _example(row: Row, reader: Reader) -> Example:
    return Example(reader.read(row.message, row.history, row.chapter), row.reading, WEIGHTS[row.label])


STRENGTH = 0.5
"""What a wrong answer counts beside large weights: the C of scikit-learn."""
GRAM_SCALE, SIGNAL_SCALE = 3.0, 0.8
"""What regularisation sees of the parts: letter groups are many and weak."""


def fit_linear(made: Sequence[Example], *, whole_only: bool = False) -> Linear:
    """Multinomial logistic regression: what scikit-learn finds, at a tenth of the time.

    Its letter groups are sparse and its other columns are not, so each is multiplied in its own way.
    """
    readings = [example.reading for example in made]
    roots = [GRAM_SCALE / np.sqrt(max(1, len(reading.grams))) for reading in readings]
    each = np.concatenate([np.full(len(r.grams), root) for r, root in zip(readings, roots, strict=True)])
    places = np.concatenate([reading.grams for reading in readings])
    ends = np.cumsum([0, *(len(reading.grams) for reading in readings)])
    grams = sparse.csr_matrix((each, places, ends), shape=(len(readings), BUCKETS))
    dense = np.stack([reading.dense[:WHOLE] if whole_only else reading.dense for reading in readings])
    scale = np.ones(dense.shape[1], dtype=np.float32)
    scale[VECTOR:WHOLE] = SIGNAL_SCALE
    columns = np.hstack([dense * scale, np.ones((len(dense), 1), dtype=np.float32)])
    answers = np.eye(CLASSES)[[example.answer for example in made]]
    weights = np.array([example.weight for example in made])[:, None]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        table = flat.reshape(-1, CLASSES)
        upper, lower = table[:BUCKETS], table[BUCKETS:]
        logits = grams @ upper + columns @ lower.astype(np.float32)
        sums = logsumexp(logits, axis=1, keepdims=True)
        fault = weights * (np.exp(logits - sums) - answers)
        slope = np.vstack([grams.T @ fault, columns.T @ fault.astype(np.float32)])
        # The last row is the bias, which nothing holds back.
        slope[:-1] += table[:-1] / STRENGTH
        wrong = float((weights * (sums - (logits * answers).sum(axis=1, keepdims=True))).sum())
        return wrong + float((table[:-1] ** 2).sum()) / (2 * STRENGTH), slope.ravel()

    start = np.zeros((BUCKETS + columns.shape[1]) * CLASSES)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150, "ftol": 1e-6})
    table = found.x.reshape(-1, CLASSES).astype(np.float32)
    return Linear(
        table[:BUCKETS] * np.float32(GRAM_SCALE), table[BUCKETS:-1] * scale[:, None], table[-1].copy()
    )
