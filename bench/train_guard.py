"""Train the guard's topic model from `tests/data/guard/` and write `tutor/adapters/topic_model.npz`.

    python -m bench.train_guard

About eight minutes on one core. Seeds are fixed: run twice with one thread (OMP_NUM_THREADS=1) it gives the
same model. Needs scikit-learn and scipy, which the app itself does not import.
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bench.guard_rows import Row, rows
from bench.topic_net import Batch, train_net
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.topic_features import BUCKETS, VECTOR, WHOLE, Linear, Reader, Reading
from tutor.adapters.topic_model import FILE, READINGS, Net, mean_chances, sharpened
from tutor.services.ports import Encoder

SEEDS = (0, 1, 2)
FOLDS = 5
VAGUE = ("on_short", "on_voices")
"""Kinds whose messages mean something only in a lesson: they are not shown after another conversation."""
WEIGHTS = {"on": 1.6, "social": 0.8, "off": 0.9, "unsafe": 0.7}
"""How much a message of each label counts: between its share in the data and its share in real use."""

Floats = NDArray[np.float64]


class Remembering:
    """An encoder that computes each text once: training reads the same texts many times."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the encoder does."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
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
        return np.asarray((linear + mean_chances(self.nets, reading)) / 2, dtype=np.float32)


def fit(chosen: Sequence[Row], encoder: Encoder, *, seeds: Sequence[int] = SEEDS) -> Trained:
    """Train all parts on these messages: first the one that reads messages alone, then the others."""
    plain, lonely = Reader(encoder), [row for row in chosen if not row.history]
    alone = _fit_linear([_example(row, plain) for row in lonely], whole_only=True)
    reader = Reader(encoder, alone)
    made = examples(chosen, reader)
    batch = Batch(
        np.stack([example.reading.dense for example in made]),
        np.array([example.answer for example in made]),
        np.array([example.weight for example in made], dtype=np.float32),
    )
    nets = tuple(train_net(batch, seed=seed) for seed in seeds)
    return Trained(alone, _fit_linear(made), nets, reader)


def _example(row: Row, reader: Reader) -> Example:
    return Example(reader.read(row.message, row.history, row.chapter), row.reading, WEIGHTS[row.label])


GRAM_SCALE, SIGNAL_SCALE = 3.0, 0.8
"""What regularisation sees of the parts: letter groups are many and weak."""


def _fit_linear(made: Sequence[Example], *, whole_only: bool = False) -> Linear:
    readings = [example.reading for example in made]
    roots = [GRAM_SCALE / np.sqrt(max(1, len(reading.grams))) for reading in readings]
    each = np.concatenate([np.full(len(r.grams), root) for r, root in zip(readings, roots, strict=True)])
    places = np.concatenate([reading.grams for reading in readings])
    ends = np.cumsum([0, *(len(reading.grams) for reading in readings)])
    grams = sparse.csr_matrix((each, places, ends), shape=(len(readings), BUCKETS))
    dense = np.stack([reading.dense[:WHOLE] if whole_only else reading.dense for reading in readings])
    scale = np.ones(dense.shape[1], dtype=np.float32)
    scale[VECTOR:WHOLE] = SIGNAL_SCALE
    features = sparse.hstack([grams, sparse.csr_matrix(dense * scale)]).tocsr()
    model = LogisticRegression(C=0.5, max_iter=400).fit(
        features, [example.answer for example in made], sample_weight=[example.weight for example in made]
    )
    table = model.coef_.T.astype(np.float32)
    bias = model.intercept_.astype(np.float32)
    return Linear(table[:BUCKETS] * np.float32(GRAM_SCALE), table[BUCKETS:] * scale[:, None], bias)


class Judged(NamedTuple):
    """Chances of messages that the model was not trained on."""

    rows: list[Row]
    chances: Floats
    """Shape (rows, 7)."""

    def calibrated(self, power: float) -> "Judged":
        """The same, as honest as `sharpness` makes them."""
        return self._replace(chances=sharpened(self.chances.astype(np.float32), power).astype(np.float64))


