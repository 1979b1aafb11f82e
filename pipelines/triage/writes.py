"""Decisions, edits and undo: each made on the revision that its page showed, or refused with what happened since."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, get_args

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from pipelines.candidates.decisions import ConflictError
from pipelines.candidates.schema import folder_of
from pipelines.records import COPIES, Candidate, Decision, Evidence, Relation
from pipelines.triage.asked import (
    CandidateId,
    DecisionAsked,
    FieldAsked,
    Filtered,
    PanelsAsked,
    given,
    query_of,
    takes,
    with_query,
)
from pipelines.triage.candidate_pages import case_quoted_by, decisions_of, found
from pipelines.triage.errors import Conflict, responses
from pipelines.triage.events import event_of, sentence_of, standing
from pipelines.triage.queue_pages import first_of
from pipelines.triage.room import By, InRoom, Person, Room
from pipelines.triage.row import CHOSEN, reasons
from pipelines.triage.security import CarriesToken
from pipelines.triage.side_views import ConflictView

routes = APIRouter(dependencies=[CarriesToken], responses=responses(200))

_RELATIONS = {
    "duplicate": COPIES,
    "judge": get_args(Relation),
}


@routes.post("/candidates/{id}/decisions", openapi_extra=takes(DecisionAsked))
def decide(
    request: Request, room: InRoom, person: By, filter: Filtered, id: CandidateId,
    asked: Annotated[DecisionAsked, given(DecisionAsked)],
) -> Response:  # fmt: skip
    """Decide, and go on to the next candidate of the queue."""
    candidate = found(room, id)
    if asked.action == "reject":
        known_reason(asked.reason)
    detail = _pair(room, candidate, asked) if asked.action in _RELATIONS else {}
    decision = _decision(person, id, asked.action, asked.revision, reason=asked.reason, detail=detail)
    kept = _recorded(room, decision)
    query = query_of(filter)
    if asked.action == "judge":
        return _answer(request, kept, with_query(f"/candidates/{id}", query))
    room.store.release(id, person.name)
    onwards = room.store.following(filter, id, person.name)
    there = with_query(f"/candidates/{onwards}", query) if onwards else first_of(room, filter, person, but=id)
    return _answer(request, kept, there)


@routes.post("/candidates/{id}/fields", openapi_extra=takes(FieldAsked))
def put_value(
    request: Request, room: InRoom, person: By, filter: Filtered, id: CandidateId,
    asked: Annotated[FieldAsked, given(FieldAsked)],
) -> Response:  # fmt: skip
    """Put a value into a cell, with the words it rests on if the person chose any."""
    candidate = found(room, id)
    evidence = _evidence(room, candidate, asked, person)
    value = evidence[0].value if evidence else (asked.value or "").strip()
    row = {asked.column: value}
    if asked.column == "modality":
        row["folder"] = folder_of(value) or ""
        evidence += [one.model_copy(update={"field": "folder", "value": row["folder"]}) for one in evidence if value]
    detail = {"row": row, "evidence": [one.model_dump() for one in evidence]}
    kept = _recorded(room, _decision(person, id, "edit", asked.revision, detail=detail))
    return _answer(request, kept, with_query(f"/candidates/{id}", query_of(filter)))


@routes.post("/candidates/{id}/panels", openapi_extra=takes(PanelsAsked))
def draw_panels(
    request: Request, room: InRoom, person: By, filter: Filtered, id: CandidateId,
    asked: Annotated[PanelsAsked, given(PanelsAsked)],
) -> Response:  # fmt: skip
    """Draw the film's box anew, or split the picture into several films; the file is untouched."""
    candidate = found(room, id)
    boxes = [_box_within(room, candidate, box) for box in asked.boxes]
    labels = [*asked.labels, *[""] * len(boxes)]
    detail: dict[str, Any] = {"panel": {"box": boxes[0]}}
    if len(boxes) > 1:
        named = [label or chr(ord("A") + place) for place, label in enumerate(labels[: len(boxes)])]
        detail = {"panels": [{"box": box, "label": label} for box, label in zip(boxes, named, strict=True)]}
    action = "split" if len(boxes) > 1 else "edit"
    kept = _recorded(room, _decision(person, id, action, asked.revision, detail=detail))
    return _answer(request, kept, with_query(f"/candidates/{id}", query_of(filter)))


@routes.post("/undo")
def undo(request: Request, room: InRoom, person: By, filter: Filtered) -> Response:
    """Take back this person's last decision that stands, by a further one."""
    last = room.store.last_standing(person.name)
    if last is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Nothing of yours stands that nobody has built upon.")
    candidate = found(room, last.candidate)
    decisions = decisions_of(room, last.candidate)
    undoing = _decision(person, last.candidate, "undo", candidate.revision)
    stand = standing(decisions)
    if not stand or stand[-1] != last:
        # Somebody else has built upon it; their work is not to be taken back unseen.
        raise _conflict(room, undoing)
    kept = _recorded(room, undoing)
    there = with_query(f"/candidates/{last.candidate}", query_of(filter))
    return _answer(request, kept, there, sentence=sentence_of(last))


