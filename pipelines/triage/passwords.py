"""Passwords, kept as Argon2id hashes (RFC 9106) alone."""

import threading
import time
from collections import defaultdict, deque
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_LENGTH = 12  # characters; NIST SP 800-63B asks for 8, and nobody has to type this one often
_HASHER = PasswordHasher()


def hash_of(password: str) -> str:
    """Return what is kept of a password; raise `ValueError` for one that is too short."""
    if len(password) < LEAST_LENGTH:
        raise ValueError(f"a password has at least {LEAST_LENGTH} characters")
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    """Return a hash to check for a name that nobody bears: the time of the answer must not tell which there are."""
    return _HASHER.hash("nobody bears this name")


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; None, for a name that nobody bears, takes as long and is never right."""
    try:
        return _HASHER.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


class Tries:
    """Count failed sign-ins by address, so that passwords cannot be tried through; a name is never locked out."""

    def __init__(self, most: int = 10, seconds: float = 300.0) -> None:
        self._most = most
        self._seconds = seconds
        self._failed: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Return how many seconds this address has to wait before it may try again; 0 for now."""
        with self._lock:
            self._forget_old()
            failed = self._failed.get(address, deque())
            return round(failed[0] + self._seconds - time.monotonic()) + 1 if len(failed) >= self._most else 0

    def note(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failed[address].append(time.monotonic())

    def _forget_old(self) -> None:
        old = time.monotonic() - self._seconds
        for address, failed in list(self._failed.items()):
            while failed and failed[0] < old:
                failed.popleft()
            if not failed:
                del self._failed[address]
