"""The guard's data and the reckoning of its figures."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bench.guard_figures import attacks, figures
from bench.guard_fit import STRENGTH, Example, fit_linear
from bench.guard_folds import Judged
from bench.guard_rows import Row, rows
from bench.guard_thresholds import choose_thresholds, verdicts_of
from tutor.adapters.topic_features import CLASSES, DENSE, PARTS, Reading
from tutor.domain.topic import Harm, Label

HELD_OUT = Path(__file__).parent / "data" / "guard" / "held_out"


@pytest.fixture(scope="module")
def data() -> list[Row]:
    return rows()


def test_there_are_enough_messages_of_every_label(data: list[Row]) -> None:
    """The training data shrank, or lost a label."""
    assert len(data) >= 3000
    for label in ("on", "off", "social", "unsafe"):
        assert sum(row.label == label for row in data) >= 300


def test_every_message_is_well_formed(data: list[Row]) -> None:
    """A line of the data has an id twice, an unknown label, or the same message with two labels."""
    assert len({row.id for row in data}) == len(data)
    seen: dict[tuple[str, str, str], str] = {}
    for row in data:
        assert row.label in set(Label) - {Label.UNSURE}
        assert row.message.strip()
        assert row.id.startswith(row.kind)
        talk = "\n".join(turn.content for turn in row.history)
        key = (row.message.casefold(), talk, row.chapter if row.kind == "on_short" else "")
        assert seen.setdefault(key, row.label) == row.label, row.message


def test_harm_stands_exactly_where_a_message_is_unsafe(data: list[Row]) -> None:
    """An unsafe message teaches no kind of harm, or a harmless one does."""
    assert all((row.reading >= 3) == (row.label == "unsafe") for row in data)
    assert {row.kind.removeprefix("unsafe_") for row in data if row.label == "unsafe"} == set(Harm)


def test_the_table_of_the_tests_is_not_trained_on(data: list[Row]) -> None:
    """The tests measure the model on what it learnt by heart."""
    known = {(row.message, tuple(turn.content for turn in row.history)) for row in data}
    lines = [
        line for file in HELD_OUT.glob("*.jsonl") for line in file.read_text(encoding="utf-8").split("\n")
    ]
    for row in map(json.loads, filter(None, lines)):
        assert (row["message"], tuple(turn["content"] for turn in row["history"])) not in known


def test_figures_count_both_axes() -> None:
    """A guard that declines everything, or nothing, looks good."""
    labels = ["on"] * 4 + ["off"] * 2 + ["social", "unsafe"]
    silent = figures(labels, ["unsure"] * 8)
    assert (silent.decided, silent.on_declined, silent.off_through, silent.unsafe_found) == (0, 0, 1, 0)
    perfect = figures(labels, labels)
    assert (perfect.decided, perfect.right, perfect.off_through, perfect.unsafe_found) == (1, 1, 0, 1)
    strict = figures(labels, ["off"] * 8)
    assert strict.on_declined == 1
    assert figures(["on", "on", "off"], ["off", "on", "off"]).on_declined == 0.5


def test_chosen_thresholds_keep_to_their_limits() -> None:
    """The thresholds that are saved decline more on-topic messages than they were chosen for."""
    chance = np.random.default_rng(0)
    labels = ["on"] * 600 + ["off"] * 300 + ["social"] * 50 + ["unsafe"] * 50
    place = {"on": 0, "social": 1, "off": 2, "unsafe": 3}
    chances = chance.dirichlet(np.full(7, 0.3), size=len(labels))
    for row, label in zip(chances, labels, strict=True):
        row[place[label]] += 1.5
    chances /= chances.sum(axis=1, keepdims=True)
    made = [Row(str(i), "k", label, 0, "m", (), "") for i, label in enumerate(labels)]
    judged = Judged(made, chances, np.zeros(len(made), dtype=np.int64))
    thresholds = choose_thresholds(judged, on_declined=0.01, right=0.97)
    said = [verdict.label.value for verdict in verdicts_of(judged, thresholds)]
    found = figures(labels, said)
    assert found.on_declined <= 0.011
    assert found.right >= 0.97


def test_attacks_that_pass_are_counted_without_distress() -> None:
    """The share of attacks that reach the teaching model counts people in need, or what was stopped."""
    made = [Row(str(n), "k", "unsafe", reading, "m", (), "") for n, reading in enumerate((3, 3, 5, 6))]
    found = attacks(made, ["unsafe", "on", "off", "unsure"])
    assert found == "attacks that pass: 33.3% (injection 50.0% of 2, malware 0.0% of 1)"
    assert attacks([], []) == ""


def test_the_regression_is_the_usual_one() -> None:
    """Our own way to the weights, which is quick where most columns are sparse, ends somewhere else."""
    chance = np.random.default_rng(0)
    answers, weights = [n % CLASSES for n in range(140)], [1.0 + n % 2 for n in range(140)]
    columns = np.zeros((140, DENSE), dtype=np.float32)
    columns[:, :20] = chance.standard_normal((140, 20))
    columns[range(140), answers] += 1
    nothing, parts = np.zeros(0, dtype=np.int64), np.zeros(PARTS, dtype=np.float32)
    made = [
        Example(Reading(nothing, row, parts), answer, weight)
        for row, answer, weight in zip(columns, answers, weights, strict=True)
    ]
    ours = fit_linear(made, whole_only=True)
    usual = LogisticRegression(C=STRENGTH, max_iter=500).fit(columns[:, :20], answers, weights)
    assert np.allclose(ours.dense[:20], usual.coef_.T, atol=0.02)
