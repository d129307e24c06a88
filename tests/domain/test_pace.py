"""How long a chapter takes."""

from pathlib import Path

from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Chapter, Check, Code, Exercise, Prose
from tutor.domain.pace import LEAST, MOST, minutes
from tutor.domain.quiz import Gaps, Quiz

COURSES = FolderCourses(Path(__file__).parents[2] / "courses")


def test_the_rule() -> None:
    """The minutes that an author is told would not be those that the guide for authors explains."""
    words = Prose(id="a", number=1, markdown=f"{'word ' * 300}![{'seen ' * 600}](a.svg)")
    code = Code(id="b", number=2, source="print(1)")
    task = Exercise(
        id="c", number=3, title="T", task="", starter="", checks=(Check(source="assert 1"),), hints=(),
        solution="",
    )  # fmt: skip
    quiz = Quiz(id="d", number=4, title="Q", text="", puzzle=Gaps(pieces=("a", "b"), gaps=(("1",),)), why="")
    cells = (words, code, task, task.model_copy(update={"id": "e"}), quiz)
    chapter = Chapter(slug="s", number=1, title="T", summary="S", minutes=1, cells=cells)
    assert minutes(chapter) == round(2 + 1 + 5 + 10 + 1.5)


def test_every_chapter_is_one_lesson() -> None:
    """A beginner would sit over a chapter for longer than they can listen, or be done before they begin."""
    chapters = [chapter for course in COURSES.courses() for chapter in course.chapters]
    assert [one.slug for one in chapters if not LEAST <= minutes(one) <= MOST] == []
    assert [
        (one.slug, one.minutes, minutes(one)) for one in chapters if abs(one.minutes - minutes(one)) > 5
    ] == []
