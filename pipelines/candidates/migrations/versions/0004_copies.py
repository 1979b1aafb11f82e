"""Let films that another case brought before stand as duplicates; `migrated` finds them among those kept already."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table."""
