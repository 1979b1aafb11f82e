"""Find adopted rows by their film; `migrated` fills the column, and lets what is published stand as a duplicate."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("adopted_rows", sa.Column("sha256", sa.String(length=64), server_default="", nullable=False))
    op.create_index("ix_adopted_rows_sha256", "adopted_rows", ["sha256"])
