"""The queue: candidates in the order in which people decide them, filtered, counted and searched."""

from pipelines.candidates.decisions import Decisions


class Queue(Decisions):
    """Give candidates in the order of work."""
