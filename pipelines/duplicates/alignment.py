"""Lay one film over another: the affine map between them, and whether the copy is mirrored or inverted.

Matched local features and RANSAC give the map. Where they do not (thumbnails have too few), two films with near hashes
fill their frames alike but for a shift, which phase correlation finds.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.duplicates.film import Film
from pipelines.duplicates.hashes import RADIUS, nearest_form
from pipelines.duplicates.local_features import APPEARANCES, Descriptors

Affine = cv2.typing.MatLike

RATIO = 0.85  # of the angle to the best and to the second best match; looser than for photographs: ribs repeat
REPROJECTION = 6.0  # pixels of the canonical film; about two at the size where features are found
FEWEST_INLIERS = 7  # an affine map always fits three points exactly, and different films by chance five or six
PHASE_SIDE = 128  # pixels; what a thumbnail holds


class Alignment(NamedTuple):
    """Map film `a`'s points onto film `b`'s: canonical pixels to canonical pixels, (2, 3)."""

    a_to_b: Affine
    mirrored: bool
    inverted: bool
    inliers: int


def alignment_of(a: Film, b: Film) -> Alignment | None:
    """Return the map from `a` onto `b`, or None where nothing speaks for one."""
    return _by_features(a, b) or _by_frame(a, b)


def _by_features(a: Film, b: Film) -> Alignment | None:
    """Return the map that most matched features agree on, over the four appearances that `b` may have."""
    best: Alignment | None = None
    for (mirrored, inverted), order in APPEARANCES.items():
        pairs = _matches(a.features.descriptors, b.features.descriptors[:, order])
        if len(pairs) < FEWEST_INLIERS or (best and len(pairs) <= best.inliers):
            continue
        found, inlying = cv2.estimateAffine2D(
            a.features.points[pairs[:, 0]],
            b.features.points[pairs[:, 1]],
            method=cv2.RANSAC,
            ransacReprojThreshold=REPROJECTION,
            maxIters=1000,
            confidence=0.995,
        )
        if found is None or not _plausible(found, mirrored):
            continue
        count = int(inlying.sum())
        if count >= FEWEST_INLIERS and (best is None or count > best.inliers):
            best = Alignment(found, mirrored, inverted, count)
    return best


def _by_frame(a: Film, b: Film) -> Alignment | None:
    """Return the map of frame onto frame, shifted as the films' phases say, where their hashes are near."""
    distance, mirrored, inverted = nearest_form(a.hashes, b.hashes)
    if distance > RADIUS:
        return None
    second = b.pixels[:, ::-1] if mirrored else b.pixels
    forms = (cv2.resize(film, (PHASE_SIDE, PHASE_SIDE), interpolation=cv2.INTER_AREA) for film in (a.pixels, second))
    first, laid = (form.astype(np.float32) for form in forms)
    window = cv2.createHanningWindow((PHASE_SIDE, PHASE_SIDE), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(first, 255 - laid if inverted else laid, window)
    height, width = b.pixels.shape
    across, along = width / a.pixels.shape[1], height / a.pixels.shape[0]
    shift = (right * width / PHASE_SIDE, down * height / PHASE_SIDE)
    a_to_b = np.array([[across, 0, (across - 1) / 2 + shift[0]], [0, along, (along - 1) / 2 + shift[1]]])
    if mirrored:
        a_to_b[0] = [-across, 0, width - 1 - a_to_b[0, 2]]
    return Alignment(a_to_b, mirrored, inverted, 0)


def _matches(a: Descriptors, b: Descriptors) -> npt.NDArray[np.intp]:
    """Return index pairs (n, 2) of features that are each other's best and clearly better than the second best."""
    if len(a) < 2 or len(b) < 2:
        return np.empty((0, 2), np.intp)
    # Not `a @ b.T`: its library would start a thread a core in each worker and wait for them.
    alike = cv2.gemm(a, b, 1, np.empty(0), 0, flags=cv2.GEMM_2_T)
    rows = np.arange(len(a))
    best = alike.argmax(axis=1)
    top = alike[rows, best]
    mutual = alike.argmax(axis=0)[best] == rows
    alike[rows, best] = -1
    second = alike.max(axis=1)
    clear = np.arccos(np.clip(top, 0, 1)) < RATIO * np.arccos(np.clip(second, 0, 1))
    chosen = np.flatnonzero(clear & mutual)
    return np.stack([chosen, best[chosen]], axis=1)


def _plausible(a_to_b: Affine, mirrored: bool) -> bool:
    """Tell whether a map turns, scales and stretches as copying does: no shear to a sliver, mirrored only if said."""
    determinant = float(np.linalg.det(a_to_b[:, :2]))
    if (determinant < 0) != mirrored:
        return False
    larger, smaller = np.linalg.svd(a_to_b[:, :2], compute_uv=False)
    return bool(smaller > 0.05 and larger < 20 and larger / smaller < 2.0)
