"""Panels of a compound figure: the box of each film in it, over the untouched picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TypeVar

import cv2
import numpy as np

from pipelines.figures.boxes import Box
from pipelines.figures.gutters import BLACK, Grey, PixelBox, pieces_between, tones_of, within_margins
from pipelines.figures.seams import seams_in

B = TypeVar("B", Box, PixelBox)

# Below this confidence a person draws the panels; above it 99 of 100 splits of composed figures are right.
CERTAIN = 0.55
# Letters, scales and rules are narrower than this part of the widest panel.
MIN_PART = 0.35
# A film or slice is at most this much longer than wide; a piece that is longer may be two.
MAX_ASPECT = 1.7
# Part of the panels' median area from which on a piece left out is more than a letter or a scale.
LEFT_OUT = 0.12
# Pixels by which edges of panels in one row or column differ at most.
ALIGNED = 4
# Less than this part of a panel's outline drawn upon: it is round, a slice on its own black field.
OUTLINE = 0.5
# Larger pictures are looked at in a reduced size; gutters have two pixels at least.
MAX_SIDE = 2200


@dataclass(frozen=True)
class Split:
    """Hold the panels of a picture in reading order, boxes in pixels, and from 0 to 1 how sure they are.

    A picture that is one film has one box, around all of it.
    """

    boxes: list[PixelBox]
    confidence: float

    @property
    def certain(self) -> bool:
        """Tell whether the boxes stand without a person's look."""
        return self.confidence >= CERTAIN


@dataclass
class _Draft:
    boxes: list[PixelBox]
    tone: int | None = None
    plain: float = 1.0
    left_out: list[PixelBox] = field(default_factory=list)


