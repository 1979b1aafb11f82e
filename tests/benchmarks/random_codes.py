"""Local codes drawn at random, for the times of queries over many films."""

import numpy as np
import numpy.typing as npt

from pipelines.duplicates.codes import CODE, DIRECTIONS, SIZES


def random_codes(chance: np.random.Generator, features: int) -> npt.NDArray[np.void]:
    """Return the codes of a film with so many features."""
    codes = np.empty(features, CODE)
    codes["signs"] = chance.integers(0, 2**64, features, np.uint64)
    codes["key"] = chance.integers(0, 2**24, features, np.uint32)
    codes["direction"] = chance.integers(0, DIRECTIONS, features)
    codes["size"] = chance.integers(0, SIZES, features)
    codes["weak"] = 0 | 1 << 5 | 2 << 10 | 3 << 15 | 4 << 20
    return codes
