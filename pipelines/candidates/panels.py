"""Panels that a person cut out of a figure, kept as candidates of their own for as long as the split stands."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from pipelines.candidates.proposals import Proposals
from pipelines.candidates.splits import panels_of
from pipelines.candidates.tables import candidates, case_versions, decisions, media
from pipelines.records import Candidate, Case, Decision, Media


class Panels(Proposals):
    """Keep and withdraw the panels of split figures."""

    def _keep_panels(self, connection: Connection, row: Row[Any], decision: Decision) -> set[str]:
        """Keep the panels of a split, and return them; one that a crawl proposed already stays as it is."""
        parent = Candidate.model_validate_json(row.kept or row.proposed)
        now = datetime.now(UTC)
        panels = panels_of(parent, decision, self._film(connection, row.sha256))
        for panel in panels:
            proposal = {
                "parent": row.id, "withdrawn": False, "position": row.position, "last_seen": now, "on_page": True,
                "proposed": panel.model_dump_json(exclude={"state", "revision", "matches"}),
                "proposed_version": row.kept_version or row.proposed_version,
            }  # fmt: skip
            known = connection.execute(select(candidates).where(candidates.c.id == panel.id)).one_or_none()
            if known is None:
                of_film = {"id": panel.id, "source": row.source, "source_id": row.source_id, "sha256": row.sha256}
                connection.execute(insert(candidates).values(proposal | of_film | {"first_seen": now}))
            elif known.withdrawn:
                again = proposal | {"revision": known.revision + 1}
                connection.execute(update(candidates).where(candidates.c.id == panel.id).values(again))
        return {panel.id for panel in panels}

    def _withdraw_panels(self, connection: Connection, parent: str) -> set[str]:
        """Withdraw the panels of a figure, and return them; raise `ValueError` where one was decided."""
        standing = (candidates.c.parent == parent) & ~candidates.c.withdrawn
        panels = set(connection.scalars(select(candidates.c.id).where(standing)))
        decided = select(decisions.c.candidate).where(decisions.c.candidate.in_(panels), decisions.c.standing)
        if ids := sorted(set(connection.scalars(decided))):
            raise ValueError(f"the split cannot be undone: {', '.join(ids)} was decided since; undo that first")
        connection.execute(update(candidates).where(standing).values(withdrawn=True))
        return panels

    def _film(self, connection: Connection, sha256: str) -> Media | None:
        film = connection.execute(select(media).where(media.c.sha256 == sha256)).mappings().one_or_none()
        return Media.model_validate(dict(film)) if film else None

    def _wording(self, connection: Connection, row: Row[Any]) -> Case:
        """Return the case as a candidate quotes it."""
        quoted = select(case_versions.c.record).where(
            case_versions.c.source == row.source,
            case_versions.c.source_id == row.source_id,
            case_versions.c.version == (row.kept_version or row.proposed_version),
        )
        return Case.model_validate_json(connection.execute(quoted).scalar_one())
