"""A shortlist kept in a file, for a single question: opened at once, however many films it knows.

The store alone is the truth; the file can be deleted at any time, and is written anew from the store.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import fields
from io import BufferedReader
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import CODE
from pipelines.duplicates.crops import MOST_FILMS, CropIndex
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
from pipelines.duplicates.hashes import HASH_BITS, HASH_BYTES, RADIUS, Hashes
from pipelines.duplicates.sorted_codes import SortedCodes

_WORDS = HASH_BYTES // 8
# Films beyond the file are sorted in with each question; more than these are worth writing the file anew.
_NEW_FILMS = 500

Array = npt.NDArray[Any]


def distances_from(hashes: Hashes, known: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return the distance in bits of 256 from a film to each known hash (n, 4), mirroring and inversion turned back."""
    nearest = np.full(len(known), HASH_BITS, np.int64)
    for bits in hashes:
        differing = np.bitwise_count(known ^ np.frombuffer(bits, np.uint64)).sum(axis=1, dtype=np.int64)
        nearest = np.minimum(nearest, np.minimum(differing, HASH_BITS - differing))
    return nearest


class KeptIndex:
    """Hold the fingerprints of known films of this version; films without one are known as such."""

    def __init__(self, films: list[str], without: list[str], words: Array, crops: "_KeptCrops") -> None:
        self._films = films
        self._without = without
        self._words = words
        self._crops = crops
        self._kept = len(films) + len(without)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the index in a file, an empty one where there is none that this version can use."""
        try:
            names, without, words, *of_crops = _arrays_in(path)
        except (OSError, ValueError):
            return cls([], [], np.empty((0, _WORDS), np.uint64), _KeptCrops([], None))
        films = names.astype(str).tolist()
        return cls(films, without.astype(str).tolist(), words, _KeptCrops(films, SortedCodes(*of_crops)))

    def unknown_of(self, films: set[str]) -> list[str]:
        """Return the films that the index does not know, in order."""
        return sorted(films.difference(self._films, self._without))

    def add(self, films: Iterable[tuple[str, bytes]]) -> None:
        """Make films known by their stored fingerprints, `b""` for one that can have none."""
        words = []
        for film, stored in films:
            if not stored:
                self._without.append(film)
                continue
            fingerprint = Fingerprint.from_bytes(stored)
            self._films.append(film)
            words.append(np.frombuffer(fingerprint.hashes[0], np.uint64))
            self._crops.add(film, fingerprint.codes)
        if words:
            self._words = np.concatenate([self._words, np.stack(words)])

    def keep(self, path: Path) -> None:
        """Write the index if many films were added since it was read; whoever has the old file open keeps it."""
        if len(self._films) + len(self._without) - self._kept <= min(_NEW_FILMS, self._kept):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = [_names(self._films), _names(self._without), self._words, *self._crops.sorted_codes().columns()]
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            np.lib.format.write_array(file, np.array([FINGERPRINT_VERSION]))
            for array in arrays:
                np.lib.format.write_array(file, np.ascontiguousarray(array))
        Path(file.name).replace(path)

    def near(self, fingerprint: Fingerprint) -> list[tuple[str, int]]:
        """Return the films to compare with one, likeliest first, with their distance in bits of 256."""
        distances = distances_from(fingerprint.hashes, self._words)
        by_hash = np.flatnonzero(distances <= RADIUS)
        by_hash = by_hash[np.argsort(distances[by_hash], kind="stable")]
        place = {film: row for row, film in enumerate(self._films)} if self._films else {}
        by_votes = [place[film] for film, _ in self._crops.near(fingerprint.codes)]
        rows = list(dict.fromkeys([*by_hash.tolist(), *by_votes]))[:MOST_FILMS]
        return [(self._films[row], int(distances[row])) for row in rows]


class _KeptCrops(CropIndex):
    def __init__(self, films: list[str], kept: SortedCodes | None) -> None:
        super().__init__()
        self._keys = list(films)
        self._parts = [kept] if kept else []

    def sorted_codes(self) -> SortedCodes:
        """Return the codes of all films in one order."""
        self._sort_in()
        while len(self._parts) > 1:
            newest = self._parts.pop()
            self._parts[-1].absorb(newest)
        return self._parts[0] if self._parts else SortedCodes.of(np.empty(0, CODE), np.empty(0, np.uint32))


def _names(films: list[str]) -> Array:
    return np.array(films, dtype="S") if films else np.empty(0, "S1")


def _arrays_in(path: Path) -> list[Array]:
    """Return the arrays of the file, mapped and not read; raise `ValueError` for one of another version."""
    with path.open("rb") as file:
        if _mapped(file, path).tolist() != [FINGERPRINT_VERSION]:
            raise ValueError(f"{path} was made by another version")
        return [_mapped(file, path) for _ in range(3 + len(fields(SortedCodes)))]


def _mapped(file: BufferedReader, path: Path) -> Array:
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{path} is no index")
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    start = file.tell()
    size = int(np.prod(shape)) * kind.itemsize
    if start + size > path.stat().st_size:
        raise ValueError(f"{path} is cut short")
    file.seek(start + size)
    return np.memmap(path, kind, "r", start, shape) if size else np.empty(shape, kind)
