"""The tables. Everything that the store keeps is declared here; the migrations follow."""

import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, Text
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from tutor.domain.chat import Author
from tutor.domain.conversation import Outcome, Via
from tutor.domain.learner import Role

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def new_id() -> str:
    """An id that nobody can guess: 128 random bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class StorableText(TypeDecorator[str]):
    """Text of any length. PostgreSQL takes no NUL and no driver a lone surrogate: both become U+FFFD.

    As the type of every text column, ids included, it also cleans what a query compares with them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """On the way in."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class EnumText(TypeDecorator[StrEnum]):
    """A member of an enumeration, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """On the way out."""
        return None if value is None else self.members(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones, so this puts them back.

    Raises:
        ValueError: A time without a zone was given.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On the way in."""
        if value is not None and value.tzinfo is None:
            msg = "a stored time needs its time zone"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_metadata = MetaData(
    # Named, because a later migration can only change a constraint that it can name.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Table(SQLModel, registry=registry(metadata=_metadata)):
    """The base of every table, with metadata of its own."""


def _id() -> Any:  # noqa: ANN401 - sqlmodel's own Field returns Any
    return Field(default_factory=new_id, primary_key=True, sa_type=StorableText)


def _text(**arguments: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=StorableText, **arguments)


def _enum(members: type[StrEnum], **arguments: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=EnumText(members), **arguments)


def _time(**arguments: Any) -> Any:  # noqa: ANN401 - as above
    return Field(sa_type=UtcTime, **arguments)


def _owned_by(column: str, **arguments: Any) -> Any:  # noqa: ANN401 - as above
    return Field(
        sa_type=StorableText,
        sa_column_args=(ForeignKey(column, ondelete="CASCADE"),),
        index=True,
        **arguments,
    )


class LearnerRow(Table, table=True):
    """Somebody with an account, or a guest."""

    __tablename__ = "learners"

    id: str = _id()
    name: str = _text()
    name_key: str = _text(unique=True)
    """The name as it is compared: see `tutor.domain.learner.name_key`."""
    password_hash: str | None = _text(default=None)
    role: Role = _enum(Role)
    created_at: datetime = _time()


class SessionRow(Table, table=True):
    """A session that is open. Revoking one removes its row."""

    __tablename__ = "sessions"

    id: str = _id()
    learner_id: str = _owned_by("learners.id")
    created_at: datetime = _time()
    expires_at: datetime = _time()


class ConversationRow(Table, table=True):
    """A conversation of one learner."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "learner_id", "updated_at"),)

    id: str = _id()
    learner_id: str = Field(
        sa_type=StorableText, sa_column_args=(ForeignKey("learners.id", ondelete="CASCADE"),)
    )
    title: str = _text()
    course: str = _text()
    chapter: str = _text()
    created_at: datetime = _time()
    updated_at: datetime = _time()


class TurnRow(Table, table=True):
    """One turn: how it came in, who answered, how long it took and how it ended."""

    __tablename__ = "turns"

    id: str = _id()
    conversation_id: str = _owned_by("conversations.id")
    via: Via = _enum(Via)
    outcome: Outcome = _enum(Outcome, default=Outcome.OPEN)
    opened_at: datetime = _time()
    closed_at: datetime | None = _time(default=None)
    rung: str = _text(default="")
    model: str = _text(default="")
    verdict: str = _text(default="")
    tier: str = _text(default="")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """US dollars."""
    heard_ms: int = 0
    guard_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0
    error_code: str = _text(default="")
    draft: str = _text(default="", sa_column_kwargs={"server_default": ""})
    """What the learner got to read or hear so far; of use only where the process died in the turn."""
    replaced_by: str = _text(default="")
    """Id of the turn that asked again in other words. What was replaced is kept, and shown to nobody."""


class MessageRow(Table, table=True):
    """One message. `number` grows with every one stored, so that equal times keep their order."""

    __tablename__ = "messages"

    number: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    id: str = _text(default_factory=new_id, unique=True)
    conversation_id: str = _owned_by("conversations.id")
    turn_id: str = _owned_by("turns.id")
    author: Author = _enum(Author)
    text: str = _text()
    rung: str = _text(default="")
    sources: str = _text(default="[]")
    """A JSON list of `tutor.domain.chat.Source`."""
    created_at: datetime = _time()


class InstructionRow(Table, table=True):
    """The audit of hidden instructions: which one ran for whom, and when."""

    __tablename__ = "instructions"

    id: str = _id()
    turn_id: str = _owned_by("turns.id")
    learner_id: str = _owned_by("learners.id")
    name: str = _text()
    created_at: datetime = _time()


class ProgressRow(Table, table=True):
    """When a learner first and last had a chapter open."""

    __tablename__ = "progress"

    learner_id: str = Field(
        primary_key=True,
        sa_type=StorableText,
        sa_column_args=(ForeignKey("learners.id", ondelete="CASCADE"),),
    )
    course: str = Field(primary_key=True, sa_type=StorableText)
    chapter: str = Field(primary_key=True, sa_type=StorableText)
    first_visit: datetime = _time()
    last_visit: datetime = _time()
