"""Find films of which one is a crop of the other, by votes of their local features.

Copies in public collections are mostly crops by 10 to 40 % of the area, which whole-film hashes do not find (0 to 2 %).
Hashes of tiles or of set crops would have to guess where the cut lies; a local feature does not care. Each feature of a
film votes for every known film that has one alike (same key, weak bits tried both ways; nearly the same signs), and for
the turn and the change of size between the two: a copy's features agree on both, a stranger's are scattered. Plain
sorted arrays in memory suffice: a look-up touches one film in some thousands, so no library's index is needed.
"""

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import DIRECTIONS, SIZES, WEAK_BITS, Codes, appearances_of, probes_of
from pipelines.duplicates.local_features import APPEARANCES
from pipelines.duplicates.sorted_codes import SortedCodes

SIGNS_APART = 14  # bits of 64; copies' points stay below nearly always, strangers' differ in 32
FEWEST_VOTES = 4  # one stranger in hundreds gets them by chance; the worst of 102 real copies had 13, of made ones 14
MOST_FILMS = 64  # proofs a query at most; a film that is known in more copies is a duplicate whichever is named
_NEWEST = 1 << 18  # codes that are sorted anew with every query; what is settled is not touched for fewer
_GROWTH = 4  # each part is so many times as large as the next, or the two are merged: few parts, and few merges
_CHANGES = DIRECTIONS * SIZES
Numbers = npt.NDArray[np.int64]
# A step of rounding either way: a vote counts for the neighbouring turns and sizes too.
_TURNS = np.repeat([-1, 0, 1], 3)
_GROWTHS = np.tile([-1, 0, 1], 3)


class CropIndex:
    """Hold the local codes of known films and find those that share features with one; 18 bytes a feature."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._new: list[tuple[int, Codes]] = []
        self._parts: list[SortedCodes] = []

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
        asked = np.concatenate(list(appearances_of(codes)))
        found = [_alike(asked, part) for part in self._parts]
        if not found:
            return []
        rows, counts = _votes(np.concatenate(found, axis=1), len(codes), fewest)
        ranked = np.lexsort((rows, -counts))
        return [(self._keys[row], int(count)) for row, count in zip(rows[ranked], counts[ranked], strict=True)]

    def _sort_in(self) -> None:
        if not self._new:
            return
        counts = np.array([codes.size for _, codes in self._new])
        rows = np.repeat(np.array([row for row, _ in self._new], np.uint32), counts)
        self._parts.append(SortedCodes.of(np.concatenate([codes for _, codes in self._new]), rows))
        self._new.clear()
        while len(self._parts) > 1 and len(self._parts[-2]) < max(_NEWEST, _GROWTH * len(self._parts[-1])):
            newest = self._parts.pop()
            self._parts[-1].absorb(newest)


def _alike(asked: Codes, known: SortedCodes) -> Numbers:
    """Return the film's row, the number of the code asked for and the change of each pair of alike features, (3, n)."""
    places, probes = known.places_of(probes_of(asked).ravel())
    numbers = probes >> WEAK_BITS
    close = np.bitwise_count(known.signs[places] ^ asked["signs"][numbers]) <= SIGNS_APART
    places, numbers = places[close], numbers[close]
    turns = (known.directions[places].astype(np.int64) - asked["direction"][numbers]) % DIRECTIONS
    growths = (known.sizes[places].astype(np.int64) - asked["size"][numbers]) % SIZES
    return np.stack([known.rows[places].astype(np.int64), numbers, turns * SIZES + growths])


def _votes(alike: Numbers, features: int, fewest: int) -> tuple[Numbers, Numbers]:
    """Return the rows of films with enough features alike, and how many of them agree on how the film was changed."""
    _, of_film, shared = np.unique(alike[0], return_inverse=True, return_counts=True)
    rows, numbers, changes = alike[:, shared[of_film] >= fewest]
    turns, growths = np.divmod(changes, SIZES)
    nearby = (turns[:, None] + _TURNS) % DIRECTIONS * SIZES + (growths[:, None] + _GROWTHS) % SIZES
    appearances, asked = np.divmod(numbers, features)
    choices = (rows * len(APPEARANCES) + appearances)[:, None] * _CHANGES + nearby
    # One feature votes once for a film and a change, however many features alike the film has.
    cast = np.unique((choices * features + asked[:, None]).ravel())
    chosen, counts = np.unique(cast // features, return_counts=True)
    films, first = np.unique(chosen // (_CHANGES * len(APPEARANCES)), return_index=True)
    if films.size == 0:
        return films, counts
    most = np.maximum.reduceat(counts, first)
    return films[most >= fewest], most[most >= fewest]
