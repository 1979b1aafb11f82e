"""What people decided: an event each, only ever appended, and undone by a further event."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from pipelines.candidates.edits import edited
from pipelines.candidates.faults import ConflictError
from pipelines.candidates.judgements import judged_against
from pipelines.candidates.panels import Panels
from pipelines.candidates.schema import problems_of
from pipelines.candidates.shown import with_resembling
from pipelines.candidates.standing import lock_queue, reading_in, renew
from pipelines.candidates.tables import candidates, cases, decisions
from pipelines.candidates.undecided import renew_undecided
from pipelines.records import Candidate, CandidateState, Decision

__all__ = ["ConflictError", "Decisions"]

_STATE_AFTER: dict[str, CandidateState] = {
    "accept": "accepted",
    "reject": "rejected",
    "duplicate": "duplicate",
    "unsure": "unsure",
    "split": "split",
}
# Written in one transaction: others who decide meanwhile wait for half a second, and not for all of a bulk.
_TOGETHER = 100


class Decisions(Panels):
    """Record decisions; each is compare-and-set on the candidate's revision."""

    def record(self, decision: Decision) -> Candidate:
        """Record a decision and return the candidate as it stands then.

        Raise `ConflictError` where the candidate is at another revision, `KeyError` for an unknown candidate, and
        `ValueError`, in a plain sentence, for a decision that cannot stand: one whose row breaks the schema, whose
        evidence the case does not carry, whose boxes are not within the film, or that takes back what others built on.
        """
        with self.writing() as connection:
            self._record(connection, decision)
        return self.candidate(decision.candidate)

    def record_all(self, made: Sequence[Decision]) -> tuple[list[str], list[str]]:
        """Record many decisions; return the candidates decided, and those that refused theirs (see `record`)."""
        recorded, refused = [], []
        for start in range(0, len(made), _TOGETHER):
            with self.writing() as connection:
                for decision in made[start : start + _TOGETHER]:
                    try:
                        with connection.begin_nested():
                            self._record(connection, decision)
                    except (ConflictError, KeyError, ValueError):
                        refused.append(decision.candidate)
                    else:
                        recorded.append(decision.candidate)
        return recorded, refused

    def decisions(self, candidate: str | None = None) -> Iterator[Decision]:
        """Yield decisions, the oldest first."""
        query = select(decisions.c.record).order_by(decisions.c.id)
        if candidate is not None:
            query = query.where(decisions.c.candidate == candidate)
        with self.reading() as connection:
            records = list(connection.scalars(query))
        return (Decision.model_validate_json(record) for record in records)

    def newest_decisions(self, skip: int = 0, limit: int = 50) -> list[Decision]:
        """Return everybody's decisions from the newest back, without the first `skip` of them."""
        newest = select(decisions.c.record).order_by(decisions.c.id.desc()).offset(skip).limit(limit)
        with self.reading() as connection:
            return [Decision.model_validate_json(record) for record in connection.scalars(newest)]

    def last_standing(self, by: str) -> Decision | None:
        """Return this person's newest decision that stands and that nobody has decided upon since."""
        later = decisions.alias()
        built_upon = exists().where(
            later.c.candidate == decisions.c.candidate, later.c.revision > decisions.c.revision, later.c.standing
        )
        newest = (
            select(decisions.c.record)
            .where(decisions.c.by == by, decisions.c.standing, ~built_upon)
            .order_by(decisions.c.id.desc())
            .limit(1)
        )
        with self.reading() as connection:
            record = connection.scalar(newest)
        return Decision.model_validate_json(record) if record else None

    def decided(self, state: CandidateState) -> Iterator[tuple[Candidate, Decision]]:
        """Yield every candidate that a person put into a state, with the newest decision that did so.

        A copy of a film that is known stands as `duplicate` without one, and is left out.
        """
        action = next(action for action, after in _STATE_AFTER.items() if after == state)
        made = select(decisions.c.record).where(decisions.c.action == action, decisions.c.standing)
        with self.reading() as connection:
            records = list(connection.scalars(made.order_by(decisions.c.id)))
        newest = {decision.candidate: decision for decision in map(Decision.model_validate_json, records)}
        for candidate in self.candidates(state=state):
            if candidate.id in newest:
                yield candidate, newest[candidate.id]

    def _record(self, connection: Connection, decision: Decision) -> None:
        lock_queue(connection)
        here = (candidates.c.id == decision.candidate) & ~candidates.c.withdrawn
        row = connection.execute(select(candidates).where(here)).one_or_none()
        if row is None:
            raise KeyError(f"the store holds no candidate {decision.candidate!r}")
        if row.revision != decision.revision:
            raise _conflict(row, decision)
        if row.state == "split" and decision.action not in ("undo", "judge"):
            raise ValueError("the figure is split into its panels: decide on those, or undo the split")
        if decision.action == "undo":
            written = self._undo(connection, row, decision)
        else:
            written = self._apply(connection, row, decision)
        written |= renew_undecided(connection, [row.sha256])
        # What is asked about a pair follows where both films stand.
        renew(connection, with_resembling(connection, written), reworded=decision.action in ("edit", "split", "undo"))

    def _apply(self, connection: Connection, row: Row[Any], decision: Decision) -> set[str]:
        """Let a candidate follow a decision, and return the candidates that were written."""
        pair = judged_against(connection, decision)
        after: dict[str, Any] = {"state": _state_after(row, decision)}
        # A judgement is of the pair: the row goes on following what crawls propose.
        if decision.action != "judge":
            after["kept"] = self._kept(connection, row, decision)
            after["kept_version"] = row.kept_version or row.proposed_version
        self._append(connection, row, decision, after, pair)
        panels = self._keep_panels(connection, row, decision) if decision.action == "split" else set()
        return {row.id, *panels} | ({pair["other"]} - {""})

    def _undo(self, connection: Connection, row: Row[Any], decision: Decision) -> set[str]:
        """Put a candidate back before its last standing decision, and return the candidates that were written."""
        standing = select(decisions).where(decisions.c.candidate == row.id, decisions.c.standing)
        last = connection.execute(standing.order_by(decisions.c.revision.desc()).limit(1)).one_or_none()
        if last is None:
            raise ValueError(f"candidate {row.id} has no decision to undo")
        panels = self._withdraw_panels(connection, row.id) if last.action == "split" else set()
        after = {"state": last.state_before, "kept": last.kept_before, "kept_version": last.kept_version_before}
        self._append(connection, row, decision, after, {"other": "", "published": ""})
        connection.execute(update(decisions).where(decisions.c.id == last.id).values(standing=False))
        return {row.id, *panels} | ({last.other} - {""})

    def _append(
        self, connection: Connection, row: Row[Any], decision: Decision, after: dict[str, Any], pair: dict[str, str]
    ) -> None:
        current = (candidates.c.id == row.id) & (candidates.c.revision == decision.revision)
        applied = update(candidates).where(current).values(after | {"revision": decision.revision + 1})
        if connection.execute(applied).rowcount != 1:
            raise _conflict(row, decision)
        of_case = (cases.c.source == row.source) & (cases.c.source_id == row.source_id)
        case = connection.execute(select(cases.c.content_hash, cases.c.version).where(of_case)).one()
        event = {
            "candidate": row.id, "revision": decision.revision, "action": decision.action, "at": decision.at,
            "by": decision.by, "record": decision.model_dump_json(), "state_before": row.state,
            "kept_before": row.kept, "kept_version_before": row.kept_version, "source_hash": case.content_hash,
            "source_version": case.version, "reading": reading_in(row.proposed), "standing": decision.action != "undo",
        }  # fmt: skip
        connection.execute(insert(decisions).values(event | pair))

    def _kept(self, connection: Connection, row: Row[Any], decision: Decision) -> str:
        candidate = Candidate.model_validate_json(row.kept or row.proposed)
        if decision.action == "edit":
            candidate = edited(candidate, decision, self._wording(connection, row), self._film(connection, row.sha256))
        elif decision.action == "accept" and (broken := problems_of(candidate.row)):
            raise ValueError("the row breaks the schema: " + "; ".join(issue.message for issue in broken))
        return candidate.model_dump_json(exclude={"state", "revision", "matches"})


def _state_after(row: Row[Any], decision: Decision) -> str:
    # Whoever edits a copy that nobody had decided on takes it up.
    if decision.action == "edit" and row.kept is None:
        return "pending"
    return _STATE_AFTER.get(decision.action, str(row.state))


def _conflict(row: Row[Any], decision: Decision) -> ConflictError:
    return ConflictError(
        f"candidate {row.id} is at revision {row.revision} and {row.state}, "
        f"this {decision.action} was made on revision {decision.revision}"
    )
