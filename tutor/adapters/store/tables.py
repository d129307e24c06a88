"""The tables. Everything that the store keeps is declared here; the migrations follow."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from tutor.adapters.store.columns import (
    StorableText,
    choice_column,
    id_column,
    key_column,
    learner_key,
    new_id,
    owned_by,
    text_column,
    time_column,
)
from tutor.domain.chat import Author
from tutor.domain.conversation import Outcome, Via
from tutor.domain.learner import Role
from tutor.domain.practice import Deed

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


class LearnerRow(Table, table=True):
    """Somebody with an account, or a guest."""

    __tablename__ = "learners"

    id: str = id_column()
    name: str = text_column()
    name_key: str = text_column(unique=True)
    """The name as it is compared: see `tutor.domain.learner.name_key`."""
    password_hash: str | None = text_column(default=None)
    role: Role = choice_column(Role)
    created_at: datetime = time_column()


class SessionRow(Table, table=True):
    """A session that is open. Revoking one removes its row."""

    __tablename__ = "sessions"

    id: str = id_column()
    learner_id: str = owned_by("learners.id")
    created_at: datetime = time_column()
    expires_at: datetime = time_column()


class ConversationRow(Table, table=True):
    """A conversation of one learner."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "learner_id", "updated_at"),)

    id: str = id_column()
    learner_id: str = Field(
        sa_type=StorableText, sa_column_args=(ForeignKey("learners.id", ondelete="CASCADE"),)
    )
    title: str = text_column()
    course: str = text_column()
    chapter: str = text_column()
    created_at: datetime = time_column()
    updated_at: datetime = time_column()


class TurnRow(Table, table=True):
    """One turn: how it came in, who answered, how long it took and how it ended."""

    __tablename__ = "turns"

    id: str = id_column()
    conversation_id: str = owned_by("conversations.id")
    via: Via = choice_column(Via)
    outcome: Outcome = choice_column(Outcome, default=Outcome.OPEN)
    opened_at: datetime = time_column()
    closed_at: datetime | None = time_column(default=None)
    rung: str = text_column(default="")
    model: str = text_column(default="")
    verdict: str = text_column(default="")
    tier: str = text_column(default="")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """US dollars."""
    heard_ms: int = 0
    guard_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0
    error_code: str = text_column(default="")
    draft: str = text_column(default="", sa_column_kwargs={"server_default": ""})
    """What the learner got to read or hear so far; of use only where the process died in the turn."""
    replaced_by: str = text_column(default="", sa_column_kwargs={"server_default": ""})
    """Id of the turn that asked again in other words. What was replaced is kept, and shown to nobody."""


class MessageRow(Table, table=True):
    """One message. `number` grows with every one stored, so that equal times keep their order."""

    __tablename__ = "messages"

    number: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    id: str = text_column(default_factory=new_id, unique=True)
    conversation_id: str = owned_by("conversations.id")
    turn_id: str = owned_by("turns.id")
    author: Author = choice_column(Author)
    text: str = text_column()
    rung: str = text_column(default="")
    sources: str = text_column(default="[]")
    """A JSON list of `tutor.domain.chat.Source`."""
    created_at: datetime = time_column()


class InstructionRow(Table, table=True):
    """The audit of hidden instructions: which one ran for whom, and when."""

    __tablename__ = "instructions"

    id: str = id_column()
    turn_id: str = owned_by("turns.id")
    learner_id: str = owned_by("learners.id")
    name: str = text_column()
    site: str = text_column(default="")
    """Whose words they were; empty for our own catalogue."""
    text: str = text_column(default="")
    """Words that a course site signed."""
    created_at: datetime = time_column()


class DraftRow(Table, table=True):
    """A learner's own code of a cell, where it differs from the chapter's."""

    __tablename__ = "drafts"

    learner_id: str = learner_key()
    course: str = key_column()
    chapter: str = key_column()
    cell_id: str = key_column()
    code: str = text_column()
    changed_at: datetime = time_column()


class PracticeRow(Table, table=True):
    """Where a learner stands in a cell: see `tutor.domain.practice.Practice`."""

    __tablename__ = "practice"
    __table_args__ = (Index(None, "learner_id", "due"),)

    learner_id: str = learner_key()
    course: str = key_column()
    chapter: str = key_column()
    cell_id: str = key_column()
    tries: int = 0
    hints: int = 0
    solved: bool = False
    shown: bool = False
    done_at: datetime | None = time_column(default=None)
    stability: float | None = None
    difficulty: float | None = None
    reviewed: datetime | None = time_column(default=None)
    due: datetime | None = time_column(default=None)


class DeedRow(Table, table=True):
    """What a learner did in a cell, one row each time."""

    __tablename__ = "deeds"
    __table_args__ = (Index(None, "learner_id", "at"),)

    number: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    learner_id: str = Field(
        sa_type=StorableText, sa_column_args=(ForeignKey("learners.id", ondelete="CASCADE"),)
    )
    course: str = text_column()
    chapter: str = text_column()
    cell_id: str = text_column()
    deed: Deed = choice_column(Deed)
    passed: bool = False
    at: datetime = time_column()


class SpentTokenRow(Table, table=True):
    """A token of a course site that was used. Kept until it would be over anyway."""

    __tablename__ = "spent_tokens"

    issuer: str = key_column()
    token_id: str = key_column()
    expires_at: datetime = time_column(index=True)


class UsageRow(Table, table=True):
    """What a learner used on the last day on which they used anything."""

    __tablename__ = "usage"

    learner_id: str = learner_key()
    day: str = text_column()
    """As 2026-11-22, in UTC."""
    tokens: int = 0
    voice_seconds: float = 0.0


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
    first_visit: datetime = time_column()
    last_visit: datetime = time_column()
