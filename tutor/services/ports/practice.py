"""What is kept of a learner's work: code, tries, visits."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Event, Practice


class PracticeStore(Protocol):
    """What learners write, where they stand, what they did. Scoped by the learner's id."""

    async def drafts(self, learner_id: str, *, course: str, chapter: str) -> dict[str, str]:
        """The learner's own code of a chapter, by cell."""

    async def keep_draft(self, learner_id: str, place: CellPlace, code: str) -> None:
        """Store the code of a cell in place of what was there."""

    async def drop_draft(self, learner_id: str, place: CellPlace) -> None:
        """Forget the learner's own code of a cell."""

    async def practice(
        self, learner_id: str, *, course: str = "", chapter: str = ""
    ) -> dict[CellPlace, Practice]:
        """Where the learner stands in every cell that they worked on: of a chapter, a course, or all."""

    async def change(
        self,
        learner_id: str,
        place: CellPlace,
        deed: Deed,
        change: Callable[[Practice], Practice],
        *,
        passed: bool = False,
    ) -> Practice:
        """Note a deed, and replace where the learner stands by what `change` makes of it; both or none."""

    async def events(self, learner_id: str, *, since: datetime) -> tuple[Event, ...]:
        """What the learner did from this moment on, oldest first."""


class ProgressStore(Protocol):
    """Where a learner stands. Scoped by the learner's id."""

    async def visit(self, learner_id: str, *, course: str, chapter: str) -> datetime | None:
        """Note that a chapter is open now; returns when it was open before, or None."""

    async def last_visit(self, learner_id: str) -> tuple[str, str] | None:
        """Course and chapter that were open last."""

    async def visited(self, learner_id: str, *, course: str) -> frozenset[str]:
        """Chapters of a course that were ever open."""
