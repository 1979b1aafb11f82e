"""Reduce a film to what finds its copies again: perceptual hashes and local features, from one decode."""

import struct
from dataclasses import dataclass
from typing import Self

import cv2
import imagehash
import numpy as np
from PIL import Image

from pipelines.duplicates.canonical import CanonicalFilm, Grey, NoFingerprint, canonical_film

__all__ = ["FINGERPRINT_VERSION", "Fingerprint", "NoFingerprint", "fingerprint_of"]

FINGERPRINT_VERSION = 1  # raised whenever the same bytes would come out differently; versions are never compared
HASH_SIDE = 16  # bits a side; 64-bit hashes of different chest films come within 2 bits, 256-bit ones stay 40 apart
HASH_BYTES = HASH_SIDE * HASH_SIDE // 8
_HEAD = struct.Struct("<HII")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold the hashes of a film as it is and mirrored, 32 bytes each, and its size in pixels.

    An inverted film has the complement of these hashes, so it needs none of its own.
    """

    version: int
    hashes: tuple[bytes, bytes]
    width: int
    height: int

    def to_bytes(self) -> bytes:
        """Return the fingerprint as bytes for the store."""
        return _HEAD.pack(self.version, self.width, self.height) + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read a stored fingerprint; raise `ValueError` where it was made by another version."""
        version, width, height = _HEAD.unpack_from(stored)
        if version != FINGERPRINT_VERSION:
            raise ValueError(f"fingerprint of version {version}, this is version {FINGERPRINT_VERSION}: make it anew")
        upright = stored[_HEAD.size : _HEAD.size + HASH_BYTES]
        mirrored = stored[_HEAD.size + HASH_BYTES : _HEAD.size + 2 * HASH_BYTES]
        return cls(version, (upright, mirrored), width, height)


def fingerprint_of(data: bytes) -> Fingerprint:
    """Return the fingerprint of an image file; raise `NoFingerprint` where it shows no comparable film."""
    return fingerprint_of_film(canonical_film(data))


def fingerprint_of_film(film: CanonicalFilm) -> Fingerprint:
    """Return the fingerprint of a film already in canonical form."""
    small = cv2.resize(film.pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    hashes = (_hash_of(small), _hash_of(np.ascontiguousarray(small[:, ::-1])))
    return Fingerprint(FINGERPRINT_VERSION, hashes, film.width, film.height)


def _hash_of(small: Grey) -> bytes:
    return np.packbits(imagehash.phash(Image.fromarray(small), hash_size=HASH_SIDE).hash).tobytes()
