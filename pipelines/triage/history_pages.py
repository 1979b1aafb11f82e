"""What was decided, the newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from pipelines.triage.events import event_of
from pipelines.triage.room import By, InRoom, shown
from pipelines.triage.side_views import HistoryView

routes = APIRouter()

_PAGE = 100


@routes.get("/history")
def history_page(
    request: Request, room: InRoom, person: By, after: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> Response:
    """Show everybody's decisions from the newest back, and what this person's undo would take back."""
    newest = room.store.newest_decisions(skip=after, limit=_PAGE + 1)
    last = room.store.last_standing(person.name)
    view = HistoryView(
        events=[event_of(decision) for decision in newest[:_PAGE]],
        more=f"/history?after={after + _PAGE}" if len(newest) > _PAGE else "",
        undo=event_of(last) if last else None,
    )
    return shown(request, "history.html", view)
