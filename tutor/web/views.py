"""Courses as a learner may see them: without solutions, hidden checks, or notes for the teacher."""

from typing import Literal

from tutor.domain.course import Cell, Chapter, Code, Course, Exercise, Prose
from tutor.domain.quiz import Choice, Gaps, Order, Output, Quiz
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


class QuizView(Value):
    """A quiz without its answer."""

    kind: Literal["quiz"] = "quiz"
    id: str
    number: int
    title: str
    text: str
    type: Literal["choice", "output", "order", "gap"]
    parts: tuple[str, ...]
    """The options, the code whose output is asked, the lines out of order, or the code around the gaps."""


class QuestionView(Value):
    """A question with its answer."""

    id: str
    question: str
    answer: str


class ChapterView(ChapterEntry):
    """A whole chapter."""

    cells: tuple[Prose | Code | ExerciseView | QuizView, ...]
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
        cells=tuple(_cell(cell) for cell in chapter.cells),
        questions=tuple(
            QuestionView(**question.model_dump(include={"id", "question", "answer"}))
            for question in chapter.questions
        ),
        **_entry(chapter),
    )


def _entry(chapter: Chapter) -> dict[str, str | int]:
    return chapter.model_dump(include=set(ChapterEntry.model_fields))


def _cell(cell: Cell) -> Prose | Code | ExerciseView | QuizView:
    match cell:
        case Exercise():
            return _exercise(cell)
        case Quiz():
            return quiz_view(cell)
        case _:
            return cell


def quiz_view(quiz: Quiz) -> QuizView:
    """What a learner may see of a quiz that is not answered."""
    match quiz.puzzle:
        case Choice(options=options):
            parts = tuple(option.text for option in options)
        case Output(source=source):
            parts = (source,)
        case Order() as order:
            parts = order.shuffled(quiz.id)
        case Gaps(pieces=pieces):
            parts = pieces
    return QuizView(
        type=quiz.puzzle.type, parts=parts, **quiz.model_dump(include={"id", "number", "title", "text"})
    )


def _exercise(exercise: Exercise) -> ExerciseView:
    return ExerciseView(
        checks=tuple(check.source for check in exercise.checks if not check.hidden),
        hints=len(exercise.hints),
        **exercise.model_dump(include={"id", "number", "title", "task", "starter"}),
    )
