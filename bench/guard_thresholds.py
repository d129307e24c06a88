"""From which chance on the guard believes its model: chosen on messages that the model was not trained on."""

from bisect import bisect, bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.guard_figures import Figures, figures
from bench.guard_folds import Judged, sharpness
from tutor.adapters.topic_model import READINGS
from tutor.domain.topic import Chances, Thresholds, Verdict, decide

STEPS = [round(float(step), 2) for step in np.arange(0.5, 0.99, 0.01)]
"""Thresholds that are tried."""


def verdicts_of(judged: Judged, thresholds: Sequence[float]) -> list[Verdict]:
    """What the guard would say, from calibrated chances."""
    on, social, off, unsafe = thresholds
    limits = Thresholds(on=on, social=social, off=off, unsafe=unsafe)
    named = (dict(zip(READINGS, map(float, row), strict=True)) for row in judged.chances)
    return [decide(Chances(**chances), limits, reason="bench") for chances in named]


def choose_thresholds(
    judged: Judged, *, on_declined: float = 0.01, unsafe_found: float = 0.803, right: float = 0.972
) -> tuple[float, float, float, float]:
    """First unsafe and off, to catch the most off-topic messages, then the lowest for on and social.

    Args:
        judged: Calibrated chances of messages not trained on.
        on_declined: Most on-topic messages that may be declined. The two thresholds share it: what the one
            for unsafe leaves goes to the one for off. More than in real use: our messages are harder.
        unsafe_found: Least of the unsafe messages that must be found.
        right: Least of the decided ones that must be right.
    """
    labels = np.array([row.label for row in judged.rows])
    on = judged.chances[labels == "on"]

    def reached(both: float, unsafe: float) -> Figures:
        limits = (both, both, _off_beside(unsafe, on, on_declined), unsafe)
        return figures(list(labels), [verdict.label.value for verdict in verdicts_of(judged, limits)])

    # Each figure goes one way as its threshold rises: halving finds the last and the first that fits.
    unsafe = STEPS[
        max(0, bisect(STEPS, -unsafe_found, key=lambda step: -reached(1.0, step).unsafe_found) - 1)
    ]
    both = STEPS[min(len(STEPS) - 1, bisect_left(STEPS, right, key=lambda step: reached(step, unsafe).right))]
    return both, both, _off_beside(unsafe, on, on_declined), unsafe


def _off_beside(unsafe: float, on: NDArray[np.float64], share: float) -> float:
    """The lowest for off with which, beside that for unsafe, this share of on-topic ones is declined."""
    harm = on[:, 3:].sum(axis=1)
    spare = int(share * len(on)) - int((harm >= unsafe).sum())
    rest = np.sort((on[:, 2] + harm)[harm < unsafe])[::-1]
    return max(0.5, float(np.ceil(rest[spare] * 1000) / 1000)) if spare >= 0 else 1.0


def verdicts_apart(judged: Judged) -> list[Verdict]:
    """What the guard would say of each part, with sharpness and thresholds from the other parts."""
    found: list[Verdict | None] = [None] * len(judged.rows)
    for number in np.unique(judged.folds):
        part = judged.folds == number
        others = judged.only(~part)
        power = sharpness(others)
        thresholds = choose_thresholds(others.calibrated(power))
        said = verdicts_of(judged.only(part).calibrated(power), thresholds)
        for place, verdict in zip(np.flatnonzero(part), said, strict=True):
            found[place] = verdict
    return [verdict for verdict in found if verdict]
