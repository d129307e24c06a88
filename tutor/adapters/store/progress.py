"""Where a learner stands, as stored."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from tutor.adapters.store.columns import utc_now
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import LearnerRow, ProgressRow
from tutor.errors import SessionExpired


class SqlProgress:
    """The ProgressStore on a database. Every method may raise StoreUnavailable.

    Args:
        database: Where; its tables must be there.
        now: The clock.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.now = now

    async def visit(self, learner_id: str, *, course: str, chapter: str) -> datetime | None:
        """Note that a chapter is open now; returns when it was open before, or None.

        Raises:
            SessionExpired: The learner was deleted meanwhile.
        """
        now = self.now()

        def note(session: Session) -> datetime | None:
            if session.get(LearnerRow, learner_id) is None:
                raise SessionExpired("no such learner")
            row = session.get(ProgressRow, (learner_id, course, chapter), with_for_update=True)
            if row is None:
                row = ProgressRow(
                    learner_id=learner_id, course=course, chapter=chapter, first_visit=now, last_visit=now
                )
                session.add(row)
                return None
            before, row.last_visit = row.last_visit, now
            return before

        try:
            return await self.database.write(note)
        except IntegrityError:  # on PostgreSQL a second tab was first; now there is a row to change
            return await self.database.write(note)

    async def last_visit(self, learner_id: str) -> tuple[str, str] | None:
        """Course and chapter that were open last."""
        query = (
            select(ProgressRow.course, ProgressRow.chapter)
            .where(ProgressRow.learner_id == learner_id)
            .order_by(col(ProgressRow.last_visit).desc())
            .limit(1)
        )

        def find(session: Session) -> tuple[str, str] | None:
            row = session.exec(query).first()
            return row and (row[0], row[1])

        return await self.database.read(find)

    async def visited(self, learner_id: str, *, course: str) -> frozenset[str]:
        """Chapters of a course that were ever open."""
        query = select(ProgressRow.chapter).where(
            ProgressRow.learner_id == learner_id, ProgressRow.course == course
        )
        return await self.database.read(lambda session: frozenset(session.exec(query)))
