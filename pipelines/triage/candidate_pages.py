"""The screen on which one film is decided."""

import difflib
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from pipelines.candidates.answers import Snapshot
from pipelines.candidates.queue import Filter
from pipelines.candidates.shown import is_settled
from pipelines.records import Candidate, Case, Decision, Image, Judgement, Match
from pipelines.triage.asked import CandidateId, Filtered, query_of, with_query
from pipelines.triage.copies import decided_elsewhere, published_as, published_row, published_twin
from pipelines.triage.events import event_of, sentence_of, standing
from pipelines.triage.films import film_of, thumbnail_of
from pipelines.triage.room import By, InRoom, Person, Room, shown
from pipelines.triage.row import fields_of, issue_line, reasons
from pipelines.triage.texts import Place, place_of, texts_of
from pipelines.triage.views import Box, CandidateView, ChangedSince, Differing, Lease, Linked, MatchLine, Sibling, Text

routes = APIRouter()


@routes.get("/candidates/{id}")
def candidate_page(request: Request, room: InRoom, person: By, filter: Filtered, id: CandidateId) -> Response:
    """Show one film with its row."""
    candidate = found(room, id)
    view = _view(room, person, filter, candidate)
    # A write that htmx made was redirected here; its address belongs into the browser's bar.
    return shown(request, "candidate.html", view, headers={"HX-Push-Url": _address(id, query_of(filter))})


def found(room: Room, id: str) -> Candidate:
    """Return a candidate; raise 404 for an unknown id."""
    try:
        return room.store.candidate(id)
    except KeyError:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no candidate {id}.") from None


def case_quoted_by(room: Room, candidate: Candidate) -> Case:
    """Return the case in the wording that the candidate's evidence quotes."""
    return room.store.case(*room.store.version_quoted_by(candidate.id))


def boxes_on(candidate: Candidate, siblings: Sequence[Candidate], query: str) -> list[Box]:
    """Return the panels on a candidate's picture, its own and those of the other films in it."""
    return [
        Box(one.panel.box, one.panel.label, one.id == candidate.id, _address(one.id, query))
        for one in siblings
        if one.panel is not None and one.sha256 == candidate.sha256
    ]


def decisions_of(room: Room, id: str) -> list[Decision]:
    """Return all decisions on a candidate, the oldest first."""
    return list(room.store.decisions(id))


def _view(room: Room, person: Person, filter: Filter, candidate: Candidate) -> CandidateView:
    id, query, store = candidate.id, query_of(filter), room.store
    case = case_quoted_by(room, candidate)
    place = place_of(candidate, case)
    texts = texts_of(case, place, candidate.evidence)
    fields = fields_of(candidate, {text.address: text.id for text in texts})
    siblings = list(store.of_case(candidate.source, candidate.source_id))
    decisions = decisions_of(room, id)
    stand = standing(decisions)
    lease = next((lease for lease in store.held() if lease.candidate == id), None)
    write = partial(_address, id, query)
    neighbour = {
        "after": store.following(filter, id, person.name), "before": store.preceding(filter, id, person.name)
    }  # fmt: skip
    return CandidateView(
        id=id,
        source=candidate.source,
        source_id=candidate.source_id,
        title=case.title,
        case_url=candidate.case_url,
        image_url=candidate.image_url,
        caption=_caption(candidate, case, place),
        state=candidate.state,
        standing=_standing(candidate, stand),
        revision=candidate.revision,
        film=film_of(room, candidate.sha256, boxes_on(candidate, siblings, query)),
        fields=fields,
        issues=[issue_line(issue, candidate) for issue in candidate.issues if not issue.field],
        texts=texts,
        matches=matches_of(room, candidate, siblings, query),
        siblings=[_sibling(one, number, id, query) for number, one in enumerate(siblings, 1)],
        panels=_panels(candidate, siblings, query),
        copy_of=decided_elsewhere(room, candidate, stand, query),
        published=published_as(room, candidate, query),
        events=[event_of(decision) for decision in reversed(decisions)],
        reasons=list(reasons()),
        lease=Lease(lease.by, lease.until, lease.by == person.name) if lease else None,
        changed=_changed(room, id) if candidate.state == "accepted" else None,
        query=query,
        queue=with_query("/queue", query),
        after=_address(neighbour["after"], query) if neighbour["after"] else "",
        before=_address(neighbour["before"], query) if neighbour["before"] else "",
        decisions=write("decisions"),
        fields_to=write("fields"),
        panels_to=write("panels"),
        hold=write("hold"),
        page=kept_address(candidate) if snapshot_of(room, case) else "",
        document=_document(candidate, case, place),
    )


def _address(id: str, query: str, part: str = "") -> str:
    return with_query(f"/candidates/{quote(id, safe='')}" + (f"/{part}" if part else ""), query)


def _image(case: Case, place: Place) -> Image | None:
    return case.studies[place.study].images[place.image] if place.image >= 0 else None


