"""The queue: what is left to decide, filtered, counted and searched."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from pipelines.candidates.queue import Entry, Filter
from pipelines.triage.asked import Filtered, query_of, with_query
from pipelines.triage.films import thumbnail_of
from pipelines.triage.room import By, InRoom, Person, Room, shown
from pipelines.triage.views import Facet, Line, Option, Progress, QueueView

routes = APIRouter()

Tallies = dict[str, dict[str, dict[str, int]]]
_FACETS = {
    "source": "source", "finding": "finding", "modality": "modality", "issue": "issue", "licence": "licence",
}  # fmt: skip
_STATES = ("pending", "unsure", "accepted", "changed", "rejected", "duplicate", "split", "aside")
_SETTLED = ("accepted", "rejected", "duplicate", "split", "aside")
_PAGE = 50


@routes.get("/")
def begin(room: InRoom, person: By) -> Response:
    """Go to the first candidate that nobody else has on the screen, or to the queue if there is none."""
    return RedirectResponse(first_of(room, Filter(), person), HTTPStatus.SEE_OTHER)


@routes.get("/queue")
def queue_page(request: Request, room: InRoom, filter: Filtered, after: str = "") -> Response:
    """Show the candidates that pass the filter, in the order of work."""
    page = room.store.queue(filter, after=after, limit=_PAGE)
    query, tallies = query_of(filter), room.store.tallies()
    view = QueueView(
        filter={name: getattr(filter, name) for name in ("state", *_FACETS, "text")},
        query=query,
        facets=_facets(tallies, filter),
        progress=_progress(tallies, *room.store.counted(filter)),
        lines=_lines(page.entries, query),
        more=f"/queue?{query_of(filter, after=page.next)}" if page.next else "",
    )
    return shown(request, "queue.html", view)


def first_of(room: Room, filter: Filter, person: Person, but: str = "") -> str:
    """Return the address of the first candidate that passes and that nobody else looks at, or of the queue."""
    query = query_of(filter)
    entries = [entry for entry in room.store.queue(filter, limit=_PAGE).entries if entry.id != but]
    free = next((entry for entry in entries if entry.held_by in ("", person.name)), None)
    return with_query(f"/candidates/{free.id}" if free else "/queue", query)


def _lines(entries: list[Entry], query: str) -> list[Line]:
    lines = []
    before = None
    for entry in entries:
        case = (entry.source, entry.source_id)
        lines.append(
            Line(
                id=entry.id,
                href=with_query(f"/candidates/{entry.id}", query),
                thumbnail=thumbnail_of(entry.sha256),
                source=entry.source,
                source_id=entry.source_id,
                title=entry.title,
                patientid=entry.patientid,
                finding=entry.finding,
                view=entry.view,
                modality=entry.modality,
                date=entry.date,
                offset=entry.offset,
                licence=entry.licence,
                state=entry.state,
                revision=entry.revision,
                issues=entry.issues,
                matches=entry.matches,
                certain=entry.certain,
                changed=entry.changed,
                held_by=entry.held_by,
                opens_case=case != before,
            )
        )
        before = case
    return lines


def _progress(tallies: Tallies, shown: int, exact: bool) -> Progress:
    tallied = tallies.get("", {}).get("", {})
    states = {state: tallied.get(state, 0) for state in _STATES}
    return Progress(states, sum(states[state] for state in _SETTLED), _sum(tallied), shown, exact)


def _facets(tallies: Tallies, filter: Filter) -> list[Facet]:
    """Return the filters with their values; counts are of the state chosen, whatever the other filters are."""
    total = tallies.get("", {}).get("", {})
    states = [
        _option(filter, "state", state, state or "all", total.get(state, 0) if state else _sum(total))
        for state in (*_STATES, "")
    ]
    facets = [Facet("state", "state", states)]
    for name, label in _FACETS.items():
        values = tallies.get(name, {})
        counts = {value: of.get(filter.state, 0) if filter.state else _sum(of) for value, of in values.items() if value}
        options = [
            _option(filter, name, value, value, count)
            for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if count or value == getattr(filter, name)
        ]
        everything = _option(filter, name, "", "all", total.get(filter.state, 0) if filter.state else _sum(total))
        facets.append(Facet(name, label, [everything, *options]))
    return facets


def _sum(of: dict[str, int]) -> int:
    return sum(number for state, number in of.items() if state != "changed")


def _option(filter: Filter, name: str, value: str, label: str, count: int) -> Option:
    href = with_query("/queue", query_of(filter, **{name: value}))
    return Option(value, label, count, href, chosen=getattr(filter, name) == value)
