"""Samples of placed pictures made into one file as a person sees it: turned, cropped, stitched, and never resampled."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from pipelines.figures.boxes import Box

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

# Degrees off the upright that a typesetter's rounding may leave; more is a picture set askew.
MAX_SKEW = 0.01
# Pictures of one scale differ by a rounding.
SAME_SCALE = 0.01
EXIF_ORIENTATION = 0x0112
# One filter for all lines takes two fifths of the time of choosing one for each, and a file as small.
_FAST_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP)


class Placed(Protocol):
    """Say what is needed of a placed picture: its samples, its matrix onto the page, and its boxes in points."""

    matrix: tuple[float, float, float, float, float, float]
    box: Box
    visible: Box
    flags: list[str]

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in pixels."""

    def jpeg(self) -> bytes | None:
        """Return the JPEG whose bytes alone are the picture, or None."""

    def samples(self) -> Samples:
        """Return the samples as stored."""


def is_askew(matrix: tuple[float, float, float, float, float, float]) -> bool:
    """Tell whether a picture is set neither upright nor at a right angle."""
    a, b, c, d, _, _ = matrix
    straight, crossed = abs(a) + abs(d), abs(b) + abs(c)
    return min(straight, crossed) > MAX_SKEW * max(straight, crossed)


def pixels_a_point(placed: Placed) -> tuple[float, float]:
    """Return how many pixels a point holds across and down, as the picture stands on the page."""
    width, height = placed.size
    if _lies_on_its_side(placed.matrix):
        width, height = height, width
    left, top, right, bottom = placed.box
    return width / max(right - left, 1e-6), height / max(bottom - top, 1e-6)


class Picture(NamedTuple):
    """Hold the file of a picture and the samples that it decodes to: grey (h, w) or RGB (h, w, 3), 8 or 16 bits."""

    data: bytes
    samples: Samples


def picture_of(parts: Sequence[Placed]) -> Picture:
    """Return one picture: its file is the JPEG as it came where that is the whole of it, else a PNG of the samples.

    Several parts are tiles or strips of one picture, in drawing order. 16 bits are kept.
    """
    if len(parts) == 1 and (jpeg := _whole_jpeg(parts[0])) is not None:
        return jpeg
    samples = _shown(parts[0]) if len(parts) == 1 else _stitched(parts)
    return Picture(png_of(samples), samples)


def pictures_side_by_side(parts: Sequence[Placed]) -> bytes | None:
    """Return a PNG of pictures where they stand, none resampled, on white; None where their scales differ."""
    scales = [pixels_a_point(part) for part in parts]
    for axis in (0, 1):
        along = [scale[axis] for scale in scales]
        if max(along) > (1 + SAME_SCALE) * min(along) or any(is_askew(part.matrix) for part in parts):
            return None
    return png_of(_stitched(parts))


def png_of(samples: Samples) -> bytes:
    """Return samples as PNG: grey (h, w) or RGB (h, w, 3), 8 or 16 bits."""
    # Pillow writes no 16-bit RGB; OpenCV takes colours as BGR.
    light = cv2.cvtColor(np.ascontiguousarray(samples), cv2.COLOR_RGB2BGR) if samples.ndim == 3 else samples
    written, data = cv2.imencode(".png", np.ascontiguousarray(light), _FAST_PNG)
    if not written:
        raise ValueError(f"samples of shape {samples.shape} make no PNG")
    return data.tobytes()


