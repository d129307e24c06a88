"""What a learner studies: a course of chapters, a chapter of cells."""

from typing import Annotated, Literal

from pydantic import Field

from tutor.domain.quiz import Quiz
from tutor.domain.value import Value


class Prose(Value):
    """Text to read, in Markdown."""

    kind: Literal["prose"] = "prose"
    id: str
    """Unique in its chapter; the page uses it as the anchor of the cell."""
    number: int
    """Position on the page, counted from 1."""
    markdown: str


class Code(Value):
    """A cell that runs as it stands."""

    kind: Literal["code"] = "code"
    id: str
    number: int
    source: str
    raises: bool = False
    """The cell fails on purpose, to show an error message (the standard tag `raises-exception`)."""
    input: tuple[str, ...] = ()
    """What stands in for the keyboard where nobody types: one line for each call of `input`."""


class Check(Value):
    """Python that runs after the learner's code, in the same namespace; it fails by an assertion."""

    source: str
    hidden: bool = False
    """A hidden check is run, but its source is not shown."""
    input: tuple[str, ...] = ()
    """Where there are any: the learner's code runs once more before this check, with these lines typed."""


class Exercise(Value):
    """A task with code to begin from, checks that tell when it is done, and hints on the way."""

    kind: Literal["exercise"] = "exercise"
    id: str
    number: int
    title: str
    task: str
    """What to do, in Markdown, without the title."""
    starter: str
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    """From a nudge to a worked part, in the order in which they may be shown. Markdown."""
    solution: str
    others: tuple[str, ...] = ()
    """Solutions that go another way: as right as the first, and as little to be given away."""
    input: tuple[str, ...] = ()
    """What is typed while the learner's code is checked: one line for each call of `input`."""


Cell = Annotated[Prose | Code | Exercise | Quiz, Field(discriminator="kind")]


class Misconception(Value):
    """A wrong idea that beginners bring to this chapter. For the teacher; not shown on the page."""

    belief: str
    """The idea, in the learner's words."""
    probe: str
    """How to find out whether the learner holds it."""
    help: str
    """What to say or show to mend it."""
    signals: tuple[str, ...] = ()
    """Words, error names or fragments of code that hint at it."""


class Question(Value):
    """A question that learners of this chapter really ask, with its answer."""

    id: str
    question: str
    answer: str
    """Markdown."""
    signals: tuple[str, ...] = ()


class Chapter(Value):
    """One lesson of 30 to 60 minutes."""

    slug: str
    number: int
    """Position in the course, counted from 1."""
    title: str
    summary: str
    """One sentence: what the learner can do afterwards."""
    minutes: int
    packages: tuple[str, ...] = ()
    """Packages that its cells import, by the names that Pyodide knows."""
    cells: tuple[Cell, ...]
    misconceptions: tuple[Misconception, ...] = ()
    questions: tuple[Question, ...] = ()

    def cell(self, cell_id: str) -> Prose | Code | Exercise | Quiz | None:
        """The cell with this id, or None."""
        return next((cell for cell in self.cells if cell.id == cell_id), None)


class Course(Value):
    """A course as a learner sees it in the list."""

    slug: str
    title: str
    summary: str
    language: str = "en"
    """BCP 47 tag of the language the course is written in."""
    chapters: tuple[Chapter, ...]
    """Those that can be read; each keeps its number in the whole course."""
    planned: int = 0
    """How many the course names, with those that cannot be read now; 0 where that is not known."""

    @property
    def size(self) -> int:
        """How many chapters learners count: no chapter's number is above it."""
        return max((self.planned, *(chapter.number for chapter in self.chapters)))

    def chapter(self, slug: str) -> Chapter | None:
        """The chapter with this slug, or None."""
        return next((chapter for chapter in self.chapters if chapter.slug == slug), None)
