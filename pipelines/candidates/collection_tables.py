"""The tables of rows that were adopted from a collection published before."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from pipelines.candidates.tables import Moment, metadata

# Append-only: which file brought what, as it was worded.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("record", Text, nullable=False),
)

# `occurrence` counts, from 0, the rows of one file name: the published collection names some films twice.
adopted_rows = Table(
    "adopted_rows",
    metadata,
    Column("filename", String, primary_key=True),
    Column("occurrence", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("record", Text, nullable=False),
    Column("import_id", Integer, ForeignKey("imports.id"), nullable=False),
    Column("withdrawn", Text),
    # Of its film; blank where none is known.
    Column("sha256", String(64), nullable=False, server_default="", index=True),
)

# Append-only: every cell that a later import changed, with what stood there before.
adopted_changes = Table(
    "adopted_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("import_id", Integer, ForeignKey("imports.id"), nullable=False, index=True),
    Column("filename", String, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("column", String, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)
