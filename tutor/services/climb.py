"""Climbing a ladder: ask the best healthy rung, then the next, until one begins to answer.

The same for chat, hearing and speaking. What "begins to answer" means is the caller's: a first visible word,
a transcript, a sentence of sound.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from tutor.errors import ProviderRefusedKey
from tutor.rungs import Limits, Rung, Tier
from tutor.services.counters import Counters
from tutor.services.health import Clock, Effect, Health, State
from tutor.services.hedge import HedgeShare
from tutor.services.prober import Prober

log = structlog.get_logger()

M = TypeVar("M")
"""What stands on a rung: a ChatModel, a Transcriber, a Speaker."""


@dataclass(eq=False, frozen=True)
class Step(Generic[M]):
    """A rung at run time."""

    rung: Rung
    model: M
    health: Health
    gate: Health
    """Of the provider; shared by all its rungs."""

    @property
    def ready(self) -> bool:
        """Whether a learner's request may be sent."""
        return self.health.ready and self.gate.ready

    @property
    def wait(self) -> float:
        """Seconds until it may be asked or tried again; infinite where it never will be."""
        return max(self.health.wait, self.gate.wait)

    @property
    def usable(self) -> bool:
        """Whether it could answer but for a passing trouble: its model is there and the key is good."""
        return self.health.state is not State.SKIPPED and self.gate.state is State.CLOSED

    @property
    def broken(self) -> bool:
        """Whether it needs a successful probe before it may be asked."""
        return State.OPEN in (self.health.state, self.gate.state) and self.health.state is not State.SKIPPED


@dataclass(frozen=True)
class RungHealth:
    """What `doctor` and /metrics show of a rung."""

    name: str
    provider: str
    model: str
    tier: Tier
    ready: bool
    state: State
    reason: str
    """Code of what is wrong; '' where nothing is."""
    wait: float
    """Seconds until it is asked or tried again; infinite where its configuration must change first."""
    p95: float | None
    """Seconds to a first word; None until enough answers were timed."""


class Climb(Generic[M]):
    """What all requests of one ladder share. Used from one event loop."""

    def __init__(
        self,
        rungs: Iterable[tuple[Rung, M]],
        *,
        kind: str,
        limits: Limits,
        probe: Callable[[M], Awaitable[object]],
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
        counters: Counters | None = None,
    ) -> None:
        """Set up a ladder.

        Args:
            rungs: Best first.
            kind: For the log: `chat`, `stt`, `tts`.
            limits: How it is climbed.
            probe: A request of our own that shows whether a rung works; raises where it does not.
            clock: Must be the event loop's own, in production.
            rng: Draws the jitter.
            counters: Where to count; own ones if None.
        """
        self.limits = limits
        self.kind = kind
        self.clock = clock
        self.rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self.counters = counters or Counters()
        self.hedges = HedgeShare(limits.hedge_share if limits.hedge else 0.0)
        self.recovered = asyncio.Event()
        """Set, and replaced, whenever a rung comes back."""
        gates: dict[str, Health] = {}
        self.steps: tuple[Step[M], ...] = tuple(
            Step(rung, model, self._health(), gates.setdefault(rung.provider, self._health()))
            for rung, model in rungs
        )
        self._prober = Prober(self, probe)

    def _health(self) -> Health:
        pause, longest = self.limits.pause, self.limits.longest_pause
        return Health(clock=self.clock, rng=self.rng, pause=pause, longest_pause=longest)

    @property
    def budget(self) -> float:
        """Seconds for the search of a first word: as set, but never less than the quickest rung needs.

        A ladder of which only a slow local model is left would otherwise never get to answer.
        """
        usable = (step.rung.first_token for step in self.steps if step.usable)
        return max(self.limits.first_token, min(usable, default=0.0))

    def failed(self, step: Step[M], error: BaseException, *, began: float) -> None:
        """Take note of a failure: it may close the rung or its provider."""
        effect = step.health.failed(error, began=began)
        if effect is Effect.CLOSE_PROVIDER and step.gate.state is State.CLOSED:
            step.gate.shut(ProviderRefusedKey.code)
            log.error("provider_closed", provider=step.rung.provider, rung=step.rung.name, reason=str(error))
        elif effect is Effect.CLOSE_PROVIDER:
            step.gate.shut(ProviderRefusedKey.code)
        elif effect is Effect.SKIP:
            level = log.info if step.rung.contract_only else log.error
            level("rung_skipped", rung=step.rung.name, model=step.rung.model, reason=str(error))
        if step.broken:
            self._prober.watch(step)

    def succeeded(self, step: Step[M], *, began: float, took: float) -> None:
        """Take note of a first word."""
        was_ready = step.health.ready
        step.health.succeeded(began=began, took=took)
        if not was_ready and step.health.ready:
            self.wake()

    def lost(self, step: Step[M], *, began: float) -> None:
        """Take note that another rung was quicker."""
        step.health.lost(began=began)
        if step.broken:
            self._prober.watch(step)

    def wake(self) -> None:
        """Tell requests that wait for any rung that one is back."""
        event, self.recovered = self.recovered, asyncio.Event()
        event.set()

    def record(
        self, step: Step[M], outcome: str, *, turn_id: str, ms: float, tokens: int = 0, detail: str = ""
    ) -> None:
        """One attempt has ended: one record in the log, without any text."""
        self.counters.attempt(step.rung.name, outcome)
        more = {"detail": detail} if detail else {}
        log.info(
            "attempt",
            kind=self.kind,
            turn=turn_id,
            rung=step.rung.name,
            outcome=outcome,
            ms=round(ms),
            tokens=tokens,
            **more,
        )

    def health(self) -> tuple[RungHealth, ...]:
        """A picture of all rungs, best first."""
        return tuple(_picture(step) for step in self.steps)

    def of_provider(self, provider: str) -> Collection[Step[M]]:
        """The rungs of one provider."""
        return [step for step in self.steps if step.rung.provider == provider]

    async def aclose(self) -> None:
        """Stop trying rungs that are down."""
        await self._prober.aclose()


def _picture(step: "Step[M]") -> RungHealth:
    worse = step.gate if step.gate.state is not State.CLOSED else step.health
    return RungHealth(
        name=step.rung.name,
        provider=step.rung.provider,
        model=step.rung.model,
        tier=step.rung.tier,
        ready=step.ready,
        state=worse.state,
        reason="" if step.ready else worse.reason,
        wait=0.0 if step.ready else step.wait,
        p95=step.health.p95,
    )
