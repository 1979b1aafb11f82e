"""Keep the local codes of films in the order of their keys, to look thousands of keys up at once."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import KEY_BITS, Codes


@dataclass(slots=True)
class SortedCodes:
    """Hold codes in order of their keys, with the row of the film each belongs to; 18 bytes a code.

    `starts` is where the codes of each key begin, by the first bits of the key: as many bits as leave a code or two to
    each, so that a look-up reads two neighbouring numbers where a binary search would jump about the whole memory.
    """

    starts: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint32]
    signs: npt.NDArray[np.uint64]
    directions: npt.NDArray[np.uint8]
    sizes: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, codes: Codes, rows: npt.NDArray[np.uint32]) -> Self:
        """Return the codes (n) in order; `rows` (n) names the film of each."""
        order = np.argsort(codes["key"], kind="stable")
        keys, signs, directions, sizes = (codes[name][order] for name in ("key", "signs", "direction", "size"))
        return cls(_starts_of(keys), keys, signs, directions, sizes, rows[order])

    def absorb(self, other: "SortedCodes") -> None:
        """Merge the codes of another in, one column after the other, so that no two whole copies are ever held."""
        size = len(self) + len(other)
        places = np.searchsorted(self.keys, other.keys, "right") + np.arange(len(other))
        own = np.ones(size, bool)
        own[places] = False
        for column in fields(self)[1:]:
            mine, theirs = getattr(self, column.name), getattr(other, column.name)
            merged = np.empty(size, mine.dtype)
            merged[own] = mine
            merged[places] = theirs
            setattr(self, column.name, merged)
        self.starts = _starts_of(self.keys)

    def columns(self) -> list[npt.NDArray[Any]]:
        """Return the arrays in the order in which they are taken again."""
        return [getattr(self, column.name) for column in fields(self)]

    def places_of(self, keys: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where the codes of the keys (n) stand, and which of the keys each was found under."""
        unread_bits = _unread_bits(len(self.starts) - 1)
        slots = keys >> np.uint32(unread_bits)
        begins = self.starts[slots].astype(np.int64)
        lengths = self.starts[slots + np.uint32(1)] - begins
        asked = np.repeat(np.arange(len(keys)), lengths)
        ends = np.cumsum(lengths)
        places = np.arange(len(asked)) + np.repeat(begins - ends + lengths, lengths)
        if unread_bits == 0:
            return places, asked
        same = self.keys[places] == keys[asked]
        return places[same], asked[same]


def _starts_of(keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    bits = min(KEY_BITS, max(1, len(keys).bit_length()))
    firsts = np.arange(2**bits, dtype=np.uint32) << np.uint32(KEY_BITS - bits)
    return np.append(np.searchsorted(keys, firsts), len(keys)).astype(np.uint32)


def _unread_bits(slots: int) -> int:
    """Return how many of a key's last bits a table of so many slots leaves to be compared."""
    return KEY_BITS - (slots.bit_length() - 1)
