"""The tables by which candidates are queued, counted and searched, and those of the people who decide."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from pipelines.candidates.tables import Moment, Place, metadata

# The kinds of open issues of each candidate, with its state and place, so that a filter by kind needs no join.
open_issues = Table(
    "open_issues",
    metadata,
    Column("candidate", String, ForeignKey("candidates.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("place", Place),
    Index(None, "kind", "state", "place"),
)

# How many candidates each filter would show; kept by the transaction that changes a candidate.
tallies = Table(
    "tallies",
    metadata,
    Column("facet", String, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("state", String, primary_key=True),
    Column("number", Integer, nullable=False),
)

# The words by which a candidate is found, in small letters without accents; the migration indexes them.
searched = Table(
    "searched",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("candidate", String, ForeignKey("candidates.id"), nullable=False, unique=True),
    Column("words", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("candidate", String, ForeignKey("candidates.id"), primary_key=True),
    Column("by", String, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("added", Moment, nullable=False),
)

# Only the hash of a session's token is kept, so that whoever reads the database cannot sign in with it.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user", String, ForeignKey("users.name"), nullable=False, index=True),
    Column("csrf", String, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)
