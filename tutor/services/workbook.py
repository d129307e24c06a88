"""A learner's own copy of a chapter: what they wrote, checked, answered, and which hints are open."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from tutor.domain import practice as rules
from tutor.domain.course import Chapter, Code, Exercise
from tutor.domain.hints import Hint, opened, steps
from tutor.domain.learner import Learner
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Practice
from tutor.domain.quiz import Answer, Quiz, remark
from tutor.domain.value import Value
from tutor.errors import HintLocked, InvalidInput, NotFound
from tutor.services.ports import CourseSource, PracticeStore
from tutor.services.throttle import Rule, Throttle

MAX_CODE = 20_000
"""Characters of a learner's own code of one cell."""

_PACE = Rule("practice", "240/minute")
_Kind = TypeVar("_Kind", bound=Code | Exercise | Quiz)


class Pages(Value):
    """What a learner has in one chapter."""

    chapter: Chapter
    drafts: dict[str, str]
    """Their own code, by cell."""
    practice: dict[str, Practice]
    """Where they stand, by cell; nothing where they did nothing."""
    due: frozenset[str]
    """Cells that it is time to practise again."""


class Judged(Value):
    """What an answer of a quiz brought."""

    right: bool
    remark: str
    """What the author says to this answer, or ''."""
    practice: Practice


class Workbook:
    """The use cases. All raise ChapterUnknown, CourseBroken, NotFound, StoreUnavailable or TooManyTries."""

    def __init__(
        self,
        *,
        courses: CourseSource,
        practice: PracticeStore,
        throttle: Throttle,
        now: Callable[[], datetime],
    ) -> None:
        self._courses = courses
        self._practice = practice
        self._throttle = throttle
        self._now = now

    async def pages(self, learner: Learner, course: str, chapter: str) -> Pages:
        """All that the learner has in a chapter."""
        found = self._courses.chapter(course, chapter)
        stands = await self._practice.practice(learner.id, course=course, chapter=chapter)
        now = self._now()
        return Pages(
            chapter=found,
            drafts=await self._practice.drafts(learner.id, course=course, chapter=chapter),
            practice={place.cell_id: one for place, one in stands.items()},
            due=frozenset(place.cell_id for place, one in stands.items() if one.due(now)),
        )

    async def keep(self, learner: Learner, place: CellPlace, code: str) -> None:
        """Store the learner's own code of a cell. Raises InvalidInput where it is too long."""
        await self._throttle.hit(_PACE, learner.id)
        cell = self._runnable(place)
        if len(code) > MAX_CODE:
            text = f"This code is too long to be saved: {MAX_CODE} characters is the most."
            raise InvalidInput(f"{len(code)} characters of code", text=text)
        original = cell.starter if isinstance(cell, Exercise) else cell.source
        if code == original:
            await self._practice.drop_draft(learner.id, place)
        else:
            await self._practice.keep_draft(learner.id, place, code)

    async def reset(self, learner: Learner, place: CellPlace) -> None:
        """Forget the learner's own code of a cell."""
        await self._practice.drop_draft(learner.id, place)

    async def ran(self, learner: Learner, place: CellPlace) -> Practice:
        """A code cell came to its end."""
        self._cell(place, Code)
        return await self._do(learner, place, Deed.RUN, lambda one: rules.ran(one, now=self._now()))

    async def checked(self, learner: Learner, place: CellPlace, *, passed: bool) -> Practice:
        """An exercise was checked, in the learner's browser."""
        exercise = self._cell(place, Exercise)

        def tried(one: Practice) -> Practice:
            return rules.tried(one, passed=passed, solution=steps(exercise), now=self._now())

        return await self._do(learner, place, Deed.CHECK, tried, passed=passed)

    async def hint(self, learner: Learner, place: CellPlace, number: int) -> tuple[Hint, ...]:
        """Open a hint; gives all that are open. The one after the last hint is the solution.

        Raises:
            HintLocked: One before it is not open yet.
        """
        exercise = self._cell(place, Exercise)
        if not 1 <= number <= steps(exercise):
            raise NotFound(f"{place.cell_id} has no hint {number}")

        def hinted(one: Practice) -> Practice:
            if number > one.hints + 1:
                raise HintLocked(f"{number} of {place.cell_id}, at level {one.hints}")
            return rules.hinted(one, number)

        after = await self._do(learner, place, Deed.HINT, hinted)
        return opened(exercise, after.hints)

    async def answer(self, learner: Learner, place: CellPlace, answer: Answer) -> Judged:
        """A quiz was answered."""
        quiz = self._cell(place, Quiz)
        right = quiz.puzzle.accepts(answer)

        def tried(one: Practice) -> Practice:
            return rules.tried(one, passed=right, solution=0, now=self._now())

        after = await self._do(learner, place, Deed.ANSWER, tried, passed=right)
        return Judged(right=right, remark=remark(quiz.puzzle, answer), practice=after)

    async def show(self, learner: Learner, place: CellPlace) -> Practice:
        """The learner wants to see the answer of a quiz."""
        self._cell(place, Quiz)
        return await self._do(learner, place, Deed.SHOW, lambda one: rules.shown(one, now=self._now()))

    async def again(self, learner: Learner, place: CellPlace) -> Practice:
        """Begin an exercise or a quiz from the start: no hints, no answer, the chapter's own code."""
        self._cell(place, Exercise, Quiz)
        after = await self._do(learner, place, Deed.AGAIN, rules.again)
        await self._practice.drop_draft(learner.id, place)
        return after

    async def _do(
        self,
        learner: Learner,
        place: CellPlace,
        deed: Deed,
        change: Callable[[Practice], Practice],
        *,
        passed: bool = False,
    ) -> Practice:
        await self._throttle.hit(_PACE, learner.id)
        return await self._practice.change(learner.id, place, deed, change, passed=passed)

    def _runnable(self, place: CellPlace) -> Code | Exercise:
        cell = self._courses.chapter(place.course, place.chapter).cell(place.cell_id)
        if not isinstance(cell, Code | Exercise):
            raise NotFound(f"{'/'.join(place)} does not run")
        return cell

    def _cell(self, place: CellPlace, *kinds: type[_Kind]) -> _Kind:
        cell = self._courses.chapter(place.course, place.chapter).cell(place.cell_id)
        for kind in kinds:
            if isinstance(cell, kind):
                return cell
        raise NotFound(f"{'/'.join(place)} is no {' or '.join(kind.__name__ for kind in kinds)}")
