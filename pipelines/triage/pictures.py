"""Films as the page shows them: their true samples for windowing, and small renditions that any browser can show."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipelines.media.crops import Box, png_of
from pipelines.media.decoding import Pixels, eight_bits, grey_of, pixels_of, window_of

SHOWN_SIDE = 1024  # pixels of a rendition's longer side; thumbnails and lists need no more


@dataclass(frozen=True, slots=True)
class Samples:
    """Hold a film's grey samples row by row as little-endian uint16, upright.

    `bits` are those that the largest sample needs, 8 or more; samples from `low` down are black and from `high` up
    white until a person chooses another window.
    """

    data: bytes
    width: int
    height: int
    bits: int
    low: int
    high: int


def samples_of(data: bytes) -> Samples:
    """Return the grey samples of a picture file at their true depth; raise `Undecodable` where it gives none."""
    grey = grey_of(pixels_of(data))
    low, high = window_of(grey)
    height, width = grey.shape
    bits = max(8, int(grey.max()).bit_length())
    return Samples(np.ascontiguousarray(grey, "<u2").tobytes(), width, height, bits, low, high)


def shown_png(data: bytes, longest: int = SHOWN_SIDE, box: Box | None = None) -> bytes:
    """Return a picture as an 8-bit PNG of at most `longest` pixels a side, colours kept, deep samples windowed.

    `box` (left, top, right, bottom in pixels of the upright file) narrows it to a panel. Raise `Undecodable` for a file
    that gives no picture, and `ValueError` for a box that holds no pixel of it.
    """
    pixels = _shrunk(_within(pixels_of(data), box) if box else pixels_of(data, longest), longest)
    if pixels.dtype == np.uint16:
        pixels = eight_bits(pixels if pixels.ndim == 2 else pixels[..., :3])
    return png_of(pixels, compression=1)


def _within(pixels: Pixels, box: Box) -> Pixels:
    left, top, right, bottom = box
    part = pixels[top:bottom, left:right]
    if not part.size:
        raise ValueError(f"the box {box} holds no pixel of it")
    return part


def _shrunk(pixels: Pixels, longest: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]  # depth is kept
    return shrunk
