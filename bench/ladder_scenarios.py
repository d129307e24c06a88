"""The ways in which rungs go wrong, and how each is measured. Milliseconds throughout."""

import random
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bench.field import Field, Worker

WORDS = ["word "] * 24
FIRST = "(the first rung) "
"""Said by it where it matters who answers."""
TEXT = "".join(WORDS)
WELL: dict[str, Any] = {"words": WORDS}
PEERS = ("litellm", "litellm-tuned", "livekit", "livekit-tuned")


@dataclass(frozen=True)
class Scenario:
    """What goes wrong."""

    key: str
    title: str
    acts: dict[int, list[dict[str, Any]]]
    """By rung, counted from 1."""
    warm: int = 3
    """Good answers beforehand."""
    slow: bool = False
    """Peers need seconds for each call here: few calls have to do."""


def _act(**more: object) -> list[dict[str, Any]]:
    return [{**WELL, **more}]


SCENARIOS = (
    Scenario("429", "429 with Retry-After 7", {1: _act(status=429, headers={"retry-after": "7"})}, slow=True),
    Scenario("500", "500", {1: _act(status=500)}, slow=True),
    Scenario("seven", "seven dead, the eighth alive", {n: _act(status=500) for n in range(1, 8)}, slow=True),
    Scenario("silent", "no byte at all", {1: _act(connect=3600.0)}, warm=25, slow=True),
    Scenario("alive", "role delta, then keep-alives only", {1: _act(keepalive=0.5)}, warm=25, slow=True),
    Scenario("cut", "cut after 8 tokens", {1: _act(cut_after=8)}),
    Scenario("400", "one bad 400", {1: [*_act(status=400, code="bad_thing"), {"words": [FIRST, *WORDS]}]}),
)


@dataclass
class Measured:
    """The calls of one contestant in one scenario."""

    first: list[dict[str, Any]] = field(default_factory=list)
    """Those that met the fault for the first time."""
    later: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    """How often the broken rung was asked in all of them."""
    well: list[dict[str, Any]] = field(default_factory=list)
    """Good answers just before, to compare with."""

    @property
    def all(self) -> list[dict[str, Any]]:
        """Every call."""
        return self.first + self.later

    def good(self) -> float:
        """The share of answers that are complete and right."""
        return sum(map(right, self.all)) / max(len(self.all), 1)


def right(call: dict[str, Any]) -> bool:
    """Whether an answer is complete and nothing in it is doubled."""
    return str(call["text"]).removeprefix(FIRST) == TEXT


def times(calls: Iterable[dict[str, Any]], what: str = "first") -> list[float]:
    """Milliseconds of calls."""
    return [call[what] for call in calls]


def quantile(values: list[float], share: float) -> float:
    """0.99 for the p99."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def interval(
    values: list[float], of: Callable[[list[float]], float] = statistics.median
) -> tuple[float, float]:
    """The 95% confidence interval, by bootstrap with a fixed seed."""
    rng = random.Random(1)
    draws = sorted(of(rng.choices(values, k=len(values))) for _ in range(400))
    return draws[10], draws[389]


def begin(field_: Field, worker: Worker, scenario: Scenario | None = None) -> list[dict[str, Any]]:
    """A fresh contestant on warm connections; then the fault."""
    field_.heal(worker, **WELL)
    worker.reset()
    warm = worker.calls(scenario.warm if scenario else 3)
    for rung, acts in (scenario.acts if scenario else {}).items():
        field_.act(worker, rung, *acts)
    return warm


def measure(
    field_: Field, scenario: Scenario, names: Iterable[str], *, rounds: int, calls: int, few: int, cap: float
) -> dict[str, Measured]:
    """Rounds in which each contestant meets the fault afresh, taking turns.

    Args:
        field_: Server and contestants.
        scenario: The fault.
        names: Who takes part.
        rounds: How often each meets it for the first time.
        calls: In a round, the first one included.
        few: Further calls, in one round only, of contestants that are slow in it.
        cap: Seconds after which a call is given up.
    """
    found = {name: Measured() for name in names}
    for number in range(rounds):
        order = list(found)
        order = order[number % len(order) :] + order[: number % len(order)]
        for name in order:
            worker, measured = field_.workers[name], found[name]
            if number and scenario.slow and _is_slow(measured):
                continue
            measured.well += begin(field_, worker, scenario)
            measured.first += worker.calls(1, cap=cap)
            slow = scenario.slow and _is_slow(measured)
            measured.later += worker.calls(few if slow else calls - 1, cap=cap)
            measured.asked += field_.asked(worker, 1)
    return found


def _is_slow(measured: Measured) -> bool:
    return any(call["first"] > 900 for call in measured.all)
