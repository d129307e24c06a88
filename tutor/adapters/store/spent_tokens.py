"""Tokens that were used, as stored: each is good once, on every process and after a restart."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete

from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import SpentTokenRow


class SqlSpentTokens:
    """The SpentTokens on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def spend(self, issuer: str, token_id: str, *, expires_at: datetime, now: datetime) -> bool:
        """Note that a token is used; False where it was used before. Forgets those that are over."""

        def note(session: Session) -> None:
            session.exec(delete(SpentTokenRow).where(col(SpentTokenRow.expires_at) <= now))
            session.add(SpentTokenRow(issuer=issuer, token_id=token_id, expires_at=expires_at))

        try:
            await self.database.write(note)
        except IntegrityError:  # the key is the only thing that can be there already
            return False
        return True
