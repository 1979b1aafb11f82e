"""Lay one film over another: the affine map between them, and whether the copy is mirrored or inverted.

Matched local features and RANSAC give the map; where a film is too smooth to have features, phase correlation of its
eight turned and mirrored forms does.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.duplicates.film import Film
from pipelines.duplicates.local_features import APPEARANCES, Descriptors

Affine = cv2.typing.MatLike

RATIO = 0.85  # of the angle to the best and to the second best match; looser than for photographs: ribs repeat
REPROJECTION = 6.0  # pixels of the canonical film; three at the size where features are found
FEWEST_INLIERS = 7  # an affine map always fits three points exactly, and different films by chance five or six


class Alignment(NamedTuple):
    """Map film `a`'s points onto film `b`'s: canonical pixels to canonical pixels, (2, 3)."""

    a_to_b: Affine
    mirrored: bool
    inverted: bool
    inliers: int


def alignment_of(a: Film, b: Film) -> Alignment | None:
    """Return the map from `a` onto `b` that most matched features agree on, or None."""
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
