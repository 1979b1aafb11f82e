"""Create the store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the store."""
    op.create_table(
        "answers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_answers"),
    )
    op.create_table(
        "case_versions",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "source_id", "version", name="pk_case_versions"),
    )
    op.create_table(
        "fingerprints",
        sa.Column("film", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("film", "version", name="pk_fingerprints"),
    )
    op.create_table(
        "media",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_media"),
    )
    op.create_table(
        "permissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_permissions"),
    )
    op.create_index("ix_permissions_source", "permissions", ["source"])
    op.create_table(
        "published_films",
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("filename", name="pk_published_films"),
    )
    op.create_index("ix_published_films_sha256", "published_films", ["sha256"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_source", "runs", ["source"])
    op.create_table(
        "snapshots",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("url", "fetched", name="pk_snapshots"),
    )
    op.create_table(
        "cases",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reader_version", sa.String(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_cases_run_id"),
        sa.PrimaryKeyConstraint("source", "source_id", name="pk_cases"),
    )
    op.create_table(
        "fetched",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["media.sha256"], name="fk_fetched_sha256"),
        sa.PrimaryKeyConstraint("url", name="pk_fetched"),
    )
    op.create_index("ix_fetched_sha256", "fetched", ["sha256"])
    op.create_table(
        "candidates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), server_default="pending", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("proposed_version", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("kept_version", sa.String(length=64), nullable=True),
        sa.Column("on_page", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source", "source_id"], ["cases.source", "cases.source_id"], name="fk_candidates_source_source_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
    )
    op.create_index("ix_candidates_sha256", "candidates", ["sha256"])
    op.create_index(
        "ix_candidates_source_source_id_position_id", "candidates", ["source", "source_id", "position", "id"]
    )
    op.create_index(
        "ix_candidates_state_source_source_id_position_id",
        "candidates",
        ["state", "source", "source_id", "position", "id"],
    )
    op.create_table(
        "case_aliases",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source", "source_id"], ["cases.source", "cases.source_id"], name="fk_case_aliases_source_source_id"
        ),
        sa.PrimaryKeyConstraint("source", "alias", name="pk_case_aliases"),
    )
    op.create_index("ix_case_aliases_source_source_id", "case_aliases", ["source", "source_id"])
    op.create_table(
        "candidate_issues",
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_candidate_issues_candidate"),
        sa.PrimaryKeyConstraint("candidate", "kind", "field", "message", name="pk_candidate_issues"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("kept_before", sa.Text(), nullable=True),
        sa.Column("kept_version_before", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_decisions_candidate"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("candidate", "revision", name="uq_decisions_candidate_revision"),
    )
    op.create_index("ix_decisions_action", "decisions", ["action"])
    op.create_table(
        "matches",
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("other", sa.String(), server_default="", nullable=False),
        sa.Column("published", sa.String(), server_default="", nullable=False),
        sa.Column("compared_from", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_matches_candidate"),
        sa.PrimaryKeyConstraint("candidate", "other", "published", name="pk_matches"),
    )
    op.create_index("ix_matches_other", "matches", ["other"])
