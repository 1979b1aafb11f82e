"""Two films compared in plain words: how near they are, how one became the other, and which copy is better."""

from typing import Any

from pipelines.duplicates.better_copy import Better, Copy, better_copy
from pipelines.duplicates.verification import Comparison, Transform
from pipelines.records import COPIES, Match
from pipelines.triage.side_views import Side


def better_of(mine: Side, other: Side, match: Match | None) -> Better:
    """Return which copy of one picture to keep, `a` being mine; neither where the two are no copies."""
    if match is None or match.relation not in COPIES:
        return Better("", "")
    found = _comparison(mine, other, match)
    if not match.transform.get("inverse"):
        return better_copy(_copy(mine), _copy(other), found)
    better = better_copy(_copy(other), _copy(mine), found)
    swapped: dict[str, Any] = {"a": "b", "b": "a", "": ""}
    return Better(swapped[better.copy], better.reason)


def sentences_on(mine: Side, other: Side, match: Match | None) -> list[str]:
    """Return what a person needs to know to tell whether two films are one, a sentence each."""
    sentences = [] if match is None else [*_nearness(match), *_transformed(match), *_shares(mine, other, match)]
    sentences.append(_sizes(mine, other))
    sentences.append(_dates(mine.date, other.date))
    if mine.licence != other.licence:
        sentences.append(
            f"This one is under {mine.licence or 'no stated licence'}, "
            f"the other under {other.licence or 'no stated licence'}."
        )
    else:
        sentences.append(f"Both are under {mine.licence}." if mine.licence else "Neither states a licence.")
    return sentences


def _nearness(match: Match) -> list[str]:
    if match.relation == "same bytes":
        return ["The two files are the same, byte for byte."]
    sentences = []
    if match.distance is not None:
        sentences.append(f"Their fingerprints differ in {match.distance} of 256 bits.")
    if match.correlation is not None:
        sentences.append(f"Laid over each other, they correlate at {match.correlation:.3f}.")
    return sentences


def _transformed(match: Match) -> list[str]:
    """Tell how the other differs; a match seen from the other side tells how this one does."""
    transform = match.transform
    if not transform:
        return []
    who = "This one" if transform.get("inverse") else "The other"
    changes = []
    if transform.get("mirror"):
        changes.append("mirrored left to right")
    if transform.get("invert"):
        changes.append("inverted, black for white")
    if abs(rotation := float(transform.get("rotation", 0))) >= 1:
        side = "counter-clockwise" if float(transform["rotation"]) > 0 else "clockwise"
        changes.append(f"turned by {abs(rotation):.0f}° {side}")
    if abs((scale := float(transform.get("scale", 1))) - 1) > 0.02:
        changes.append(f"scaled to {scale:.0%} of the side")
    return [f"{who} is {', '.join(changes)}."] if changes else []


def _shares(mine: Side, other: Side, match: Match) -> list[str]:
    found = _comparison(mine, other, match)
    if match.relation == "same bytes" or found.covers_a is None or found.covers_b is None:
        return []
    of_mine, of_other = found.covers_a, found.covers_b
    if match.transform.get("inverse"):
        of_mine, of_other = of_other, of_mine
    return [f"They overlap: the other shows {of_mine:.0%} of this one, this one {of_other:.0%} of the other."]


def _sizes(mine: Side, other: Side) -> str:
    return f"This one has {_size(mine)}, the other {_size(other)}."


def _size(side: Side) -> str:
    return f"{side.width} × {side.height} pixels of {side.film.bits} bits ({side.film.size / 1000:,.0f} kB)"


def _dates(mine: str, other: str) -> str:
    if not mine or not other:
        known = "this one's" if mine else "the other's" if other else ""
        return f"Only {known} date is known: {mine or other}." if known else "Neither is dated."
    if mine == other:
        return f"Both are dated {mine}."
    if not (mine[:4].isdigit() and other[:4].isdigit()):
        return f"This one is dated {mine}, the other {other}."
    first = "this one" if mine < other else "the other"
    return f"This one is dated {mine}, the other {other}: {first} came first."


def _copy(side: Side) -> Copy:
    dated = side.date if side.date[:4].isdigit() else ""
    return Copy(bits=side.film.bits, licence=side.licence, published=dated, doi=side.doi)


def _comparison(mine: Side, other: Side, match: Match) -> Comparison:
    """Return the comparison that the match keeps, from the film that was compared; its shares follow from the crop."""
    kept = {key: value for key, value in match.transform.items() if key != "inverse"}
    first, second = (other, mine) if match.transform.get("inverse") else (mine, other)
    whole = match.relation == "same bytes"
    covers_a = covers_b = 1.0 if whole else None
    transform = Transform(**kept) if kept else None
    if transform is not None and first.width * first.height and second.width * second.height:
        left, top, right, bottom = transform.crop
        shared = max(0, right - left) * max(0, bottom - top)
        covers_a = min(1.0, shared / (first.width * first.height))
        covers_b = min(1.0, shared * transform.scale**2 / (second.width * second.height))
    return Comparison(match.relation, match.distance or 0, match.correlation, None, None, covers_a, covers_b, transform)
