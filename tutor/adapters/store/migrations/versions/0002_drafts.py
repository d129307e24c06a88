"""What was said so far in a turn that still runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    """One step up."""
    op.add_column("turns", sa.Column("draft", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """The same step back."""
    op.drop_column("turns", "draft")
