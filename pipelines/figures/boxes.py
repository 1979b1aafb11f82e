"""Boxes on a page: (left, top, right, bottom) in points from its top left."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]


def area(box: Box) -> float:
    """Return the area of a box; 0 where it is empty."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def meet(one: Box, other: Box) -> Box | None:
    """Return the box that two boxes share, or None."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if right > left and bottom > top else None


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    shared = meet(one, other)
    return area(shared) if shared else 0.0


def holds(outer: Box, inner: Box, slack: float = 0.5) -> bool:
    """Tell whether one box holds the other, give or take `slack` points on each side."""
    starts = outer[0] - slack <= inner[0] and outer[1] - slack <= inner[1]
    return starts and outer[2] + slack >= inner[2] and outer[3] + slack >= inner[3]


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
