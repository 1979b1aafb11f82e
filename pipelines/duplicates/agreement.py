"""Compare two aligned films over what they share, block by block.

Text, arrows, markers and overlays spoil the blocks that they cover and no others, and the median block does not notice.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.duplicates.alignment import Affine, Alignment
from pipelines.duplicates.canonical import Grey
from pipelines.duplicates.film import Film

Real = npt.NDArray[np.floating[Any]]

FRAME_SIDE = 256  # pixels of the longer side in which the overlap is compared
BLOCK = 16  # pixels of that frame: half a rib space
SMALLEST_OVERLAP = 0.05  # of the smaller film
LEAST_OPEN = 0.3  # of the blocks; fewer might be a text or a marker that two films share
AGREES = 0.7  # correlation of a block's fine structure; re-encoded ones reach 0.9, chance stays below 0.5


@dataclass(frozen=True, slots=True)
class Agreement:
    """Say how well two aligned films agree over what they share.

    `correlation` is taken over the whole overlap (-1..1), `similarity` is the mean structural similarity of its blocks
    (-1..1), `detail` the median correlation of their fine structure (-1..1), `agreeing` the share of blocks whose fine
    structure correlates at 0.7 or more; `overlap` is the share of the smaller film that both show, `covers_a` and
    `covers_b` the share of each film.
    """

    correlation: float
    similarity: float
    detail: float
    agreeing: float
    overlap: float
    covers_a: float
    covers_b: float


def agreement_of(a: Film, b: Film, alignment: Alignment) -> Agreement | None:
    """Return how well the aligned films agree, or None where they hardly overlap."""
    stretch = abs(float(np.linalg.det(alignment.a_to_b[:, :2])))
    # The film that shows the smaller part is the frame, so that a panel is compared at the panel's own size.
    if b.pixels.size >= stretch * a.pixels.size:
        return _laid_over(a.pixels, b.pixels, cv2.invertAffineTransform(alignment.a_to_b), alignment.inverted)
    found = _laid_over(b.pixels, a.pixels, alignment.a_to_b, alignment.inverted)
    return found and replace(found, covers_a=found.covers_b, covers_b=found.covers_a)


def _laid_over(a: Grey, b: Grey, b_to_a: Affine, inverted: bool) -> Agreement | None:
    scale = min(1.0, FRAME_SIDE / max(a.shape))
    frame = cv2.resize(a, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    size = (frame.shape[1], frame.shape[0])
    b_to_frame = b_to_a * scale
    b_to_frame[:, 2] += (scale - 1) / 2
    factor = float(np.sqrt(abs(np.linalg.det(b_to_frame[:, :2]))))
    # Warping samples single points, so what is to be shrunk is averaged first.
    pixels = cv2.GaussianBlur(b, (0, 0), 0.5 / factor) if factor < 0.7 else b
    laid = cv2.warpAffine(pixels, b_to_frame, size, flags=cv2.INTER_LINEAR)
    shared = cv2.warpAffine(np.full(b.shape, 255, np.uint8), b_to_frame, size, flags=cv2.INTER_NEAREST)
    inside = cv2.erode(shared, np.ones((5, 5), np.uint8)) > 0
    covers_a = float((shared > 0).mean())
    covers_b = min(1.0, float((shared > 0).sum() / (b.size * factor**2)))
    overlap = max(covers_a, covers_b)
    if overlap < SMALLEST_OVERLAP or inside.sum() < 4 * BLOCK * BLOCK:
        return None
    return _agreement(frame, cv2.bitwise_not(laid) if inverted else laid, inside, overlap, covers_a, covers_b)


def _agreement(a: Grey, b: Grey, inside: npt.NDArray[np.bool_], *shares: float) -> Agreement:
    even = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(4, 4))
    first, second = even.apply(a).astype(np.float32), even.apply(b).astype(np.float32)
    correlation = _correlation(first[inside], second[inside])
    fine_a, fine_b = _fine(a), _fine(b)
    full = _block_means(inside.astype(np.float32)) > 0.9
    # What a narrow window has clipped to black or white says nothing, unless little else is left.
    open_blocks = full & ~_clipped(a) & ~_clipped(b)
    counted = open_blocks if open_blocks.sum() >= LEAST_OPEN * full.sum() else full
    detail = _block_correlations(fine_a, fine_b)[counted]
    detail = detail[np.isfinite(detail)]
    if detail.size == 0:
        return Agreement(correlation, 0.0, 0.0, 0.0, *shares)
    similarity = _block_similarity(first, second)[counted]
    return Agreement(
        correlation,
        float(np.nanmean(similarity)),
        float(np.median(detail)),
        float((detail >= AGREES).mean()),
        *shares,
    )


def _clipped(film: Grey) -> npt.NDArray[np.bool_]:
    """Tell of each block whether most of it is black or white."""
    clipped: npt.NDArray[np.bool_] = _block_means(((film <= 2) | (film >= 253)).astype(np.float32)) > 0.5
    return clipped


def _correlation(a: Real, b: Real) -> float:
    apart = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / apart if apart else 0.0


def _fine(film: Grey) -> Real:
    """Return the structure between single pixels and rib width, at even strength over the film."""
    real = film.astype(np.float32)
    band = cv2.GaussianBlur(real, (0, 0), 1.0) - cv2.GaussianBlur(real, (0, 0), 6.0)
    strength = np.sqrt(cv2.GaussianBlur(band * band, (0, 0), 8.0))
    return (band / np.maximum(strength, 1.0)).astype(np.float32)


def _block_means(real: Real) -> Real:
    """Return the mean of each block, (rows, columns)."""
    rows, columns = real.shape[0] // BLOCK, real.shape[1] // BLOCK
    cut = real[: rows * BLOCK, : columns * BLOCK]
    means: Real = cut.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3), dtype=np.float32)
    return means


def _block_correlations(a: Real, b: Real) -> Real:
    mean_a, mean_b = _block_means(a), _block_means(b)
    variance = (_block_means(a * a) - mean_a**2) * (_block_means(b * b) - mean_b**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (_block_means(a * b) - mean_a * mean_b) / np.sqrt(variance)


def _block_similarity(a: Real, b: Real) -> Real:
    """Return the structural similarity (Wang 2004, its usual constants for 8 bits) of each block."""
    mean_a, mean_b = _block_means(a), _block_means(b)
    var_a, var_b = _block_means(a * a) - mean_a**2, _block_means(b * b) - mean_b**2
    both = _block_means(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
    return light * (2 * both + 58.5225) / (var_a + var_b + 58.5225)