def on_white(base: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return samples (h, w, n) laid on white paper through an opacity (0 to 255) of whatever size."""
    height, width = base.shape[:2]
    if alpha.shape != (height, width):
        alpha = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    if alpha.min() == 255:
        return base
    laid = base.copy()
    laid[alpha == 0] = 255
    seen_through = (alpha > 0) & (alpha < 255)
    opacity = alpha[seen_through].astype(np.uint16)[:, None]
    laid[seen_through] = (base[seen_through] * opacity + 255 * (255 - opacity) + 127) // 255
    return laid


def painted(stencil: npt.NDArray[np.uint8], ink: int) -> npt.NDArray[np.uint8]:
    """Return what a stencil (h, w; 255 lets through) leaves on white paper in an ink from 0, black, to 255."""
    return on_white(np.full((*stencil.shape, 1), ink, np.uint8), stencil)[..., 0]


def deep_grey_in(jpeg2000: bytes) -> npt.NDArray[np.uint16] | None:
    """Return the samples of a grey JPEG 2000 picture of more than 8 bits, in 16; None where it is none."""
    try:
        with Image.open(BytesIO(jpeg2000), formats=["JPEG2000"]) as picture:
            return np.asarray(picture).astype(np.uint16) if picture.mode == "I;16" else None
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None


def _whole_jpeg(placed: Placed) -> Picture | None:
    a, b, c, d, _, _ = placed.matrix
    if a <= 0 or d <= 0 or b or c or _cropped(placed, *placed.size) is not None:
        return None
    jpeg = placed.jpeg()
    if jpeg is None:
        return None
    try:
        with Image.open(BytesIO(jpeg)) as image:
            # A page does not heed EXIF orientation; every viewer of the bare file would.
            turned = image.getexif().get(EXIF_ORIENTATION, 1) != 1
            samples = np.asarray(image)
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None
    return None if turned else Picture(jpeg, samples)


def _shown(placed: Placed) -> Samples:
    """Return the samples turned as the page shows them, and cut to what it leaves visible."""
    samples = placed.samples()
    a, b, c, d, _, _ = placed.matrix
    if _lies_on_its_side(placed.matrix):
        samples = samples.swapaxes(0, 1)
        a, d = c, b
    if a < 0:
        samples = samples[:, ::-1]
    if d < 0:
        samples = samples[::-1]
    crop = _cropped(placed, samples.shape[1], samples.shape[0])
    if crop is None:
        return samples
    left, top, right, bottom = crop
    return samples[top:bottom, left:right]


def _lies_on_its_side(matrix: tuple[float, float, float, float, float, float]) -> bool:
    a, b, c, d, _, _ = matrix
    return abs(b) + abs(c) > abs(a) + abs(d)


def _cropped(placed: Placed, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return the visible part in pixels (left, top, right, bottom); None where all of the picture is visible."""
    across, down = pixels_a_point(placed)
    left, top = placed.visible[0] - placed.box[0], placed.visible[1] - placed.box[1]
    right, bottom = placed.visible[2] - placed.box[0], placed.visible[3] - placed.box[1]
    crop = (
        max(0, round(left * across)),
        max(0, round(top * down)),
        min(width, round(right * across)),
        min(height, round(bottom * down)),
    )
    return None if crop == (0, 0, width, height) or crop[2] <= crop[0] or crop[3] <= crop[1] else crop


def _stitched(parts: Sequence[Placed]) -> Samples:
    """Return tiles laid on one canvas at their common scale; of overlapping ones the later hides the earlier."""
    left, top = min(p.visible[0] for p in parts), min(p.visible[1] for p in parts)
    across = float(np.median([pixels_a_point(p)[0] for p in parts]))
    down = float(np.median([pixels_a_point(p)[1] for p in parts]))
    laid = [(round((p.visible[0] - left) * across), round((p.visible[1] - top) * down), _shown(p)) for p in parts]
    width = max(x + tile.shape[1] for x, _, tile in laid)
    height = max(y + tile.shape[0] for _, y, tile in laid)
    deep = any(tile.dtype == np.uint16 for _, _, tile in laid)
    colour = any(tile.ndim == 3 for _, _, tile in laid)
    canvas = np.full((height, width, 3 if colour else 1), 65535 if deep else 255, np.uint16 if deep else np.uint8)
    for x, y, tile in laid:
        light = tile.astype(np.uint16) * 257 if deep and tile.dtype == np.uint8 else tile
        canvas[y : y + tile.shape[0], x : x + tile.shape[1]] = light if light.ndim == 3 else light[..., None]
    return canvas if colour else canvas[..., 0]
