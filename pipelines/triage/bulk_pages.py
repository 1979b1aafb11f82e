"""One decision on many candidates: shown first, then made on exactly what was shown."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response

from pipelines.candidates.queue import Entry
from pipelines.records import Decision
from pipelines.triage.asked import (
    MOST_AT_ONCE,
    BulkAsked,
    BulkChosen,
    filter_of,
    given,
    query_of,
    takes,
    with_query,
)
from pipelines.triage.films import thumbnail_of
from pipelines.triage.room import By, InRoom, Room, shown
from pipelines.triage.row import reasons
from pipelines.triage.security import CarriesToken
from pipelines.triage.side_views import BulkLine, BulkView
from pipelines.triage.writes import known_reason

routes = APIRouter(prefix="/bulk", dependencies=[CarriesToken])

_BECOMES = {"accept": "accepted", "reject": "rejected", "unsure": "unsure"}


@routes.post("/preview", openapi_extra=takes(BulkAsked))
def preview(request: Request, room: InRoom, asked: Annotated[BulkAsked, given(BulkAsked)]) -> Response:
    """Show what would change, and change nothing; a decision that a candidate has already is left out."""
    filter = filter_of(asked.query)
    page = room.store.queue(filter, limit=MOST_AT_ONCE)
    number, _ = room.store.counted(filter)
    changing = [entry for entry in page.entries if entry.state != _BECOMES[asked.action]]
    view = BulkView(
        query=query_of(filter),
        queue=with_query("/queue", query_of(filter)),
        action=asked.action,
        reason=asked.reason,
        reasons=list(reasons()),
        lines=[_line(entry, _BECOMES[asked.action]) for entry in changing],
        left_out=max(0, number - len(changing)),
    )
    return shown(request, "bulk.html", view)


@routes.post("", openapi_extra=takes(BulkChosen))
def decide_all(request: Request, room: InRoom, person: By, asked: Annotated[BulkChosen, given(BulkChosen)]) -> Response:
    """Decide on each candidate that is as the preview showed it, and tell which are not."""
    if asked.action == "reject":
        known_reason(asked.reason)
    filter = filter_of(asked.query)
    now = datetime.now(UTC)
    decisions = [
        Decision(candidate=id, action=asked.action, by=person.name, at=now, revision=revision, reason=asked.reason)
        for id, revision in zip(asked.ids, asked.revisions, strict=True)
    ]
    recorded, conflicts = room.store.record_all(decisions)
    view = BulkView(
        query=query_of(filter),
        queue=with_query("/queue", query_of(filter)),
        action=asked.action,
        reason=asked.reason,
        reasons=list(reasons()),
        lines=[_recorded(id, _BECOMES[asked.action]) for id in recorded],
        left_out=0,
        done=True,
        conflicts=list(_refused(room, conflicts)),
    )
    return shown(request, "bulk.html", view)


def _line(entry: Entry, becomes: str) -> BulkLine:
    return BulkLine(
        id=entry.id,
        href=f"/candidates/{entry.id}",
        revision=entry.revision,
        title=entry.title,
        finding=entry.finding,
        thumbnail=thumbnail_of(entry.sha256),
        state=entry.state,
        becomes=becomes,
    )


def _recorded(id: str, becomes: str) -> BulkLine:
    return BulkLine(
        id=id, href=f"/candidates/{id}", revision=0, title="", finding="", thumbnail="", state=becomes, becomes=becomes
    )


def _refused(room: Room, ids: Sequence[str]) -> Iterator[BulkLine]:
    """Yield the candidates that others had changed, as they stand now; an id that nobody bears is left out."""
    for id in ids:
        try:
            now = room.store.candidate(id)
        except KeyError:
            continue
        yield BulkLine(
            id=id,
            href=f"/candidates/{id}",
            revision=now.revision,
            title=f"{now.source} {now.source_id}",
            finding=now.row["finding"],
            thumbnail=thumbnail_of(now.sha256, now.panel),
            state=now.state,
            becomes=now.state,
        )
