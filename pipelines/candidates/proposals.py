"""Candidates: what the pipeline proposes, kept apart from what a person made of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, tuple_, update

from pipelines.candidates.database import PAGE, Database
from pipelines.candidates.tables import candidate_issues, candidates, cases, matches
from pipelines.records import Candidate, CandidateState, Issue, Match

# Found or decided after the proposal was made, and kept in tables and columns of their own.
_NOT_PROPOSED = {"state", "revision", "matches"}
_ORDER = (candidates.c.source, candidates.c.source_id, candidates.c.position, candidates.c.id)


class Proposals(Database):
    """Keep candidates by content; a crawl renews a proposal and never touches a person's decision."""

    def keep_candidates(
        self, source: str, source_id: str, proposed: Sequence[Candidate], complete: bool = True
    ) -> tuple[int, int]:
        """Keep the candidates of a case in the case's order; return how many are new and how many changed.

        Those that the case no longer shows stay, marked as such unless the case was read incompletely. Raise
        `KeyError` for a case that the store does not hold.
        """
        with self.writing() as connection:
            return self._keep_candidates(connection, source, source_id, proposed, complete)

    def candidate(self, id: str) -> Candidate:
        """Return one candidate; raise `KeyError` for an unknown id."""
        found = self._candidates(select(candidates).where(candidates.c.id == id))
        if not found:
            raise KeyError(f"the store holds no candidate {id!r}")
        return found[0]

    def candidates(self, state: CandidateState | None = None, source: str | None = None) -> Iterator[Candidate]:
        """Yield candidates by source, source id and place in the case."""
        page = select(candidates).order_by(*_ORDER).limit(PAGE)
        if state is not None:
            page = page.where(candidates.c.state == state)
        if source is not None:
            page = page.where(candidates.c.source == source)
        last: tuple[str, str, int, str] | None = None
        while True:
            with self.reading() as connection:
                rows = connection.execute(page.where(tuple_(*_ORDER) > last) if last else page).all()
                found = _shown(connection, rows)
            yield from found
            if len(rows) < PAGE:
                return
            last = (rows[-1].source, rows[-1].source_id, rows[-1].position, rows[-1].id)

    def candidates_with_film(self, sha256: str) -> list[Candidate]:
        """Return the candidates cut from or equal to these bytes, of whatever case."""
        return self._candidates(select(candidates).where(candidates.c.sha256 == sha256).order_by(*_ORDER))

    def proposal(self, id: str) -> Candidate:
        """Return what the pipeline proposes now, also where a person has decided on an earlier proposal."""
        with self.reading() as connection:
            row = connection.execute(select(candidates).where(candidates.c.id == id)).one_or_none()
        if row is None:
            raise KeyError(f"the store holds no candidate {id!r}")
        return _with_standing(row.proposed, row)

    def version_quoted_by(self, id: str) -> tuple[str, str, str]:
        """Return source, source id and case version that a candidate's evidence quotes, for `case`."""
        with self.reading() as connection:
            row = connection.execute(select(candidates).where(candidates.c.id == id)).one_or_none()
        if row is None:
            raise KeyError(f"the store holds no candidate {id!r}")
        return row.source, row.source_id, row.kept_version or row.proposed_version

    def add_issue(self, id: str, issue: Issue) -> None:
        """Add an issue that was found after the candidate was proposed; adding it again changes nothing."""
        with self.writing() as connection:
            self.upsert(connection, candidate_issues, {"candidate": id} | issue.model_dump())

    def keep_match(self, id: str, match: Match) -> None:
        """Keep how a candidate relates to another film: once for the pair, and seen from both sides."""
        pair = sorted([id, match.candidate]) if match.candidate else [id, ""]
        row = {
            "candidate": pair[0], "other": pair[1], "published": match.published, "compared_from": id,
            "record": match.model_dump_json(),
        }  # fmt: skip
        with self.writing() as connection:
            self.upsert(connection, matches, row)

    def _candidates(self, query: Select[Any]) -> list[Candidate]:
        with self.reading() as connection:
            return _shown(connection, connection.execute(query).all())

    def _keep_candidates(
        self, connection: Connection, source: str, source_id: str, proposed: Sequence[Candidate], complete: bool
    ) -> tuple[int, int]:
        of_case = (candidates.c.source == source) & (candidates.c.source_id == source_id)
        version = connection.scalar(
            select(cases.c.version)
            .where(cases.c.source == source, cases.c.source_id == source_id)
            .with_for_update()  # two crawls that take in one case at once go one after the other
        )
        if version is None:
            raise KeyError(f"the store holds no case {source}/{source_id}: keep the case before its candidates")
        before = {row.id: row for row in connection.execute(select(candidates).where(of_case))}
        now = datetime.now(UTC)
        new = changed = 0
        for position, candidate in enumerate(proposed):
            record = candidate.model_dump_json(exclude=_NOT_PROPOSED)
            row: dict[str, Any] = {
                "position": position, "proposed": record, "proposed_version": version, "on_page": True,
                "last_seen": now,
            }  # fmt: skip
            known = before.get(candidate.id)
            if known is None:
                of_film = {"id": candidate.id, "source": source, "source_id": source_id, "sha256": candidate.sha256}
                connection.execute(insert(candidates).values(row | of_film | {"first_seen": now}))
                new += 1
                continue
            if known.proposed != record:
                changed += 1
                if known.kept is None:
                    # Whoever has the old proposal on the screen must not accept the new one unseen.
                    row["revision"] = candidates.c.revision + 1
            connection.execute(update(candidates).where(candidates.c.id == candidate.id).values(row))
        if complete:
            gone = candidates.c.id.not_in([candidate.id for candidate in proposed])
            connection.execute(update(candidates).where(of_case, gone).values(on_page=False))
        return new, changed


