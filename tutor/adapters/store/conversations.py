"""Conversations, as stored: nothing that a learner said is lost once it was acknowledged."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, update
from sqlmodel import Session, col, delete, select

from tutor.adapters.store import statements, turn_rows
from tutor.adapters.store.columns import utc_now
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import (
    ConversationRow,
    LearnerRow,
    MessageRow,
    TurnRow,
)
from tutor.domain.conversation import Conversation, Message, Outcome, TurnEnd, Via
from tutor.errors import ConversationUnknown, SessionExpired

_MOST: Final = 1000
"""Rows that one call returns at most, whatever it asks for."""
_FEW: Final = 30
"""Messages that are read at once: what a turn needs, not what a page shows."""


class SqlConversations:
    """The TurnStore on a database.

    Args:
        database: Where; its tables must be there.
        now: The clock.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.now = now

    async def add_conversation(
        self, learner_id: str, *, course: str, chapter: str, title: str
    ) -> Conversation:
        """Begin a conversation. Raises SessionExpired where the learner was deleted meanwhile."""
        now = self.now()

        def add(session: Session) -> Conversation:
            if session.get(LearnerRow, learner_id) is None:
                raise SessionExpired("no such learner")
            row = ConversationRow(
                learner_id=learner_id,
                title=title,
                course=course,
                chapter=chapter,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            session.refresh(row)  # as the database keeps it
            return _conversation(row)

        return await self.database.write(add)

    async def conversations(self, learner_id: str, *, limit: int = 50) -> tuple[Conversation, ...]:
        """Those with at least one message, the last used first."""
        some = select(MessageRow.number).where(col(MessageRow.conversation_id) == col(ConversationRow.id))
        query = (
            select(ConversationRow)
            .where(ConversationRow.learner_id == learner_id, some.exists())
            .order_by(col(ConversationRow.updated_at).desc(), col(ConversationRow.id))
            .limit(_bounded(limit))
        )
        return await self.database.read(lambda session: tuple(map(_conversation, session.exec(query))))

    async def conversation(self, learner_id: str, conversation_id: str) -> Conversation:
        """One of them."""
        key = {"the_learner": learner_id, "the_conversation": conversation_id}
        rows = await self.database.fetch(statements.CONVERSATION, key)
        if not rows:
            raise ConversationUnknown("no such conversation of this learner")
        return Conversation(**rows[0]._asdict())

    async def delete_conversation(self, learner_id: str, conversation_id: str) -> None:
        """Remove it with its messages, turns and audit rows."""

        def remove(session: Session) -> None:
            turn_rows.owned(session, learner_id, conversation_id, lock=True)
            session.exec(delete(ConversationRow).where(col(ConversationRow.id) == conversation_id))

        await self.database.write(remove)

    async def messages(
        self, learner_id: str, conversation_id: str, *, limit: int = 200
    ) -> tuple[Message, ...]:
        """The last `limit` messages, oldest first."""
        wanted = {"the_learner": learner_id, "the_conversation": conversation_id, "most": _bounded(limit)}
        last = await self.database.fetch(statements.LAST_MESSAGES, wanted, few=limit <= _FEW)
        if not last:
            await self.conversation(learner_id, conversation_id)  # raises where it is not the learner's
        return tuple(_message(row) for row in reversed(last))

    async def open_turn(
        self,
        learner_id: str,
        conversation_id: str,
        *,
        text: str,
        via: Via,
        instruction: str = "",
        replaces: str = "",
        site: str = "",
    ) -> str:
        """Store what came in, durably, and return the turn's id.

        With `via` INSTRUCTION no message is stored; name, text and site go into the audit table.
        The first question gives the conversation its title. The turn that it `replaces`, and all after that
        one, are kept, but are among the messages no longer.
        """
        now = self.now()

        def begin(connection: Connection) -> str:
            question = "" if via is Via.INSTRUCTION else text
            turn_id = turn_rows.open_turn(
                connection, learner_id, conversation_id, via, now, question=question
            )
            if replaces:
                turn_rows.replace(connection, conversation_id, replaces, by=turn_id)
            if via is Via.INSTRUCTION:
                note = {"turn_id": turn_id, "learner_id": learner_id, "name": instruction, "site": site}
                connection.execute(statements.ADD_INSTRUCTION, {**note, "text": text, "created_at": now})
            else:
                turn_rows.add_question(connection, conversation_id, turn_id, text, now)
            return turn_id

        return await self.database.change(begin)

    async def keep_draft(self, learner_id: str, turn_id: str, text: str) -> None:
        """Keep what was said so far in a turn that runs. No message yet: `recover` makes one if need be."""
        mine = select(ConversationRow.id).where(ConversationRow.learner_id == learner_id)
        keep = (
            update(TurnRow)
            .where(
                col(TurnRow.id) == turn_id,
                col(TurnRow.outcome) == Outcome.OPEN,
                col(TurnRow.conversation_id).in_(mine),
            )
            .values(draft=text)
        )
        await self.database.write(lambda session: session.exec(keep))

    async def close_turn(self, learner_id: str, turn_id: str, end: TurnEnd) -> str:
        """Store how the turn ended, and the teacher's message if it has text.

        Returns the message's id, or '' where there is none. A second close changes nothing and returns the
        same, unless the first was `recover`'s: that one only guessed.

        Raises:
            ValueError: `end` says that the turn is open.
        """
        if end.outcome is Outcome.OPEN:
            msg = "a turn cannot end open"
            raise ValueError(msg)
        now = self.now()

        return await self.database.change(
            lambda connection: turn_rows.close(connection, learner_id, turn_id, end, now)
        )

    async def cut_turn(self, learner_id: str, turn_id: str, text: str) -> None:
        """Shorten the teacher's message to what was heard of it; an answered turn becomes an interrupted one.

        With '' the message goes. A text that is not shorter changes nothing.
        """

        def cut(session: Session) -> None:
            turn, _ = turn_rows.owned_turn(session, learner_id, turn_id)
            turn_rows.cut(session, turn, text)

        await self.database.write(cut)

    async def recover(self, conversation_id: str = "") -> int:
        """Close the turns that a process left open when it died, as interrupted; how many there were.

        What was said in them until then becomes the teacher's message. For the start of a process, and for
        one that takes a conversation over. A turn that another process still works on is closed too, and
        set right when that one closes it.

        Args:
            conversation_id: Of this conversation alone; empty means of all.
        """
        now = self.now()
        left = select(TurnRow).where(TurnRow.outcome == Outcome.OPEN).with_for_update()
        if conversation_id:
            left = left.where(TurnRow.conversation_id == conversation_id)

        def close(session: Session) -> int:
            turns = session.exec(left).all()
            for turn in turns:
                turn_rows.close_lost(session, turn, now)
            return len(turns)

        return await self.database.write(close)


def _bounded(limit: int) -> int:
    return max(0, min(limit, _MOST))  # SQLite takes a negative limit for none


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(**row.model_dump(exclude={"learner_id"}))


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        turn_id=row.turn_id,
        author=row.author,
        text=row.text,
        rung=row.rung,
        sources=turn_rows.SOURCES.validate_json(row.sources),
        created_at=row.created_at,
    )
