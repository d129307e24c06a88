"""The statements of every request and every turn, built once: building one costs more than running it.

On the tables and not on their row classes, because a row that is only read, or only written, needs no object
that follows its changes: so a turn is stored in a quarter of the time.
"""

from typing import Final

from sqlalchemy import Integer, Table, bindparam, case, exists, insert, select, update

from tutor.adapters.store.columns import StorableText
from tutor.adapters.store.tables import (
    ConversationRow,
    InstructionRow,
    LearnerRow,
    MessageRow,
    PracticeRow,
    SessionRow,
    TurnRow,
)
from tutor.adapters.store.tables import Table as RowClass
from tutor.domain.chat import Author
from tutor.domain.conversation import Outcome


def _table(row: type[RowClass]) -> Table:
    table: Table = row.__table__  # type: ignore[attr-defined]  # SQLModel makes it, and does not say so
    return table


_learners, _sessions = _table(LearnerRow), _table(SessionRow)
_conversations, _turns, _messages = _table(ConversationRow), _table(TurnRow), _table(MessageRow)
_practice = _table(PracticeRow)

_HERS: Final = _conversations.c.learner_id == bindparam("the_learner")
_THIS: Final = _conversations.c.id == bindparam("the_conversation")

SESSION_LEARNER: Final = (
    select(_learners.c.id, _learners.c.name, _learners.c.role)
    .join(_sessions, _sessions.c.learner_id == _learners.c.id)
    .where(_sessions.c.id == bindparam("the_session"), _sessions.c.expires_at > bindparam("now"))
)
"""Whose session it is, while it lasts."""

CONVERSATION: Final = select(*(column for column in _conversations.c if column.name != "learner_id")).where(
    _THIS, _HERS
)
"""One conversation of a learner."""

LAST_MESSAGES: Final = (
    select(_messages)
    .join(_conversations, _conversations.c.id == _messages.c.conversation_id)
    .join(_turns, _turns.c.id == _messages.c.turn_id)
    .where(_THIS, _HERS, _turns.c.replaced_by == "")
    .order_by(_messages.c.number.desc())
    .limit(bindparam("most", type_=Integer))
)
"""The last messages of a conversation of a learner, the newest first."""

PRACTICE_OF_CHAPTER: Final = select(_practice).where(
    _practice.c.learner_id == bindparam("the_learner"),
    _practice.c.course == bindparam("the_course"),
    _practice.c.chapter == bindparam("the_chapter"),
)
"""Where a learner stands in the cells of a chapter."""

TOUCH: Final = update(_conversations).where(_THIS, _HERS).values(updated_at=bindparam("now"))
"""A conversation of a learner was used."""

_ASKED: Final = exists().where(
    _messages.c.conversation_id == _conversations.c.id, _messages.c.author == Author.LEARNER
)
ASK: Final = TOUCH.values(
    title=case((_ASKED, _conversations.c.title), else_=bindparam("first_title", type_=StorableText()))
)
"""It was used to ask; the first question gives it its title."""

ADD_TURN: Final = insert(_turns)
ADD_INSTRUCTION: Final = insert(_table(InstructionRow))
ADD_MESSAGE: Final = insert(_messages)

CLOSE_TURN: Final = (
    update(_turns)
    .where(
        _turns.c.id == bindparam("the_turn"),
        _turns.c.outcome == Outcome.OPEN,
        _turns.c.conversation_id.in_(select(_conversations.c.id).where(_HERS)),
    )
    .returning(_turns.c.conversation_id)
)
"""How an open turn of a learner ended; nothing where it is closed, or not the learner's."""
