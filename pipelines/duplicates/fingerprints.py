"""Reduce a film to what finds its copies again: perceptual hashes and local features, from one decode."""

import struct
from dataclasses import dataclass
from typing import Self

import cv2
import imagehash
import numpy as np
from PIL import Image

from pipelines.duplicates.alignment import PreparedFilm, prepared
from pipelines.duplicates.canonical import Grey, NoFingerprint
from pipelines.duplicates.codes import CODE, Codes, codes_of

__all__ = ["FINGERPRINT_VERSION", "Fingerprint", "NoFingerprint", "fingerprint_of"]

FINGERPRINT_VERSION = 1  # raised whenever the same bytes would come out differently; versions are never compared
HASH_SIDE = 16  # bits a side; 64-bit hashes of different chest films come within 2 bits, 256-bit ones stay 40 apart
HASH_BYTES = HASH_SIDE * HASH_SIDE // 8
_HEAD = struct.Struct("<HII")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold the hashes of a film as it is and mirrored, 32 bytes each, its local codes, and its size in pixels.

    An inverted film has the complement of these hashes, so it needs none of its own; `local` is the codes' bytes.
    """

    version: int
    hashes: tuple[bytes, bytes]
    local: bytes
    width: int
    height: int

    @property
    def codes(self) -> Codes:
        """Return the codes of the film's local features, (n)."""
        return np.frombuffer(self.local, CODE)

    def to_bytes(self) -> bytes:
        """Return the fingerprint as bytes for the store."""
        return _HEAD.pack(self.version, self.width, self.height) + b"".join(self.hashes) + self.local

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read a stored fingerprint; raise `ValueError` where it was cut short or made by another version."""
        if len(stored) < _HEAD.size + 2 * HASH_BYTES or (len(stored) - _HEAD.size - 2 * HASH_BYTES) % CODE.itemsize:
            raise ValueError(f"{len(stored)} bytes are no fingerprint")
        version, width, height = _HEAD.unpack_from(stored)
        if version != FINGERPRINT_VERSION:
            raise ValueError(f"fingerprint of version {version}, this is version {FINGERPRINT_VERSION}: make it anew")
        rest = stored[_HEAD.size :]
        hashes = (rest[:HASH_BYTES], rest[HASH_BYTES : 2 * HASH_BYTES])
        return cls(version, hashes, rest[2 * HASH_BYTES :], width, height)


def fingerprint_of(data: bytes) -> Fingerprint:
    """Return the fingerprint of an image file; raise `NoFingerprint` where it shows no comparable film."""
    return fingerprint_of_film(prepared(data))


def fingerprint_of_film(film: PreparedFilm) -> Fingerprint:
    """Return the fingerprint of a film already decoded."""
    hashes = hashes_of(film.film.pixels)
    local = codes_of(film.features.descriptors).tobytes()
    return Fingerprint(FINGERPRINT_VERSION, hashes, local, film.film.width, film.film.height)


def hashes_of(pixels: Grey) -> tuple[bytes, bytes]:
    """Return the hashes of canonical pixels as they are and mirrored."""
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA)
    return _hash_of(small), _hash_of(np.ascontiguousarray(small[:, ::-1]))


def _hash_of(small: Grey) -> bytes:
    return np.packbits(imagehash.phash(Image.fromarray(small), hash_size=HASH_SIDE).hash).tobytes()
