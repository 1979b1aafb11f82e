"""Decisions told in words, and which of them stand."""

from collections.abc import Iterable

from pipelines.records import Decision
from pipelines.triage.views import Event

_PLAIN = {"accept": "accepted", "unsure": "left unsure", "undo": "took back the decision before"}


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Return those of a candidate's decisions, oldest first, that no later one took back."""
    stand: list[Decision] = []
    for decision in decisions:
        if decision.action == "undo":
            stand.pop()
        else:
            stand.append(decision)
    return stand


def event_of(decision: Decision) -> Event:
    """Return a decision as the pages tell it."""
    return Event(
        candidate=decision.candidate,
        href=f"/candidates/{decision.candidate}",
        action=decision.action,
        sentence=sentence_of(decision),
        by=decision.by,
        at=decision.at,
        revision=decision.revision,
    )


def sentence_of(decision: Decision) -> str:
    """Return what a decision did, in plain words."""
    detail = decision.detail
    other = detail.get("candidate") or detail.get("published") or "another film"
    match decision.action:
        case "reject":
            return f"rejected: {decision.reason}"
        case "duplicate":
            kept = f"; {detail['keep']} is kept" if detail.get("keep") else ""
            return f"called a duplicate of {other}{kept}"
        case "judge":
            return f"judged with {other}: {detail.get('relation', '')}"
        case "split":
            return f"split into {len(detail.get('panels', []))} films"
        case "edit":
            return _edit(decision)
    return _PLAIN[decision.action]


def _edit(decision: Decision) -> str:
    values = decision.detail.get("row", {})
    parts = [f"set {column} to {value!r}" if value else f"blanked {column}" for column, value in values.items()]
    if "panel" in decision.detail:
        left, top, right, bottom = decision.detail["panel"]["box"]
        parts.append(f"drew the film's box at {left}, {top} to {right}, {bottom}")
    return "; ".join(parts) or "edited nothing"