def _with_standing(record: str, row: Row[Any]) -> Candidate:
    candidate = Candidate.model_validate_json(record)
    return candidate.model_copy(update={"state": row.state, "revision": row.revision})


def _shown(connection: Connection, rows: Sequence[Row[Any]]) -> list[Candidate]:
    """Return candidates as a person sees them: decided or proposed, with the matches and issues found since."""
    ids = [row.id for row in rows]
    issues = defaultdict(list)
    for row in connection.execute(select(candidate_issues).where(candidate_issues.c.candidate.in_(ids))):
        issues[row.candidate].append(Issue(kind=row.kind, field=row.field, message=row.message))
    seen = _matches_of(connection, ids)
    shown = []
    for row in rows:
        candidate = _with_standing(row.kept or row.proposed, row)
        if not row.on_page:
            issues[row.id].append(_gone(row.last_seen))
        found = [issue for issue in issues[row.id] if issue not in candidate.issues]
        shown.append(candidate.model_copy(update={"matches": seen[row.id], "issues": [*candidate.issues, *found]}))
    return shown


def _gone(last_seen: datetime) -> Issue:
    return Issue(kind="media missing", message=f"the source no longer shows this film; last seen {last_seen:%Y-%m-%d}")


def _matches_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[Match]]:
    asked = set(ids)
    query = select(matches).where(or_(matches.c.candidate.in_(asked), matches.c.other.in_(asked)))
    seen = defaultdict(list)
    for row in connection.execute(query.order_by(matches.c.candidate, matches.c.other, matches.c.published)):
        match = Match.model_validate_json(row.record)
        for side, other in ((row.candidate, row.other), (row.other, row.candidate)):
            if side not in asked:
                continue
            if row.published or side == row.compared_from:
                seen[side].append(match)
            else:
                seen[side].append(_from_the_other_side(match, other))
    return seen


def _from_the_other_side(match: Match, other: str) -> Match:
    # The transform carries one film onto the other; inverting it is left to whoever draws it.
    transform = match.transform | {"inverse": True} if match.transform else {}
    return match.model_copy(update={"candidate": other, "transform": transform})
