"""A store as the first revision of its tables left it."""

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from pipelines.candidates import migrations
from pipelines.records import Candidate, Case, Decision

_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def first_store(url: str, case: Case, proposed: list[Candidate]) -> None:
    """Write a case and its candidates, of which the first was rejected, that undone, and then accepted."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    now = _NOW.replace(tzinfo=None).isoformat(" ")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        of_case = {"source": case.source, "id": case.source_id, "at": now, "version": "v" * 64}
        connection.execute(
            text("INSERT INTO cases VALUES (:source, :id, :url, :hash, '1', 1, :version, NULL, :at, :at)"),
            of_case | {"url": case.url, "hash": case.content_hash()},
        )
        connection.execute(
            text("INSERT INTO case_versions VALUES (:source, :id, :version, :record, :at)"),
            of_case | {"record": case.model_dump_json()},
        )
        for position, candidate in enumerate(proposed):
            record = candidate.model_dump_json(exclude={"state", "revision", "matches"})
            decided = {"state": "accepted", "revision": 3, "kept": record, "kept_version": "v" * 64}
            undecided = {"state": "pending", "revision": 0, "kept": None, "kept_version": None}
            row = of_case | {"candidate": candidate.id, "position": position, "sha256": candidate.sha256}
            connection.execute(
                text(
                    "INSERT INTO candidates VALUES (:candidate, :source, :id, :position, :sha256, :state, :revision, "
                    ":record, :version, :kept, :kept_version, 1, :at, :at)"
                ),
                row | {"record": record} | (undecided if position else decided),
            )
        for revision, action in enumerate(("reject", "undo", "accept")):
            decision = Decision(candidate=proposed[0].id, action=action, by="Ada", at=_NOW, revision=revision)
            connection.execute(
                text(
                    "INSERT INTO decisions (candidate, revision, action, at, record, state_before) "
                    "VALUES (:candidate, :revision, :action, :at, :record, :before)"
                ),
                {
                    "candidate": proposed[0].id, "revision": revision, "action": action, "at": now,
                    "record": decision.model_dump_json(), "before": "rejected" if action == "undo" else "pending",
                },
            )  # fmt: skip
    engine.dispose()
