"""Everything that a model is told for one turn, gathered from where it is kept."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from tutor.domain.chat import Brief, ChatMessage, Work
from tutor.domain.course import Exercise
from tutor.domain.learner import Learner
from tutor.domain.place import Place
from tutor.domain.practice import Practice
from tutor.domain.quiz import Quiz
from tutor.domain.style import Style, allowed
from tutor.services.ports import CourseSource, PracticeStore, TurnStore

_HISTORY: Final = 12
"""Messages of the conversation that a model sees: six exchanges, which fit every rung's context."""
_EDITABLE: Final = 200
"""How many messages ago a question may be that is asked anew."""


class Briefing:
    """Gathers briefs. Raises what the stores and the courses raise."""

    def __init__(
        self,
        turns: TurnStore,
        practice: PracticeStore,
        courses: CourseSource,
        *,
        styles: Sequence[Style] = tuple(Style),
    ) -> None:
        self._turns = turns
        self._practice = practice
        self._courses = courses
        self._styles = styles

    async def __call__(self, learner: Learner, place: Place, question: str, *, until: str = "") -> Brief:
        """The brief of a question.

        Args:
            learner: Who asks.
            place: Where, and what lies on the desk.
            question: In the learner's words, or a hidden instruction's.
            until: Id of the turn that the question replaces; the model sees nothing from there on.
        """
        limit = _EDITABLE if until else _HISTORY
        stored = await self._turns.messages(learner.id, place.conversation_id, limit=limit)
        before = tuple(takewhile(lambda message: message.turn_id != until, stored))[-_HISTORY:]
        return Brief(
            course_slug=place.course,
            course_title=self._courses.course(place.course).title,
            chapter=self._courses.chapter(place.course, place.chapter) if place.chapter else None,
            work=await self._desk(learner, place),
            history=tuple(ChatMessage(author=message.author, content=message.text) for message in before),
            question=question,
            spoken=place.spoken,
            style=allowed(place.style, self._styles),
        )

    async def _desk(self, learner: Learner, place: Place) -> Work:
        """The learner's work, with what is open of the cell in view, and solved in the chapter.

        These are the store's to say, whatever the client claims.
        """
        chapter = self._courses.chapter(place.course, place.chapter) if place.chapter else None
        if chapter is None:
            return place.work
        stands = await self._practice.practice(learner.id, course=place.course, chapter=place.chapter)
        by_cell = {at.cell_id: practice for at, practice in stands.items()}
        here = by_cell.get(place.work.cell_id or "", Practice())
        solved = tuple(
            cell.title
            for cell in chapter.cells
            if isinstance(cell, Exercise | Quiz) and by_cell.get(cell.id, Practice()).done_at is not None
        )
        known = {"hint_level": here.hints, "answered": here.over, "tries": here.tries, "solved": solved}
        return place.work.model_copy(update=known)
