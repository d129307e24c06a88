"""Judge every labelled message by a model that never saw it, fold by fold; what is done is kept.

A fold takes one core a minute or two. Its chances are kept in `bench/out/guard/` under a name that holds
everything they depend on, so a run that was stopped goes on where it was.
"""

import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from bench.guard_fit import SEEDS, WEIGHTS, Remembering, fit, placed
from bench.guard_rows import DATA, Row, rows
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.topic_model import READINGS, sharpened

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "bench" / "out" / "guard"
FOLDS = 5
SOURCES = (
    *("bench/guard_fit.py", "bench/guard_folds.py", "bench/guard_rows.py", "bench/topic_net.py"),
    *("tutor/adapters/sentence_*", "tutor/adapters/topic_*.py"),
    *("tutor/domain/echo.py", "tutor/domain/language.py", "tutor/domain/lexicon.*", "tutor/domain/signals.*"),
    "tutor/domain/small_words.toml",
)
"""What the chances depend on, beside the messages."""

Floats = NDArray[np.float64]


class Judged(NamedTuple):
    """Chances of messages that the model was not trained on."""

    rows: list[Row]
    chances: Floats
    """Shape (rows, 7)."""
    folds: NDArray[np.int64]
    """Which part each message was judged with."""

    def calibrated(self, power: float) -> "Judged":
        """The same, as honest as `sharpness` makes them."""
        return self._replace(chances=sharpened(self.chances.astype(np.float32), power).astype(np.float64))

    def only(self, kept: NDArray[np.bool_]) -> "Judged":
        """Those messages alone."""
        return Judged(
            [row for row, keep in zip(self.rows, kept, strict=True) if keep],
            self.chances[kept],
            self.folds[kept],
        )


def cross_validate() -> Judged:
    """Judge every message by a model that has seen neither it nor its conversation.

    Folds are drawn within each kind. A third of the messages that stand alone are judged after another
    conversation, which comes from the same part as the message.
    """
    chosen = rows()
    shown, chances, folds = list(chosen), np.zeros((len(chosen), len(READINGS))), np.zeros(len(chosen), int)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        found = list(pool.map(judge_fold, range(FOLDS)))
    for number, (_, test) in enumerate(_parts(chosen)):
        chances[test], folds[test] = found[number], number
        for i, row in zip(test, _shown(chosen, test), strict=True):
            shown[i] = row
    return Judged(shown, chances, folds)


def judge_fold(number: int) -> Floats:
    """The chances of this part's messages, by a model that was fitted to the others."""
    chosen = rows()
    train, test = list(_parts(chosen))[number]
    file = KEPT / f"fold{number}-{everything()}.npy"
    if file.exists():
        return np.asarray(np.load(file), dtype=np.float64)
    with threadpool_limits(1):
        model = fit([chosen[i] for i in train], Remembering(SentenceEncoder()))
        chances = model.chances(_shown(chosen, test))
    KEPT.mkdir(parents=True, exist_ok=True)
    np.save(file, chances)
    return chances


def _parts(chosen: Sequence[Row]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    kinds = [row.kind for row in chosen]
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(kinds, kinds)


def _shown(chosen: Sequence[Row], test: NDArray[np.int64]) -> list[Row]:
    choice = random.Random(2)
    pool = [chosen[i] for i in test if chosen[i].history]
    return [placed(chosen[i], pool, choice, share=0.35) for i in test]


@cache
def everything() -> str:
    """Names what a model's parts depend on: the messages, and the code that reads them and learns."""
    files = [*sorted(DATA.glob("*.jsonl")), *(file for name in SOURCES for file in sorted(ROOT.glob(name)))]
    found = hashlib.sha256(repr((SEEDS, FOLDS)).encode())
    for file in files:
        if file.suffix != ".npz":
            found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


def leave_kinds_out() -> Judged:
    """Judge every kind by a model that never saw that kind: how it meets what nobody thought of."""
    chosen, encoder = rows(), Remembering(SentenceEncoder())
    chances = np.zeros((len(chosen), len(READINGS)))
    kinds = sorted({row.kind for row in chosen if row.label in ("on", "off")})
    for group in (kinds[start::6] for start in range(6)):
        model = fit([row for row in chosen if row.kind not in group], encoder, seeds=(0,))
        test = [i for i, row in enumerate(chosen) if row.kind in group]
        chances[test] = model.chances([chosen[i] for i in test])
    kept = [i for i, row in enumerate(chosen) if row.kind in kinds]
    return Judged([chosen[i] for i in kept], chances[kept], np.zeros(len(kept), int))


def sharpness(judged: Judged) -> float:
    """The power that makes the chances honest: the likeliest in hindsight, on messages not trained on."""
    answers = np.array([row.reading for row in judged.rows])
    weights = np.array([WEIGHTS[row.label] for row in judged.rows])

    def loss(power: float) -> float:
        right = sharpened(judged.chances.astype(np.float32), power)[np.arange(len(answers)), answers]
        return float(-(weights * np.log(np.maximum(right, 1e-9))).sum())

    return min((round(power, 2) for power in np.arange(0.6, 2.51, 0.05)), key=loss)
