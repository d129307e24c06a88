"""Courses as a learner may see them."""

from pathlib import Path

from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Exercise
from tutor.web.views import ExerciseView, chapter_view, course_view

TINY = FolderCourses(Path(__file__).resolve().parents[1] / "data" / "courses")


def test_a_chapter_without_its_secrets() -> None:
    """A solution, a hidden check, a hint or a note for the teacher would be sent to the browser."""
    chapter = TINY.chapter("tiny", "first")
    (exercise,) = [cell for cell in chapter.cells if isinstance(cell, Exercise)]
    view = chapter_view(chapter)
    (shown,) = [cell for cell in view.cells if isinstance(cell, ExerciseView)]
    assert (shown.id, shown.title, shown.starter) == (exercise.id, exercise.title, exercise.starter)
    assert len(shown.checks) == 1
    assert shown.hints == 2
    text = view.model_dump_json()
    for secret in ("2 + 2\\n", "Keep the greeting", "Think of your fingers", "It joins texts", "signals"):
        assert secret in chapter.model_dump_json(), "the course has changed: the test looks for nothing"
        assert secret not in text


def test_a_chapter_with_all_else() -> None:
    """The lesson would have gaps."""
    chapter = TINY.chapter("tiny", "first")
    view = chapter_view(chapter)
    assert [cell.id for cell in view.cells] == [cell.id for cell in chapter.cells]
    assert [cell.number for cell in view.cells] == list(range(1, len(chapter.cells) + 1))
    assert [q.question for q in view.questions] == ["What is +?", "Is 1 + 1 always 2?"]
    assert (view.slug, view.minutes) == ("first", 30)


def test_a_course_is_a_list_of_chapters() -> None:
    """A list of courses would be as large as all their lessons."""
    view = course_view(TINY.course("tiny"))
    assert view.model_dump()["chapters"] == (
        {"slug": "first", "number": 1, "title": "Adding", "summary": "Add two numbers.", "minutes": 30},
    )
