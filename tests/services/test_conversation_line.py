"""A turn that has to wait for a place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from tests.services.classroom import END, Class, ScriptedModel, classroom, events, kinds
from tutor.adapters.store.opening import BEGIN
from tutor.domain.chat import Token
from tutor.domain.conversation import Outcome
from tutor.domain.turn import Failed, Waiting
from tutor.services import turn_runner
from tutor.services.line import Line


@pytest.fixture
async def lesson(tmp_path: Path) -> AsyncIterator[Class]:
    async with classroom(tmp_path) as a_class:
        yield a_class


async def test_a_question_that_waits_is_stored_and_then_answered(lesson: Class) -> None:
    """A question that came at a busy moment would be lost, or stay without an answer."""
    lesson.line = Line(at_once=1, waiting=1, tell_every=0.01)
    other = lesson.line.enter()
    async with aclosing(lesson.ask()) as turn:
        heard, waits = await anext(turn), await anext(turn)
        assert isinstance(waits, Waiting)
        assert (heard.event, waits.number) == ("heard", 1)
        assert "number 1" in waits.text
        assert await lesson.messages() == [("user", "Why does it never end?")]
        lesson.line.leave(other)
        rest = [event async for event in turn]
    assert [kind for kind in kinds(rest) if kind != "waiting"] == ["delta", "delta", "said"]
    assert lesson.line.running == 0


async def test_who_leaves_the_line_is_not_answered(lesson: Class) -> None:
    """A model would be paid for an answer that nobody reads, while others wait for the place."""
    lesson.line = Line(at_once=1, waiting=1)
    lesson.line.enter()
    async with aclosing(lesson.ask()) as turn:
        assert [(await anext(turn)).event, (await anext(turn)).event] == ["heard", "waiting"]
    assert lesson.line.waiting == 0
    assert lesson.model.requests == []
    assert [turn["outcome"] for turn in lesson.turns()] == [Outcome.INTERRUPTED]


async def test_stop_ends_the_waiting(lesson: Class) -> None:
    """A learner who says stop would go on standing in the line."""
    lesson.line = Line(at_once=1, waiting=1, tell_every=0.01)
    lesson.line.enter()
    teacher = lesson.teacher
    async with aclosing(teacher.answer(lesson.learner, lesson.place, "Why?")) as turn:
        await anext(turn), await anext(turn)
        await events(teacher.answer(lesson.learner, lesson.place, "stop"))
        assert set(kinds([event async for event in turn])) <= {"waiting"}
    assert lesson.line.waiting == 0
    assert lesson.model.requests == []


async def test_one_too_many_is_sent_away_before_anything_is_stored(lesson: Class) -> None:
    """A learner would read that the question was not sent, and find it in the conversation all the same."""
    lesson.line = Line(at_once=1, waiting=0)
    lesson.line.enter()
    (refused,) = await events(lesson.ask())
    assert isinstance(refused, Failed)
    assert refused.code == "busy"
    assert refused.retry_after >= 1
    assert await lesson.messages() == []


async def test_the_place_is_free_again_after_a_failure(lesson: Class) -> None:
    """After a hundred failed turns nobody could ask any more."""
    lesson.line = Line(at_once=1, waiting=0)
    lesson.model = ScriptedModel(Token(text="Because "))  # and no end
    assert kinds(await events(lesson.ask()))[-1] == "failed"
    assert lesson.line.running == 0
    assert kinds(await events(lesson.greet()))[-1] == "failed"
    assert lesson.line.running == 0


async def test_no_word_waits_for_the_disk(lesson: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow disk an answer would stand still each second, and those of all who ask beside it."""
    drafts: list[str] = []
    answered = asyncio.Event()

    async def slow(learner_id: str, turn_id: str, text: str) -> None:
        drafts.append(text)
        await answered.wait()

    monkeypatch.setattr(lesson.store, "keep_draft", slow)
    monkeypatch.setattr(turn_runner, "_DRAFT_EVERY", 0.0)
    lesson.model = ScriptedModel(*(Token(text=f"word{number} ") for number in range(9)), END)
    turn = await asyncio.wait_for(events(lesson.ask()), 5)
    answered.set()
    assert kinds(turn) == ["heard", *["delta"] * 9, "said"]
    assert len(drafts) <= 1


async def test_a_turn_is_written_twice_however_long_its_answer(lesson: Class) -> None:
    """Every word of an answer would be a write: two hundred learners would wait for the disk."""
    writes: list[Connection] = []

    def committed(connection: Connection) -> None:
        if BEGIN in connection.get_execution_options():
            writes.append(connection)

    event.listen(lesson.store.database.engine, "commit", committed)
    lesson.model = ScriptedModel(*(Token(text=f"word{number} ") for number in range(300)), END)
    assert kinds(await events(lesson.ask())).count("delta") == 300
    assert len(writes) == 2
