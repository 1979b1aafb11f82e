"""Where a service's answers are kept in tests: in memory, or nowhere."""

from datetime import datetime

from pipelines.references.service import CachedAnswer


class NoCache:
    def answer(self, key: str) -> CachedAnswer | None:
        return None

    def keep(self, key: str, status: int, body: str, expires: datetime) -> None:
        pass


class Kept:
    def __init__(self) -> None:
        self.answers: dict[str, CachedAnswer] = {}

    def answer(self, key: str) -> CachedAnswer | None:
        return self.answers.get(key)

    def keep(self, key: str, status: int, body: str, expires: datetime) -> None:
        self.answers[key] = CachedAnswer(status, body, expires)
