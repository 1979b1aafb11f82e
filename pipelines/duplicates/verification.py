"""Prove whether two films are one: align them, compare what they share, and say how one became the other."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.agreement import agreement_of
from pipelines.duplicates.alignment import Alignment, alignment_of
from pipelines.duplicates.canonical import Box, CanonicalFilm
from pipelines.duplicates.film import Film, film_of
from pipelines.duplicates.hashes import distance_between
from pipelines.duplicates.verdict import relation_of
from pipelines.records import Relation


@dataclass(frozen=True, slots=True)
class Transform:
    """Say how film `a` became film `b`: cut to `crop`, mirrored, turned, scaled, inverted.

    `crop` is the part of `a` that `b` shows (left, top, right, bottom in pixels of `a`); `rotation` is in degrees
    counter-clockwise after mirroring left to right, in -180..180; `scale` is pixels of `b` to one pixel of `a`.
    """

    mirror: bool
    invert: bool
    rotation: float
    scale: float
    crop: Box


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold the verdict on two films and its proof; numbers are None where the films could not be aligned.

    `distance` is in bits of 256, `correlation` and `similarity` in -1..1; `covers_a` and `covers_b` are the shares of
    each film that the other shows, `overlap` the larger of the two.
    """

    relation: Relation
    distance: int
    correlation: float | None = None
    similarity: float | None = None
    overlap: float | None = None
    covers_a: float | None = None
    covers_b: float | None = None
    transform: Transform | None = None

    def transform_dict(self) -> dict[str, Any]:
        """Return the transform as plain values, empty where there is none."""
        return asdict(self.transform) if self.transform else {}


def compared(a: bytes, b: bytes) -> Comparison:
    """Return what two image files are to each other; raise `NoFingerprint` where one shows no comparable film."""
    if a == b:
        return Comparison("same bytes", 0, 1.0, 1.0, 1.0, 1.0, 1.0)
    return compared_films(film_of(a), film_of(b))


def compared_films(a: Film, b: Film) -> Comparison:
    """Return what two decoded films are to each other."""
    distance = distance_between(a.hashes, b.hashes)
    alignment = alignment_of(a, b)
    agreement = agreement_of(a, b, alignment) if alignment else None
    if alignment is None or agreement is None:
        return Comparison("unrelated", distance)
    relation = relation_of(agreement, compound=max(a.panels, b.panels) > 1)
    return Comparison(
        relation,
        distance,
        round(agreement.correlation, 4),
        round(agreement.similarity, 4),
        round(agreement.overlap, 4),
        round(agreement.covers_a, 4),
        round(agreement.covers_b, 4),
        None if relation == "unrelated" else transform_between(a.canonical, b.canonical, alignment),
    )


def transform_between(a: CanonicalFilm, b: CanonicalFilm, alignment: Alignment) -> Transform:
    """Return how `a` became `b`, in pixels of the files themselves."""
    a_to_b = _to_original(b) @ np.vstack([alignment.a_to_b, [0, 0, 1]]) @ np.linalg.inv(_to_original(a))
    part = a_to_b[:2, :2] @ np.diag([-1.0, 1.0]) if alignment.mirrored else a_to_b[:2, :2]
    rotation = math.degrees(math.atan2(part[0, 1] - part[1, 0], part[0, 0] + part[1, 1]))
    left, top, right, bottom = b.box
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]], np.float64)
    seen = (np.linalg.inv(a_to_b) @ corners.T)[:2]
    (x0, y0), (x1, y1) = seen.min(axis=1), seen.max(axis=1)
    crop = (max(0, round(x0)), max(0, round(y0)), min(a.width, round(x1)), min(a.height, round(y1)))
    scale = math.sqrt(abs(np.linalg.det(a_to_b[:2, :2])))
    return Transform(alignment.mirrored, alignment.inverted, round(rotation, 1), round(scale, 4), crop)


def _to_original(film: CanonicalFilm) -> npt.NDArray[np.float64]:
    """Return the (3, 3) map from canonical pixels to pixels of the file."""
    left, top, right, bottom = film.box
    height, width = film.pixels.shape
    return np.array([[(right - left) / width, 0, left], [0, (bottom - top) / height, top], [0, 0, 1]])
