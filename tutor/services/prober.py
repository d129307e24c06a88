"""Finds out whether rungs that broke work again, with requests of our own: no learner waits for a trial."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from tutor.errors import TutorError
from tutor.services.health import Effect, State, effect_of

if TYPE_CHECKING:
    from tutor.services.climb import Climb, Step

M = TypeVar("M")

_ALIVE = (Effect.NONE, Effect.DOUBT, Effect.WAIT)
"""Whoever answers so is there, and knows the key."""


class Prober(Generic[M]):
    """One task for each broken rung, which ends when the rung is well; so one probe at a time on each."""

    def __init__(self, climb: "Climb[M]", probe: Callable[[M], Awaitable[object]]) -> None:
        self._climb = climb
        self._probe = probe
        self._tasks: dict[Step[M], asyncio.Task[None]] = {}

    def watch(self, step: "Step[M]") -> None:
        """Try this rung when its pause is over, and again until it is well."""
        if step not in self._tasks:
            task = asyncio.create_task(self._watch(step), name=f"probe {step.rung.name}")
            self._tasks[step] = task
            task.add_done_callback(lambda _: self._tasks.pop(step, None))

    async def aclose(self) -> None:
        """Stop all of them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, step: "Step[M]") -> None:
        while step.broken:
            # Even where the wait is over already: whoever broke it just now should not be asked at once.
            await asyncio.sleep(max(step.wait, 0.05))
            if step.broken and step.wait <= 0:
                await self._try(step)

    async def _try(self, step: "Step[M]") -> None:
        climb = self._climb
        began = climb.clock()
        step.health.begin_probe()
        outcome = "answered"
        try:
            async with asyncio.timeout(max(step.rung.first_token, 2.0)):
                await self._probe(step.model)
        except Exception as error:  # noqa: BLE001 - whatever a rung does wrong, it only stays closed
            outcome = error.code if isinstance(error, TutorError) else type(error).__name__.lower()
            climb.failed(step, error, began=began)
            if effect_of(error) in _ALIVE:
                self._well(step)
        else:
            self._well(step)
        climb.counters.event("probe")
        climb.record(step, f"probe_{outcome}", turn_id="", ms=(climb.clock() - began) * 1000)

    def _well(self, step: "Step[M]") -> None:
        step.health.recovered()
        if step.gate.state is not State.CLOSED:
            step.gate.close()
        self._climb.wake()
