"""Candidates: what the pipeline proposes, kept apart from what a person made of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, tuple_, update

from pipelines.candidates.database import PAGE, Database
from pipelines.candidates.shown import shown, with_resembling, with_standing
from pipelines.candidates.standing import lock_queue, renew
from pipelines.candidates.tables import candidate_issues, candidates, cases, matches
from pipelines.candidates.undecided import renew_undecided
from pipelines.records import Candidate, CandidateState, Issue, Match

# Found or decided after the proposal was made, and kept in tables and columns of their own.
_NOT_PROPOSED = {"state", "revision", "matches"}
_ORDER = (candidates.c.source, candidates.c.source_id, candidates.c.position, candidates.c.id)


class Proposals(Database):
    """Keep candidates by content; a crawl renews a proposal and never touches a person's decision."""

    def candidate(self, id: str) -> Candidate:
        """Return one candidate; raise `KeyError` for an unknown id."""
        found = self._candidates(select(candidates).where(candidates.c.id == id, ~candidates.c.withdrawn))
        if not found:
            raise KeyError(f"the store holds no candidate {id!r}")
        return found[0]

    def named(self, ids: Iterable[str]) -> dict[str, Candidate]:
        """Return the candidates with these ids, by id; unknown ones are left out."""
        found = self._candidates(select(candidates).where(candidates.c.id.in_(set(ids)), ~candidates.c.withdrawn))
        return {candidate.id: candidate for candidate in found}

    def candidates(self, state: CandidateState | None = None, source: str | None = None) -> Iterator[Candidate]:
        """Yield candidates by source, source id and place in the case."""
        page = select(candidates).where(~candidates.c.withdrawn).order_by(*_ORDER).limit(PAGE)
        if state is not None:
            page = page.where(candidates.c.state == state)
        if source is not None:
            page = page.where(candidates.c.source == source)
        last: tuple[str, str, int, str] | None = None
        while True:
            with self.reading() as connection:
                rows = connection.execute(page.where(tuple_(*_ORDER) > last) if last else page).all()
                found = shown(connection, rows)
            yield from found
            if len(rows) < PAGE:
                return
            last = (rows[-1].source, rows[-1].source_id, rows[-1].position, rows[-1].id)

    def candidates_with_film(self, sha256: str) -> list[Candidate]:
        """Return the candidates cut from or equal to these bytes, of whatever case."""
        return self._candidates(
            select(candidates).where(candidates.c.sha256 == sha256, ~candidates.c.withdrawn).order_by(*_ORDER)
        )

    def proposal(self, id: str) -> Candidate:
        """Return what the pipeline proposes now, also where a person has decided on an earlier proposal."""
        with self.reading() as connection:
            row = connection.execute(select(candidates).where(candidates.c.id == id)).one_or_none()
        if row is None:
            raise KeyError(f"the store holds no candidate {id!r}")
        return with_standing(row.proposed, row)

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
            lock_queue(connection)
            self.upsert(connection, candidate_issues, {"candidate": id} | issue.model_dump())
            renew(connection, [id], found=True)

    def keep_match(self, id: str, match: Match) -> None:
        """Keep how a candidate relates to another film: once for the pair, and seen from both sides."""
        pair = sorted([id, match.candidate]) if match.candidate else [id, ""]
        row = {
            "candidate": pair[0], "other": pair[1], "published": match.published, "compared_from": id,
            "record": match.model_dump_json(exclude={"judged"}),
        }  # fmt: skip
        with self.writing() as connection:
            lock_queue(connection)
            self.upsert(connection, matches, row)
            renew(connection, [side for side in pair if side], found=True)

    def _candidates(self, query: Select[Any]) -> list[Candidate]:
        with self.reading() as connection:
            return shown(connection, connection.execute(query).all())

    def _keep_candidates(
        self, connection: Connection, source: str, source_id: str, proposed: Sequence[Candidate], complete: bool
    ) -> tuple[int, int]:
        """Keep the candidates of a kept case in its order; return how many are new and how many changed.

        A film that another case has brought already is kept as a duplicate, and is no new one (see `renew_undecided`).
        Those that the case no longer shows stay, marked as such unless the case was read incompletely.
        """
        of_case = (candidates.c.source == source) & (candidates.c.source_id == source_id)
        kept = select(cases.c.version).where(cases.c.source == source, cases.c.source_id == source_id)
        version = connection.execute(kept).scalar_one()
        lock_queue(connection)
        before = {row.id: row for row in connection.execute(select(candidates).where(of_case))}
        now = datetime.now(UTC)
        new: set[str] = set()
        changed = 0
        for position, candidate in enumerate(proposed):
            record = candidate.model_dump_json(exclude=_NOT_PROPOSED)
            row: dict[str, Any] = {
                "position": position, "proposed": record, "proposed_version": version, "on_page": True,
                "last_seen": now, "withdrawn": False,
            }  # fmt: skip
            known = before.get(candidate.id)
            if known is None:
                of_film = {"id": candidate.id, "source": source, "source_id": source_id, "sha256": candidate.sha256}
                connection.execute(insert(candidates).values(row | of_film | {"first_seen": now}))
                new.add(candidate.id)
                continue
            if known.proposed != record:
                changed += 1
                if known.kept is None:
                    # Whoever has the old proposal on the screen must not accept the new one unseen.
                    row["revision"] = candidates.c.revision + 1
            connection.execute(update(candidates).where(candidates.c.id == candidate.id).values(row))
            if known.state == "split":
                panels = candidates.c.parent == candidate.id
                connection.execute(update(candidates).where(panels).values(position=position))
        if complete:
            # A panel that a person cut out is never proposed by a crawl.
            gone = candidates.c.id.not_in([candidate.id for candidate in proposed]) & candidates.c.parent.is_(None)
            connection.execute(update(candidates).where(of_case, gone).values(on_page=False))
        turned = renew_undecided(connection, {candidate.sha256 for candidate in proposed})
        written = {*before, *(candidate.id for candidate in proposed)}
        renew(connection, written | with_resembling(connection, turned), found=True)
        return len(new - turned), changed
