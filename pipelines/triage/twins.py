"""A film and its suspected twin: laid over each other, compared in plain words, set side by side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response

from pipelines.candidates.queue import Filter
from pipelines.records import COLUMNS, Candidate, Match, Panel
from pipelines.triage.asked import CandidateId, Filtered, query_of, with_query
from pipelines.triage.candidate_pages import boxes_on, case_quoted_by, found, judged_in_words
from pipelines.triage.comparing import better_of, sentences_on
from pipelines.triage.copies import published_row, published_twin, withdrawn_in_words
from pipelines.triage.films import film_of, twin_png
from pipelines.triage.room import InRoom, Room, shown
from pipelines.triage.row import differing_columns
from pipelines.triage.side_views import Side, TwinView
from pipelines.triage.views import Differing

routes = APIRouter(prefix="/candidates/{id}/twin")

_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class _Other:
    """Hold the other film of a pair, a candidate's or a published one's; `told` are sentences on it alone."""

    side: Side
    row: dict[str, str]
    panel: Panel | None
    match: Match | None
    told: Sequence[str] = ()
    decisions: str = ""
    revision: int = 0


@routes.get("/{other}.png", responses={200: {"content": {"image/png": {}}}})
def laid_over(room: InRoom, id: CandidateId, other: CandidateId) -> Response:
    """Return another candidate's film on the pixel grid of this one's."""
    twin = found(room, other)
    return twin_png(room, found(room, id), twin.sha256, twin.panel)


@routes.get("/published/{filename:path}/laid.png", responses={200: {"content": {"image/png": {}}}})
def published_laid_over(room: InRoom, id: CandidateId, filename: str) -> Response:
    """Return a published film on the pixel grid of this one's."""
    return twin_png(room, found(room, id), _published_sha256(room, filename), None)


@routes.get("/published/{filename:path}")
def published_twin_page(request: Request, room: InRoom, filter: Filtered, id: CandidateId, filename: str) -> Response:
    """Show a candidate and a film of the published collection."""
    mine = found(room, id)
    match = next((match for match in mine.matches if match.published == filename), None)
    sha256 = _published_sha256(room, filename)
    adopted, withdrawal = published_row(room, filename)
    row = dict.fromkeys(COLUMNS, "") | (adopted.row if adopted else {})
    film = film_of(room, sha256)
    side = Side(
        name=filename,
        answer=filename,
        href="",
        film=film,
        width=film.width,
        height=film.height,
        state="withdrawn" if withdrawal else "published",
        title="",
        case_url=row["url"],
        date=row["date"],
        licence=row["license"],
        doi=row["doi"],
    )
    told = [f"The other was published, and {withdrawn_in_words(withdrawal)}."] if withdrawal else []
    overlaid = f"{published_twin(id, filename)}/laid.png?on={mine.revision}"
    return shown(request, "twin.html", _pair(room, filter, mine, _Other(side, row, None, match, told), overlaid))


@routes.get("/{other}")
def twin_page(request: Request, room: InRoom, filter: Filtered, id: CandidateId, other: CandidateId) -> Response:
    """Show two candidates."""
    if id == other:
        raise HTTPException(HTTPStatus.NOT_FOUND, "A film is no twin of itself.")
    mine, twin = found(room, id), found(room, other)
    match = next((match for match in mine.matches if match.candidate == other), None)
    query = query_of(filter)
    decisions = with_query(f"/candidates/{other}/decisions", query)
    drawn = urlencode({"on": mine.revision, "over": twin.revision})  # a box drawn anew is laid anew
    overlaid = f"/candidates/{id}/twin/{other}.png?{drawn}"
    shown_other = _Other(_side(room, twin, query), twin.row, twin.panel, match, (), decisions, twin.revision)
    return shown(request, "twin.html", _pair(room, filter, mine, shown_other, overlaid))


def _pair(room: Room, filter: Filter, mine: Candidate, other: _Other, overlaid: str) -> TwinView:
    query = query_of(filter)
    side = _side(room, mine, query)
    if side.film.src == other.side.film.src and not side.film.samples and mine.panel == other.panel:
        overlaid = side.film.src
    better = better_of(side, other.side, other.match)
    columns = [column for column in differing_columns(mine.row, other.row) if column != "folder"]
    drawable = side.film.drawable and other.side.film.drawable
    return TwinView(
        mine=side,
        other=other.side,
        overlaid=overlaid if drawable else "",
        sentences=[*other.told, *sentences_on(side, other.side, other.match)],
        better={"a": "mine", "b": "other", "": ""}[better.copy],  # type: ignore[arg-type]  # mypy widens the values
        better_reason=better.reason,
        relation=other.match.relation if other.match else "not found to resemble each other",
        judged=judged_in_words(other.match.judged) if other.match else "",
        differing=[Differing(column, mine.row[column], other.row[column]) for column in columns],
        other_key="candidate" if other.decisions else "published",
        revision=mine.revision,
        query=query,
        back=with_query(f"/candidates/{mine.id}", query),
        decisions=with_query(f"/candidates/{mine.id}/decisions", query),
        other_decisions=other.decisions,
        other_revision=other.revision,
    )


def _side(room: Room, candidate: Candidate, query: str) -> Side:
    case = case_quoted_by(room, candidate)
    film = film_of(room, candidate.sha256, boxes_on(candidate, [candidate], query), candidate.panel)
    left, top, right, bottom = candidate.panel.box if candidate.panel else (0, 0, film.width, film.height)
    return Side(
        name=f"{candidate.source} {candidate.source_id}",
        answer=candidate.id,
        href=with_query(f"/candidates/{candidate.id}", query),
        film=film,
        width=right - left,
        height=bottom - top,
        state=candidate.state,
        title=case.title,
        case_url=candidate.case_url,
        date=case.published if _ISO_DATE.fullmatch(case.published) else candidate.row["date"],
        licence=candidate.row["license"],
        doi=candidate.row["doi"],
    )


def _published_sha256(room: Room, filename: str) -> str:
    sha256 = room.store.film_published_as(filename)
    if sha256 is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"No published film is named {filename}.")
    return sha256
