"""The answer of a turn: the guard first, then the model, which begins while an unsure guard still asks."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

from tutor.domain.chat import ChatRequest, Chunk, Finish, Restart, Token
from tutor.domain.conversation import Outcome
from tutor.domain.prompt import messages
from tutor.domain.refusal import refusal
from tutor.domain.topic import Label, Verdict
from tutor.domain.turn import Declined, Delta, Restarted, TurnEvent
from tutor.errors import AnswerUnusable
from tutor.services.ports import ChatModel, Guard
from tutor.services.running_turn import RunningTurn

_DECLINED: Final = (Label.OFF, Label.UNSAFE)


class Answering:
    """Answers a turn, as events, and notes in the turn who judged and who answered.

    Args:
        guard: Judges what learners say.
        model: Answers what it lets through.
        budget: Tokens that the model gets to read.
    """

    def __init__(self, guard: Guard, model: ChatModel, *, budget: int) -> None:
        self._guard = guard
        self._model = model
        self._budget = budget

    async def guarded(self, turn: RunningTurn) -> AsyncGenerator[TurnEvent]:
        """Let the guard look first; an unsure verdict is asked for while the answer already begins."""
        brief = turn.brief
        began = turn.ms
        turn.verdict = self._guard.judge(brief.question, brief.history, brief.chapter)
        turn.guard_ms = turn.ms - began
        if turn.verdict.label in _DECLINED:
            yield self._declined(turn, turn.verdict)
            return
        if turn.verdict.label is not Label.UNSURE:
            async with aclosing(self.taught(turn)) as answer:
                async for event in answer:
                    yield event
            return
        turn.brief = brief.model_copy(update={"strict": True})
        asking = asyncio.ensure_future(self._guard.ask(brief.question, brief.history, brief.chapter))
        answer = self.taught(turn)
        first = asyncio.ensure_future(anext(answer, None))
        try:
            turn.verdict = await asking or turn.verdict
            if turn.verdict.label not in _DECLINED:
                if (opening := await first) is not None:
                    yield opening
                async for event in answer:
                    yield event
                return
        finally:
            asking.cancel()
            first.cancel()
            await asyncio.gather(asking, first, return_exceptions=True)
            await answer.aclose()
        # Only now: an answer that ended meanwhile would otherwise count as the end of this turn.
        yield self._declined(turn, turn.verdict)

    async def taught(self, turn: RunningTurn) -> AsyncGenerator[TurnEvent]:
        """The answer of the model, unguarded: for what the page asks, and not the learner.

        Raises:
            AnswerUnusable: It ended without an end. And whatever the model raises.
        """
        request = ChatRequest(
            turn_id=turn.id,
            learner_id=turn.learner_id,
            messages=messages(turn.brief, budget=self._budget),
            brief=turn.brief,
        )
        async with aclosing(_closable(self._model.stream(request))) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Token(text=text):
                        yield Delta(text=text)
                    case Restart(rung=rung):
                        yield Restarted(rung=rung)
                    case Finish():
                        turn.finish, turn.outcome = chunk, Outcome.ANSWERED
        if turn.finish is None:
            raise AnswerUnusable("the answer ended without a Finish")

    @staticmethod
    def _declined(turn: RunningTurn, verdict: Verdict) -> Declined:
        turn.outcome, turn.finish = Outcome.DECLINED, None
        text = refusal(verdict, turn.brief.chapter, turn.brief.question)
        return Declined(text=text, label=verdict.label, tier=verdict.tier)


async def _closable(chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk]:
    """Any iterator as one that can be closed, which closes the iterator too."""
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
