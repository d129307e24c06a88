"""Courses as a learner may see them: without solutions, hidden checks, or notes for the teacher."""

from typing import Literal

from tutor.domain.course import Chapter, Code, Course, Exercise, Prose
from tutor.domain.value import Value


class ChapterEntry(Value):
    """A chapter in a list."""

    slug: str
    number: int
    title: str
    summary: str
    minutes: int


class CourseView(Value):
    """A course with its chapters."""

    slug: str
    title: str
    summary: str
    language: str
    chapters: tuple[ChapterEntry, ...]


class ExerciseView(Value):
    """An exercise, with the checks that are not hidden and without its solution."""

    kind: Literal["exercise"] = "exercise"
    id: str
    number: int
    title: str
    task: str
    starter: str
    checks: tuple[str, ...]
    hints: int
    """How many there are."""


class QuestionView(Value):
    """A question with its answer."""

    id: str
    question: str
    answer: str


class ChapterView(ChapterEntry):
    """A whole chapter."""

    cells: tuple[Prose | Code | ExerciseView, ...]
    questions: tuple[QuestionView, ...]


def course_view(course: Course) -> CourseView:
    """What a learner may see of a course."""
    return CourseView(
        chapters=tuple(ChapterEntry(**_entry(chapter)) for chapter in course.chapters),
        **course.model_dump(include={"slug", "title", "summary", "language"}),
    )


def chapter_view(chapter: Chapter) -> ChapterView:
    """What a learner may see of a chapter."""
    return ChapterView(
        cells=tuple(_exercise(cell) if isinstance(cell, Exercise) else cell for cell in chapter.cells),
        questions=tuple(
            QuestionView(**question.model_dump(include={"id", "question", "answer"}))
            for question in chapter.questions
        ),
        **_entry(chapter),
    )


def _entry(chapter: Chapter) -> dict[str, str | int]:
    return chapter.model_dump(include=set(ChapterEntry.model_fields))


def _exercise(exercise: Exercise) -> ExerciseView:
    return ExerciseView(
        checks=tuple(check.source for check in exercise.checks if not check.hidden),
        hints=len(exercise.hints),
        **exercise.model_dump(include={"id", "number", "title", "task", "starter"}),
    )
