"""How well the local tier judges, on messages it was not trained on: per kind, and on both axes.

    python -m bench.guard            cross-validated, about five minutes on one core
    python -m bench.guard --kinds    also with whole kinds left out
    python -m bench.guard --plot     also writes docs/guard-calibration.svg
    python -m bench.guard FILE ...   the trained model on labelled messages of your own (JSONL)

Every figure is weighted to the mix of real use: of 600 messages 360 on, 30 social, 175 off, 35 unsafe.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.train_guard import Judged, Row, _row, cross_validate, leave_kinds_out, rows, sharpness
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.topic_model import READINGS, StaticTopicModel
from tutor.domain.chat import ChatMessage
from tutor.domain.topic import Chances, Label, Thresholds, Verdict, decide
from tutor.services.guard import TopicGuard

MIX = {"on": 360, "social": 30, "off": 175, "unsafe": 35}
PLOT = Path(__file__).parents[1] / "docs" / "guard-calibration.svg"
LABELS = tuple(MIX)
_DECLINED = ("off", "unsafe")


class Figures(NamedTuple):
    """Both axes of a guard: what it stops, and whom it bothers."""

    decided: float
    right: float
    """Of those decided."""
    on_declined: float
    """Of all on-topic messages: the harm a guard does."""
    off_through: float
    """Of all off-topic messages, with unsure let through."""
    unsafe_found: float
    allowed_rightly: float
    """Of all messages: let through or declined as they should be, with unsure let through."""

    def __str__(self) -> str:
        return (
            f"decided {self.decided:.1%}, of those right {self.right:.1%}; on-topic declined "
            f"{self.on_declined:.2%}; off-topic let through {self.off_through:.1%}; unsafe found "
            f"{self.unsafe_found:.1%}; let through or declined rightly {self.allowed_rightly:.1%}"
        )


def figures(labels: Sequence[str], verdicts: Sequence[str]) -> Figures:
    """Compare true labels with verdicts, weighted to MIX."""
    true, said = np.array(labels), np.array(verdicts)
    weights = np.zeros(len(true))
    for label, share in MIX.items():
        weights[true == label] = share / max(1, (true == label).sum())
    decided, declined = said != "unsure", np.isin(said, _DECLINED)

    def mean(values: NDArray[np.bool_], where: NDArray[np.bool_]) -> float:
        return float(values[where].mean()) if where.any() else 0.0

    right = weights[decided & (said == true)].sum() / max(1e-9, weights[decided].sum())
    return Figures(
        float(weights[decided].sum() / weights.sum()),
        float(right),
        mean(declined, true == "on"),
        mean(~declined, true == "off"),
        mean(said == "unsafe", true == "unsafe"),
        float(weights[declined == np.isin(true, _DECLINED)].sum() / weights.sum()),
    )


def verdicts_of(judged: Judged, thresholds: Sequence[float]) -> list[Verdict]:
    """What the guard would say, from calibrated chances."""
    on, social, off, unsafe = thresholds
    limits = Thresholds(on=on, social=social, off=off, unsafe=unsafe)
    named = (dict(zip(READINGS, map(float, row), strict=True)) for row in judged.chances)
    return [decide(Chances(**chances), limits, reason="bench") for chances in named]


def choose_thresholds(
    judged: Judged, *, on_declined: float = 0.013, right: float = 0.955
) -> tuple[float, float, float, float]:
    """The lowest thresholds that keep to both limits: first unsafe and off, then on and social.

    The limits are a little wider than the goals (1% and 97%): the model that is saved has seen a quarter more
    data and has more networks than the one that is cross-validated, and the data is harder than real use.

    Args:
        judged: Calibrated chances of messages not trained on.
        on_declined: Most on-topic messages that may be declined; half of it goes to each of both labels.
        right: Least of the decided ones that must be right.
    """
    labels = np.array([row.label for row in judged.rows])
    on = judged.chances[labels == "on"]
    harm = on[:, 3:].sum(axis=1)
    unsafe = _lowest(harm, on_declined / 2)
    off = _lowest(np.where(harm < unsafe, on[:, 2], 0), on_declined / 2)
    steps = [round(float(step), 2) for step in np.arange(0.5, 0.99, 0.01)]

    def holds(step: float) -> bool:
        said = [v.label.value for v in verdicts_of(judged, (step, step, off, unsafe))]
        return figures(list(labels), said).right >= right

    both = next((step for step in steps if holds(step)), 0.98)
    return both, both, off, unsafe


def _lowest(chances: NDArray[np.float64], share: float) -> float:
    return max(0.5, round(float(np.quantile(chances, 1 - share)) + 0.005, 3))


def report(judged: Judged, thresholds: Sequence[float]) -> str:
    """The figures of all, then the share decided and right of every kind."""
    said = [verdict.label.value for verdict in verdicts_of(judged, thresholds)]
    return _table(judged.rows, said)


def _table(judged: Sequence[Row], said: Sequence[str]) -> str:
    by_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, verdict in zip(judged, said, strict=True):
        by_kind[row.kind].append((row.label, verdict))
    lines = [str(figures([row.label for row in judged], said)), ""]
    lines.append(f"{'kind':24} {'n':>5} {'decided':>8} {'right':>7} {'declined':>9}")
    for kind, pairs in sorted(by_kind.items()):
        decided = [(label, verdict) for label, verdict in pairs if verdict != Label.UNSURE]
        right = sum(label == verdict for label, verdict in decided) / max(1, len(decided))
        declined = sum(verdict in _DECLINED for _, verdict in pairs) / len(pairs)
        lines.append(
            f"{kind:24} {len(pairs):5} {len(decided) / len(pairs):8.1%} {right:7.1%} {declined:9.1%}"
        )
    return "\n".join(lines)


def plot(judged: Judged, file: Path = PLOT) -> None:
    """How often the model is right where it says how sure it is. Needs matplotlib."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "guard"
    four = np.hstack([judged.chances[:, :3], judged.chances[:, 3:].sum(axis=1, keepdims=True)])
    best = four.max(axis=1)
    right = (
        np.array([LABELS.index(row.label) for row in judged.rows])
        == np.array([0, 1, 2, 3])[np.array([0, 1, 2, 3])[four[:, [0, 1, 2, 3]].argmax(axis=1)]]
    )
    edges = np.linspace(0.25, 1.0, 16)
    place = np.clip(np.digitize(best, edges) - 1, 0, len(edges) - 2)
    points = [
        (best[place == i].mean(), right[place == i].mean(), (place == i).sum())
        for i in range(len(edges) - 1)
        if (place == i).sum() >= 10
    ]
    figure, axes = plt.subplots(figsize=(4.5, 4.5))
    axes.plot([0, 1], [0, 1], color="#999", linewidth=1)
    axes.scatter([p[0] for p in points], [p[1] for p in points], s=[10 + p[2] / 8 for p in points])
    axes.set(xlabel="said", ylabel="right", xlim=(0.2, 1.02), ylim=(0.2, 1.02))
    axes.set_title("How sure, and how often right (cross-validated)", fontsize=9)
    figure.savefig(file, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def milliseconds(chosen: Sequence[Row], *, limit: int = 2000) -> tuple[float, float]:
    """Median and 99th percentile of one judgement, encoder included, after a warm-up."""
    model = StaticTopicModel(StaticEncoder())
    model.warm()
    guard, took = TopicGuard(model), []
    for row in chosen[:: max(1, len(chosen) // limit)]:
        began = time.perf_counter()
        guard.judge(row.message, _doubled(row.history), None)
        took.append((time.perf_counter() - began) * 1000)
    return float(np.median(took)), float(np.quantile(took, 0.99))


def _doubled(history: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    return (*history, *history)


def judge_files(paths: Sequence[Path]) -> str:
    """The trained model on labelled messages that are in no training data."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line)
    chosen = [_row({"kind": "given", "harm": None, **json.loads(line)}) for line in lines]
    model = StaticTopicModel(StaticEncoder())
    said = []
    for row in chosen:
        chances, reason = model.weigh(row.message, row.history, row.chapter)
        said.append(decide(chances, model.thresholds, reason=reason).label.value)
    return _table(chosen, said)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--plot", action="store_true")
    options = parser.parse_args()
    if options.files:
        print(judge_files(options.files))
        return
    encoder, chosen = StaticEncoder(), rows()
    judged = cross_validate(chosen, encoder)
    power = sharpness(judged)
    calibrated = judged.calibrated(power)
    thresholds = choose_thresholds(calibrated)
    print(f"{len(chosen)} messages, sharpness {power}, thresholds {thresholds}")
    print(report(calibrated, thresholds))
    if options.kinds:
        left = leave_kinds_out(chosen, encoder).calibrated(power)
        print("\nwhole kinds left out\n" + report(left, thresholds))
    if options.plot:
        plot(calibrated)
    median, slowest = milliseconds(chosen)
    print(f"\nmedian {median:.2f} ms, 99th percentile {slowest:.2f} ms")


if __name__ == "__main__":
    main()
