"""NCBI's converter of article ids: which DOI a PubMed or PMC id has."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from pipelines.references.doi import normal_doi
from pipelines.references.pace import Pace
from pipelines.references.service import TIMEOUT_SECONDS, AnswerCache, Service, ServiceUnavailable

TOOL = "intake-desk"
# NCBI allows three calls a second without an API key. https://www.ncbi.nlm.nih.gov/books/NBK25497/
POLITE = (3.0, 1)

_PMCID = re.compile(r"PMC\d+", re.IGNORECASE)
_PUBMED = re.compile(r"(?:^|/)(?:pubmed|MED)/(\d{1,8})(?:/|$)", re.IGNORECASE)
_PUBMED_HOST = re.compile(r"^/(\d{1,8})/?$")


class ConverterUnavailable(ServiceUnavailable):
    """Report that the converter gave no answer: this says nothing on whether the article has a DOI."""


class IdConverter(Service):
    """Ask NCBI's converter; safe to share between threads, each call may block for minutes."""

    name = "idconv"
    unavailable = ConverterUnavailable

    def __init__(
        self, base_url: str, mailto: str | None, cache: AnswerCache, *, attempts: int = 5, first_wait: float = 1.0
    ) -> None:
        """Take the service's address, the operator's e-mail (NCBI asks for one) and where answers are kept."""
        super().__init__(base_url, mailto, cache, pace=Pace(*POLITE), attempts=attempts, first_wait=first_wait)

    def doi_of(self, identifier: str) -> str | None:
        """Return the DOI of a PMCID ("PMC7582078") or PubMed id ("32157862"), or None where NCBI knows none.

        NCBI knows only articles that are in PMC. Raises `ConverterUnavailable` where it gives no answer.
        """
        answer = self.kept(identifier.upper(), lambda: self._asked(identifier))
        found = {doi for record in (answer or {}).get("records", []) if (doi := _doi_in(record))}
        return found.pop() if len(found) == 1 else None

    def _asked(self, identifier: str) -> dict[str, Any]:
        import httpx2

        asked = {"ids": identifier, "format": "json", "tool": TOOL} | ({"email": self._mailto} if self._mailto else {})
        answer = httpx2.get(f"{self._base_url}/", params=asked, timeout=TIMEOUT_SECONDS, follow_redirects=True)
        if answer.status_code == 400:
            # It refuses an id that it cannot read, which is an answer: there is no DOI of that name.
            return {"records": []}
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return {"records": told["records"]}


def pubmed_ids_in(texts: tuple[str, ...]) -> list[str]:
    """Return the PMCIDs and PubMed ids that addresses ("…/pubmed/32157862") or names ("PMID32157862") carry."""
    found: dict[str, None] = {}
    for text in texts:
        parts = urlsplit(text)
        path = unquote(parts.path)
        if match := _PMCID.search(path):
            found.setdefault(match.group().upper())
        elif match := _PUBMED.search(path) or (
            _PUBMED_HOST.search(path) if (parts.hostname or "").startswith("pubmed.") else None
        ):
            found.setdefault(match[1])
        elif text.startswith("PMID") and text.removeprefix("PMID").strip(": ").isdigit():
            found.setdefault(text.removeprefix("PMID").strip(": "))
    return list(found)


def _doi_in(record: dict[str, Any]) -> str | None:
    try:
        return normal_doi(str(record["doi"])) if record.get("doi") else None
    except ValueError:
        return None
