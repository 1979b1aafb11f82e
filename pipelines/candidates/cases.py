"""Cases as their sources word them, every wording that was seen, and the names each goes by."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, select, update

from pipelines.candidates.database import Database
from pipelines.candidates.tables import case_aliases, case_versions, cases
from pipelines.records import Case

Change = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True)
class KnownCase:
    """Say what the store knows of a case; `complete` is false where a stage failed and must run again."""

    source: str
    source_id: str
    content_hash: str
    reader_version: str
    complete: bool
    first_seen: datetime
    last_seen: datetime


class Cases(Database):
    """Keep cases by source and source id; a case goes by its other ids and URLs, too."""

    def known_case(self, source: str, name: str) -> KnownCase | None:
        """Return what is known of the case with this id, alias or URL."""
        with self.reading() as connection:
            source_id = _source_id(connection, source, [name])
            row = connection.execute(_case_row(source, source_id)).one_or_none()
        if row is None:
            return None
        return KnownCase(
            source, source_id, row.content_hash, row.reader_version, row.complete, row.first_seen, row.last_seen
        )

    def under_its_id(self, case: Case) -> Case:
        """Return the case under the id by which the store knows it, its new id among the aliases."""
        with self.reading() as connection:
            source_id = _source_id(connection, case.source, [case.source_id, *case.aliases, case.url])
        if source_id == case.source_id:
            return case
        aliases = list(dict.fromkeys([*case.aliases, case.source_id]))
        return case.model_copy(update={"source_id": source_id, "aliases": aliases})

    def touch_case(self, source: str, source_id: str, run_id: int | None = None) -> None:
        """Record that a case was seen again and says what it said."""
        seen = {"last_seen": datetime.now(UTC)} | ({"run_id": run_id} if run_id is not None else {})
        touched = update(cases).where(cases.c.source == source, cases.c.source_id == source_id).values(seen)
        with self.writing() as connection:
            if connection.execute(touched).rowcount != 1:
                raise KeyError(f"the store holds no case {source}/{source_id}")

    def case(self, source: str, source_id: str, version: str | None = None) -> Case:
        """Return the newest wording of a case, or the one named; raise `KeyError` for an unknown one."""
        newest = select(cases.c.version).where(cases.c.source == source, cases.c.source_id == source_id)
        record = select(case_versions.c.record).where(
            case_versions.c.source == source,
            case_versions.c.source_id == source_id,
            case_versions.c.version == (version or newest.scalar_subquery()),
        )
        with self.reading() as connection:
            text = connection.scalar(record)
        if text is None:
            raise KeyError(f"the store holds no case {source}/{source_id}" + (f" in version {version}" * bool(version)))
        return Case.model_validate_json(text)

    def _keep_case(
        self, connection: Connection, case: Case, content_hash: str, reader_version: str, complete: bool,
        run_id: int | None,
    ) -> Change:  # fmt: skip
        """Keep the case, and tell whether its source says something new."""
        now = datetime.now(UTC)
        before = connection.execute(_case_row(case.source, case.source_id)).one_or_none()
        record = case.model_dump_json()
        version = hashlib.sha256(record.encode()).hexdigest()
        of_case = {"source": case.source, "source_id": case.source_id}
        row = of_case | {
            "url": case.url, "content_hash": content_hash, "reader_version": reader_version, "complete": complete,
            "version": version, "run_id": run_id, "first_seen": now, "last_seen": now, "title": case.title,
            "doi": comparable_doi(case.doi),
        }  # fmt: skip
        self.upsert(connection, cases, row, keep=("first_seen",))
        wording = of_case | {"version": version, "record": record, "first_seen": now}
        self.upsert(connection, case_versions, wording, keep=("record", "first_seen"))
        for alias in sorted({case.source_id, case.url, *case.aliases}):
            # The first case to bear a name keeps it: a page that lists another case's URL must not take it over.
            self.upsert(connection, case_aliases, of_case | {"alias": alias}, keep=("source_id",))
        if before is None:
            return "new"
        return "unchanged" if before.content_hash == content_hash else "changed"


def _case_row(source: str, source_id: str) -> Select[Any]:
    return select(cases).where(cases.c.source == source, cases.c.source_id == source_id)


def _source_id(connection: Connection, source: str, names: list[str]) -> str:
    """Return the id of the case that bears the first known of these names, or the first name."""
    if connection.execute(_case_row(source, names[0])).one_or_none():
        return names[0]
    bearers = select(case_aliases.c.alias, case_aliases.c.source_id).where(
        case_aliases.c.source == source, case_aliases.c.alias.in_(names)
    )
    by_alias = {row.alias: row.source_id for row in connection.execute(bearers)}
    return next((by_alias[name] for name in names if name in by_alias), names[0])


def comparable_doi(doi: str) -> str:
    """Return a DOI in the form in which two are compared, or a blank for what is none."""
    if not doi:
        return ""
    from pipelines.references.doi import normal_doi  # its library takes longer to import than all of the store

    try:
        return normal_doi(doi).casefold()
    except ValueError:
        return ""
