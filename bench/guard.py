"""How well the local tier judges, on messages it was not trained on: per kind, and on both axes.

python -m bench.guard            cross-validated, its thresholds too: five minutes, a minute after a training
python -m bench.guard --kinds    also with whole kinds left out
python -m bench.guard --plot     also writes docs/guard-calibration.svg
python -m bench.guard --write    also writes the section of docs/benchmarks.md, with the held-out files
python -m bench.guard FILE ...   the trained model on labelled messages of your own (JSONL)
python -m bench.guard --ai FILE  the same, with the configured model asked where the local tier is unsure
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

import numpy as np

from bench.guard_figures import table
from bench.guard_folds import Judged, cross_validate, leave_kinds_out, sharpness
from bench.guard_peers import keyword_filter
from bench.guard_report import Measured, write
from bench.guard_rows import DATA, Row, row_of
from bench.guard_thresholds import choose_thresholds, verdicts_apart, verdicts_of
from tutor.adapters import llm
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.topic_model import TrainedTopicModel
from tutor.domain.chat import Author, ChatMessage
from tutor.domain.topic import Label
from tutor.services.guard import TopicGuard
from tutor.settings import Settings
from tutor.wiring import small_model

HELD_OUT = DATA / "held_out"
PLOT = Path(__file__).parents[1] / "docs" / "guard-calibration.svg"


def plot(judged: Judged, file: Path = PLOT) -> None:
    """How often the model is right where it says how sure it is. Needs matplotlib."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "guard"
    four = np.hstack([judged.chances[:, :3], judged.chances[:, 3:].sum(axis=1, keepdims=True)])
    best = four.max(axis=1)
    right = np.array([min(row.reading, 3) for row in judged.rows]) == four.argmax(axis=1)
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
    """Median and 99th percentile of what one judgement costs a core, encoder included, after a warm-up.

    Counted is this thread's own time, so that other work on the machine does not show.
    """
    guard, took = TopicGuard(TrainedTopicModel(SentenceEncoder())), []
    guard.judge("what is a loop", (), None)
    for row in chosen[:: max(1, len(chosen) // limit)]:
        began = time.thread_time()
        guard.judge(row.message, (*row.history, *row.history), None)
        took.append((time.thread_time() - began) * 1000)
    return float(np.median(took)), float(np.quantile(took, 0.99))


def invented(count: int = 100) -> list[Row]:
    """Messages of 120 words that nobody ever wrote, after two more of them: the worst case that was found."""
    chance = random.Random(0)

    def text() -> str:
        return " ".join("".join(chance.choices(ascii_lowercase, k=chance.randint(3, 10))) for _ in range(120))

    def turns() -> tuple[ChatMessage, ...]:
        return (
            ChatMessage(author=Author.LEARNER, content=text()),
            ChatMessage(author=Author.TEACHER, content=text()),
        )

    return [Row(str(n), "invented", "off", 2, text(), turns(), "") for n in range(count)]


async def judge_files(paths: Sequence[Path], *, ai: bool = False) -> tuple[list[Row], list[str]]:
    """The trained model on labelled messages that are in no training data, by one tier or both."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line)
    chosen = [row_of({"kind": "given", "harm": None, **json.loads(line)}) for line in lines]
    model = small_model(llm.connect(Settings())) if ai else None
    if ai and model is None:
        raise SystemExit("No model is configured: set a key, or TUTOR_LOCAL_BASE_URL.")
    guard = TopicGuard(TrainedTopicModel(SentenceEncoder()), model=model)
    said: list[str] = []
    for row in chosen:
        verdict = guard.judge(row.message, row.history, None)
        if verdict.label is Label.UNSURE:
            verdict = await guard.ask(row.message, row.history, None) or verdict
        said.append(verdict.label.value)
    return chosen, said


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--ai", action="store_true")
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--plot", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.files:
        print(table(*asyncio.run(judge_files(options.files, ai=options.ai))))
        return
    judged = cross_validate()
    power = sharpness(judged)
    calibrated = judged.calibrated(power)
    thresholds = choose_thresholds(calibrated)
    print(f"{len(judged.rows)} messages, sharpness {power}, thresholds {thresholds}")
    apart = [verdict.label.value for verdict in verdicts_apart(judged)]
    print(table(judged.rows, apart))
    if options.kinds:
        left = leave_kinds_out().calibrated(power)
        said = [verdict.label.value for verdict in verdicts_of(left, thresholds)]
        print("\nwhole kinds left out\n" + table(left.rows, said))
    if options.plot:
        plot(calibrated)
    took = milliseconds(judged.rows)
    for name, (median, slowest) in (("these messages", took), ("invented words", milliseconds(invented()))):
        print(f"{name}: median {median:.2f} ms, 99th percentile {slowest:.2f} ms")
    if options.write:
        held_out = {file.name: asyncio.run(judge_files([file])) for file in sorted(HELD_OUT.glob("*.jsonl"))}
        write(Measured(judged.rows, apart, keyword_filter(judged.rows), held_out, took))


if __name__ == "__main__":
    main()
