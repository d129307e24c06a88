"""The first tables."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "learners",
        _text("id", primary_key=True),
        _text("name"),
        _text("name_key", unique=True),
        _text("password_hash", nullable=True),
        _text("role"),
        _time("created_at"),
    )
    op.create_table(
        "sessions",
        _text("id", primary_key=True),
        _owned_by("learners"),
        _time("created_at"),
        _time("expires_at"),
    )
    op.create_table(
        "conversations",
        _text("id", primary_key=True),
        _owned_by("learners", index=False),
        _text("title"),
        _text("course"),
        _text("chapter"),
        _time("created_at"),
        _time("updated_at"),
        sa.Index("ix_conversations_learner_id_updated_at", "learner_id", "updated_at"),
    )
    _create_turns()
    op.create_table(
        "messages",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        _text("id", unique=True),
        _owned_by("conversations"),
        _owned_by("turns"),
        *map(_text, ("author", "text", "rung", "sources")),
        _time("created_at"),
    )
    op.create_table(
        "instructions",
        _text("id", primary_key=True),
        _owned_by("turns"),
        _owned_by("learners"),
        _text("name"),
        _time("created_at"),
    )
    op.create_table(
        "progress",
        _owned_by("learners", index=False, primary_key=True),
        _text("course", primary_key=True),
        _text("chapter", primary_key=True),
        _time("first_visit"),
        _time("last_visit"),
    )


def downgrade() -> None:
    """The same step back."""
    for table in ("progress", "instructions", "messages", "turns", "conversations", "sessions", "learners"):
        op.drop_table(table)


def _create_turns() -> None:
    numbers = ("prompt_tokens", "completion_tokens", "heard_ms", "guard_ms", "first_token_ms", "total_ms")
    op.create_table(
        "turns",
        _text("id", primary_key=True),
        _owned_by("conversations"),
        *map(_text, ("via", "outcome")),
        _time("opened_at"),
        _time("closed_at", nullable=True),
        *map(_text, ("rung", "model", "verdict", "tier")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("cost", sa.Float(), nullable=False),
        _text("error_code"),
    )


def _text(
    name: str, *, nullable: bool = False, primary_key: bool = False, unique: bool | None = None
) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, primary_key=primary_key, unique=unique)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _owned_by(table: str, *, index: bool = True, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        f"{table.removesuffix('s')}_id",
        sa.Text(),
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE"),
        nullable=False,
        index=index or None,
        primary_key=primary_key,
    )
