"""Say in plain words what two films are to each other and how one became the other."""

from collections.abc import Mapping
from typing import Any

from pipelines.records import Relation

# The order in which a person is shown pairs, and what each relation is called.
RELATIONS: dict[Relation, str] = {
    "same image": "The same image in different files",
    "contains": "A film that is part of a larger picture",
    "same bytes": "The same file twice",
    "same patient, other film": "The same patient, another film",
}


def changes_in(transform: Mapping[str, Any]) -> list[str]:
    """Return how the first film became the second, a phrase for each change that a person can see."""
    changes = []
    if transform.get("mirror"):
        changes.append("mirrored left to right")
    if transform.get("invert"):
        changes.append("inverted, black for white")
    rotation = float(transform.get("rotation", 0))
    if abs(rotation) >= 1:
        changes.append(f"turned by {abs(rotation):.0f}° {'counter-clockwise' if rotation > 0 else 'clockwise'}")
    scale = float(transform.get("scale", 1))
    if abs(scale - 1) > 0.02:
        changes.append(f"scaled to {scale:.0%} of the side")
    return changes
