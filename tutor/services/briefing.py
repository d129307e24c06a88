"""Everything that a model is told for one turn, gathered from where it is kept."""

from itertools import takewhile
from typing import Final

from tutor.domain.chat import Brief, ChatMessage, Work
from tutor.domain.learner import Learner
from tutor.domain.place import CellPlace, Place
from tutor.domain.practice import Practice
from tutor.services.ports import CourseSource, PracticeStore, TurnStore

_HISTORY: Final = 12
"""Messages of the conversation that a model sees: six exchanges, which fit every rung's context."""
_EDITABLE: Final = 200
"""How many messages ago a question may be that is asked anew."""


class Briefing:
    """Gathers briefs. Raises what the stores and the courses raise."""

    def __init__(self, turns: TurnStore, practice: PracticeStore, courses: CourseSource) -> None:
        self._turns = turns
        self._practice = practice
        self._courses = courses

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
        )

    async def _desk(self, learner: Learner, place: Place) -> Work:
        """The learner's work, with what is open of the cell in view: that is the store's to say."""
        if not (place.chapter and place.work.cell_id):
            return place.work
        stands = await self._practice.practice(learner.id, course=place.course, chapter=place.chapter)
        here = stands.get(CellPlace(place.course, place.chapter, place.work.cell_id), Practice())
        return place.work.model_copy(update={"hint_level": here.hints, "answered": here.over})
