"""What the ladders count, for /metrics and `doctor`. In this process, since its start."""

from collections import Counter
from collections.abc import Mapping


class Counters:
    """Attempts by rung and outcome, and the events of climbing. Used from one event loop."""

    def __init__(self) -> None:
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._events: Counter[str] = Counter()
        self._cost = 0.0

    def attempt(self, rung: str, outcome: str) -> None:
        """One attempt on a rung has ended."""
        self._attempts[rung, outcome] += 1

    def event(self, name: str) -> None:
        """Something of note: `hedge`, `restart`, `floor`, `retry`, `probe`, `withheld_solution`."""
        self._events[name] += 1

    def paid(self, dollars: float) -> None:
        """An answer's cost, in US dollars."""
        self._cost += dollars

    @property
    def attempts(self) -> Mapping[tuple[str, str], int]:
        """By (rung, outcome)."""
        return self._attempts

    @property
    def events(self) -> Mapping[str, int]:
        """By name."""
        return self._events

    @property
    def cost(self) -> float:
        """US dollars."""
        return self._cost
