"""The tables of the store; `migrations/` holds how a database came to have them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    true,
)


class Moment(TypeDecorator[datetime]):
    """Store a moment in UTC; SQLite has no time zones and would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; raise `ValueError` for one without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment with its time zone, UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# Compared byte by byte: the order of letters in some language is slower, and differs from server to server.
Place = String().with_variant(String(collation="C"), "postgresql")

# The columns of a row that the queue shows or filters by.
SHOWN = ("patientid", "finding", "view", "modality", "date", "offset", "license", "doi")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Append-only: the newest row of a source is in force, the older ones say who allowed what before.
permissions = Table(
    "permissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False, index=True),
    Column("basis", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Moment, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False, index=True),
    Column("started", Moment, nullable=False),
    Column("status", String, nullable=False),
    Column("record", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("source", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("reader_version", String, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("version", String(64), nullable=False),
    Column("run_id", Integer, ForeignKey("runs.id")),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    # In small letters: a DOI's case does not count.
    Column("doi", String, nullable=False, server_default="", index=True),
)

# Every wording of a case that was ever stored: evidence of a decided row keeps quoting the wording it was read from.
case_versions = Table(
    "case_versions",
    metadata,
    Column("source", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("record", Text, nullable=False),
    Column("first_seen", Moment, nullable=False),
)

case_aliases = Table(
    "case_aliases",
    metadata,
    Column("source", String, primary_key=True),
    Column("alias", Text, primary_key=True),
    Column("source_id", String, nullable=False),
    ForeignKeyConstraint(["source", "source_id"], ["cases.source", "cases.source_id"]),
    Index(None, "source", "source_id"),
    Index(None, "alias"),
)

media = Table(
    "media",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("mime", String, nullable=False),
    Column("extension", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bits", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
)

fetched = Table(
    "fetched",
    metadata,
    Column("url", Text, primary_key=True),
    Column("sha256", String(64), ForeignKey("media.sha256"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

# `film` is the SHA-256 of a whole film, or that and the box of a panel: see `film_key`.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("film", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
)

published_films = Table(
    "published_films",
    metadata,
    Column("filename", String, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
)

# `proposed` is what the pipeline reads now; `kept` is what a person decided on, and no crawl ever writes it.
candidates = Table(
    "candidates",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("state", String, nullable=False, server_default="pending"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("proposed", Text, nullable=False),
    Column("proposed_version", String(64), nullable=False),
    Column("kept", Text),
    Column("kept_version", String(64)),
    Column("on_page", Boolean, nullable=False, server_default=true()),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    # The figure that a person split into this panel and others; withdrawn once that was undone.
    Column("parent", String, index=True),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    # What the queue is ordered, filtered and shown by, copied out of the row by `standing.renew`.
    Column("place", Place),
    Column("counted_as", String),
    Column("doubts", Integer, nullable=False, server_default="0"),
    Column("issues", Integer, nullable=False, server_default="0"),
    Column("copies", Integer, nullable=False, server_default="0"),
    Column("changed", Boolean, nullable=False, server_default=false()),
    *(Column(name, Text, nullable=False, server_default="") for name in SHOWN),
    ForeignKeyConstraint(["source", "source_id"], ["cases.source", "cases.source_id"]),
    Index(None, "source", "source_id", "position", "id"),
    Index(None, "state", "source", "source_id", "position", "id"),
    Index(None, "state", "place"),
    Index(None, "source", "state", "place"),
    Index(None, "finding", "state", "place"),
    Index(None, "modality", "state", "place"),
    Index(None, "license", "state", "place"),
    Index(None, "changed", "place"),
    Index(None, "doi"),
)

# What was found about a candidate after it was proposed; a crawl that proposes it again leaves these standing.
candidate_issues = Table(
    "candidate_issues",
    metadata,
    Column("candidate", String, ForeignKey("candidates.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("message", Text, primary_key=True),
)

# One row for each unordered pair. `candidate` is the smaller id; exactly one of `other` and `published` is filled.
matches = Table(
    "matches",
    metadata,
    Column("candidate", String, ForeignKey("candidates.id"), primary_key=True),
    Column("other", String, primary_key=True, server_default=""),
    Column("published", String, primary_key=True, server_default=""),
    Column("compared_from", String, nullable=False),
    Column("record", Text, nullable=False),
    Index(None, "other"),
)

# Append-only. One decision for each revision: of two people deciding at once, the second is refused.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("candidate", String, ForeignKey("candidates.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("action", String, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("record", Text, nullable=False),
    Column("state_before", String, nullable=False),
    Column("kept_before", Text),
    Column("kept_version_before", String(64)),
    Column("by", String, nullable=False, server_default=""),
    # The film that the decision judges this one against, if any; as in `matches`.
    Column("other", String, nullable=False, server_default="", index=True),
    Column("published", String, nullable=False, server_default=""),
    # What the source said and what was read in it when the decision was made: hash, wording, row as JSON.
    Column("source_hash", String(64), nullable=False, server_default=""),
    Column("source_version", String(64), nullable=False, server_default=""),
    Column("reading", Text, nullable=False, server_default=""),
    # Ended by a later undo, which is an event of its own and never stands; nothing else of a decision ever changes.
    Column("standing", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("candidate", "revision"),
    Index(None, "by", "standing", "id"),
)

answers = Table(
    "answers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("expires", Moment, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("url", Text, primary_key=True),
    Column("fetched", Moment, primary_key=True),
    Column("file", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
)
