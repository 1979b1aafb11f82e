"""Strokes from which phantoms are drawn.

A canvas is height x width of `float32`; points are (x, y) in 0..1 of its width and height.
"""

import hashlib
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.float32]
Shape = tuple[int, int]
Points = npt.NDArray[np.float64]

_SUBPIXELS = 4  # binary digits of a pixel that OpenCV keeps when it draws

# No two bodies, and no two breaths of one, lie alike: one turn, scale and shift must not bring the ribs of two films
# into line, as it never does with real ones. In fractions of a side.
BODY = 0.015
BREATH = 0.012


def rng_of(*names: object) -> np.random.Generator:
    """Return a random generator that the names alone decide, on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def blurred(canvas: Grey, sigma: float) -> Grey:
    """Return the canvas softened by `sigma`, a fraction of its shorter side."""
    pixels = sigma * min(canvas.shape)
    if pixels < 4:
        return np.asarray(cv2.GaussianBlur(canvas, (0, 0), max(0.3, pixels)), np.float32)
    # A wide blur leaves nothing that a canvas of a quarter the side could not hold, at a twentieth of the time.
    small = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), pixels / 4)
    return enlarged(np.asarray(soft, np.float32), canvas.shape, cv2.INTER_LINEAR)


def enlarged(canvas: Grey, shape: tuple[int, ...], interpolation: int = cv2.INTER_CUBIC) -> Grey:
    """Return the canvas interpolated to a shape (height, width)."""
    return np.asarray(cv2.resize(canvas, (shape[1], shape[0]), interpolation=interpolation), np.float32)


def rounded(corners: Sequence[tuple[float, float]], *, closed: bool, times: int = 3) -> Points:
    """Return the outline with its corners cut `times` over (Chaikin); a corner given twice stays sharper."""
    points = np.array(corners, dtype=float)
    for _ in range(times):
        following = np.roll(points, -1, axis=0) if closed else points[1:]
        start = points if closed else points[:-1]
        cut = np.stack([0.75 * start + 0.25 * following, 0.25 * start + 0.75 * following], axis=1).reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut, points[-1:]])
    return points


def filled(shape: Shape, *outlines: Points, soft: float = 0.003) -> Grey:
    """Return 1 within any of the outlines and 0 outside, softened by `soft` of the shorter side."""
    mask = np.zeros(shape, np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [_pixels(outline, shape)], 255, cv2.LINE_AA, _SUBPIXELS)
    return blurred(mask.astype(np.float32) / np.float32(255), soft)


def stroked(shape: Shape, lines: Sequence[tuple[Points, float]], soft: float = 0.002) -> Grey:
    """Return 1 along the open lines, each with its width as a fraction of the shorter side, and 0 elsewhere."""
    mask = np.zeros(shape, np.uint8)
    for line, width in lines:
        thickness = max(1, round(width * min(shape)))
        cv2.polylines(mask, [_pixels(line, shape)], False, 255, thickness, cv2.LINE_AA, _SUBPIXELS)
    return blurred(mask.astype(np.float32) / np.float32(255), soft)


def lowered(line: Points, down: float) -> Points:
    """Return the line moved down, or up where `down` is negative."""
    return np.asarray(line + np.array([0.0, down]), float)


def ellipse(centre: tuple[float, float], radii: tuple[float, float], degrees: float = 0.0) -> Points:
    """Return the outline of an ellipse."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    x, y = radii[0] * np.cos(turn), radii[1] * np.sin(turn)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.stack([centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos], axis=1)


def clouds(shape: Shape, rng: np.random.Generator, cells: int) -> Grey:
    """Return a smooth random field around 0 with about `cells` humps a side and a deviation of 1."""
    coarse = rng.standard_normal((cells + 3, cells + 3), dtype=np.float32)
    return enlarged(coarse, shape)


def laid_over(canvas: Grey, mask: Grey, level: float | Grey) -> Grey:
    """Return the canvas with `level` where the mask is 1."""
    return canvas + mask * (np.float32(level) - canvas)


def posed(canvas: Grey, degrees: float, zoom: float, shift: tuple[float, float], air: float | None = None) -> Grey:
    """Return the canvas turned, enlarged and moved; what comes into the frame is `air`, or else repeats the edge."""
    height, width = canvas.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    turn[:, 2] += (shift[0] * width, shift[1] * height)
    border = cv2.BORDER_REPLICATE if air is None else cv2.BORDER_CONSTANT
    moved = cv2.warpAffine(canvas, turn, (width, height), borderMode=border, borderValue=air or 0.0)
    return np.asarray(moved, np.float32)


def bent(canvas: Grey, rng: np.random.Generator, reach: float) -> Grey:
    """Return the canvas bent smoothly, as a body is that breathes and turns; `reach` is a fraction of a side."""
    height, width = canvas.shape
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    down += clouds(canvas.shape, rng, 3) * np.float32(reach * height)
    across += clouds(canvas.shape, rng, 3) * np.float32(reach * width)
    return np.asarray(cv2.remap(canvas, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def lettered(canvas: Grey, text: str, at: tuple[float, float], height: float, level: float = 0.97) -> Grey:
    """Return the canvas with text burnt in; `at` is its lower left corner, `height` a fraction of the shorter side."""
    mask = np.zeros(canvas.shape, np.uint8)
    scale = height * min(canvas.shape) / 21
    origin = (round(at[0] * canvas.shape[1]), round(at[1] * canvas.shape[0]))
    cv2.putText(mask, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, max(1, round(scale * 2)), cv2.LINE_AA)
    return laid_over(canvas, mask.astype(np.float32) / np.float32(255), level)


def _pixels(points: Points, shape: Shape) -> npt.NDArray[np.int32]:
    size = np.array([shape[1], shape[0]], dtype=float)
    return np.asarray(np.round(points * size * 2**_SUBPIXELS), np.int32)