@routes.post("/candidates/{id}/hold")
def hold(room: InRoom, person: By, id: CandidateId) -> Response:
    """Hold a candidate for whoever looks at it, for two minutes; or tell who holds it."""
    lease = room.store.hold(found(room, id).id, person.name)
    told = {"by": lease.by, "until": lease.until.isoformat(), "mine": lease.by == person.name}
    return JSONResponse(told)


def _decision(
    person: Person, id: str, action: Any, revision: int, reason: str = "", detail: dict[str, Any] | None = None
) -> Decision:
    return Decision(
        candidate=id, action=action, by=person.name, at=datetime.now(UTC), revision=revision, reason=reason,
        detail=detail or {},
    )  # fmt: skip


def _recorded(room: Room, decision: Decision) -> Candidate:
    try:
        return room.store.record(decision)
    except ConflictError:
        raise _conflict(room, decision) from None
    except ValueError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None


def _conflict(room: Room, decision: Decision) -> Conflict:
    now = room.store.candidate(decision.candidate)
    since = [event_of(one) for one in decisions_of(room, decision.candidate) if one.revision >= decision.revision]
    if decision.action == "undo":
        since = [event_of(one) for one in decisions_of(room, decision.candidate) if one.by != decision.by][-1:]
    href = f"/candidates/{decision.candidate}"
    return Conflict(ConflictView(now.id, href, now.state, now.revision, _tried(decision), since))


def _tried(decision: Decision) -> str:
    return decision.action if decision.action != "reject" else f"reject: {decision.reason}"


def _answer(request: Request, kept: Candidate, there: str, **more: str) -> Response:
    """Return where to go: as JSON to what asked in JSON, else by going there."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"next": there, "state": kept.state, "revision": kept.revision} | more)
    return RedirectResponse(there, HTTPStatus.SEE_OTHER)


def known_reason(word: str) -> None:
    """Refuse a reason that is none of reasons.toml."""
    words = [reason.word for reason in reasons()]
    if word not in words:
        message = f"{word!r} is none of the reasons {', '.join(words)}."
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, message)


def _pair(room: Room, candidate: Candidate, asked: DecisionAsked) -> dict[str, str]:
    """Return what a decision on a pair says, checked: one other film, a relation, and which of both to keep."""
    detail = {"relation": "same image", "keep": ""} | asked.detail
    others = [name for name in (detail.get("candidate"), detail.get("published")) if name]
    problem = ""
    if set(detail) - {"candidate", "published", "relation", "keep"} or len(others) != 1:
        problem = "A pair names one other film, as candidate or as published, its relation, and which to keep."
    elif detail["relation"] not in _RELATIONS[asked.action]:
        problem = f"The relation of a {asked.action} is one of {', '.join(_RELATIONS[asked.action])}."
    elif others[0] == candidate.id or not _is_known(room, candidate, detail):
        problem = f"There is no other film {others[0]}."
    elif detail["keep"] not in ("", candidate.id, others[0]):
        problem = "Only one of the two films can be kept."
    elif asked.action == "duplicate" and detail["keep"] == candidate.id:
        problem = "The film that is kept is not the duplicate: judge the pair, or decide on the other film."
    if problem:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, problem)
    return detail


def _is_known(room: Room, candidate: Candidate, detail: dict[str, str]) -> bool:
    if any(match.candidate == detail.get("candidate", "") and match.published == detail.get("published", "")
           for match in candidate.matches):  # fmt: skip
        return True
    if not detail.get("candidate"):
        return False
    try:
        return bool(room.store.candidate(detail["candidate"]))
    except KeyError:
        return False


def _evidence(room: Room, candidate: Candidate, asked: FieldAsked, person: Person) -> list[Evidence]:
    """Return the evidence that a person chose, its quote read from the case and not from the request."""
    place = asked.evidence
    if place is None:
        return []
    problem = "Evidence names a text of the case (block) and a stretch of it (start, end) that is not blank."
    try:
        block, start, end = str(place["block"]), int(place["start"]), int(place["end"])
        text = case_quoted_by(room, candidate).text_at(block)
    except (KeyError, ValueError):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, problem) from None
    quote = text[start:end] if 0 <= start < end <= len(text) else ""
    value = quote.strip() if asked.value is None else asked.value.strip()
    if not quote.strip() or not value:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, problem)
    return [
        Evidence(
            field=asked.column, value=value, quote=quote, block=block, start=start, end=end, rule=CHOSEN + person.name
        )
    ]


def _box_within(room: Room, candidate: Candidate, box: list[int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    media = room.store.media(candidate.sha256)
    width, height = (media.width, media.height) if media else (0, 0)
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        message = f"The box {box} does not lie within the picture of {width} x {height} pixels."
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    return left, top, right, bottom
