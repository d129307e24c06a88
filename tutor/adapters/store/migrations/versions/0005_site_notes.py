"""Notes of course sites in the audit, and which of their tokens were used."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    """One step up."""
    op.create_table(
        "spent_tokens",
        sa.Column("issuer", sa.Text(), primary_key=True),
        sa.Column("token_id", sa.Text(), primary_key=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.add_column("instructions", sa.Column("site", sa.Text(), nullable=False, server_default=""))
    op.add_column("instructions", sa.Column("text", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """The same step back."""
    op.drop_column("instructions", "text")
    op.drop_column("instructions", "site")
    op.drop_table("spent_tokens")
