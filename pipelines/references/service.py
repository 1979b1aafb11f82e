"""A reference service asked politely, its answers kept, and never mistaken for empty when it is down."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import stamina

from pipelines.references.pace import Pace

# A record changes when its publisher corrects, retracts or relicenses it; a name unknown today may be registered soon.
KNOWN_FOR = timedelta(days=30)
UNKNOWN_FOR = timedelta(days=7)
TIMEOUT_SECONDS = 20.0
# Longer waits than this are left to the next crawl.
MAX_WAIT_SECONDS = 120.0
# After so many calls in a row without an answer the service is taken to be down for so long, and is left in peace.
FAILURES_BEFORE_REST = 3
REST_SECONDS = 60.0


class ServiceUnavailable(RuntimeError):  # noqa: N818
    """Report that a service gave no answer: this says nothing on whether what was asked for exists."""


@dataclass(frozen=True)
class CachedAnswer:
    """Hold a kept answer: HTTP status, JSON body, and until when it may be used."""

    status: int
    body: str
    expires: datetime


class AnswerCache(Protocol):
    """Keep answers by key from run to run."""

    def answer(self, key: str) -> CachedAnswer | None:
        """Return the answer kept under a key, or None."""

    def keep(self, key: str, status: int, body: str, expires: datetime) -> None:
        """Keep an answer under a key until it expires."""


class Service:
    """Ask one service; safe to share between threads, each call may block for minutes."""

    name = ""  # under which its answers are kept
    unavailable: type[ServiceUnavailable] = ServiceUnavailable

    def __init__(
        self,
        base_url: str,
        mailto: str | None,
        cache: AnswerCache,
        *,
        pace: Pace,
        attempts: int = 5,
        first_wait: float = 1.0,
    ) -> None:
        """Take the service's address, the operator's e-mail, where answers are kept, and the service's pace."""
        self._base_url, self._mailto, self._cache = base_url.rstrip("/"), mailto or None, cache
        self._attempts, self._first_wait = attempts, first_wait
        self._pace = pace
        self._failures, self._resting_until = 0, 0.0
        self._lock = threading.Lock()
        self._pace_known = False

    def learn_pace(self) -> None:
        """Ask the service for its pace before the first call, where it tells one."""

    def kept(self, key: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        """Return what a call answers, from the cache where it was answered before; None where it answers 404.

        Raises `ServiceUnavailable`, of the service's own kind, where there is no answer.
        """
        key = f"{self.name}:{key}"
        kept = self._cache.answer(key)
        if kept is not None and kept.expires > datetime.now(UTC):
            return json.loads(kept.body) if kept.status == 200 else None
        found = self._answered(key, call)
        expires = datetime.now(UTC) + (UNKNOWN_FOR if found is None else KNOWN_FOR)
        self._cache.keep(key, 404 if found is None else 200, json.dumps(found), expires)
        return found

    def _answered(self, key: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        if time.monotonic() < self._resting_until:
            raise self.unavailable(f"{self._base_url} has just failed {self._failures} times and is left in peace")
        self._learn_pace_once()
        try:
            found = self._tried(call)
        except Exception as error:
            if _status_of(error) == 404:
                self._failures = 0
                return None
            self._failures += 1
            if self._failures >= FAILURES_BEFORE_REST:
                self._resting_until = time.monotonic() + REST_SECONDS
            raise self.unavailable(
                f"no answer from {self._base_url} to {key}: {error!r}; check that the host is reachable"
                " and crawl again, answers already given are kept"
            ) from error
        self._failures = 0
        return found

    def _tried(self, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for attempt in stamina.retry_context(
            on=self._wait_after,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._first_wait,
            wait_jitter=self._first_wait,
            wait_max=30.0,
        ):
            with attempt, self._pace.turn():
                return call()
        raise AssertionError("stamina either returns or raises")

    def _wait_after(self, error: Exception) -> bool | float:
        """Tell whether to try again after an error: the seconds that `Retry-After` asks for, or a rising wait."""
        status = _status_of(error)
        if status is not None and status not in (408, 429) and status < 500:
            return False
        wait = _retry_after(error)
        if wait is None:
            return status is not None or not isinstance(error, KeyError | TypeError | ValueError)
        return wait if wait <= MAX_WAIT_SECONDS else False

    def _learn_pace_once(self) -> None:
        with self._lock:
            if self._pace_known:
                return
            self._pace_known = True
        self.learn_pace()


def _status_of(error: BaseException) -> int | None:
    """Return the HTTP status that an error carries in one of several ways, or None for a failure on the way."""
    status = getattr(_response_of(error), "status_code", None) or getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _retry_after(error: BaseException) -> float | None:
    """Return the seconds that `Retry-After` asks for, given as a number or a date (RFC 9110 §10.2.3)."""
    asked = str(getattr(_response_of(error), "headers", {}).get("retry-after", ""))
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _response_of(error: BaseException) -> Any:
    # habanero raises the HTTP error itself, or its own with the HTTP error as the cause.
    return getattr(error, "response", None) or getattr(error.__cause__, "response", None)
