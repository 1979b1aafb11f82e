"""The published collection: rows that were imported, and what each publication held."""

from pipelines.candidates.database import Database


class Collection(Database):
    """Keep the rows of the collection and its publications."""
