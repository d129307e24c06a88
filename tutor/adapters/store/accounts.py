"""Learners and their sessions, as stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from tutor.adapters.store import statements
from tutor.adapters.store.columns import utc_now
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import LearnerRow, SessionRow
from tutor.domain.learner import Learner, Role, name_key
from tutor.errors import NameTaken, NotFound, SessionExpired


@dataclass(frozen=True)
class StoredAccount:
    """What a sign-in is checked against."""

    learner: Learner
    password_hash: str | None


class SqlAccounts:
    """The AccountStore on a database. Every method may raise StoreUnavailable.

    Args:
        database: Where; its tables must be there.
        now: The clock, for when something was made.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.now = now

    async def add_learner(
        self, *, name: str, password_hash: str | None, role: Role, key: str = ""
    ) -> Learner:
        """Raises NameTaken. Names are compared by `name_key`, unless a `key` is given in its place."""
        now = self.now()

        def add(session: Session) -> Learner:
            row = LearnerRow(
                name=name,
                name_key=key or name_key(name),
                password_hash=password_hash,
                role=role,
                created_at=now,
            )
            session.add(row)
            session.flush()
            session.refresh(row)
            return _learner(row)

        try:
            return await self.database.write(add)
        except IntegrityError:  # the key is the only thing that can be there already
            raise NameTaken from None

    async def account(self, name: str) -> StoredAccount | None:
        """The account of this name, if any."""
        return await self.account_by_key(name_key(name))

    async def account_by_key(self, key: str) -> StoredAccount | None:
        """The account that was added with this key, if any."""

        def find(session: Session) -> StoredAccount | None:
            row = session.exec(select(LearnerRow).where(LearnerRow.name_key == key)).one_or_none()
            return StoredAccount(_learner(row), row.password_hash) if row else None

        return await self.database.read(find)

    async def set_password(self, learner_id: str, password_hash: str) -> None:
        """Store a new password and revoke every session, at once. Raises NotFound."""

        def change(session: Session) -> None:
            row = session.get(LearnerRow, learner_id)
            if row is None:
                raise NotFound("no such learner")
            row.password_hash = password_hash
            _close_sessions(session, learner_id)

        await self.database.write(change)

    async def delete_learner(self, learner_id: str) -> None:
        """Remove a learner with all that is theirs. Nothing happens where there is none."""
        await self.database.write(
            lambda session: session.exec(delete(LearnerRow).where(col(LearnerRow.id) == learner_id))
        )

    async def delete_guests(self, before: datetime) -> int:
        """Remove the guests that came before this moment, with all that is theirs; how many there were."""

        def remove(session: Session) -> int:
            old = delete(LearnerRow).where(
                col(LearnerRow.role) == Role.GUEST, col(LearnerRow.created_at) < before
            )
            return session.exec(old).rowcount

        return await self.database.write(remove)

    async def open_session(self, *, learner_id: str, session_id: str, expires_at: datetime) -> None:
        """Remember a session; forget the learner's sessions that are over.

        Raises:
            SessionExpired: The learner was deleted meanwhile.
        """
        now = self.now()

        def remember(session: Session) -> None:
            if session.get(LearnerRow, learner_id) is None:
                raise SessionExpired("no such learner")
            over = delete(SessionRow).where(
                col(SessionRow.learner_id) == learner_id, col(SessionRow.expires_at) <= now
            )
            session.exec(over)
            session.add(
                SessionRow(id=session_id, learner_id=learner_id, created_at=now, expires_at=expires_at)
            )

        await self.database.write(remember)

    async def session_learner(self, session_id: str, *, now: datetime) -> Learner | None:
        """Whose session it is; None where it is unknown, revoked or over."""
        rows = await self.database.fetch(statements.SESSION_LEARNER, {"the_session": session_id, "now": now})
        return Learner(**rows[0]._asdict()) if rows else None

    async def close_session(self, session_id: str) -> None:
        """Revoke one session. Nothing happens where there is none."""
        await self.database.write(
            lambda session: session.exec(delete(SessionRow).where(col(SessionRow.id) == session_id))
        )

    async def close_sessions(self, learner_id: str) -> None:
        """Revoke every session of a learner."""
        await self.database.write(lambda session: _close_sessions(session, learner_id))


def _close_sessions(session: Session, learner_id: str) -> None:
    session.exec(delete(SessionRow).where(col(SessionRow.learner_id) == learner_id))


def _learner(row: LearnerRow) -> Learner:
    return Learner(id=row.id, name=row.name, role=row.role)
