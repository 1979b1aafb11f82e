"""Crossref's records of works, asked for politely, kept, and never mistaken for missing when Crossref is down."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pipelines.references.pace import Pace
from pipelines.references.service import TIMEOUT_SECONDS, AnswerCache, Service, ServiceUnavailable

logger = logging.getLogger(__name__)

# Crossref's pools as its own headers gave them in June 2026; the headers of the running service win over these.
POLITE = (10.0, 3)
PUBLIC = (5.0, 1)
# Near misses (a correction, a reply, a preprint) may stand before the work itself, and each must be seen.
LIKE = 10


class CrossrefUnavailable(ServiceUnavailable):
    """Report that Crossref gave no answer: this says nothing on whether the work exists."""


class Crossref(Service):
    """Ask Crossref for works; safe to share between threads, each call may block for minutes."""

    name = "crossref"
    unavailable = CrossrefUnavailable

    def __init__(
        self, base_url: str, mailto: str | None, cache: AnswerCache, *, attempts: int = 5, first_wait: float = 1.0
    ) -> None:
        """Take the service's address, the operator's e-mail (it opens the polite pool) and where answers are kept."""
        pace = Pace(*(POLITE if mailto else PUBLIC))
        self._elsewhere: set[str] = set()
        super().__init__(base_url, mailto, cache, pace=pace, attempts=attempts, first_wait=first_wait)

    def work(self, doi: str) -> dict[str, Any] | None:
        """Return Crossref's record of a DOI, or None where Crossref does not know it.

        Raises `CrossrefUnavailable` where Crossref gives no answer.
        """
        # One agency registers most of a prefix: where it was another one, a single question tells.
        if _prefix_of(doi) in self._elsewhere and _is_another(self.agency(doi)):
            return None
        # Not encoded by habanero: a '#' would cut the DOI off, a blank would make two of it.
        encoded = quote(doi, safe="")
        return self._asked(f"works/{doi.casefold()}", lambda client: client.works(ids=[encoded])["message"])

    def agency(self, doi: str) -> str | None:
        """Return the agency a DOI is registered with ("Crossref", "DataCite", …), or None where it is with none."""
        encoded = quote(doi, safe="")
        found = self._asked(
            f"agency/{doi.casefold()}", lambda client: {"agency": client.registration_agency(ids=[encoded])[0]}
        )
        agency = str(found["agency"]) if found else None
        if _is_another(agency):
            self._elsewhere.add(_prefix_of(doi))
        return agency

    def works_with_alternative_id(self, identifier: str) -> list[dict[str, Any]]:
        """Return the works whose publisher gave them this identifier, such as a ScienceDirect PII."""
        found = self._asked(
            f"alternative-id/{identifier.casefold()}",
            lambda client: client.works(filter={"alternative-id": identifier}, limit=2)["message"],
        )
        return list(found["items"]) if found else []

    def works_like(self, reference: str) -> list[dict[str, Any]]:
        """Return the ten works most like a reference, best first; likeness proves nothing, so validate each."""
        found = self._asked(
            f"like/{reference.casefold()}",
            lambda client: client.works(query_bibliographic=reference, limit=LIKE)["message"],
        )
        return list(found["items"]) if found else []

    def learn_pace(self) -> None:
        """Ask the service once for the pace of our pool, which it gives in the headers of every answer."""
        import httpx2

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

    def _asked(self, key: str, call: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
        from habanero import Crossref as Client

        client = Client(base_url=self._base_url, mailto=self._mailto, timeout=TIMEOUT_SECONDS)
        return self.kept(key, lambda: call(client))


def _prefix_of(doi: str) -> str:
    return doi.partition("/")[0]


def _is_another(agency: str | None) -> bool:
    return agency is not None and agency.casefold() != "crossref"
