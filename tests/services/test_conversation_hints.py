"""What the teacher knows of the hints that are open, and of quizzes that are answered."""

from datetime import UTC, datetime
from pathlib import Path

from tests.services.classroom import COURSES, classroom, events
from tutor.domain.chat import Work
from tutor.domain.course import Exercise
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Practice, hinted
from tutor.domain.style import Style


async def test_the_teacher_sees_how_many_hints_are_open(tmp_path: Path) -> None:
    """The teacher would give away more than the level that is open, or believe the client about it."""
    cells = COURSES.chapter("python-basics", "loops").cells
    exercise = next(cell for cell in cells if isinstance(cell, Exercise))
    async with classroom(tmp_path) as room:
        place = CellPlace("python-basics", "loops", exercise.id)
        await room.practice.change(room.learner.id, place, Deed.HINT, lambda one: hinted(one, 1))
        await events(room.ask(work=Work(cell_id=exercise.id, hint_level=9, answered=True)))
    (request,) = room.model.requests
    assert request.brief is not None
    assert (request.brief.work.hint_level, request.brief.work.answered) == (1, False)
    assert f"Hint 1: {exercise.hints[0]}" in request.messages[0].content
    assert "Hint 2:" not in request.messages[0].content


async def test_what_is_solved_is_told(tmp_path: Path) -> None:
    """The teacher would explain what the learner has mastered; or believe a client that claims it."""
    async with classroom(tmp_path) as lesson:
        place = CellPlace("python-basics", "loops", "countdown")
        done = Practice(solved=True, done_at=datetime(2026, 11, 1, tzinfo=UTC))
        await lesson.practice.change(lesson.learner.id, place, Deed.CHECK, lambda _: done)
        work = Work(cell_id="sum-of-evens", tries=99, solved=("Everything",))
        await events(lesson.ask(work=work, style=Style.EXPLAIN))
        brief = lesson.model.requests[-1].brief
        assert brief is not None
        assert brief.work.solved == ("Start the rocket",)
        assert brief.work.tries == 0
        assert brief.style is Style.EXPLAIN
