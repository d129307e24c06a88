"""What answers have cost, so that a restart forgets no budget."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import ConversationRow, TurnRow


class SqlSpending:
    """The SpendingStore on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def spent_since(self, moment: datetime) -> dict[str, float]:
        """US dollars by learner's id, of all turns that were opened at or after this moment."""
        spent = (
            select(ConversationRow.learner_id, func.sum(TurnRow.cost))
            .join(TurnRow, col(TurnRow.conversation_id) == col(ConversationRow.id))
            .where(col(TurnRow.opened_at) >= moment, col(TurnRow.cost) > 0)
            .group_by(col(ConversationRow.learner_id))
        )

        def add_up(session: Session) -> dict[str, float]:
            return dict(session.exec(spent).all())

        return await self.database.read(add_up)