def _caption(candidate: Candidate, case: Case, place: Place) -> str:
    image = _image(case, place)
    return (candidate.panel.caption if candidate.panel else "") or (image.caption if image else "")


def _standing(candidate: Candidate, stand: list[Decision]) -> str:
    deciding = [decision for decision in stand if decision.action != "edit"]
    if candidate.state == "pending" or not deciding:
        return ""
    last = deciding[-1]
    return f"{sentence_of(last)} by {last.by} on {last.at:%Y-%m-%d %H:%M}"


def _sibling(one: Candidate, number: int, current: str, query: str) -> Sibling:
    label = one.panel.label if one.panel and one.panel.label else ""
    name = f"{number}{label}" + (f", {one.row['view']}" if one.row["view"] else "")
    return Sibling(
        one.id, _address(one.id, query), thumbnail_of(one.sha256, one.panel), name, one.state, one.id == current
    )


def _panels(candidate: Candidate, siblings: Sequence[Candidate], query: str) -> list[Linked]:
    """Return the films that a picture was split into."""
    if candidate.state != "split":
        return []
    films = [(one, one.panel) for one in siblings if one.panel is not None and one.sha256 == candidate.sha256]
    return [
        Linked(f"panel {panel.label or number}", _address(one.id, query))
        for number, (one, panel) in enumerate(films, 1)
    ]


def matches_of(room: Room, candidate: Candidate, siblings: Sequence[Candidate], query: str) -> list[MatchLine]:
    """Return the films that resemble a candidate's, those first about which somebody is still to be asked."""
    ids = {match.candidate for match in candidate.matches} - {""}
    known = {one.id: one for one in siblings if one.id in ids}
    known |= room.store.named(ids - known.keys())
    states = {id: other.state for id, other in known.items()}

    def place(match: Match) -> tuple[bool, float]:
        return is_settled(match, candidate.state, states), -(match.correlation or 0)

    lines = []
    for match in sorted(candidate.matches, key=place):
        other = known.get(match.candidate)
        twin = _address(candidate.id, query, f"twin/{quote(match.candidate, safe='')}")
        lines.append(
            MatchLine(
                href=twin if other else with_query(published_twin(candidate.id, match.published), query),
                name=f"{other.source} {other.source_id}" if other else match.published,
                other=match.candidate,
                published=match.published,
                relation=match.relation,
                sentence=sentence_about(match),
                thumbnail=thumbnail_of(other.sha256, other.panel) if other else "",
                state=other.state if other else "withdrawn" if published_row(room, match.published)[1] else "published",
                judged=judged_in_words(match.judged),
            )
        )
    return lines


def sentence_about(match: Match) -> str:
    """Return in one line how near two films are."""
    parts: list[str] = [match.relation]
    if match.distance is not None:
        parts.append(f"{match.distance} of 256 bits apart")
    if match.correlation is not None:
        parts.append(f"correlation {match.correlation:.3f} when aligned")
    return ", ".join(parts)


def judged_in_words(judged: Judgement | None) -> str:
    """Return what a person made of a pair, or a blank."""
    if judged is None:
        return ""
    kept = f", {judged.keep} is kept" if judged.keep else ""
    return f"{judged.relation}{kept}: {judged.by}, {judged.at:%Y-%m-%d}"


def _changed(room: Room, id: str) -> ChangedSince | None:
    changes = room.store.changes(id)
    if not changes:
        return None
    before, now = room.store.wordings(id)
    values = [Differing(change.column, change.accepted, change.proposed, change.quote) for change in changes]
    return ChangedSince(values, list(_diff(before, now)))


def _diff(before: Case, now: Case) -> Iterator[str]:
    old, new = (_lines(texts_of(case, Place(), ())) for case in (before, now))
    yield from difflib.unified_diff(old, new, "as accepted", "as the source has it now", lineterm="")


def _lines(texts: list[Text]) -> list[str]:
    return [
        f"{text.heading}: {line}"
        for text in texts
        for line in "".join(p.text for p in text.pieces).splitlines()
        if line
    ]


def snapshot_of(room: Room, case: Case) -> Snapshot | None:
    """Return where the page of a case is kept; one entered by hand has none, unless a crawl has met it, too."""
    return room.store.snapshot(room.page_of(case)) or room.store.snapshot(case.url)


def _document(candidate: Candidate, case: Case, place: Place) -> str:
    image = _image(case, place)
    for number, document in enumerate(case.documents):
        if document.media is None or image is None or not image.url.startswith(f"{document.url}#"):
            continue
        page = image.figure.page if image.figure and image.figure.page else 1
        return f"{kept_address(candidate)}&document={number}&page={page}"
    return ""


def kept_address(candidate: Candidate) -> str:
    """Return where the kept page of a candidate's case is shown, with what this candidate quotes marked."""
    case = f"/cases/{candidate.source}/{quote(candidate.source_id, safe='')}"
    return f"{case}/page?candidate={candidate.id}"
