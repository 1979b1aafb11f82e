"""What other services answered, and where page snapshots lie."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from pipelines.candidates.database import Database
from pipelines.candidates.tables import answers, snapshots
from pipelines.references.service import CachedAnswer


@dataclass(frozen=True)
class Snapshot:
    """Say where a page lies as it was fetched: WARC file, offset and length in bytes, SHA-256 of the page."""

    url: str
    file: str
    offset: int
    length: int
    sha256: str
    fetched: datetime


class Answers(Database):
    """Keep answers of reference services, and the places of page snapshots."""

    def answer(self, key: str) -> CachedAnswer | None:
        """Return the answer kept under a key, unless it has expired."""
        kept = select(answers).where(answers.c.key == key, answers.c.expires > datetime.now(UTC))
        with self.reading() as connection:
            row = connection.execute(kept).one_or_none()
        return CachedAnswer(row.status, row.body, row.expires) if row else None

    def keep(self, key: str, status: int, body: str, expires: datetime) -> None:
        """Keep an answer, also a negative one, until it expires."""
        with self.writing() as connection:
            self.upsert(connection, answers, {"key": key, "status": status, "body": body, "expires": expires})

    def keep_snapshot(self, url: str, file: str, offset: int, length: int, sha256: str, fetched: datetime) -> None:
        """Record where the page of a URL lies as fetched at a moment."""
        row = {"url": url, "fetched": fetched, "file": file, "offset": offset, "length": length, "sha256": sha256}
        with self.writing() as connection:
            self.upsert(connection, snapshots, row)

    def snapshot(self, url: str) -> Snapshot | None:
        """Return the newest snapshot of a URL."""
        newest = select(snapshots).where(snapshots.c.url == url).order_by(snapshots.c.fetched.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(newest).mappings().one_or_none()
        return Snapshot(**row) if row else None
