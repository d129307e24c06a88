"""What learners use in a day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "usage",
        sa.Column(
            "learner_id", sa.Text(), sa.ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("voice_seconds", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    """The same step back."""
    op.drop_table("usage")
