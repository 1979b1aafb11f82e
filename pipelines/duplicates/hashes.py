"""Hash whole films perceptually."""

import cv2
import imagehash
import numpy as np
from PIL import Image

from pipelines.duplicates.canonical import Grey

HASH_SIDE = 16  # bits a side; 64-bit hashes of different chest films come within 2 bits, 256-bit ones stay 40 apart
HASH_BITS = HASH_SIDE * HASH_SIDE
HASH_BYTES = HASH_BITS // 8

Hashes = tuple[bytes, bytes]


def hashes_of(pixels: Grey) -> Hashes:
    """Return the hashes of canonical pixels as they are and mirrored, 32 bytes each.

    An inverted film has the complement of these hashes, so it needs none of its own.
    """
    small = cv2.resize(pixels, (4 * HASH_SIDE, 4 * HASH_SIDE), interpolation=cv2.INTER_AREA)
    return _hash_of(small), _hash_of(np.ascontiguousarray(small[:, ::-1]))


def _hash_of(small: Grey) -> bytes:
    return np.packbits(imagehash.phash(Image.fromarray(small), hash_size=HASH_SIDE).hash).tobytes()


def distance_between(a: Hashes, b: Hashes) -> int:
    """Return the bits of 256 in which two films differ, once mirroring and inversion are turned back."""
    known = np.frombuffer(a[0], np.uint64)
    differing = (int(np.bitwise_count(known ^ np.frombuffer(bits, np.uint64)).sum()) for bits in b)
    return min(min(count, HASH_BITS - count) for count in differing)
