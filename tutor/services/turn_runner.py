"""A turn from its place in the line to its end, and what is stored of it on the way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import perf_counter

import anyio
import structlog

from tutor.domain.conversation import Outcome
from tutor.domain.turn import TurnEvent, Waiting
from tutor.errors import TutorError
from tutor.log import pseudonym
from tutor.services.line import Spot
from tutor.services.ports import TurnStore
from tutor.services.running_turn import RunningTurn

log = structlog.get_logger()

_LINE = "Many people are asking right now. You are number {number} in the line."
_DRAFT_EVERY = 1.0
"""Seconds of an answer that may be lost where the process is killed in it."""


class TurnRunner:
    """Runs turns that the store has opened."""

    def __init__(self, turns: TurnStore) -> None:
        self._turns = turns

    async def run(
        self, turn: RunningTurn, spot: Spot, events: AsyncGenerator[TurnEvent]
    ) -> AsyncGenerator[TurnEvent]:
        """Wait for a place, pass the events on, and store how the turn ended, however it ends."""
        try:
            async with aclosing(spot.numbers()) as numbers:
                async for number in numbers:
                    if turn.stopped:
                        return
                    yield Waiting(number=number, text=_LINE.format(number=number))
            async with aclosing(events):
                async for event in events:
                    if turn.stopped:
                        break
                    turn.show(event)
                    self._keep_draft(turn)
                    yield event
        except TutorError as error:
            turn.outcome, turn.error_code = Outcome.FAILED, error.code
            raise
        finally:
            # A learner who leaves cancels this task; what was said is stored all the same.
            with anyio.CancelScope(shield=True):
                turn.message_id = await self._turns.close_turn(turn.learner_id, turn.id, turn.end())
            _log(turn)
        if turn.finish is not None:
            yield turn.said()

    def _keep_draft(self, turn: RunningTurn) -> None:
        """From time to time, and beside the answer: no word of it waits for the disk."""
        now = perf_counter()
        if now - turn.drafted < _DRAFT_EVERY or (turn.drafting and not turn.drafting.done()):
            return
        if turn.text:
            turn.drafted = now
            turn.drafting = asyncio.create_task(self._store_draft(turn.learner_id, turn.id, turn.text))

    async def _store_draft(self, learner_id: str, turn_id: str, text: str) -> None:
        try:
            await self._turns.keep_draft(learner_id, turn_id, text)
        except TutorError as error:  # the end of the turn is stored all the same, or fails by itself
            log.warning("draft_not_kept", code=error.code, detail=str(error))


def _log(turn: RunningTurn) -> None:
    end = turn.end().model_dump(exclude={"text", "sources"}, exclude_defaults=True)
    log.info("turn", turn=turn.id, learner=pseudonym(turn.learner_id), **end)
