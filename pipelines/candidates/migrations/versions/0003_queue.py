"""Queue, count and search candidates; keep users, sessions and leases."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PLACE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True)

# SQLite keeps such an index in tables of its own and leaves it to triggers to follow the words.
_SEARCH_IN_SQLITE = (
    "CREATE VIRTUAL TABLE searched_words USING fts5(words, content='searched', content_rowid='id', detail='none')",
    "CREATE TRIGGER searched_added AFTER INSERT ON searched BEGIN "
    "INSERT INTO searched_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER searched_removed AFTER DELETE ON searched BEGIN "
    "INSERT INTO searched_words(searched_words, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER searched_renewed AFTER UPDATE OF words ON searched BEGIN "
    "INSERT INTO searched_words(searched_words, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO searched_words(rowid, words) VALUES (new.id, new.words); END",
)
_SEARCH_IN_POSTGRESQL = ("CREATE INDEX ix_searched_words ON searched USING gin (to_tsvector('simple', words))",)


def upgrade() -> None:
    """Add the columns and tables; `migrated` fills them once all migrations are through."""
    _extend_cases()
    _extend_candidates()
    _extend_decisions()
    _create_queue()
    _create_people()


def _extend_cases() -> None:
    for name in ("title", "doi"):
        type_ = sa.Text() if name == "title" else sa.String()
        op.add_column("cases", sa.Column(name, type_, server_default="", nullable=False))
    op.create_index("ix_cases_doi", "cases", ["doi"])
    op.create_index("ix_case_aliases_alias", "case_aliases", ["alias"])


def _extend_candidates() -> None:
    for name in ("parent", "counted_as"):
        op.add_column("candidates", sa.Column(name, sa.String(), nullable=True))
    op.add_column("candidates", sa.Column("place", _PLACE, nullable=True))
    for name in ("withdrawn", "changed"):
        op.add_column("candidates", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("doubts", "issues", "copies"):
        op.add_column("candidates", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in ("patientid", "finding", "view", "modality", "date", "offset", "license", "doi"):
        op.add_column("candidates", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for columns in (
        ["parent"], ["doi"], ["state", "place"], ["source", "state", "place"], ["finding", "state", "place"],
        ["modality", "state", "place"], ["license", "state", "place"], ["changed", "place"],
    ):  # fmt: skip
        op.create_index(f"ix_candidates_{'_'.join(columns)}", "candidates", columns)


def _extend_decisions() -> None:
    for name in ("by", "other", "published"):
        op.add_column("decisions", sa.Column(name, sa.String(), server_default="", nullable=False))
    for name in ("source_hash", "source_version"):
        op.add_column("decisions", sa.Column(name, sa.String(length=64), server_default="", nullable=False))
    op.add_column("decisions", sa.Column("reading", sa.Text(), server_default="", nullable=False))
    op.add_column("decisions", sa.Column("standing", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("ix_decisions_other", "decisions", ["other"])
    op.create_index("ix_decisions_by_standing_id", "decisions", ["by", "standing", "id"])


def _create_queue() -> None:
    op.create_table(
        "open_issues",
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", _PLACE, nullable=True),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_open_issues_candidate"),
        sa.PrimaryKeyConstraint("candidate", "kind", name="pk_open_issues"),
    )
    op.create_index("ix_open_issues_kind_state_place", "open_issues", ["kind", "state", "place"])
    op.create_table(
        "tallies",
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "value", "state", name="pk_tallies"),
    )
    op.create_table(
        "searched",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_searched_candidate"),
        sa.PrimaryKeyConstraint("id", name="pk_searched"),
        sa.UniqueConstraint("candidate", name="uq_searched_candidate"),
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SEARCH_IN_SQLITE if on_sqlite else _SEARCH_IN_POSTGRESQL:
        op.execute(statement)


def _create_people() -> None:
    op.create_table(
        "leases",
        sa.Column("candidate", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["candidates.id"], name="fk_leases_candidate"),
        sa.PrimaryKeyConstraint("candidate", name="pk_leases"),
    )
    op.create_index("ix_leases_until", "leases", ["until"])
    op.create_table(
        "users",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("added", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_until", "sessions", ["until"])
    op.create_index("ix_sessions_user", "sessions", ["user"])
