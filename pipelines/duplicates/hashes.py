"""Hash whole films perceptually."""

import cv2
import imagehash
import numpy as np
from PIL import Image

from pipelines.duplicates.canonical import Grey

HASH_SIDE = 16  # bits a side; 64-bit hashes of different chest films come within 2 bits, 256-bit ones stay 40 apart
HASH_BITS = HASH_SIDE * HASH_SIDE
HASH_BYTES = HASH_BITS // 8
RADIUS = 48  # bits of 256; re-encodings move a hash by 2 to 16, different films stay 40 and more apart

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
    return nearest_form(a, b)[0]


def nearest_form(a: Hashes, b: Hashes) -> tuple[int, bool, bool]:
    """Return the distance, and whether `b` comes nearest to `a` when mirrored, and when inverted."""
    known = np.frombuffer(a[0], np.uint64)
    counts = [int(np.bitwise_count(known ^ np.frombuffer(bits, np.uint64)).sum()) for bits in b]
    return min(
        (distance, mirrored, inverted)
        for mirrored, count in zip((False, True), counts, strict=True)
        for inverted, distance in ((False, count), (True, HASH_BITS - count))
    )
