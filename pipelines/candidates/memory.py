"""What the store remembers: what became of anything seen before, and what changed since it was accepted."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from pipelines.candidates.cases import comparable_doi
from pipelines.candidates.database import Database
from pipelines.candidates.tables import candidates, case_aliases, case_versions, cases, decisions, fetched
from pipelines.records import COLUMNS, Candidate, Case, Decision


@dataclass(frozen=True)
class Seen:
    """Say what became of a film, or of a case without films: then `candidate`, `sha256` and `state` are blank.

    `decision` is the newest one that stands.
    """

    source: str
    source_id: str
    url: str
    title: str
    candidate: str
    sha256: str
    filename: str
    state: str
    changed: bool
    first_seen: datetime
    last_seen: datetime
    decision: Decision | None


@dataclass(frozen=True)
class Change:
    """Say that a column is read otherwise than when the row was accepted, and the words that the new reading quotes."""

    column: str
    accepted: str
    proposed: str
    quote: str


class Memory(Database):
    """Tell what is known of a film, a page or an article, and what changed since a decision."""

    def seen(self, *, doi: str = "", url: str = "", sha256: str = "") -> list[Seen]:
        """Return all films and cases with this DOI, address (or other name of a case) or file, by case and place.

        An address may be that of a page or of a film; a DOI may be the case's or one that a row states.
        """
        with self.reading() as connection:
            films: set[str] = set()
            sha256s = {sha256} - {""}
            of_cases: set[tuple[str, str]] = set()
            if wanted := comparable_doi(doi):
                films |= set(connection.scalars(select(candidates.c.id).where(candidates.c.doi == wanted)))
                of_cases |= _cases(connection, select(cases.c.source, cases.c.source_id).where(cases.c.doi == wanted))
            if url:
                names = {url, url.rstrip("/"), f"{url}/"}
                named = select(case_aliases.c.source, case_aliases.c.source_id).where(case_aliases.c.alias.in_(names))
                of_cases |= _cases(connection, named)
                sha256s |= set(connection.scalars(select(fetched.c.sha256).where(fetched.c.url.in_(names))))
            films |= set(connection.scalars(select(candidates.c.id).where(candidates.c.sha256.in_(sha256s))))
            return _seen(connection, films, of_cases)

    def changes(self, id: str) -> list[Change]:
        """Return the columns in which a candidate that came back is read otherwise than when it was accepted.

        They are in the schema's order; there are none for a candidate that is not `changed`.
        """
        with self.reading() as connection:
            row, basis = _basis(connection, id)
        if basis is None or not row.changed:
            return []
        accepted, now = Candidate.model_validate_json(row.kept), Candidate.model_validate_json(row.proposed)
        then = json.loads(basis.reading)
        quotes = {evidence.field: evidence.quote for evidence in reversed(now.evidence)}
        return [
            Change(column, accepted.row[column], now.row[column], quotes.get(column, ""))
            for column in COLUMNS
            if now.row[column] != then[column]
        ]

    def wordings(self, id: str) -> tuple[Case, Case]:
        """Return a candidate's case as it was worded at the newest decision that stands, and as it is now."""
        with self.reading() as connection:
            row, basis = _basis(connection, id)
            newest = select(cases.c.version).where(cases.c.source == row.source, cases.c.source_id == row.source_id)
            now = connection.execute(newest).scalar_one()
            then = basis.source_version if basis else now
            return _wording(connection, row, then), _wording(connection, row, now)


def _basis(connection: Connection, id: str) -> tuple[Row[Any], Row[Any] | None]:
    """Return a candidate, and the decision that it stands on."""
    row = connection.execute(select(candidates).where(candidates.c.id == id)).one_or_none()
    if row is None:
        raise KeyError(f"the store holds no candidate {id!r}")
    standing = select(decisions).where(decisions.c.candidate == id, decisions.c.standing)
    return row, connection.execute(standing.order_by(decisions.c.revision.desc()).limit(1)).one_or_none()


def _wording(connection: Connection, row: Row[Any], version: str) -> Case:
    key = tuple_(case_versions.c.source, case_versions.c.source_id, case_versions.c.version)
    wanted = select(case_versions.c.record).where(key == (row.source, row.source_id, version))
    return Case.model_validate_json(connection.execute(wanted).scalar_one())


def _cases(connection: Connection, query: Select[Any]) -> set[tuple[str, str]]:
    return {(row.source, row.source_id) for row in connection.execute(query)}


def _seen(connection: Connection, films: set[str], of_cases: set[tuple[str, str]]) -> list[Seen]:
    case = tuple_(candidates.c.source, candidates.c.source_id)
    rows: dict[str, Row[Any]] = {}
    # Apart, so that each is read off its own index.
    for condition in (candidates.c.id.in_(films), case.in_(of_cases)):
        known = connection.execute(select(candidates).where(condition, ~candidates.c.withdrawn))
        rows |= {row.id: row for row in known}
    films_of = {(row.source, row.source_id) for row in rows.values()}
    of_case = {
        (row.source, row.source_id): row
        for row in connection.execute(
            select(cases).where(tuple_(cases.c.source, cases.c.source_id).in_(films_of | of_cases))
        )
    }
    standing = select(decisions.c.record).where(decisions.c.candidate.in_(rows), decisions.c.standing)
    made = [Decision.model_validate_json(record) for record in connection.scalars(standing.order_by(decisions.c.id))]
    newest = {decision.candidate: decision for decision in made}
    seen = [
        Seen(
            source=row.source, source_id=row.source_id, url=case.url, title=case.title, candidate=row.id,
            sha256=row.sha256, filename=json.loads(row.kept or row.proposed)["row"]["filename"], state=row.state,
            changed=row.changed, first_seen=row.first_seen, last_seen=row.last_seen, decision=newest.get(row.id),
        )
        for row in sorted(rows.values(), key=lambda row: (row.source, row.source_id, row.place))
        for case in [of_case[row.source, row.source_id]]
    ]  # fmt: skip
    without = [
        Seen(
            source=case.source, source_id=case.source_id, url=case.url, title=case.title, candidate="", sha256="",
            filename="", state="", changed=False, first_seen=case.first_seen, last_seen=case.last_seen, decision=None,
        )
        for key, case in sorted(of_case.items())
        if key not in films_of
    ]  # fmt: skip
    return [*seen, *without]
