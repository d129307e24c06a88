"""How far a learner has come: the map of a course, days of practice, and what is due again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from tutor.domain.course import Chapter, Code, Course, Exercise
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Event, Practice
from tutor.domain.quiz import Quiz
from tutor.domain.value import Value

SPAN = 84
"""Days of the plot: twelve weeks."""


class State(StrEnum):
    """How a step stands."""

    OPEN = "open"
    DONE = "done"
    DUE = "due"


class Step(Value):
    """A cell that is there to be done."""

    cell_id: str
    number: int
    title: str
    kind: str
    """`code`, `exercise` or `quiz`."""
    state: State


class ChapterMap(Value):
    """The steps of one chapter."""

    slug: str
    number: int
    title: str
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """How many were ever done."""
        return sum(step.state is not State.OPEN for step in self.steps)


class Due(Value):
    """Something to practise again."""

    place: CellPlace
    title: str
    chapter_title: str
    since: datetime


class Day(Value):
    """One day of the plot."""

    day: date
    solved: int
    """Exercises and quizzes solved, and code cells run for the first time or again."""
    active: bool


def chapter_map(chapter: Chapter, stands: Mapping[str, Practice], *, now: datetime) -> ChapterMap:
    """The steps of a chapter, and how they stand. `stands` is by cell."""
    steps = []
    for cell in chapter.cells:
        if isinstance(cell, Code | Exercise | Quiz):
            title = f"Code in cell {cell.number}" if isinstance(cell, Code) else cell.title
            practice = stands.get(cell.id, Practice())
            state = State.OPEN if practice.done_at is None else State.DUE if practice.due(now) else State.DONE
            steps.append(Step(cell_id=cell.id, number=cell.number, title=title, kind=cell.kind, state=state))
    return ChapterMap(slug=chapter.slug, number=chapter.number, title=chapter.title, steps=tuple(steps))


def due(courses: Iterable[Course], stands: Mapping[CellPlace, Practice], *, now: datetime) -> tuple[Due, ...]:
    """What is due, the longest due first. What is in no course any more is left out."""
    found = []
    for course in courses:
        for chapter in course.chapters:
            for cell in chapter.cells:
                place = CellPlace(course.slug, chapter.slug, cell.id)
                memory = stands.get(place, Practice()).memory
                if isinstance(cell, Exercise | Quiz) and memory is not None and memory.due <= now:
                    found.append(
                        Due(place=place, title=cell.title, chapter_title=chapter.title, since=memory.due)
                    )
    return tuple(sorted(found, key=lambda one: one.since))


def next_due(stands: Iterable[Practice], *, now: datetime) -> datetime | None:
    """When the next thing will be due, where nothing is now."""
    return min((one.memory.due for one in stands if one.memory and one.memory.due > now), default=None)


def days(events: Iterable[Event], *, zone: tzinfo, today: date) -> tuple[Day, ...]:
    """The last SPAN days, oldest first, in the learner's time zone."""
    solved, active = Counter[date](), set[date]()
    for event in events:
        day = event.at.astimezone(zone).date()
        active.add(day)
        solved[day] += event.passed or event.deed is Deed.RUN
    span = (today - timedelta(days=back) for back in range(SPAN - 1, -1, -1))
    return tuple(Day(day=day, solved=solved[day], active=day in active) for day in span)


def streak(shown: Sequence[Day]) -> int:
    """Days of practice in a row, up to the last day or the one before: today is not over yet."""
    active = [day.active for day in shown]
    if active and not active[-1]:
        active.pop()
    return next((back for back, one in enumerate(reversed(active)) if not one), len(active))
