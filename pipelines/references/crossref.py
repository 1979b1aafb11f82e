"""Crossref's records of works, asked for politely, kept, and never mistaken for missing when Crossref is down."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import quote

import stamina

from pipelines.references.pace import Pace

logger = logging.getLogger(__name__)

# A record changes when its publisher corrects, retracts or relicenses it; a DOI unknown today may be registered soon.
KNOWN_FOR = timedelta(days=30)
UNKNOWN_FOR = timedelta(days=7)
TIMEOUT_SECONDS = 20.0
# Crossref's pools as its own headers gave them in June 2026; the headers of the running service win over these.
POLITE = (10.0, 3)
PUBLIC = (5.0, 1)
# Longer waits than this are left to the next crawl.
MAX_WAIT_SECONDS = 120.0
# After so many calls in a row without an answer the service is taken to be down for so long, and is left in peace.
FAILURES_BEFORE_REST = 3
REST_SECONDS = 60.0


class CrossrefUnavailable(RuntimeError):  # noqa: N818
    """Report that Crossref gave no answer: this says nothing on whether the work exists."""


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


class Crossref:
    """Ask Crossref for works; safe to share between threads, each call may block for minutes."""

    def __init__(
        self,
        base_url: str,
        mailto: str | None,
        cache: AnswerCache,
        *,
        attempts: int = 5,
        first_wait: float = 1.0,
    ) -> None:
        """Take the service's address, the operator's e-mail (it opens the polite pool) and where answers are kept."""
        self._base_url, self._mailto, self._cache = base_url.rstrip("/"), mailto or None, cache
        self._attempts, self._first_wait = attempts, first_wait
        self._pace = Pace(*(POLITE if self._mailto else PUBLIC))
        self._lock = threading.Lock()
        self._pace_known = False
        self._failures, self._resting_until = 0, 0.0

    def work(self, doi: str) -> dict[str, Any] | None:
        """Return Crossref's record of a DOI, or None where Crossref does not know it.

        Raises `CrossrefUnavailable` where Crossref gives no answer.
        """
        # Not encoded by habanero: a '#' would cut the DOI off, a blank would make two of it.
        encoded = quote(doi, safe="")
        return self._kept(f"works/{doi.casefold()}", lambda client: client.works(ids=[encoded])["message"])

    def agency(self, doi: str) -> str | None:
        """Return the agency a DOI is registered with ("Crossref", "DataCite", …), or None where it is with none."""
        encoded = quote(doi, safe="")
        found = self._kept(
            f"agency/{doi.casefold()}", lambda client: {"agency": client.registration_agency(ids=[encoded])[0]}
        )
        return str(found["agency"]) if found else None

    def works_with_alternative_id(self, identifier: str) -> list[dict[str, Any]]:
        """Return the works whose publisher gave them this identifier, such as a ScienceDirect PII."""
        found = self._kept(
            f"alternative-id/{identifier.casefold()}",
            lambda client: client.works(filter={"alternative-id": identifier}, limit=2)["message"],
        )
        return list(found["items"]) if found else []

    def works_like(self, reference: str) -> list[dict[str, Any]]:
        """Return the five works most like a reference, best first; likeness proves nothing, so validate each."""
        found = self._kept(
            f"like/{reference.casefold()}",
            lambda client: client.works(query_bibliographic=reference, limit=5)["message"],
        )
        return list(found["items"]) if found else []

    def _kept(self, key: str, call: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
        key = f"crossref:{key}"
        kept = self._cache.answer(key)
        if kept is not None and kept.expires > datetime.now(UTC):
            return json.loads(kept.body) if kept.status == 200 else None
        found = self._answered(key, call)
        expires = datetime.now(UTC) + (UNKNOWN_FOR if found is None else KNOWN_FOR)
        self._cache.keep(key, 404 if found is None else 200, json.dumps(found), expires)
        return found

    def _answered(self, key: str, call: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
        if time.monotonic() < self._resting_until:
            raise CrossrefUnavailable(f"{self._base_url} has just failed {self._failures} times and is left in peace")
        self._learn_pace()
        try:
            found = self._tried(call)
        except Exception as error:
            if _status_of(error) == 404:
                self._failures = 0
                return None
            self._failures += 1
            if self._failures >= FAILURES_BEFORE_REST:
                self._resting_until = time.monotonic() + REST_SECONDS
            raise CrossrefUnavailable(
                f"no answer from {self._base_url} to {key}: {error!r}; check that the host is reachable"
                " and crawl again, answers already given are kept"
            ) from error
        self._failures = 0
        return found

    def _tried(self, call: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        from habanero import Crossref as Client

        client = Client(base_url=self._base_url, mailto=self._mailto, timeout=TIMEOUT_SECONDS)
        for attempt in stamina.retry_context(
            on=self._wait_after,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._first_wait,
            wait_jitter=self._first_wait,
            wait_max=30.0,
        ):
            with attempt, self._pace.turn():
                return call(client)
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

    def _learn_pace(self) -> None:
        """Ask the service once for the pace of our pool, which it gives in the headers of every answer."""
        import httpx2

        with self._lock:
            if self._pace_known:
                return
            self._pace_known = True
        try:
            headers = httpx2.get(
                f"{self._base_url}/works",
                params={"rows": "0"} | ({"mailto": self._mailto} if self._mailto else {}),
                timeout=TIMEOUT_SECONDS,
            ).headers
            interval = float(headers["x-rate-limit-interval"].removesuffix("s"))
            self._pace.change(float(headers["x-rate-limit-limit"]) / interval, int(headers["x-concurrency-limit"]))
        except (httpx2.HTTPError, KeyError, ValueError, ZeroDivisionError) as error:
            logger.debug("%s tells no pace (%r); the published one is kept", self._base_url, error)


def _status_of(error: BaseException) -> int | None:
    """Return the HTTP status that one of habanero's several errors carries, or None for a failure on the way."""
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
