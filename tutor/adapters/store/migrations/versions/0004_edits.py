"""Which turn replaced a turn, where a learner changed the words of a question."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
step = "expand"


def upgrade() -> None:
    """One step up."""
    op.add_column("turns", sa.Column("replaced_by", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """The same step back."""
    op.drop_column("turns", "replaced_by")
