"""What a store of an older version lacks, worked out from what it holds."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from pipelines.candidates.cases import comparable_doi
from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.collection_tables import adopted_rows
from pipelines.candidates.standing import reading_in, renew, renew_all
from pipelines.candidates.tables import candidates, case_versions, cases, decisions
from pipelines.candidates.undecided import files_known_twice, renew_undecided
from pipelines.records import Case, Decision


def filled(connection: Connection) -> None:
    """Fill titles, films, what each decision stood on, the queue, and what copies are, where that was not kept before.

    What a case said when it was decided upon was not kept: what it says now is taken for it.
    """
    _fill_cases(connection)
    _fill_decisions(connection)
    _fill_adopted(connection)
    renew_all(connection)
    for sha256s in files_known_twice(connection):
        renew_undecided(connection, sha256s)
        renew(connection, connection.scalars(select(candidates.c.id).where(candidates.c.sha256.in_(sha256s))).all())


def _fill_cases(connection: Connection) -> None:
    worded = (cases.c.source == case_versions.c.source) & (cases.c.source_id == case_versions.c.source_id)
    lacking = select(cases.c.source, cases.c.source_id, case_versions.c.record).join(
        case_versions, worded & (cases.c.version == case_versions.c.version)
    )
    filled = []
    for row in connection.execute(lacking.where(cases.c.title == "", cases.c.doi == "")):
        case = Case.model_validate_json(row.record)
        told = {"new_title": case.title, "new_doi": comparable_doi(case.doi)}
        filled.append(told | {"of": row.source, "of_id": row.source_id})
    if filled:
        here = (cases.c.source == bindparam("of")) & (cases.c.source_id == bindparam("of_id"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("title", "doi")}
        connection.execute(update(cases).where(here).values(values), filled)


def _fill_decisions(connection: Connection) -> None:
    lacking = select(decisions).where(decisions.c.by == "").order_by(decisions.c.candidate, decisions.c.revision)
    standing: list[Row[tuple[object, ...]]] = []
    for row in connection.execute(lacking).all():
        decision = Decision.model_validate_json(row.record)
        if standing and standing[-1].candidate != row.candidate:
            standing = []
        if decision.action == "undo":
            undone = standing.pop()
            connection.execute(update(decisions).where(decisions.c.id == undone.id).values(standing=False))
        else:
            standing.append(row)
        of_case = (cases.c.source == candidates.c.source) & (cases.c.source_id == candidates.c.source_id)
        basis = connection.execute(
            select(
                cases.c.content_hash, candidates.c.proposed, candidates.c.kept_version, candidates.c.proposed_version
            )
            .join(cases, of_case)
            .where(candidates.c.id == row.candidate)
        ).one()
        after = {
            "by": decision.by,
            "other": decision.detail.get("candidate", ""),
            "published": decision.detail.get("published", ""),
            "source_hash": basis.content_hash,
            "source_version": basis.kept_version or basis.proposed_version,
            "reading": reading_in(basis.proposed),
            "standing": decision.action != "undo",
        }
        connection.execute(update(decisions).where(decisions.c.id == row.id).values(after))


def _fill_adopted(connection: Connection) -> None:
    for row in connection.execute(select(adopted_rows).where(adopted_rows.c.sha256 == "")).all():
        if film := AdoptedRow.model_validate_json(row.record).media:
            key = (adopted_rows.c.filename == row.filename) & (adopted_rows.c.occurrence == row.occurrence)
            connection.execute(update(adopted_rows).where(key).values(sha256=film.sha256))
