"""The guard costs a right question next to nothing: compared in the same run, with the same instant model."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from tests.services.classroom import COURSES, END, Class, ScriptedGuard, classroom, verdict
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.adapters.topic_model import TrainedTopicModel
from tutor.domain.chat import ChatMessage, ChatRequest, Chunk, Finish, Token
from tutor.domain.course import Chapter
from tutor.domain.topic import Label, Verdict
from tutor.domain.turn import Delta
from tutor.services.counters import Counters
from tutor.services.discretion import Discretion
from tutor.services.guard import TopicGuard
from tutor.services.ports import ChatModel, Guard

MOST = 0.005
"""Seconds that a right question's first word may be later because of the guard."""
RUNS = 28
ROUNDS = 3
"""What else the machine does only adds time: one round within the limit shows what the guard itself costs."""
QUESTIONS = (
    "Why does my while loop never end?",
    "What is the difference between a list and a tuple?",
    "What does range(2, 10) mean?",
    "My for loop prints the same line again and again, why?",
)


@pytest.fixture(scope="module")
def topic() -> TrainedTopicModel:
    """The trained model, loaded as in the app."""
    found = TrainedTopicModel(SentenceEncoder())
    found.warm()
    return found


class InstantModel:
    """A ChatModel that answers after so many seconds."""

    name = "instant"

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        assert request.turn_id
        if self._seconds:
            await asyncio.sleep(self._seconds)
        yield Token(text="Because n stays 1.")
        yield Finish(rung="instant", model="m")


class Verdicts:
    """A model for the AI tier: lets everything through, after so many seconds."""

    name = "verdicts"

    def __init__(self, seconds: float) -> None:
        self._seconds, self.asked = seconds, 0

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        assert request.json_reply
        self.asked += 1
        await asyncio.sleep(self._seconds)
        yield Token(text='{"label": "on", "harm": null, "confidence": 0.9}')
        yield END


class Unsure(TopicGuard):
    """The real guard, where its local tier cannot tell."""

    def judge(self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None) -> Verdict:
        super().judge(message, history, chapter)
        return verdict(Label.UNSURE)


async def first_word(lesson: Class, guard: Guard, model: ChatModel, question: str) -> float:
    """Seconds from the question to the first word of its answer."""
    lesson.guard, lesson.model = guard, model
    began = perf_counter()
    found = 0.0
    turn = lesson.ask(question)
    async for event in turn:
        if isinstance(event, Delta):
            found = found or perf_counter() - began
    assert found
    return found


async def later_by(folder: Path, guard: Callable[[], Guard], *, seconds: float = 0.0) -> float:
    """How much later the first word is with this guard and the output check than with none, in seconds.

    The two take turns, so that a busy machine slows both, and their medians are compared.
    """
    with_guard: list[float] = []
    without: list[float] = []
    async with classroom(folder) as lesson:
        lesson.turns_per_minute = 100_000
        model, anything = InstantModel(seconds), ScriptedGuard(verdict(Label.ON))
        checked = Discretion(model, COURSES, counters=Counters())
        for run in range(RUNS):
            question = QUESTIONS[run % len(QUESTIONS)]
            with_guard.append(await first_word(lesson, guard(), checked, question))
            without.append(await first_word(lesson, anything, model, question))
    # The first ones fill caches, of either side.
    return median(with_guard[4:]) - median(without[4:])


async def at_best(folder: Path, guard: Callable[[], Guard], *, seconds: float = 0.0) -> float:
    """The same, of the first round that is within the limit, else of the best."""
    best = float("inf")
    for number in range(ROUNDS):
        place = folder / str(number)
        place.mkdir()
        best = min(best, await later_by(place, guard, seconds=seconds))
        if best < MOST:
            break
    return best


async def test_a_right_question_does_not_wait(tmp_path: Path, topic: TrainedTopicModel) -> None:
    """Every learner would pay for the guard with every question."""
    guard = TopicGuard(topic)
    for question in QUESTIONS:
        assert guard.judge(question, (), None).label is Label.ON
    assert await at_best(tmp_path, lambda: guard) < MOST


async def test_an_unsure_question_waits_for_nothing_more(tmp_path: Path, topic: TrainedTopicModel) -> None:
    """The small model would be asked first and the teacher after it, one after the other."""
    small = Verdicts(0.02)
    # A new one each time: verdicts that are remembered would cost nothing.
    assert await at_best(tmp_path, lambda: Unsure(topic, model=small), seconds=0.03) < MOST
    assert small.asked >= RUNS
