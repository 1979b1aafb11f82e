"""What a picture looks like: a chest film, a slice, other grey tones, colours, a drawing, or one with films in it.

The limits below were read off 346 chest films of three collections and the 211 pictures of 21 articles.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.figures.gutters import WHITE, pieces_between

Look = Literal["film", "slice", "tones", "colours", "mixed", "drawing"]

# Side in pixels of the copy that is looked at, and of the thumbnail that shows where it is light.
SIDE = 320
THUMBNAIL = 24
# Bits of a grey histogram without its blacks: 99 of 100 films hold 5 and more, charts and text 4 at most.
MIN_ENTROPY = 4.2
# Paper shows through more than a quarter of a drawing, and smooth tones take less than a third of it.
PAPER, MIN_TONES = 0.25, 0.35
BLOCK = 8
# Difference between the channels from which on a pixel is coloured.
COLOURED = 30
MAX_COLOURED = 0.3
# A film on a light box is blue all over: its colours lie on one line. Spread across that line, as a part of that along.
MAX_SPREAD = 0.03
DARK = 30
BLACK = 8
# Standard deviation in grey levels of air beside a body.
FLAT_GRAIN = 8.0
# Pixels that a film in a drawing has at least, in a copy of the drawing of this side, and the part of it they fill.
MIN_FILM, DRAWING_SIDE = 24, 640
FILMS_IN_DRAWING = 0.15
# A drawing with less of smooth tones holds no film.
MIN_SMOOTH = 0.08


@dataclass(frozen=True)
class Measures:
    """Hold what is measured of a picture; tones are in standard deviations from its mean, shares from 0 to 1."""

    entropy: float
    paper: float
    black: float
    smooth: float
    coloured: float
    spread: float
    mirrored: float
    between_lungs: float
    below_lungs: float
    black_corners: int
    low_corners: int
    flat_corners: int


def measures_of(picture: npt.NDArray[np.uint8]) -> Measures:
    """Return the measures of a picture, grey (h, w) or RGB (h, w, 3), 8 bits."""
    # Every so-manieth pixel of a large picture shows as much, and in a fraction of the time.
    step = max(1, max(picture.shape[:2]) // (4 * SIDE))
    small = np.ascontiguousarray(picture[::step, ::step])
    scale = SIDE / max(small.shape[:2])
    if scale < 1:
        small = cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    grey = (small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)).astype(np.uint8)
    # The field around a slice is as empty as paper, and says as little of what is in it.
    counts = np.bincount(grey.ravel(), minlength=256)[BLACK + 1 :]
    held = counts[counts > 0] / max(1, counts.sum())
    thumbnail = cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).astype(np.float32)
    light = (thumbnail - thumbnail.mean()) / (thumbnail.std() + 1)
    lungs = light[6:17]
    sides = (lungs[:, 4:9].mean(), lungs[:, 15:20].mean())
    black_corners = [corner.mean() < DARK for corner in _corners_of(thumbnail)]
    corners = _corners_of(grey)
    coloured, spread = _colours_of(small)
    return Measures(
        entropy=float(-(held * np.log2(held)).sum()),
        paper=float((grey >= 248).mean()),
        black=float((grey <= BLACK).mean()),
        smooth=_smooth_share(grey),
        coloured=coloured,
        spread=spread,
        mirrored=float((light * light[:, ::-1]).mean()),
        between_lungs=float(lungs[:, 10:14].mean() - sum(sides) / 2),
        below_lungs=float(light[19:].mean() - sum(sides) / 2),
        black_corners=sum(map(bool, black_corners)),
        low_corners=sum(bool(corner.mean() < grey.mean() - 0.4 * grey.std()) for corner in corners),
        flat_corners=sum(bool(corner.std() < FLAT_GRAIN) for corner in corners),
    )


def look_of(picture: npt.NDArray[np.uint8]) -> Look:
    """Return what a picture, grey (h, w) or RGB (h, w, 3), 8 bits, looks like."""
    if min(picture.shape[:2]) < THUMBNAIL:
        return "drawing"
    found = measures_of(picture)
    if found.entropy < MIN_ENTROPY:
        may_hold = found.paper > PAPER and found.smooth > MIN_SMOOTH
        return "mixed" if may_hold and _films_in(picture) >= FILMS_IN_DRAWING else "drawing"
    if found.paper > PAPER and found.smooth < MIN_TONES:
        return "mixed"
    if found.coloured > MAX_COLOURED and found.spread > MAX_SPREAD:
        return "colours"
    # A slice is a bright body in a dark field; what lies below the lungs of a film is bright.
    if found.black_corners >= 3 and found.below_lungs < 0 and found.black > 0.05:
        return "slice"
    if found.low_corners == 4 and found.flat_corners >= 2 and found.below_lungs < -0.2:
        return "slice"
    if found.between_lungs > 0.15 and found.below_lungs > 0.1 and found.smooth > 0.4:
        return "film"
    return "tones"


def _corners_of(grey: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    down, across = (max(1, side // 8) for side in grey.shape)
    return [grey[:down, :across], grey[:down, -across:], grey[-down:, :across], grey[-down:, -across:]]


def _films_in(drawing: npt.NDArray[np.uint8]) -> float:
    """Return the part of a drawing that pictures of many grey tones fill, each apart on white paper."""
    step = max(1, max(drawing.shape[:2]) // DRAWING_SIDE)
    small = np.ascontiguousarray(drawing[::step, ::step])
    grey = (small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)).astype(np.uint8)
    filled = 0
    for left, top, right, bottom in pieces_between(grey, (0, 0, grey.shape[1], grey.shape[0]), WHITE):
        if min(right - left, bottom - top) < MIN_FILM:
            continue
        found = measures_of(small[top:bottom, left:right])
        if found.entropy > 5.5 and found.smooth > 0.5 and found.coloured < 0.2:
            filled += (right - left) * (bottom - top)
    return filled / grey.size


def _smooth_share(grey: npt.NDArray[np.uint8]) -> float:
    """Return the part of a picture that is of many tones without edges, neither paper nor black."""
    down, across = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    if not down or not across:
        return 0.0
    cut = grey[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK).swapaxes(1, 2)
    blocks = cut.reshape(down, across, -1).astype(np.float32)
    mean, deviation = blocks.mean(axis=2), blocks.std(axis=2)
    reach = blocks.max(axis=2) - blocks.min(axis=2)
    return float(((deviation > 0.8) & (deviation < 40) & (mean > 12) & (mean < 243) & (reach < 200)).mean())


def _colours_of(small: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """Return the coloured part of a picture, and how far its colours leave one line."""
    if small.ndim == 2:
        return 0.0, 0.0
    pixels = small[::3, ::3].reshape(-1, 3).astype(np.float32)
    coloured = float((pixels.max(axis=1) - pixels.min(axis=1) > COLOURED).mean())
    along = np.linalg.eigvalsh(np.cov(pixels.T))
    return coloured, float(along[1] / (along[2] + 1))
