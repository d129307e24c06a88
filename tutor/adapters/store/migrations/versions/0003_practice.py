"""Drafts, practice and deeds: what learners write, where they stand, what they did."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
step = "expand"

_KEY = ("course", "chapter", "cell_id")


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "drafts",
        _learner(primary_key=True),
        *(_text(name, primary_key=True) for name in _KEY),
        _text("code"),
        _time("changed_at", nullable=False),
    )
    op.create_table(
        "practice",
        _learner(primary_key=True),
        *(_text(name, primary_key=True) for name in _KEY),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("tries", "hints")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("solved", "shown")),
        _time("done_at"),
        *(sa.Column(name, sa.Float(), nullable=True) for name in ("stability", "difficulty")),
        _time("reviewed"),
        _time("due"),
        sa.Index("ix_practice_learner_id_due", "learner_id", "due"),
    )
    op.create_table(
        "deeds",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        _learner(),
        *map(_text, (*_KEY, "deed")),
        sa.Column("passed", sa.Boolean(), nullable=False),
        _time("at", nullable=False),
        sa.Index("ix_deeds_learner_id_at", "learner_id", "at"),
    )


def downgrade() -> None:
    """The same step back."""
    for table in ("deeds", "practice", "drafts"):
        op.drop_table(table)


def _learner(*, primary_key: bool = False) -> sa.Column[str]:
    owner = sa.ForeignKey("learners.id", ondelete="CASCADE")
    return sa.Column("learner_id", sa.Text(), owner, nullable=False, primary_key=primary_key)


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, primary_key=primary_key)


def _time(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
