"""Who decides: users, their sessions, and who has which candidate on the screen."""

from pipelines.candidates.database import Database


class Reviewers(Database):
    """Keep users, sessions and leases."""
