"""Find films of which one is a crop of the other, by votes of their local features.

Copies in public collections are mostly crops by 10 to 40 % of the area, which whole-film hashes do not find (0 to 2 %).
Hashes of tiles or of set crops would have to guess where the cut lies; a local feature does not care. Each feature of a
film votes for every known film that has one alike (same key, weak bits tried both ways; nearly the same signs), and for
the turn and the change of size between the two: a copy's features agree on both, a stranger's are scattered. Plain
sorted arrays in memory suffice: a look-up touches one film in some thousands, so no library's index is needed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import DIRECTIONS, SIZES, Codes, appearances_of, probes_of

SIGNS_APART = 14  # bits of 64; copies' points stay below nearly always, strangers' differ in 32
FEWEST_VOTES = (
    4  # one stranger in two hundred gets them by chance; the worst of 102 real copies had 12, of rough ones 8
)
MOST_FILMS = 64  # proofs a query at most; a film that is known in more copies is a duplicate whichever is named
_TAIL = 1 << 18  # codes sorted anew with every query, before they are merged into the rest
_CHANGES = DIRECTIONS * SIZES
# A step of rounding either way: a vote counts for the neighbouring turns and sizes too.
_TURNS = np.repeat([-1, 0, 1], 3)
_GROWTHS = np.tile([-1, 0, 1], 3)


class _Sorted(NamedTuple):
    """Hold codes in order of their keys, with the row of the film each belongs to."""

    keys: npt.NDArray[np.uint32]
    signs: npt.NDArray[np.uint64]
    directions: npt.NDArray[np.uint8]
    sizes: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, codes: Codes, rows: npt.NDArray[np.uint32]) -> "_Sorted":
        order = np.argsort(codes["key"], kind="stable")
        codes = codes[order]
        return cls(codes["key"].copy(), codes["signs"].copy(), codes["direction"], codes["size"], rows[order])

    def merged_with(self, other: "_Sorted") -> "_Sorted":
        order = np.argsort(np.concatenate([self.keys, other.keys]), kind="stable")
        return _Sorted(
            np.concatenate([self.keys, other.keys])[order],
            np.concatenate([self.signs, other.signs])[order],
            np.concatenate([self.directions, other.directions])[order],
            np.concatenate([self.sizes, other.sizes])[order],
            np.concatenate([self.rows, other.rows])[order],
        )


class CropIndex:
    """Hold the local codes of known films and find those that share features with one; 18 bytes a feature."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._new: list[tuple[int, Codes]] = []
        self._settled: _Sorted | None = None
        self._tail: _Sorted | None = None

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
        parts = [part for part in (self._settled, self._tail) if part is not None and part.keys.size]
        if codes.size == 0 or not parts:
            return []
        votes = np.zeros(len(self._keys), np.int64)
        for turned in appearances_of(codes):
            for rows, counts in (_votes(turned, part, fewest) for part in parts):
                votes[rows] = np.maximum(votes[rows], counts)
        rows = np.flatnonzero(votes >= fewest)
        ranked = rows[np.argsort(-votes[rows], kind="stable")]
        return [(self._keys[row], int(votes[row])) for row in ranked]

    def _sort_in(self) -> None:
        if not self._new:
            return
        counts = np.array([codes.size for _, codes in self._new])
        rows = np.repeat(np.array([row for row, _ in self._new], np.uint32), counts)
        new = _Sorted.of(np.concatenate([codes for _, codes in self._new]), rows)
        self._new.clear()
        self._tail = self._tail.merged_with(new) if self._tail else new
        # Merging when the tail has grown with the rest keeps the cost of all merges together linear, near enough.
        if self._tail.keys.size > max(_TAIL, self._settled.keys.size // 4 if self._settled else 0):
            self._settled = self._settled.merged_with(self._tail) if self._settled else self._tail
            self._tail = None


def _votes(codes: Codes, known: _Sorted, fewest: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows of films with enough features alike, and how many of them agree on a turn and change of size."""
    places, features = _alike(codes, known)
    rows = known.rows[places].astype(np.int64)
    enough = np.bincount(rows)[rows] >= fewest if rows.size else np.empty(0, bool)
    rows, places, features = rows[enough], places[enough], features[enough]
    turns = known.directions[places].astype(np.int64) - codes["direction"][features]
    growths = known.sizes[places].astype(np.int64) - codes["size"][features]
    changes = (turns[:, None] + _TURNS) % DIRECTIONS * SIZES + (growths[:, None] + _GROWTHS) % SIZES
    # One feature votes once for a film and a change, however many features alike the film has.
    cast = np.unique(((rows[:, None] * _CHANGES + changes) * len(codes) + features[:, None]).ravel())
    choices, counts = np.unique(cast // len(codes), return_counts=True)
    films, first = np.unique(choices // _CHANGES, return_index=True)
    return films, np.maximum.reduceat(counts, first) if films.size else counts


def _alike(codes: Codes, known: _Sorted) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pairs of alike features: places in `known`, and numbers of the codes asked for."""
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
    return places[close], features[close]
