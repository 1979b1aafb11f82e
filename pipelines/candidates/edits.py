"""What an edit makes of a row: values with the words they rest on, and the box of a panel."""

from typing import Any

from pipelines.candidates.schema import problems_of
from pipelines.records import COLUMNS, Candidate, Case, Decision, Evidence, Media, Panel


def edited(candidate: Candidate, decision: Decision, wording: Case, film: Media | None) -> Candidate:
    """Return the candidate with the values, evidence and box of an edit.

    `wording` is the case as the candidate quotes it. Raise `ValueError`, in a plain sentence, for an edit that breaks
    the schema, rests on words that the wording does not carry, or draws a box that is not within the film.
    """
    detail = decision.detail
    unknown = detail.keys() - {"row", "evidence", "panel"}
    if unknown:
        raise ValueError(f"an edit holds row, evidence and panel, not {', '.join(sorted(unknown))}")
    values = _values(detail.get("row", {}))
    marked = detail.get("evidence", [])
    if not isinstance(marked, list):
        raise ValueError("evidence is a list: each names a text of the case, and from where to where it is quoted")
    given = [_quoted(evidence, values, decision.by, wording) for evidence in marked]
    resting = {(evidence.field, evidence.value) for evidence in given}
    own = [
        # No source says so: the quote is what the person wrote, and the address is the decision itself.
        Evidence(
            field=column,
            value=value,
            quote=value,
            block=f"decision[{decision.revision}]",
            start=0,
            end=len(value),
            rule=f"entered by {decision.by}",
        )
        for column, value in values.items()
        if value and (column, value) not in resting
    ]
    row = candidate.row | values
    broken = [issue.message for issue in problems_of(row) if issue.field in values]
    if broken:
        raise ValueError("; ".join(broken))
    after: dict[str, Any] = {
        "row": row,
        "evidence": [*(evidence for evidence in candidate.evidence if evidence.field not in values), *given, *own],
        # Who wrote the cell has answered what was asked about it.
        "issues": [issue for issue in candidate.issues if issue.field not in values],
    }
    if "panel" in detail:
        after["panel"] = _panel(candidate.panel, detail["panel"], film)
    return Candidate.model_validate(candidate.model_dump() | after)


def checked_box(box: Any, film: Media | None) -> tuple[int, int, int, int]:
    """Return a box of whole pixels that holds part of a film and nothing beside it; raise `ValueError` for others."""
    if not isinstance(box, list | tuple) or len(box) != 4 or not all(type(edge) is int for edge in box):
        raise ValueError(f"a box is left, top, right and bottom in whole pixels, not {box!r}")
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise ValueError(f"the box {left},{top},{right},{bottom} is empty")
    # A film that was never measured has no size, and is held to no edge but the first.
    width, height = (film.width or right, film.height or bottom) if film else (right, bottom)
    if left < 0 or top < 0 or right > width or bottom > height:
        raise ValueError(f"the box {left},{top},{right},{bottom} is not within the film of {width} by {height} pixels")
    return left, top, right, bottom


def _values(values: Any) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ValueError("an edit gives each column a text, blank for an unknown value")
    unknown = values.keys() - set(COLUMNS)
    if unknown:
        raise ValueError(f"a row has no column {', '.join(sorted(unknown))}")
    return values


def _quoted(given: Any, values: dict[str, str], by: str, wording: Case) -> Evidence:
    """Return evidence, of which a person need give no more than where the words stand: block, start, end."""
    if not isinstance(given, dict):
        raise ValueError("evidence names a text of the case, and from where to where it is quoted")
    block, start, end = given.get("block"), given.get("start"), given.get("end")
    field = given.get("field") or (next(iter(values)) if len(values) == 1 else "")
    if field not in values:
        raise ValueError("evidence names the column that it is for, which is one of those edited")
    if not isinstance(block, str) or type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise ValueError(f"evidence for {field} names a text of the case, and from where to where it is quoted")
    try:
        words = wording.text_at(block)[start:end]
    except KeyError as error:
        raise ValueError(f"evidence for {field}: {error.args[0]}") from error
    if len(words) != end - start or given.get("quote", words) != words:
        raise ValueError(f"evidence for {field}: {given.get('quote', 'the quote')!r} does not stand at {block}")
    rule = given.get("rule") or f"marked by {by}"
    return Evidence(field=field, value=values[field], quote=words, block=block, start=start, end=end, rule=rule)


def _panel(before: Panel | None, given: Any, film: Media | None) -> Panel:
    if not isinstance(given, dict) or given.keys() - {"box", "label"}:
        raise ValueError("a panel has a box, and may have a label")
    changed = {"box": checked_box(given.get("box"), film)} | {key: given[key] for key in ("label",) if key in given}
    return Panel.model_validate((before.model_dump() if before else {}) | changed)
