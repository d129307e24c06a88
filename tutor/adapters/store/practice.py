"""What learners write in their cells, where they stand, and what they did, as stored."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tutor.adapters.store import statements
from tutor.adapters.store.columns import utc_now
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import DeedRow, DraftRow, LearnerRow, PracticeRow
from tutor.domain.mastery import Memory
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Event, Practice
from tutor.errors import SessionExpired

_Result = TypeVar("_Result")

_MOST: Final = 20_000
"""Rows that one call returns at most."""
_MEMORY: Final = ("stability", "difficulty", "reviewed", "due")


class SqlPractice:
    """The PracticeStore on a database. Every method may raise StoreUnavailable.

    Args:
        database: Where; its tables must be there.
        now: The clock.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.now = now

    async def drafts(self, learner_id: str, *, course: str, chapter: str) -> dict[str, str]:
        """The learner's own code of a chapter, by cell."""
        query = select(DraftRow.cell_id, DraftRow.code).where(
            DraftRow.learner_id == learner_id, DraftRow.course == course, DraftRow.chapter == chapter
        )
        return await self.database.read(lambda session: {row[0]: row[1] for row in session.exec(query)})

    async def keep_draft(self, learner_id: str, place: CellPlace, code: str) -> None:
        """Store the code of a cell in place of what was there. Raises SessionExpired."""
        key, now = (learner_id, *place), self.now()

        def keep(session: Session) -> None:
            _known(session, learner_id)
            row = session.get(DraftRow, key, with_for_update=True)
            if row is None:
                row = DraftRow(**_named(learner_id, place), code=code, changed_at=now)
                session.add(row)
            row.code, row.changed_at = code, now

        await self._write(keep)

    async def drop_draft(self, learner_id: str, place: CellPlace) -> None:
        """Forget the learner's own code of a cell."""

        def drop(session: Session) -> None:
            row = session.get(DraftRow, (learner_id, *place))
            if row is not None:
                session.delete(row)

        await self.database.write(drop)

    async def practice(
        self, learner_id: str, *, course: str = "", chapter: str = ""
    ) -> dict[CellPlace, Practice]:
        """Where the learner stands in every cell that they worked on: of a chapter, a course, or all."""
        if course and chapter:  # asked with every turn
            here = {"the_learner": learner_id, "the_course": course, "the_chapter": chapter}
            rows = await self.database.fetch(statements.PRACTICE_OF_CHAPTER, here)
            return {_place(row): _practice(row) for row in rows}
        query = select(PracticeRow).where(PracticeRow.learner_id == learner_id).limit(_MOST)
        if course:
            query = query.where(PracticeRow.course == course)
        if chapter:
            query = query.where(PracticeRow.chapter == chapter)
        return await self.database.read(
            lambda session: {_place(row): _practice(row) for row in session.exec(query)}
        )

    async def change(
        self,
        learner_id: str,
        place: CellPlace,
        deed: Deed,
        change: Callable[[Practice], Practice],
        *,
        passed: bool = False,
    ) -> Practice:
        """Note a deed, and replace where the learner stands by what `change` makes of it; both or none.

        Raises:
            SessionExpired: The learner was deleted meanwhile.
        """
        key, now = (learner_id, *place), self.now()

        def do(session: Session) -> Practice:
            _known(session, learner_id)
            row = session.get(PracticeRow, key, with_for_update=True)
            if row is None:
                row = PracticeRow(**_named(learner_id, place))
                session.add(row)
            after = change(_practice(row))
            row.sqlmodel_update(after.model_dump(exclude={"memory"}))
            memory = after.memory.model_dump() if after.memory else dict.fromkeys(_MEMORY)
            row.sqlmodel_update(memory)
            session.add(DeedRow(**_named(learner_id, place), deed=deed, passed=passed, at=now))
            return after

        return await self._write(do)

    async def events(self, learner_id: str, *, since: datetime) -> tuple[Event, ...]:
        """What the learner did from this moment on, oldest first."""
        query = (
            select(DeedRow)
            .where(DeedRow.learner_id == learner_id, col(DeedRow.at) >= since)
            .order_by(col(DeedRow.number))
            .limit(_MOST)
        )

        def find(session: Session) -> tuple[Event, ...]:
            return tuple(
                Event.model_validate(row.model_dump(exclude={"number", "learner_id"}))
                for row in session.exec(query)
            )

        return await self.database.read(find)

    async def _write(self, change: Callable[[Session], _Result]) -> _Result:
        try:
            return await self.database.write(change)
        except IntegrityError:  # on PostgreSQL a second tab was first; now there is a row to change
            return await self.database.write(change)


def _known(session: Session, learner_id: str) -> None:
    if session.get(LearnerRow, learner_id) is None:
        raise SessionExpired("no such learner")


def _named(learner_id: str, place: CellPlace) -> dict[str, Any]:
    return {"learner_id": learner_id, **place._asdict()}


def _place(row: PracticeRow | Row[Any]) -> CellPlace:
    return CellPlace(row.course, row.chapter, row.cell_id)


def _practice(row: PracticeRow | Row[Any]) -> Practice:
    memory = None
    if row.stability is not None and row.difficulty is not None and row.reviewed and row.due:
        memory = Memory(
            stability=row.stability, difficulty=row.difficulty, reviewed=row.reviewed, due=row.due
        )
    return Practice(
        tries=row.tries or 0,
        hints=row.hints or 0,
        solved=bool(row.solved),
        shown=bool(row.shown),
        done_at=row.done_at,
        memory=memory,
    )
