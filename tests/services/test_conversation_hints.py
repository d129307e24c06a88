"""What the teacher knows of the hints that are open, and of quizzes that are answered."""

from pathlib import Path

from tests.services.classroom import COURSES, classroom, events
from tutor.domain.chat import Work
from tutor.domain.course import Exercise
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, hinted


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
