"""One request's climb: who is asked when, and whose first word wins."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tutor.errors import InvalidInput, ProviderTimeout, ProviderUnreachable, TutorError
from tutor.services.climb import Climb, Step
from tutor.services.health import Effect, effect_of

M = TypeVar("M")
F = TypeVar("F")
"""What a rung begins its answer with."""

_LEAST_HEDGE = 0.05
"""Seconds. Below this a late answer is noise of this machine, not of the provider."""
_LAST_CHANCE = 0.6
"""Share of the budget after which every rung that is left is asked at once: an answer has to start."""
_CLOSING = 0.25
"""Seconds that a loser gets to close its connection while the winner's first word waits."""


@dataclass(frozen=True)
class Won(Generic[M, F]):
    """The rung whose answer began first."""

    step: Step[M]
    first: F
    began: float
    """When this rung was asked, on the climb's clock."""
    took: float
    """Seconds until its first word."""


@dataclass(eq=False)
class _Attempt(Generic[M, F]):
    step: Step[M]
    task: asyncio.Task[F]
    began: float
    deadline: float


class Race(Generic[M, F]):
    """Runs once, for one request."""

    def __init__(
        self,
        climb: Climb[M],
        ask: Callable[[Step[M]], Awaitable[F]],
        *,
        turn_id: str,
        allowed: Callable[[Step[M]], bool] = lambda _: True,
        failed: Sequence[Step[M]] = (),
        discard: Callable[[F], Awaitable[None]] | None = None,
    ) -> None:
        """Set up a climb.

        Args:
            climb: The ladder.
            ask: Asks one rung; returns when its answer begins, stops the request when cancelled.
            turn_id: For the log.
            allowed: Which rungs may be asked for this request at all.
            failed: Rungs that this request has seen fail: asked again only where nothing else is left.
            discard: Disposes of an answer that began just after the winner's.
        """
        self._climb = climb
        self._ask = ask
        self._turn_id = turn_id
        self._allowed = allowed
        self._discard = discard
        self._running: list[_Attempt[M, F]] = []
        self._failed: dict[Step[M], None] = dict.fromkeys(failed)
        self._refused: set[Step[M]] = set()
        self._queue: deque[Step[M]] = deque(
            step
            for step in climb.steps
            if step.ready and step not in self._failed and allowed(step)
            for _ in range(climb.limits.attempts)
        )
        self._began = climb.clock()
        self._end = self._began + climb.budget
        self._last_chance = self._began + climb.budget * _LAST_CHANCE
        self._hedge_at = float("inf")
        self._may_hedge = climb.limits.hedge
        self._tries = 1
        self._error: TutorError = ProviderUnreachable("no rung may be asked now")
        self._leave = "cancelled"

    async def run(self) -> Won[M, F]:
        """Climb.

        Raises:
            TutorError: No rung began to answer in time: the last one's error. Or InvalidInput, at once.
        """
        try:
            while self._climb.clock() < self._end:
                if not self._running and not self._start() and not await self._back_off():
                    break
                if self._running and (won := await self._wait()):
                    self._leave = "outrun"
                    return won
            self._leave = "too_late"
            raise ProviderTimeout("no first word in time") if self._running else self._error
        finally:
            await self._stop()

    def _start(self) -> bool:
        """Ask the next rung. False where none is left."""
        while self._queue:
            step = self._queue.popleft()
            if not step.ready and step not in self._failed:
                continue  # it broke for another request meanwhile
            if step in self._refused or any(attempt.step is step for attempt in self._running):
                continue
            now = self._climb.clock()
            task = asyncio.ensure_future(self._ask(step))
            self._running.append(_Attempt(step, task, now, now + step.rung.first_token))
            if self._may_hedge:
                usual = step.health.p95 or self._climb.limits.hedge_after
                self._hedge_at = now + max(usual, _LEAST_HEDGE)
            return True
        return False

    async def _wait(self) -> Won[M, F] | None:
        """Wait until something happens: an answer begins, a rung fails, or it is time for the next one."""
        now = self._climb.clock()
        alarms = [self._end, self._hedge_at, *(attempt.deadline for attempt in self._running)]
        if self._queue:
            alarms.append(self._last_chance)
        tasks = [attempt.task for attempt in self._running]
        timeout = max(0.0, min(alarms) - now)
        done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        won: Won[M, F] | None = None
        for attempt in [attempt for attempt in self._running if attempt.task in done]:
            self._running.remove(attempt)
            error = _error_of(attempt.task)
            if error is not None:
                self._fail(attempt, error)
            elif won is None:
                won = self._win(attempt)
            elif self._discard:
                await self._discard(attempt.task.result())
        if won is None:
            await self._move_on()
        return won

    def _win(self, attempt: _Attempt[M, F]) -> Won[M, F]:
        took = self._climb.clock() - attempt.began
        self._climb.hedges.called()
        self._climb.succeeded(attempt.step, began=attempt.began, took=took)
        return Won(attempt.step, attempt.task.result(), attempt.began, took)

    def _fail(self, attempt: _Attempt[M, F], error: BaseException) -> None:
        climb, step = self._climb, attempt.step
        if isinstance(error, InvalidInput):
            raise error
        self._error = error if isinstance(error, TutorError) else ProviderUnreachable(type(error).__name__)
        climb.failed(step, error, began=attempt.began)
        match effect_of(error):
            case Effect.BREAK:
                self._failed[step] = None
            case Effect.WAIT:
                self._failed.pop(step, None)
            case _:
                self._refused.add(step)
        outcome = error.code if isinstance(error, TutorError) else "broken"
        ms = (climb.clock() - attempt.began) * 1000
        climb.record(step, outcome, turn_id=self._turn_id, ms=ms, detail=str(error)[:200])
        self._hedge_at = float("inf")

    async def _move_on(self) -> None:
        """Give up on rungs that are too late, and ask others beside those that are late."""
        now = self._climb.clock()
        for attempt in list(self._running):
            if now < attempt.deadline:
                continue
            if len(self._running) == 1 and not self._queue and now < self._end:
                attempt.deadline = self._end  # nobody else is there to ask: it gets all the time that is left
            else:
                self._running.remove(attempt)
                await _cancelled([attempt])
                self._fail(attempt, ProviderTimeout("no first word in time"))
        if now >= self._hedge_at and self._running:
            self._hedge_at = float("inf")
            if self._queue and self._climb.hedges.take() and self._start():
                self._climb.counters.event("hedge")
                self._may_hedge, self._hedge_at = False, float("inf")
        if now >= self._last_chance and self._queue:
            self._may_hedge, self._hedge_at = False, float("inf")
            while self._start():
                self._climb.counters.event("last_chance")

    async def _back_off(self) -> bool:
        """No healthy rung is left: wait a little, for one to come back or to try again. False: give up."""
        climb, limits = self._climb, self._climb.limits
        delay = limits.backoff * 2.0 ** (self._tries - 1) * climb.rng.uniform(0.8, 1.2)
        left = self._end - climb.clock()
        soon = any(step.wait < left and self._may_try(step) for step in climb.steps if not step.ready)
        if self._tries >= limits.tries or delay >= left or not (soon or self._failed):
            return False
        self._tries += 1
        climb.counters.event("retry")
        try:
            async with asyncio.timeout(delay):
                await climb.recovered.wait()
        except TimeoutError:
            pass
        ready = [step for step in climb.steps if step.ready and self._may_try(step)]
        # Without a healthy rung only those are asked again that failed in this very request. What broke for
        # others is tried with a request of our own, not with a learner's words.
        again = [step for step in self._failed if step.wait < float("inf") and self._may_try(step)]
        self._queue.extend(ready or again)
        return True

    def _may_try(self, step: Step[M]) -> bool:
        return step not in self._refused and self._allowed(step)

    async def _stop(self) -> None:
        """Cancel whoever is still running; each closes its own connection."""
        if not self._running:
            return
        now = self._climb.clock()
        losers, self._running = self._running, []
        for attempt in await _cancelled(losers):
            if self._discard:
                await self._discard(attempt.task.result())
        for attempt in losers:
            ran = now - attempt.began
            self._climb.record(attempt.step, self._leave, turn_id=self._turn_id, ms=ran * 1000)
            if self._leave == "cancelled":
                continue  # the learner left: that says nothing of the rung
            if ran >= attempt.step.rung.first_token:
                self._climb.failed(attempt.step, ProviderTimeout("no first word"), began=attempt.began)
            elif ran >= (attempt.step.health.p95 or self._climb.limits.hedge_after):
                self._climb.lost(attempt.step, began=attempt.began)


def _error_of(task: "asyncio.Task[F]") -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def _cancelled(attempts: "Sequence[_Attempt[M, F]]") -> "list[_Attempt[M, F]]":
    """Cancel these, wait until they are gone, and return those that had an answer all the same."""
    for attempt in attempts:
        attempt.task.cancel()
    await asyncio.wait([attempt.task for attempt in attempts], timeout=_CLOSING)
    return [attempt for attempt in attempts if attempt.task.done() and _error_of(attempt.task) is None]
