"""Who allowed a source to be crawled, and what each crawl saw."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from pipelines.candidates.database import Database
from pipelines.candidates.tables import permissions, runs
from pipelines.records import Run


@dataclass(frozen=True)
class Permission:
    """Say on what basis a person allowed a source to be crawled broadly."""

    source: str
    basis: str
    by: str
    at: datetime


class Runs(Database):
    """Keep permissions and runs."""

    def permit(self, source: str, basis: str, by: str) -> None:
        """Record a permission; earlier ones stay on record."""
        with self.writing() as connection:
            connection.execute(insert(permissions).values(source=source, basis=basis, by=by, at=datetime.now(UTC)))

    def permission(self, source: str) -> Permission | None:
        """Return the newest permission of a source."""
        newest = select(permissions).where(permissions.c.source == source).order_by(permissions.c.id.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(newest).one_or_none()
        return Permission(row.source, row.basis, row.by, row.at) if row else None

    def open_run(self, source: str) -> int:
        """Record that a crawl began; return its id. A killed crawl stays on record as running."""
        run = Run(source=source, started=datetime.now(UTC))
        row = {"source": source, "started": run.started, "status": run.status, "record": run.model_dump_json()}
        with self.writing() as connection:
            return int(connection.execute(insert(runs).values(row).returning(runs.c.id)).scalar_one())

    def close_run(self, run_id: int, run: Run) -> None:
        """Record what a crawl saw; raise `KeyError` for an id that was never opened."""
        closed = update(runs).where(runs.c.id == run_id).values(status=run.status, record=run.model_dump_json())
        with self.writing() as connection:
            if connection.execute(closed).rowcount != 1:
                raise KeyError(f"no run {run_id} was opened in this store")

    def runs(self, limit: int = 20, source: str | None = None) -> list[Run]:
        """Return the newest runs first."""
        newest = select(runs.c.record).order_by(runs.c.id.desc()).limit(limit)
        if source:
            newest = newest.where(runs.c.source == source)
        with self.reading() as connection:
            return [Run.model_validate_json(record) for record in connection.scalars(newest)]
