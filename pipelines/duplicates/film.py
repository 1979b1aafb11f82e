"""Decode a film once for everything that is asked of it."""

from dataclasses import dataclass

import cv2

from pipelines.duplicates.canonical import CanonicalFilm, Grey, canonical_film, cells_in
from pipelines.duplicates.hashes import Hashes, hashes_of
from pipelines.duplicates.local_features import LocalFeatures, local_features_in


@dataclass(frozen=True, slots=True)
class Film:
    """Hold what fingerprints and proofs need, so that a film is decoded once however many it is compared with."""

    canonical: CanonicalFilm
    features: LocalFeatures
    hashes: Hashes
    panels: int = 1

    @property
    def pixels(self) -> Grey:
        """Return the canonical pixels."""
        return self.canonical.pixels


def use_one_thread() -> None:
    """Keep OpenCV to one thread a process; for workers of a pool, which are as many as there are cores."""
    cv2.setNumThreads(1)


def film_of(data: bytes) -> Film:
    """Return the film in an image file; raise `NoFingerprint` where it shows none that can be compared."""
    canonical = canonical_film(data)
    cells = cells_in(canonical.pixels)
    features = local_features_in(canonical.pixels, cells)
    return Film(canonical, features, hashes_of(canonical.pixels), len(cells))