def split_of(grey: Grey, letters: int = 0) -> Split:
    """Return the panels of a grey picture (h, w; 8 bits); `letters` is how many its caption tells of, 0 if unknown."""
    height, width = grey.shape
    step = max(1, -(-max(height, width) // MAX_SIDE))
    seen = grey if step == 1 else cv2.resize(grey, (width // step, height // step), interpolation=cv2.INTER_AREA)
    draft = _draft(seen.astype(np.uint8, copy=False), letters)
    if len(draft.boxes) < 2:
        return Split([(0, 0, width, height)], _confidence_in_one(width / height, letters))
    boxes = [(a * step, b * step, c * step, d * step) for a, b, c, d in in_reading_order(draft.boxes)]
    return Split(boxes, _confidence(draft, letters))


def in_reading_order(boxes: Sequence[B]) -> list[B]:
    """Return boxes row by row from the top, each row from the left; a row is what overlaps by half its height."""
    rows: list[list[B]] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        for row in rows:
            top, bottom = row[0][1], row[0][3]
            shared = min(bottom, box[3]) - max(top, box[1])
            if shared > 0.5 * min(bottom - top, box[3] - box[1]):
                row.append(box)
                break
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]


def _draft(grey: Grey, letters: int) -> _Draft:
    height, width = grey.shape
    whole = (0, 0, width, height)
    drafts = []
    for tone in tones_of(grey):
        pieces = pieces_between(grey, whole, tone)
        large = _large(pieces)
        drafts.append(_Draft(large, tone, left_out=[p for p in pieces if p not in large]))
    best = max(drafts, key=lambda draft: len(draft.boxes))
    if len(best.boxes) < 2:
        framed = [draft for draft in drafts if draft.boxes and draft.boxes[0] != whole]
        best = framed[0] if framed else _Draft([whole])
    alone = len(best.boxes) == 1
    if not alone and best.tone == BLACK:
        best.boxes = _fields(grey, best.boxes)
    elif alone:
        best.tone = None
    parted = [_parted(grey, box, letters if alone else 0, alone) for box in best.boxes]
    found = _large([box for boxes, _ in parted for box in boxes])
    best.boxes = [cell for box in found for cell in _cut_as_others(box, found)]
    best.plain = min([plain for _, plain in parted] + [0.6] * (len(best.boxes) > len(found)), default=1.0)
    best.boxes = _aligned(grey, best.boxes, best.tone)
    return best


def _parted(grey: Grey, box: PixelBox, letters: int, alone: bool, depth: int = 0) -> tuple[list[PixelBox], float]:
    """Return a box cut along its seams, and how plain the faintest one is."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if depth > 2 or (not alone and max(width / height, height / width) <= MAX_ASPECT):
        return [box], 1.0
    part = grey[top:bottom, left:right]
    across, sure_across = seams_in(part.T)
    down, sure_down = seams_in(part)
    if letters > 1 and not across and not down:
        parts = letters if letters <= 4 else 0
        across, sure_across = seams_in(part.T, parts=parts if width > height else 0)
        down, sure_down = seams_in(part, parts=parts if height > width else 0)
    columns, rows = [left, *(left + x for x in across), right], [top, *(top + y for y in down), bottom]
    cells = [(a, c, b, d) for c, d in pairwise(rows) for a, b in pairwise(columns)]
    if len(cells) == 1 or any(_is_flat(grey, cell) for cell in cells):
        return [box], 1.0
    sure = min([sure_across] * bool(across) + [sure_down] * bool(down))
    inner = [_parted(grey, _trimmed(grey, cell), 0, False, depth + 1) for cell in cells]
    return [found for boxes, _ in inner for found in boxes], min(sure, *(plain for _, plain in inner))


def _cut_as_others(box: PixelBox, boxes: Sequence[PixelBox]) -> list[PixelBox]:
    """Return a box cut where those beside it are, if it is as long as two of them: films of one tone leave no seam."""
    left, top, right, bottom = box
    sides = [(b[2] - b[0], b[3] - b[1]) for b in boxes if b != box]
    for edge, low, high in ((3, top, bottom), (2, left, right)):
        for middle in sorted({other[edge] for other in boxes if low < other[edge] < high}):
            cells = (
                [(left, top, right, middle), (left, middle, right, bottom)]
                if edge == 3
                else [(left, top, middle, bottom), (middle, top, right, bottom)]
            )
            if all(any(_alike((c[2] - c[0], c[3] - c[1]), side) for side in sides) for c in cells):
                return cells
    return [box]


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return all(abs(a - b) <= 0.03 * b for a, b in zip(one, other, strict=True))


def _is_flat(grey: Grey, box: PixelBox) -> bool:
    left, top, right, bottom = box
    return bool(grey[top:bottom:4, left:right:4].std() < 10)


def _trimmed(grey: Grey, box: PixelBox) -> PixelBox:
    """Return a cell without white paper at its sides, as is left where a row holds fewer panels than the others."""
    return within_margins(grey, box, 255) or box


def _large(boxes: Sequence[PixelBox]) -> list[PixelBox]:
    sides = [min(right - left, bottom - top) for left, top, right, bottom in boxes]
    return [box for box, side in zip(boxes, sides, strict=True) if side >= MIN_PART * max(sides)]


def _fields(grey: Grey, boxes: list[PixelBox]) -> list[PixelBox]:
    """Return boxes widened to the middle of the black between them where what they hold is round, as a slice is."""
    if np.median([_outline(grey, box) for box in boxes]) >= OUTLINE:
        return boxes
    height, width = grey.shape
    return [
        (
            _halfway(box, boxes, 0, 2, 0, 1, 3), _halfway(box, boxes, 1, 3, 0, 0, 2),
            _halfway(box, boxes, 2, 0, width, 1, 3), _halfway(box, boxes, 3, 1, height, 0, 2),
        )
        for box in boxes
    ]  # fmt: skip


def _halfway(box: PixelBox, boxes: list[PixelBox], edge: int, facing: int, end: int, near: int, far: int) -> int:
    """Return the middle between an edge of a box and the facing edge of its neighbour, or the picture's end."""
    sign = 1 if edge > facing else -1
    beside = [
        other[facing]
        for other in boxes
        if min(other[far], box[far]) > max(other[near], box[near]) and sign * (other[facing] - box[edge]) >= 0
    ]
    if not beside:
        return end
    return (box[edge] + (min(beside) if sign > 0 else max(beside))) // 2


def _outline(grey: Grey, box: PixelBox) -> float:
    """Return the part of a box's outline that is not black."""
    left, top, right, bottom = box
    inside = grey[top:bottom, left:right]
    edges = (inside[:4].max(axis=0), inside[-4:].max(axis=0), inside[:, :4].max(axis=1), inside[:, -4:].max(axis=1))
    return float((np.concatenate(edges) > 8).mean())


def _aligned(grey: Grey, boxes: list[PixelBox], tone: int | None) -> list[PixelBox]:
    """Return boxes with an edge moved out to that of the others in its row or column where only ground lies between.

    A film's own black border is not told from a black gutter but by the films beside it.
    """
    if tone is None:
        return boxes
    return [_moved_out(grey, box, boxes, tone) for box in boxes]


def _moved_out(grey: Grey, box: PixelBox, boxes: list[PixelBox], tone: int) -> PixelBox:
    moved = list(box)
    for edge, opposite in ((0, 2), (2, 0), (1, 3), (3, 1)):
        track = [other for other in boxes if other != box and abs(other[opposite] - box[opposite]) <= ALIGNED]
        sign = 1 if edge > 1 else -1
        further = [other[edge] for other in track if sign * (other[edge] - box[edge]) > ALIGNED]
        if not further or max(further) - min(further) > ALIGNED or 2 * len(further) < len(track):
            continue
        trial = moved.copy()
        trial[edge] = further[0]
        others = [other for other in boxes if other != box]
        if not any(_meet(trial, other) for other in others) and _is_ground(grey, box, edge, further[0], tone):
            moved = trial
    return moved[0], moved[1], moved[2], moved[3]


def _meet(one: Sequence[int], other: Sequence[int]) -> bool:
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0


def _is_ground(grey: Grey, box: PixelBox, edge: int, to: int, tone: int) -> bool:
    low, high = sorted((box[edge], to))
    strip = grey[box[1] : box[3], low:high] if edge in (0, 2) else grey[low:high, box[0] : box[2]]
    return bool((np.abs(strip.astype(np.int16) - tone) <= 12).mean() >= 0.9)


def _confidence(draft: _Draft, letters: int) -> float:
    sides = [(right - left, bottom - top) for left, top, right, bottom in draft.boxes]
    areas = [width * height for width, height in sides]
    sure = draft.plain
    if any(not 1 / 2.2 <= width / height <= 2.2 for width, height in sides) or max(areas) > 2.5 * min(areas):
        sure *= 0.5
    # A film's own black border is not told from a black gutter: there any two of a row that differ are in doubt.
    if _is_uneven(draft.boxes, 0.96 if draft.tone == BLACK else 0.88):
        sure *= 0.5
    left_out = [box for box in draft.left_out if (box[2] - box[0]) * (box[3] - box[1]) > LEFT_OUT * np.median(areas)]
    if left_out:
        sure *= 0.6
    if letters > 1:
        sure = 1 - (1 - sure) * 0.4 if letters == len(draft.boxes) else sure * 0.3
    return round(sure, 2)


def _is_uneven(boxes: Sequence[PixelBox], alike: float) -> bool:
    """Tell whether two panels set in one row or column differ: the shorter side is less than `alike` of the other."""
    for one, other in combinations(boxes, 2):
        for low, high in ((0, 2), (1, 3)):
            shorter, longer = sorted((one[high] - one[low], other[high] - other[low]))
            apart = abs(one[low] + one[high] - other[low] - other[high]) / 2
            if apart <= 0.15 * longer and shorter < alike * longer:
                return True
    return False


def _confidence_in_one(aspect: float, letters: int) -> float:
    if letters > 1:
        return 0.2
    return 0.9 if 1 / MAX_ASPECT <= aspect <= MAX_ASPECT else 0.5
