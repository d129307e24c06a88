"""A clock that is turned by hand: seconds of sound pass in no time."""

import asyncio
import heapq
import itertools

_TURNS = 6
"""Rounds of the event loop that a step may need."""


class Clock:
    """`now` and `sleep` for whatever waits for time to pass."""

    def __init__(self) -> None:
        self._now = 0.0
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._now + max(0.0, seconds), next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking everybody at their moment."""
        end = self._now + seconds
        await self._settle()
        while self._waiting and self._waiting[0][0] <= end + 1e-9:
            self._now, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
            await self._settle()
        self._now = end

    @staticmethod
    async def _settle() -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