def cross_validate(chosen: Sequence[Row], encoder: Encoder, *, seeds: Sequence[int] = SEEDS) -> Judged:
    """Judge every message by a model that has seen neither it nor its conversation.

    Folds are drawn within each kind. A third of the messages that stand alone are judged after another
    conversation, which comes from the same part as the message.
    """
    chances = np.zeros((len(chosen), len(READINGS)))
    shown = list(chosen)
    kinds = [row.kind for row in chosen]
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(kinds, kinds):
        model = fit([chosen[i] for i in train], encoder, seeds=seeds)
        choice = random.Random(2)
        pool = [chosen[i] for i in test if chosen[i].history]
        for i in test:
            shown[i] = placed(chosen[i], pool, choice, share=0.35)
        chances[test] = model.chances([shown[i] for i in test])
    return Judged(shown, chances)


def leave_kinds_out(chosen: Sequence[Row], encoder: Encoder) -> Judged:
    """Judge every kind by a model that never saw that kind: how it meets what nobody thought of."""
    chances = np.zeros((len(chosen), len(READINGS)))
    kinds = sorted({row.kind for row in chosen if row.label in ("on", "off")})
    for group in (kinds[start::6] for start in range(6)):
        model = fit([row for row in chosen if row.kind not in group], encoder, seeds=(0,))
        test = [i for i, row in enumerate(chosen) if row.kind in group]
        chances[test] = model.chances([chosen[i] for i in test])
    kept = [i for i, row in enumerate(chosen) if row.kind in kinds]
    return Judged([chosen[i] for i in kept], chances[kept])


def sharpness(judged: Judged) -> float:
    """The power that makes the chances honest: the likeliest in hindsight, on messages not trained on."""
    answers = np.array([row.reading for row in judged.rows])
    weights = np.array([WEIGHTS[row.label] for row in judged.rows])

    def loss(power: float) -> float:
        right = sharpened(judged.chances.astype(np.float32), power)[np.arange(len(answers)), answers]
        return float(-(weights * np.log(np.maximum(right, 1e-9))).sum())

    return min((round(power, 2) for power in np.arange(0.6, 2.51, 0.05)), key=loss)


def save(model: Trained, power: float, thresholds: Sequence[float], file: Path = FILE) -> None:
    """Write the model in half precision."""
    arrays: dict[str, NDArray[np.float32]] = {
        "nets": np.array(len(model.nets), dtype=np.float32),
        "sharpness": np.array(power, dtype=np.float32),
        "thresholds": np.array(thresholds, dtype=np.float32),
    }
    for name, linear in (("alone", model.alone), ("linear", model.linear)):
        arrays.update({f"{name}_{part}": value for part, value in linear._asdict().items()})
    for number, net in enumerate(model.nets):
        arrays.update({f"net{number}_{part}": value for part, value in net._asdict().items()})
    half = {name: value.astype(np.float16 if value.ndim else np.float32) for name, value in arrays.items()}
    half["thresholds"] = arrays["thresholds"]
    np.savez_compressed(file, **half)  # type: ignore[arg-type] # numpy's stub takes the names for options


def main() -> None:
    """Cross-validate, choose thresholds, train on everything, save."""
    from bench.guard import choose_thresholds, report

    encoder, chosen = Remembering(SentenceEncoder()), rows()
    judged = cross_validate(chosen, encoder)
    power = sharpness(judged)
    calibrated = judged.calibrated(power)
    thresholds = choose_thresholds(calibrated)
    save(fit(chosen, encoder), power, thresholds)
    print(f"sharpness {power}, thresholds {thresholds}, {FILE.stat().st_size} bytes")
    print(report(calibrated, thresholds))


if __name__ == "__main__":
    main()
