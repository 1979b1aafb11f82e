"""Search known films by Hamming distance, exactly, in memory.

A scan of 256-bit hashes with numpy answers a million films within milliseconds, so there is no approximate index whose
misses nobody would ever see.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.fingerprints import Fingerprint
from pipelines.duplicates.hashes import HASH_BITS, HASH_BYTES, RADIUS

_WORDS = HASH_BYTES // 8
_CHUNK = 65_536  # films a step; their counts stay in the second-level cache

Words = npt.NDArray[np.uint64]


class FingerprintIndex:
    """Hold the hashes of known films and find those within a radius of one.

    Adding is amortised constant; 32 bytes a film. A key added twice keeps its newest fingerprint.
    """

    def __init__(self, known: Iterable[tuple[str, Fingerprint]] = ()) -> None:
        self._keys: list[str] = []
        self._rows: dict[str, int] = {}
        self._words: Words = np.empty((_WORDS, 1024), np.uint64)
        for key, fingerprint in known:
            self.add(key, fingerprint)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def add(self, key: str, fingerprint: Fingerprint) -> None:
        """Make a film known under its key."""
        row = self._rows.setdefault(key, len(self._keys))
        if row == len(self._keys):
            self._keys.append(key)
        if row == self._words.shape[1]:
            self._words = np.concatenate([self._words, np.empty_like(self._words)], axis=1)
        self._words[:, row] = np.frombuffer(fingerprint.hashes[0], np.uint64)

    def near(self, fingerprint: Fingerprint, radius: int = RADIUS) -> list[tuple[str, int]]:
        """Return the keys and distances (bits of 256) of all films within the radius, nearest first.

        Mirrored and inverted copies count with the distance that they have once turned back.
        """
        found: dict[str, int] = {}
        for bits in fingerprint.hashes:
            for row, distance in self._within(np.frombuffer(bits, np.uint64), radius):
                key = self._keys[row]
                found[key] = min(distance, found.get(key, distance))
        return sorted(found.items(), key=lambda item: item[1])

    def _within(self, words: Words, radius: int) -> Iterable[tuple[int, int]]:
        for start in range(0, len(self._keys), _CHUNK):
            known = self._words[:, start : min(start + _CHUNK, len(self._keys))]
            counts = np.bitwise_count(known[0] ^ words[0]) + np.bitwise_count(known[1] ^ words[1])
            # Half the bits rule nearly every film out, for the copy as it is and for the inverted one alike.
            rows = np.flatnonzero((counts <= radius) | (counts >= HASH_BITS // 2 - radius))
            differing = np.bitwise_count(known[:, rows] ^ words[:, None]).sum(axis=0, dtype=np.int64)
            distances = np.minimum(differing, HASH_BITS - differing)
            for row, distance in zip(rows[distances <= radius], distances[distances <= radius], strict=True):
                yield start + int(row), int(distance)
