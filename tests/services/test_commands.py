"""Commands in the pipeline: at once, before the guard and the model, and stored nowhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.services.classroom import END, SECOND, Class, Ears, ScriptedModel, classroom, events, kinds
from tutor.domain.chat import Token
from tutor.domain.command import Command
from tutor.domain.turn import Commanded, Delta


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Class]:
    async with classroom(tmp_path) as a_class:
        yield a_class


async def test_repeat_says_the_last_answer_again(lesson: Class) -> None:
    """Repeat would cost a model's answer, and the learner would hear another one."""
    await events(lesson.ask())
    commanded, again = await events(lesson.ask("Say that again, please."))
    assert commanded == Commanded(command=Command.REPEAT)
    assert again == Delta(text="Because n stays 1.")
    assert len(lesson.model.requests) == len(lesson.guard.seen) == 1
    assert len(await lesson.messages()) == 2, "a command is kept as a question"


async def test_repeat_before_any_answer(lesson: Class) -> None:
    """A new learner who says repeat would be met with silence."""
    _, told = await events(lesson.ask("repeat"))
    assert isinstance(told, Delta)
    assert "not said anything yet" in told.text


async def test_repeat_is_the_learners_own(lesson: Class) -> None:
    """Repeat would read out the answer of another learner's conversation."""
    await events(lesson.ask())
    other = lesson.learner.model_copy(update={"id": "mallory"})
    turn = await events(lesson.teacher.answer(other, lesson.place, "repeat"))
    assert kinds(turn) == ["commanded", "failed"]


async def test_a_spoken_command(lesson: Class) -> None:
    """Commands would work for those who type and not for those who talk."""
    lesson.ears = Ears("Next chapter.")
    (told,) = await events(lesson.teacher.hear(lesson.learner, lesson.place, SECOND))
    assert isinstance(told, Commanded)
    slugs = [chapter.slug for chapter in lesson.courses.course("python-basics").chapters]
    assert (told.command, told.chapter) == (Command.NEXT_CHAPTER, slugs[slugs.index("loops") + 1])
    assert await lesson.messages() == []


async def test_go_on_asks_the_teacher(lesson: Class) -> None:
    """Go on would end in silence, or be kept as the learner's question."""
    assert kinds(await events(lesson.ask("Go on."))) == ["commanded", "following", "delta", "delta", "said"]
    assert lesson.guard.seen == []
    (request,) = lesson.model.requests
    assert request.messages[-1].content.count("[go_on]") == 1
    assert await lesson.messages() == [("assistant", "Because n stays 1.")]


async def test_stop_ends_the_answer_that_runs(lesson: Class) -> None:
    """A learner who types stop would have to watch the answer go on."""
    more = asyncio.Event()
    lesson.model = ScriptedModel(Token(text="Because "), more, Token(text="n stays 1."), END)
    teacher = lesson.teacher
    async with aclosing(teacher.answer(lesson.learner, lesson.place, "Why?")) as running:
        while (await anext(running)).event != "delta":
            pass
        stopped = await events(teacher.answer(lesson.learner, lesson.place, "Stop!"))
        more.set()
        assert [event async for event in running] == []
    assert stopped == [Commanded(command=Command.STOP, text="Stopped.")]
    assert await lesson.messages() == [("user", "Why?"), ("assistant", "Because")]
    assert lesson.turns()[0]["outcome"] == "interrupted"


async def test_stop_touches_nobody_else(lesson: Class) -> None:
    """One learner could end another's answer by naming their conversation."""
    more = asyncio.Event()
    lesson.model = ScriptedModel(Token(text="Because "), more, Token(text="n stays 1."), END)
    teacher = lesson.teacher
    async with aclosing(teacher.answer(lesson.learner, lesson.place, "Why?")) as running:
        while (await anext(running)).event != "delta":
            pass
        mallory = lesson.learner.model_copy(update={"id": "mallory"})
        await events(teacher.answer(mallory, lesson.place, "stop"))
        more.set()
        assert [event.event async for event in running] == ["delta", "said"]


async def test_a_learner_at_the_limit_can_stop(lesson: Class) -> None:
    """The throttle would keep a learner from stopping the very answer that is too long."""
    lesson.turns_per_minute = 1
    teacher = lesson.teacher
    await events(teacher.answer(lesson.learner, lesson.place, "Why?"))
    assert kinds(await events(teacher.answer(lesson.learner, lesson.place, "stop"))) == ["commanded"]
