"""Search known films by Hamming distance, exactly, in memory.

A scan of 256-bit hashes with numpy answers a million films within milliseconds, so there is no approximate index whose
misses nobody would ever see.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.fingerprints import Fingerprint
from pipelines.duplicates.hashes import HASH_BITS, HASH_BYTES, RADIUS

_WORDS = HASH_BYTES // 8
_HALF = _WORDS // 2
_CHUNK = 1 << 18  # films a step; fewer cost more in steps than a cache saves

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
        self._words[:, row] = _arranged(fingerprint.hashes[0])

    def near(self, fingerprint: Fingerprint, radius: int = RADIUS) -> list[tuple[str, int]]:
        """Return the keys and distances (bits of 256) of all films within the radius, nearest first.

        Mirrored and inverted copies count with the distance that they have once turned back.
        """
        asked = [_arranged(bits) for bits in fingerprint.hashes]
        found = {self._keys[row]: distance for row, distance in self._within(asked, radius)}
        return sorted(found.items(), key=lambda item: item[1])

    def _within(self, asked: Sequence[Words], radius: int) -> Iterator[tuple[int, int]]:
        # Half the bits rule nearly every film out, and the other half nearly all of the rest, for all four appearances
        # at once: in one half the mirrored hash is the upright one, in the other its complement, but for a few bits.
        even, odd = asked[0][:_HALF], asked[0][_HALF:]
        even_reach = radius + int(np.bitwise_count(even ^ asked[1][:_HALF]).sum())
        reach = even_reach + int(np.bitwise_count(~odd ^ asked[1][_HALF:]).sum())
        for start in range(0, len(self._keys), _CHUNK):
            known = self._words[:, start : min(start + _CHUNK, len(self._keys))]
            halves = _half_distances(even, known[:_HALF])
            rows = np.flatnonzero(halves <= even_reach)
            wholes = halves[rows] + _half_distances(odd, [word.take(rows) for word in known[_HALF:]])
            rows = rows[wholes <= reach]
            distances = _distances(asked, [word.take(rows) for word in known])
            near = np.flatnonzero(distances <= radius)
            yield from zip((start + rows[near]).tolist(), distances[near].tolist(), strict=True)


def _arranged(bits: bytes) -> Words:
    """Return a hash as words, (4): first its bits of even horizontal frequency, which mirroring leaves as they are."""
    halves: Words = np.packbits(np.unpackbits(np.frombuffer(bits, np.uint8)).reshape(-1, 2).T).view(np.uint64)
    return halves


def _half_distances(asked: Words, known: Sequence[Words] | Words) -> npt.NDArray[np.uint8]:
    """Return by how many bits half a hash differs from each known one, (n) a word, or from its complement if fewer."""
    differing = np.bitwise_count(known[0] ^ asked[0]) + np.bitwise_count(known[1] ^ asked[1])
    nearer: npt.NDArray[np.uint8] = np.minimum(differing, HASH_BITS // 2 - differing)
    return nearer


def _distances(asked: Sequence[Words], known: Sequence[Words]) -> npt.NDArray[np.int16]:
    """Return the bits by which each known film, (n) a word, differs from the appearance that is nearest to it."""
    nearest = np.full(len(known[0]), HASH_BITS, np.int16)
    for words in asked:
        differing = np.zeros(len(nearest), np.int16)
        for word, of_asked in zip(known, words, strict=True):
            differing += np.bitwise_count(word ^ of_asked)
        nearest = np.minimum(nearest, np.minimum(differing, HASH_BITS - differing))
    return nearest
