"""The fallback ladder: a ChatModel made of many, whose answers always start."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing

import structlog

from tutor.domain.chat import ChatRequest, Chunk, Finish, Token
from tutor.domain.prompt import fit, size
from tutor.errors import ProviderError, ProviderTimeout, ProviderUnreachable, TutorError
from tutor.rungs import Limits, Rung, Skipped
from tutor.services.budget import Budget
from tutor.services.catalogue import Catalogue, Finding, check
from tutor.services.climb import Climb, RungHealth, Step
from tutor.services.counters import Counters
from tutor.services.health import Clock
from tutor.services.opened import Opened, begin, close, discard, fitted, probe, room
from tutor.services.ports import ChatModel
from tutor.services.race import Race, Won
from tutor.services.told import Told

log = structlog.get_logger()

_LIMITS = Limits()
_CUTS = 2
"""After so many cuts in one answer a rung is not asked again for it, even if it is the only one."""
CUT_SHORT = "This answer took too long and was cut short. Ask again for the rest."


class _TookTooLong(ProviderTimeout):
    """The whole answer, not one piece of it."""

    code = "too_long"


class Ladder:
    """Asks the best healthy rung, falls to the next ones, and at last to a floor that cannot fail.

    What goes wrong on a rung is logged and counted and never reaches the learner. After a cut in the middle
    of an answer a text front gets a Restart and the answer again from the next rung; a spoken answer goes on
    from where it was cut, because what was heard cannot be taken back.
    """

    name = "ladder"

    def __init__(
        self,
        rungs: Iterable[tuple[Rung, ChatModel]],
        *,
        floor: ChatModel,
        limits: Limits = _LIMITS,
        budget: Budget | None = None,
        catalogues: Mapping[str, Catalogue] | None = None,
        skipped: Sequence[Skipped] = (),
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
        counters: Counters | None = None,
    ) -> None:
        """Set up a ladder.

        Args:
            rungs: Best first.
            floor: Answers where no rung does. Must not fail.
            limits: How it is climbed.
            budget: What answers may cost; None: no limit.
            catalogues: By provider: which models it has.
            skipped: Rungs that are configured and were left out, for `doctor`.
            clock: Seconds; the event loop's own.
            rng: Draws the jitter.
            counters: Where to count; own ones if None.
        """
        self._climb: Climb[ChatModel] = Climb(
            rungs, kind="chat", limits=limits, probe=probe, clock=clock, rng=rng, counters=counters
        )
        self._floor = floor
        self._budget = budget or Budget()
        self._catalogues = dict(catalogues or {})
        self._clock = clock
        self.skipped = tuple(skipped)

    @property
    def counters(self) -> Counters:
        """What was counted since the start of this process."""
        return self._climb.counters

    def health(self) -> tuple[RungHealth, ...]:
        """A picture of all rungs in use, best first."""
        return self._climb.health()

    async def check(self) -> tuple[Finding, ...]:
        """Ask each provider which models it has, and skip rungs whose model is gone. Warms the connections.

        Never raises; meant to run beside the start of the app, and for `doctor`.
        """
        return await check(self._climb, self._catalogues)

    async def aclose(self) -> None:
        """Stop trying rungs that are down."""
        await self._climb.aclose()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Answer: any number of Token and Restart, then one Finish. Never raises a ProviderError."""
        told = Told(request, used=self._budget.used(request.learner_id), began=self._clock())
        while not told.done and (won := await self._begin(told)) is not None:
            chunks = won.first.chunks
            outcome = "cancelled"
            try:
                if told.restarts:
                    yield told.restart(won.step.rung.name)
                    self.counters.event("restart")
                chunk: Chunk = won.first.first
                while isinstance(chunk, Token):
                    if text := told.take(chunk.text):
                        yield chunk if text is chunk.text else Token(text=text)
                    chunk = await self._next(chunks, won.step, told)
                if rest := told.flush():
                    yield Token(text=rest)
                finish = self._finish(chunk, won.step, told)
                outcome, told.done = "answered", True
                yield finish
            except _TookTooLong as error:
                self._climb.failed(won.step, error, began=won.began)
                outcome, told.done = error.code, True
                yield self._finish(None, won.step, told).model_copy(update={"note": CUT_SHORT})
            except ProviderError as error:
                outcome = self._cut(won, told, error)
            finally:
                await close(chunks)
                self._ended(won, told, outcome)
        if not told.done:
            async with aclosing(self._answer_from_floor(told)) as floor:
                async for chunk in floor:
                    yield chunk

    async def _begin(self, told: Told) -> Won[ChatModel, Opened] | None:
        """The first rung that begins to answer. None where none does."""
        if not self._climb.steps:
            return None
        request = told.request()
        need = size(request.messages)

        async def ask(step: Step[ChatModel]) -> Opened:
            return await begin(step.model, fitted(request, step.rung, need))

        race: Race[ChatModel, Opened] = Race(
            self._climb,
            ask,
            turn_id=request.turn_id,
            allowed=lambda step: (
                told.cuts[step.rung.name] < _CUTS and self._allowed(step.rung, request, need, told.used)
            ),
            failed=[step for step in self._climb.steps if step.rung.name in told.cuts],
            discard=discard,
        )
        try:
            return await race.run()
        except TutorError as error:
            log.warning("no_rung", turn=request.turn_id, code=error.code)
            return None

    def _allowed(self, rung: Rung, request: ChatRequest, need: int, used: float) -> bool:
        if not self._budget.admits(rung, used):
            return False
        space = room(rung, request)
        return need <= space or size(fit(request.messages, space)) <= space

    async def _next(self, chunks: AsyncIterator[Chunk], step: Step[ChatModel], told: Told) -> Chunk:
        """The next piece, in time. Whatever goes wrong comes out as a ProviderError."""
        now = self._clock()
        end = told.began + max(step.rung.total, self._climb.budget)
        try:
            # The clock is the event loop's own: no second reading for every token.
            async with asyncio.timeout_at(min(now + step.rung.stall, end)):
                return await anext(chunks)
        except TimeoutError:
            if self._clock() >= end:
                raise _TookTooLong("the whole answer") from None
            raise ProviderTimeout("stalled") from None
        except StopAsyncIteration:
            raise ProviderUnreachable("ended without a finish") from None
        except TutorError:
            raise
        except Exception as error:  # an adapter's mistake must not cost the learner the answer
            log.exception("rung_broken", rung=step.rung.name)
            raise ProviderUnreachable(type(error).__name__) from error

    def _cut(self, won: Won[ChatModel, Opened], told: Told, error: ProviderError) -> str:
        """Take note that an answer broke off. Returns the outcome for the log."""
        self._climb.failed(won.step, error, began=won.began)
        told.cut(won.step.rung)
        return f"cut_{error.code}"

    def _finish(self, chunk: Chunk | None, step: Step[ChatModel], told: Told) -> Finish:
        finish = chunk if isinstance(chunk, Finish) else Finish(rung=step.rung.name, model=step.rung.model)
        finish = told.priced(finish, step.rung)
        self._budget.charge(told.learner_id, finish.cost)
        self.counters.paid(finish.cost)
        note = self._budget.note(told.used, by_model=True)
        return finish.model_copy(update={"note": note}) if note else finish

    def _ended(self, won: Won[ChatModel, Opened], told: Told, outcome: str) -> None:
        if outcome == "cancelled":
            told.cut(won.step.rung)
            self._budget.charge(told.learner_id, told.cost)
            self.counters.paid(told.cost)
        ms = (self._clock() - won.began) * 1000
        detail = f"first_token_ms={won.took * 1000:.0f}"
        self._climb.record(
            won.step, outcome, turn_id=told.turn_id, ms=ms, tokens=told.last_tokens, detail=detail
        )

    async def _answer_from_floor(self, told: Told) -> AsyncGenerator[Chunk, None]:
        self.counters.event("floor")
        if told.restarts:
            yield told.restart(self._floor.name)
        elif bridge := told.bridge():
            yield Token(text=bridge)
        chunks = self._floor.stream(told.original)
        try:
            async for chunk in chunks:
                if isinstance(chunk, Finish):
                    self._budget.charge(told.learner_id, told.cost)
                    self.counters.paid(told.cost)
                    note = chunk.note or self._budget.note(told.used, by_model=False)
                    yield chunk.model_copy(update={"cost": told.cost, "note": note})
                else:
                    yield chunk
        finally:
            await close(chunks)
