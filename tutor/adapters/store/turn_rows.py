"""A turn in the rows of its conversation: opened, replaced, closed, cut. Functions of a transaction."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, update
from sqlmodel import Session, col, delete, select

from tutor.adapters.store import statements, usage
from tutor.adapters.store.columns import new_id
from tutor.adapters.store.tables import ConversationRow, MessageRow, TurnRow
from tutor.domain.chat import Author, Source
from tutor.domain.conversation import Outcome, TurnEnd, Via
from tutor.errors import ConversationUnknown

LOST: Final = "process_died"
"""Error code of a turn that was found open at start."""
SOURCES: Final = TypeAdapter(tuple[Source, ...])
"""As a message keeps them, in JSON."""

_TITLE_CHARS: Final = 60


def owned(session: Session, learner_id: str, conversation_id: str, *, lock: bool = False) -> ConversationRow:
    """The conversation, if it is the learner's. `lock`: nobody else changes it until the transaction ends."""
    query = select(ConversationRow).where(
        ConversationRow.id == conversation_id, ConversationRow.learner_id == learner_id
    )
    row = session.exec(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise ConversationUnknown("no such conversation of this learner")
    return row


def owned_turn(session: Session, learner_id: str, turn_id: str) -> tuple[TurnRow, ConversationRow]:
    """The turn and its conversation, locked, if they are the learner's."""
    found = session.exec(
        select(TurnRow, ConversationRow)
        .join(ConversationRow, col(ConversationRow.id) == col(TurnRow.conversation_id))
        .where(TurnRow.id == turn_id, ConversationRow.learner_id == learner_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise ConversationUnknown("no such turn of this learner")
    return found


def open_turn(
    connection: Connection,
    learner_id: str,
    conversation_id: str,
    via: Via,
    now: datetime,
    *,
    question: str = "",
) -> str:
    """Open a turn; its id. The first question gives the conversation its title."""
    used = {"the_learner": learner_id, "the_conversation": conversation_id, "now": now}
    title = _shortened(question)
    found = (
        connection.execute(statements.ASK, {**used, "first_title": title})
        if title
        else connection.execute(statements.TOUCH, used)
    )
    if not found.rowcount:
        raise ConversationUnknown("no such conversation of this learner")
    turn_id = new_id()
    turn = {"id": turn_id, "conversation_id": conversation_id, "via": via, "opened_at": now}
    connection.execute(statements.ADD_TURN, turn)
    return turn_id


def add_question(
    connection: Connection, conversation_id: str, turn_id: str, text: str, now: datetime
) -> None:
    """Store what the learner said."""
    _add_message(connection, conversation_id, turn_id, Author.LEARNER, text, now)


def replace(connection: Connection, conversation_id: str, turn_id: str, *, by: str) -> None:
    """Mark the turn of a question, and all turns with messages since, as replaced."""
    asked = connection.execute(
        select(MessageRow.number)
        .join(TurnRow, col(TurnRow.id) == col(MessageRow.turn_id))
        .where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.turn_id == turn_id,
            MessageRow.author == Author.LEARNER,
            TurnRow.replaced_by == "",
        )
    ).scalar_one_or_none()
    if asked is None:
        raise ConversationUnknown("no such question in this conversation")
    since = select(MessageRow.turn_id).where(
        MessageRow.conversation_id == conversation_id, col(MessageRow.number) >= asked
    )
    gone = update(TurnRow).where(col(TurnRow.id).in_(since), col(TurnRow.replaced_by) == "")
    connection.execute(gone.values(replaced_by=by))


def close(connection: Connection, learner_id: str, turn_id: str, end: TurnEnd, now: datetime) -> str:
    """Store how a turn ended; id of the teacher's message, or ''. A second close changes nothing."""
    figures = end.model_dump(exclude={"text", "sources"})
    closed = {"the_turn": turn_id, "the_learner": learner_id, **figures, "closed_at": now, "draft": ""}
    conversation_id = connection.execute(statements.CLOSE_TURN, closed).scalar()
    if conversation_id is None:
        with Session(connection, expire_on_commit=False) as session:
            return _close_again(session, learner_id, turn_id, end, now)
    if tokens := end.prompt_tokens + end.completion_tokens:
        usage.add(connection, learner_id, now.date().isoformat(), tokens=tokens)
    touched = {"the_learner": learner_id, "the_conversation": conversation_id, "now": now}
    connection.execute(statements.TOUCH, touched)
    return _add_answer(connection, conversation_id, turn_id, end, now) if end.text.strip() else ""


def _close_again(session: Session, learner_id: str, turn_id: str, end: TurnEnd, now: datetime) -> str:
    """A turn that is closed already stays as it is, unless `close_lost` closed it: that one only guessed."""
    turn, conversation = owned_turn(session, learner_id, turn_id)
    if turn.outcome != Outcome.OPEN and turn.error_code != LOST:
        return session.exec(select(MessageRow.id).where(*_answer_of(turn.id))).one_or_none() or ""
    figures = end.model_dump(exclude={"text", "sources"})
    turn.sqlmodel_update(figures, update={"closed_at": now, "draft": ""})
    conversation.updated_at = now
    session.exec(delete(MessageRow).where(*_answer_of(turn.id)))  # the guess
    session.flush()
    return (
        _add_answer(session.connection(), turn.conversation_id, turn.id, end, now) if end.text.strip() else ""
    )


def close_lost(session: Session, turn: TurnRow, now: datetime) -> None:
    """Close a turn that nobody works on any more. What was said in it becomes the teacher's message."""
    if turn.draft.strip():
        _add_message(session.connection(), turn.conversation_id, turn.id, Author.TEACHER, turn.draft, now)
    turn.sqlmodel_update({"outcome": Outcome.INTERRUPTED, "error_code": LOST, "closed_at": now, "draft": ""})


def cut(session: Session, turn: TurnRow, text: str) -> None:
    """Shorten the teacher's message, or take it away; an answered turn becomes an interrupted one."""
    answer = session.exec(select(MessageRow).where(*_answer_of(turn.id))).one_or_none()
    if answer is None or len(text) >= len(answer.text):
        return
    if turn.outcome == Outcome.ANSWERED:
        turn.outcome = Outcome.INTERRUPTED
    if text.strip():
        answer.text = text
    else:
        session.delete(answer)


def _answer_of(turn_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(MessageRow.turn_id) == turn_id, col(MessageRow.author) == Author.TEACHER


def _add_answer(
    connection: Connection, conversation_id: str, turn_id: str, end: TurnEnd, now: datetime
) -> str:
    sources = SOURCES.dump_json(end.sources).decode()
    told = {"rung": end.rung, "sources": sources}
    return _add_message(connection, conversation_id, turn_id, Author.TEACHER, end.text, now, **told)


def _add_message(
    connection: Connection,
    conversation_id: str,
    turn_id: str,
    author: Author,
    text: str,
    now: datetime,
    **more: str,
) -> str:
    message_id = new_id()
    message = {
        "id": message_id,
        "conversation_id": conversation_id,
        "turn_id": turn_id,
        "author": author,
        "text": text,
        "created_at": now,
        **more,
    }
    connection.execute(statements.ADD_MESSAGE, message)
    return message_id


def _shortened(text: str) -> str:
    """The beginning of a question, on one line, cut between words where there are any."""
    line = " ".join(text.split())
    if len(line) <= _TITLE_CHARS:
        return line
    head = line[: _TITLE_CHARS - 1]
    return (head.rpartition(" ")[0] or head) + "…"
