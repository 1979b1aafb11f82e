"""Gutters between the panels of a compound figure: bands of one tone from edge to edge, white, black, or any other."""

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Span = tuple[int, int]
PixelBox = tuple[int, int, int, int]

WHITE, BLACK = 255, 0
# Grey levels that compression moves a flat tone by.
FLAT = 8
# A letter or an arrow may cross a gutter; it takes up less than this part of its length.
CROSSED = 0.07
# A gutter of a few pixels is blurred by compression: it is nearer its tone than what lies this many pixels off.
BLUR = 5
MAX_BLUR = 70
MEAN_BLUR = 40
MIN_RELIEF = 12
# Grey levels within which a drawn tone stays; the grain of a film does not.
EVEN = 3
MAX_DEPTH = 7
MIN_PIECE = 8
# Samples along a line that are looked at.
SAMPLES = 500


class Gap(NamedTuple):
    """Hold a band between two pieces: where it begins and ends, in pixels along its axis."""

    start: int
    stop: int


def tones_of(grey: Grey) -> list[int]:
    """Return the tones that gutters of a figure may have: white, black, and any other of at least four flat lines."""
    tones = [WHITE, BLACK]
    for lines in (grey, grey.T):
        some = thinned(lines).astype(np.int16)
        middle = np.median(some, axis=1)
        flat = _share(np.abs(some - middle[:, None]) <= FLAT // 2) >= 1 - CROSSED
        found, counts = np.unique(np.round(middle[flat]), return_counts=True)
        for tone in found[np.argsort(-counts)]:
            held = counts[np.abs(found - tone) <= FLAT].sum()
            if held >= 4 and all(abs(tone - known) > 2 * FLAT for known in tones):
                tones.append(int(tone))
    return tones


def pieces_between(grey: Grey, box: PixelBox, tone: int, depth: int = 0) -> list[PixelBox]:
    """Return the pieces of a box that gutters of one tone leave, without their margins; cut along the widest first."""
    inner = within_margins(grey, box, tone)
    if inner is None:
        return []
    left, top, right, bottom = inner
    part = grey[top:bottom, left:right]
    rows, columns = gaps_in(part, tone), gaps_in(part.T, tone)
    if depth == MAX_DEPTH or not rows + columns:
        return [inner]
    by_rows = _widest(rows) >= _widest(columns)
    start, stop, gaps = (top, bottom, rows) if by_rows else (left, right, columns)
    edges = [start, *(start + edge for gap in gaps for edge in gap), stop]
    spans = list(pairwise(edges))[::2]
    boxes = [(left, a, right, b) if by_rows else (a, top, b, bottom) for a, b in spans]
    return [piece for inside in boxes for piece in pieces_between(grey, inside, tone, depth + 1)]


def within_margins(grey: Grey, box: PixelBox, tone: int) -> PixelBox | None:
    """Return a box without the margins of a tone; None where nothing is left."""
    left, top, right, bottom = box
    other = _off(grey[top:bottom, left:right], tone) > FLAT - 2
    if min(other.shape) < MIN_PIECE:
        return None
    down = np.flatnonzero(_share(other) > CROSSED)
    across = np.flatnonzero(_share(other, axis=0) > CROSSED)
    if len(down) < MIN_PIECE or len(across) < MIN_PIECE:
        return None
    return left + int(across[0]), top + int(down[0]), left + int(across[-1]) + 1, top + int(down[-1]) + 1


def gaps_in(lines: Grey, tone: int) -> list[Gap]:
    """Return the gutters among lines (rows of the array): bands of a tone with something on either side."""
    off = _off(thinned(lines), tone)
    near = off <= FLAT
    gutter = _share(near) >= 1 - CROSSED
    if len(off) > 2 * BLUR:
        padded = np.pad(off, ((BLUR, BLUR), (0, 0)), mode="edge")
        around = np.minimum(padded[: -2 * BLUR], padded[2 * BLUR :])
        blurred = near | ((off <= MAX_BLUR) & (cv2.subtract(off, around) <= 4))
        relief = cv2.subtract(around, off).mean(axis=1)
        gutter |= (_share(blurred) >= 1 - CROSSED) & (relief >= MIN_RELIEF) & (off.mean(axis=1) <= MEAN_BLUR)
    if tone in (WHITE, BLACK):
        return _inner(_runs(gutter), len(gutter))
    # Grey is laid between films where it is without grain, or has steps beside it; else it is a part of a film.
    even = _share(off <= EVEN) >= 1 - CROSSED
    stepped = np.zeros_like(gutter)
    for gap in _runs(gutter):
        if even[gap.start : gap.stop].any():
            continue
        before, after = off[max(0, gap.start - 3)], off[min(len(off) - 1, gap.stop + 2)]
        stepped[gap.start : gap.stop] = np.median(before) > FLAT and np.median(after) > FLAT
    return _inner(_runs(even | stepped), len(gutter))


def _inner(gaps: list[Gap], count: int) -> list[Gap]:
    return [gap for gap in gaps if gap.start > 0 and gap.stop < count]


def _off(grey: Grey, tone: int) -> Grey:
    """Return by how many levels each sample is off a tone."""
    return cv2.absdiff(grey, np.full_like(grey, tone)).astype(np.uint8, copy=False)


def _share(mask: npt.NDArray[np.bool_], axis: int = 1) -> npt.NDArray[np.float64]:
    """Return the part of each line of a mask that is set; counting is ten times as fast as a mean."""
    share: npt.NDArray[np.float64] = np.count_nonzero(mask, axis=axis) / mask.shape[axis]
    return share


def _runs(mask: npt.NDArray[np.bool_]) -> list[Gap]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [Gap(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _widest(gaps: list[Gap]) -> int:
    return max((gap.stop - gap.start for gap in gaps), default=0)


def thinned(lines: Grey) -> Grey:
    """Return lines (rows) with some hundred of their samples each; what runs along a line is seen in those."""
    return np.ascontiguousarray(lines[:, :: max(1, lines.shape[1] // SAMPLES)])
