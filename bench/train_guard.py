"""Train the guard's topic model from `tests/data/guard/` and write `tutor/adapters/topic_model.npz`.

    python -m bench.train_guard

About five minutes on two cores; what `bench/guard_folds.py` has judged already is not judged again. Seeds are
fixed and every process computes with one thread, so on one machine the same messages give the same file.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.guard_fit import Remembering, Trained, fit
from bench.guard_folds import KEPT, cross_validate, everything, sharpness
from bench.guard_rows import rows
from bench.guard_thresholds import choose_thresholds
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.topic_model import FILE


def learn() -> Path:
    """Fit a model to all messages. Its file is kept, as the judged folds are; it has no thresholds yet."""
    file = KEPT / f"whole-{everything()}.npz"
    if not file.exists():
        with threadpool_limits(1):
            model = fit(rows(), Remembering(SentenceEncoder()))
        KEPT.mkdir(parents=True, exist_ok=True)
        np.savez(file, **_arrays(model))  # type: ignore[arg-type] # numpy's stub takes the names for options
    return file


def _arrays(model: Trained) -> dict[str, NDArray[np.float32]]:
    arrays = {"nets": np.array(len(model.nets), dtype=np.float32)}
    for name, linear in (("alone", model.alone), ("linear", model.linear)):
        arrays.update({f"{name}_{part}": value for part, value in linear._asdict().items()})
    for number, net in enumerate(model.nets):
        arrays.update({f"net{number}_{part}": value for part, value in net._asdict().items()})
    return arrays


def save(learnt: Path, power: float, thresholds: Sequence[float], file: Path = FILE) -> None:
    """Write the model with its calibration, in half precision."""
    with np.load(learnt) as stored:
        half = {n: stored[n].astype(np.float16 if stored[n].ndim else np.float32) for n in stored.files}
    half["sharpness"] = np.array(power, dtype=np.float32)
    half["thresholds"] = np.array(thresholds, dtype=np.float32)
    np.savez_compressed(file, **half)


def main() -> None:
    """Cross-validate, choose thresholds, train on everything, save."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        whole = beside.submit(learn)
        judged = cross_validate()
        power = sharpness(judged)
        thresholds = choose_thresholds(judged.calibrated(power))
        save(whole.result(), power, thresholds)
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    print(f"sharpness {power}, thresholds {thresholds}, {FILE.stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
