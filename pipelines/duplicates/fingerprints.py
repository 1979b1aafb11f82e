"""Reduce a film to what finds its copies again: perceptual hashes and local features, from one decode."""

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipelines.duplicates.canonical import NoFingerprint
from pipelines.duplicates.codes import CODE, Codes, codes_of
from pipelines.duplicates.film import Film, film_of
from pipelines.duplicates.hashes import HASH_BYTES, Hashes

__all__ = ["FINGERPRINT_VERSION", "Fingerprint", "NoFingerprint", "fingerprint_of"]

FINGERPRINT_VERSION = 2  # raised whenever the same bytes would come out differently; versions are never compared
_HEAD = struct.Struct("<HII")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold the hashes of a film, the bytes of its local codes, and its size in pixels."""

    version: int
    hashes: Hashes
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
    return fingerprint_of_film(film_of(data))


def fingerprint_of_film(film: Film) -> Fingerprint:
    """Return the fingerprint of a film already decoded."""
    local = codes_of(film.features).tobytes()
    return Fingerprint(FINGERPRINT_VERSION, film.hashes, local, film.canonical.width, film.canonical.height)
