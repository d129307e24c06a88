"""The line before the teacher: so many turns run at once, so many more wait, and each knows its number."""

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic
from types import TracebackType
from typing import Final, Self

from tutor.errors import Busy

TELL_EVERY: Final = 1.0
"""Seconds between two looks at one's number. Told even where it has not changed, so that somebody who left
is noticed and a proxy keeps the connection open."""
_USUAL: Final = 5.0
"""Seconds that a turn is thought to take until some were timed."""
_LONGEST: Final = 60.0
"""Seconds after which somebody who was sent away is asked to come back, at most."""


class Spot:
    """The place of one turn, waiting or running. Leaving the `with` block gives it up."""

    def __init__(self, line: "Line") -> None:
        self._line = line
        self._free = asyncio.Event()
        self._began = 0.0

    def begin(self) -> None:
        """It is this one's turn now."""
        self._began = monotonic()
        self._free.set()

    @property
    def running(self) -> bool:
        """Whether it is this one's turn."""
        return self._free.is_set()

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return monotonic() - self._began

    async def numbers(self) -> AsyncGenerator[int]:
        """One's number in the line, again and again, 1 for the next; ends when it is one's turn."""
        while not self.running:
            yield self._line.number(self)
            try:
                async with asyncio.timeout(self._line.tell_every):
                    await self._free.wait()
            except TimeoutError:
                continue

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.leave(self)


class Line:
    """The turns of this process. To be used from one event loop.

    Args:
        at_once: Turns that may run at the same time.
        waiting: How many more may wait; whoever comes then is sent away with a word, not kept in silence.
        tell_every: Seconds between two looks at a number.
    """

    def __init__(self, *, at_once: int, waiting: int, tell_every: float = TELL_EVERY) -> None:
        self.at_once = at_once
        self.most_waiting = waiting
        self.tell_every = tell_every
        self._running = 0
        self._waiting: dict[Spot, None] = {}
        self._usual = _USUAL

    @property
    def running(self) -> int:
        """Turns that run now."""
        return self._running

    @property
    def waiting(self) -> int:
        """Turns that wait now."""
        return len(self._waiting)

    def enter(self) -> Spot:
        """A place: at once where one is free, else at the end of the line.

        Raises:
            Busy: The line is full; `retry_after` guesses when it will not be.
        """
        if self._running >= self.at_once and self.waiting >= self.most_waiting:
            seconds = max(2.0, min(_LONGEST, self._usual * (self.waiting + 1) / self.at_once))
            many = "1 question is" if self.waiting == 1 else f"{self.waiting} questions are"
            before = f"{many} waiting already" if self.waiting else "no place is free"
            text = (
                f"Many people are asking right now: {before}. Your question was not sent. "
                f"Please try again in {round(seconds)} seconds."
            )
            raise Busy(f"{self._running} turns run, {self.waiting} wait", retry_after=seconds, text=text)
        spot = Spot(self)
        self._waiting[spot] = None
        self._call_next()
        return spot

    def number(self, spot: Spot) -> int:
        """The place of one that waits: 1 is the next."""
        return list(self._waiting).index(spot) + 1

    def leave(self, spot: Spot) -> None:
        """Give a place up, whether it runs or waits; the next one gets it."""
        if spot.running:
            self._running -= 1
            self._usual += (spot.seconds - self._usual) / 10
        else:
            del self._waiting[spot]
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting and self._running < self.at_once:
            spot = next(iter(self._waiting))
            del self._waiting[spot]
            self._running += 1
            spot.begin()
