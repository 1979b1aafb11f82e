"""Find films of which one is a crop of the other, by votes of their local features.

Copies in public collections are mostly crops by 10 to 40 % of the area, which whole-film hashes do not find (0 to 2 %).
Hashes of tiles or of set crops would have to guess where the cut lies; a local feature does not care. Each feature of a
film votes for every known film that has one alike: same key (weak bits tried both ways), nearly the same signs. Plain
sorted arrays in memory suffice: a look-up touches one film in some thousands, so no library's index is needed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import Codes, appearances_of, probes_of

SIGNS_APART = 14  # bits of 64; strangers' points differ in 32, and 14 let one stranger's film in a hundred through
FEWEST_VOTES = 6  # one film in a hundred gets them by chance; the worst of 102 real copies had 13, of rough ones 8
MOST_FILMS = 64  # proofs a query at most; a film that is known in more copies is a duplicate whichever is named
_TAIL = 1 << 18  # codes sorted anew with every query, before they are merged into the rest


class _Sorted(NamedTuple):
    """Hold codes in order of their keys, with the row of the film each belongs to."""

    keys: npt.NDArray[np.uint32]
    signs: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.uint32]


_NOTHING = _Sorted(np.empty(0, np.uint32), np.empty(0, np.uint64), np.empty(0, np.uint32))


class CropIndex:
    """Hold the local codes of known films and find those that share features with one; 16 bytes a feature."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._settled = _NOTHING
        self._tail = _NOTHING
        self._new: list[tuple[int, Codes]] = []

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, codes: Codes) -> None:
        """Make a film known under its key, which must be new."""
        self._new.append((len(self._keys), codes))
        self._keys.append(key)

    def near(self, codes: Codes, fewest: int = FEWEST_VOTES) -> list[tuple[str, int]]:
        """Return the keys and votes of films that share at least so many features, most votes first.

        Mirrored and inverted films are found too; a film's votes are those of its best appearance.
        """
        self._sort_in()
        if codes.size == 0:
            return []
        votes = np.zeros(len(self._keys), np.int64)
        for turned in appearances_of(codes):
            alike = np.concatenate([_alike(turned, self._settled), _alike(turned, self._tail)])
            # One feature votes once for a film, however many features alike the film has.
            rows = np.unique(alike) // len(codes)
            np.maximum(votes, np.bincount(rows, minlength=votes.size), out=votes)
        rows = np.flatnonzero(votes >= fewest)
        ranked = rows[np.argsort(-votes[rows], kind="stable")]
        return [(self._keys[row], int(votes[row])) for row in ranked]

    def _sort_in(self) -> None:
        if not self._new:
            return
        codes = np.concatenate([codes for _, codes in self._new])
        rows = np.repeat(
            np.array([row for row, _ in self._new], np.uint32), np.array([codes.size for _, codes in self._new])
        )
        self._new.clear()
        self._tail = _merged(self._tail, _Sorted(codes["key"], codes["signs"], rows))
        # Merging when the tail has grown with the rest keeps the cost of all merges together linear, near enough.
        if self._tail.keys.size > max(_TAIL, self._settled.keys.size // 4):
            self._settled, self._tail = _merged(self._settled, self._tail), _NOTHING


def _merged(a: _Sorted, b: _Sorted) -> _Sorted:
    """Return both in order of their keys; `b` need not be in order."""
    keys = np.concatenate([a.keys, b.keys])
    order = np.argsort(keys, kind="stable")
    signs, rows = np.concatenate([a.signs, b.signs]), np.concatenate([a.rows, b.rows])
    return _Sorted(keys[order], signs[order], rows[order])


def _alike(codes: Codes, known: _Sorted) -> npt.NDArray[np.int64]:
    """Return row * len(codes) + code for each known feature alike to a code, `row` being its film's."""
    if known.keys.size == 0:
        return np.empty(0, np.int64)
    probes = probes_of(codes)
    order = np.argsort(probes, axis=None)
    sought = probes.ravel()[order]
    starts = np.searchsorted(known.keys, sought, "left")
    hit = np.flatnonzero(known.keys[np.minimum(starts, known.keys.size - 1)] == sought)
    lengths = np.searchsorted(known.keys, sought[hit], "right") - starts[hit]
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if ends.size else 0) + np.repeat(starts[hit] - ends + lengths, lengths)
    features = np.repeat(order[hit] // probes.shape[1], lengths)
    close = np.bitwise_count(known.signs[places] ^ codes["signs"][features]) <= SIGNS_APART
    rows: npt.NDArray[np.int64] = known.rows[places[close]].astype(np.int64)
    rows *= len(codes)
    rows += features[close]
    return rows
