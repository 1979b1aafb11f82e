"""What people decided: an event each, only ever appended, and undone by a further event."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from pipelines.candidates.proposals import Proposals
from pipelines.candidates.schema import problems_of
from pipelines.candidates.tables import candidates, decisions
from pipelines.records import COLUMNS, Candidate, CandidateState, Decision, Evidence

_STATE_AFTER: dict[str, CandidateState] = {
    "accept": "accepted",
    "reject": "rejected",
    "duplicate": "duplicate",
    "unsure": "unsure",
}


class ConflictError(Exception):
    """Say that a candidate was decided or proposed anew since the revision that a decision was made on."""


class Decisions(Proposals):
    """Record decisions; each is compare-and-set on the candidate's revision."""

    def record(self, decision: Decision) -> Candidate:
        """Record a decision and return the candidate as it stands then.

        An edit carries its values as `detail={"row": {column: value}}`, and may carry `"evidence"` beside it. Raise
        `ConflictError` where the candidate is at another revision, and `ValueError` for an edit that breaks the schema.
        """
        with self.writing() as connection:
            row = connection.execute(select(candidates).where(candidates.c.id == decision.candidate)).one_or_none()
            if row is None:
                raise KeyError(f"the store holds no candidate {decision.candidate!r}")
            self._compare_and_set(connection, row, decision)
        return self.candidate(decision.candidate)

    def decisions(self, candidate: str | None = None) -> Iterator[Decision]:
        """Yield decisions, the oldest first."""
        query = select(decisions.c.record).order_by(decisions.c.id)
        if candidate is not None:
            query = query.where(decisions.c.candidate == candidate)
        with self.reading() as connection:
            records = list(connection.scalars(query))
        return (Decision.model_validate_json(record) for record in records)

    def rejections(self) -> Iterator[tuple[Candidate, Decision]]:
        """Yield every rejected candidate with the decision that rejected it."""
        query = select(decisions.c.record).where(decisions.c.action == "reject").order_by(decisions.c.id)
        with self.reading() as connection:
            rejecting = [Decision.model_validate_json(record) for record in connection.scalars(query)]
        newest = {decision.candidate: decision for decision in rejecting}
        for candidate in self.candidates(state="rejected"):
            yield candidate, newest[candidate.id]

    def _compare_and_set(self, connection: Connection, row: Row[Any], decision: Decision) -> None:
        if decision.action == "undo":
            after = _before_last(connection, row)
        else:
            after = {
                "state": _STATE_AFTER.get(decision.action, row.state),
                "kept": _kept(row, decision),
                "kept_version": row.kept_version or row.proposed_version,
            }
        current = (candidates.c.id == row.id) & (candidates.c.revision == decision.revision)
        applied = update(candidates).where(current).values(after | {"revision": decision.revision + 1})
        if connection.execute(applied).rowcount != 1:
            raise ConflictError(
                f"candidate {row.id} is at revision {row.revision} and {row.state}, "
                f"this {decision.action} was made on revision {decision.revision}"
            )
        connection.execute(
            insert(decisions).values(
                candidate=row.id,
                revision=decision.revision,
                action=decision.action,
                at=decision.at,
                record=decision.model_dump_json(),
                state_before=row.state,
                kept_before=row.kept,
                kept_version_before=row.kept_version,
            )
        )


def _kept(row: Row[Any], decision: Decision) -> str:
    candidate = Candidate.model_validate_json(row.kept or row.proposed)
    if decision.action == "edit":
        candidate = _edited(candidate, decision)
    return candidate.model_dump_json(exclude={"state", "revision", "matches"})


def _edited(candidate: Candidate, decision: Decision) -> Candidate:
    values: dict[str, str] = decision.detail.get("row", {})
    unknown = values.keys() - set(COLUMNS)
    if unknown:
        raise ValueError(f"a row has no column {', '.join(sorted(unknown))}")
    given = [Evidence.model_validate(evidence) for evidence in decision.detail.get("evidence", [])]
    quoted = {(evidence.field, evidence.value) for evidence in given}
    own = [
        # No source says so: the quote is what the person wrote, and the address is the decision itself.
        Evidence(
            field=column,
            value=value,
            quote=value,
            block=f"decision[{decision.revision}]",
            start=0,
            end=len(value),
            rule=f"entered by {decision.by}",
        )
        for column, value in values.items()
        if value and (column, value) not in quoted
    ]
    kept = [evidence for evidence in candidate.evidence if evidence.field not in values]
    row = candidate.row | values
    broken = [issue.message for issue in problems_of(row) if issue.field in values]
    if broken:
        raise ValueError("; ".join(broken))
    return Candidate.model_validate(candidate.model_dump() | {"row": row, "evidence": [*kept, *given, *own]})


def _before_last(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return how the candidate stood before the last decision that is not undone yet."""
    standing: list[Row[Any]] = []
    for event in connection.execute(
        select(decisions).where(decisions.c.candidate == row.id).order_by(decisions.c.revision)
    ):
        if event.action == "undo":
            standing.pop()
        else:
            standing.append(event)
    if not standing:
        raise ValueError(f"candidate {row.id} has no decision to undo")
    last = standing[-1]
    return {"state": last.state_before, "kept": last.kept_before, "kept_version": last.kept_version_before}
