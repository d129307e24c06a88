"""The health of one rung, or of one provider: whether it may be asked now, and when to try it again."""

import random
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from tutor.errors import (
    AnswerUnusable,
    ModelMissing,
    ModelUnknown,
    ProviderRefusedKey,
    RateLimited,
    RequestRefused,
)

Clock = Callable[[], float]
"""Seconds on a clock that only goes forward."""

_SAMPLES = 128
_ENOUGH = 20
"""Answers that have to be timed before their p95 says something."""
_DOUBTS = 3
"""Useless answers in a row that count as one failure."""
_LOST = 2
"""Lost races in a row that count as one failure: a silent rung never comes to its own deadline."""
_RECOVERED = 10
"""Good answers in a row after which earlier failures are forgotten."""
_KEY_PAUSE = 900.0
"""Seconds between looks at whether a refused key is accepted again."""
_LIMIT_PAUSE = 5.0
"""Seconds to wait where a provider limits us and does not say for how long."""


class Effect(StrEnum):
    """What an error means for the rung that made it."""

    NONE = "none"
    """It was our request, not the rung."""
    DOUBT = "doubt"
    """The answer was no use: a failure only if it happens again and again."""
    WAIT = "wait"
    """Leave it alone for as long as it says, then ask again."""
    BREAK = "break"
    """Leave it alone for a pause, then try it with a request of our own."""
    SKIP = "skip"
    """Never ask it again: its configuration is wrong."""
    CLOSE_PROVIDER = "close_provider"
    """Ask none of this provider's rungs."""


_EFFECTS: dict[type[BaseException], Effect] = {
    ModelUnknown: Effect.SKIP,
    ModelMissing: Effect.SKIP,
    ProviderRefusedKey: Effect.CLOSE_PROVIDER,
    RateLimited: Effect.WAIT,
    RequestRefused: Effect.NONE,
    AnswerUnusable: Effect.DOUBT,
    Exception: Effect.BREAK,  # no connection, a 5xx, a timeout, a stall, and our own mistakes
}


def effect_of(error: BaseException) -> Effect:
    """What an error means, by the nearest of its classes in the table."""
    return next((_EFFECTS[kind] for kind in type(error).__mro__ if kind in _EFFECTS), Effect.BREAK)


class State(StrEnum):
    """Of a circuit breaker; closed is the good one."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """A request of our own is finding out."""
    SKIPPED = "skipped"


class Health:
    """Shared by all requests, used from one event loop. Time and chance are arguments."""

    def __init__(
        self,
        *,
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
        pause: float = 1.0,
        longest_pause: float = 60.0,
    ) -> None:
        """Begin healthy.

        Args:
            clock: Tells the time.
            rng: Draws the jitter.
            pause: Seconds after a first failure; doubled with each further one.
            longest_pause: Seconds; no pause grows beyond it, but for jitter.
        """
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._pause = pause
        self._longest = longest_pause
        self._until = 0.0
        self._changed = float("-inf")
        self._failures = self._good = self._doubts = self._lost = self._timed = 0
        self._times: deque[float] = deque(maxlen=_SAMPLES)
        self._p95: float | None = None
        self.state = State.CLOSED
        self.reason = ""
        """Code of the last error, while it still has an effect."""

    @property
    def ready(self) -> bool:
        """Whether a learner's request may be sent."""
        return self.state is State.CLOSED and (not self._until or self._clock() >= self._until)

    @property
    def wait(self) -> float:
        """Seconds until it may be asked or tried again; infinite where it never will be."""
        if self.state is State.SKIPPED:
            return float("inf")
        return max(0.0, self._until - self._clock())

    @property
    def p95(self) -> float | None:
        """Seconds to the first word in 95 of 100 recent answers. None until enough were timed."""
        if self._p95 is None and len(self._times) >= _ENOUGH:
            self._p95 = sorted(self._times)[int(len(self._times) * 0.95)]
        return self._p95

    def succeeded(self, *, began: float, took: float) -> None:
        """A request sent at `began` (on this clock) got its first word after `took` seconds."""
        self._times.append(took)
        self._timed += 1
        if self._timed % 8 == 0:  # often enough, and sorting is not free
            self._p95 = None
        self._doubts = self._lost = 0
        if self.state is State.CLOSED:
            self._good += 1
            if self._good >= _RECOVERED:
                self._failures = 0
        elif self.state is not State.SKIPPED and began >= self._changed:
            self.close()

    def failed(self, error: BaseException, *, began: float) -> Effect:
        """A request sent at `began` failed. Returns what was made of it.

        Of many requests that fail together only the first counts: the others were sent before it was known.
        """
        effect = effect_of(error)
        code = str(getattr(error, "code", type(error).__name__))
        if effect is Effect.DOUBT:
            self._doubts += 1
            effect = Effect.BREAK if self._doubts >= _DOUBTS else Effect.DOUBT
        if effect is Effect.SKIP:
            self.state, self.reason = State.SKIPPED, code
        elif effect is Effect.WAIT:
            self._limit(getattr(error, "retry_after", None), code)
        elif effect is Effect.BREAK and began >= self._changed:
            self._open(code)
        return effect

    def lost(self, *, began: float) -> None:
        """Another rung was quicker, long after this one should have answered."""
        self._lost += 1
        if self._lost >= _LOST and began >= self._changed:
            self._open("slow")

    def shut(self, reason: str) -> None:
        """Close for long, as a provider is that refuses the key; tried again after that."""
        self.state, self.reason = State.OPEN, reason
        self._changed = self._clock()
        self._until = self._changed + _KEY_PAUSE

    def skip(self, reason: str) -> None:
        """Never ask it again."""
        self.state, self.reason = State.SKIPPED, reason

    def recovered(self) -> None:
        """A probe came through. What the provider said about waiting still holds."""
        if self.state in (State.OPEN, State.HALF_OPEN):
            self.close()

    def close(self) -> None:
        """It works again. Its earlier failures are remembered until it has proved itself."""
        self.state, self.reason = State.CLOSED, ""
        self._until = 0.0
        self._changed = self._clock()
        self._doubts = self._lost = 0

    def begin_probe(self) -> None:
        """A request of our own is on its way."""
        if self.state is State.OPEN:
            self.state = State.HALF_OPEN

    def _open(self, reason: str) -> None:
        pause = min(self._pause * 2.0 ** min(self._failures, 16), self._longest)
        self._failures += 1
        self._good = self._doubts = self._lost = 0
        self.state, self.reason = State.OPEN, reason
        self._changed = self._clock()
        self._until = max(self._until, self._changed + pause * self._rng.uniform(0.75, 1.25))

    def _limit(self, seconds: float | None, reason: str) -> None:
        self._until = max(self._until, self._clock() + (_LIMIT_PAUSE if seconds is None else seconds))
        self.reason = reason
        if self.state is State.HALF_OPEN:
            # Whoever limits us is alive; only the wait remains.
            self.state = State.CLOSED
