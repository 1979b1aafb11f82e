"""The (url, doi) pairs of the published rows against a Crossref on loopback that holds a record for each.

The records are made from the pairs, each with near misses: a correction, a preprint, the next part. The titles are
invented; what is measured is which way leads where, and that nothing wrong is taken.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
from answers_kept import Kept
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipelines.references.converter import IdConverter
from pipelines.references.crossref import Crossref
from pipelines.references.doi import pii_of_url, same_doi
from pipelines.references.resolution import resolved
from pipelines.references.stated import Stated

PLACES = ("Hanoi", "Wuhan", "Bergamo", "Taipei", "Seattle", "Daegu", "Lyon", "Madrid", "Zurich")
FORMS = ("Rapid resolution of", "Bilateral", "Delayed", "Fatal", "Asymptomatic")
FAMILIES = ("Nguyen", "Rossi", "Østergaard", "Kim", "Müller", "de la Cruz", "Chen")
CONTAINERS = ("Journal of Replayed Radiology", "Clinical Imaging Letters", "The Chest Record")
# The page of a repository or of a picture states its own title, not that of the work behind it.
OF_ANOTHER_WORK = ("en.wikipedia.org", "github.com")
CANNOT_TELL = (*OF_ANOTHER_WORK, "cases.rsna.org", "www.cureus.com", "www.thno.org")
DATACITE = "10.6084/m9.figshare"


@dataclass(frozen=True)
class Pair:
    url: str
    doi: str
    title: str
    family: str
    container: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def whole(self) -> Stated:
        return Stated(
            urls=(self.url,), title=self.title, authors=(f"A. {self.family}",), year=2020, container=self.container
        )

    def reference(self) -> Stated:
        return Stated(reference=f"{self.family} A, et al. {self.title}. {self.container}. 2020;3(1):14-19.")


def record(pair: Pair, **changed: Any) -> dict[str, Any]:
    pii = pii_of_url(pair.url)
    page = f"https://linkinghub.elsevier.com/retrieve/pii/{pii}" if pii else f"https://{pair.host}/doi/{pair.doi}"
    made = {
        "DOI": pair.doi, "type": "journal-article", "title": [pair.title], "container-title": [pair.container],
        "author": [{"family": pair.family, "given": "A."}], "issued": {"date-parts": [[2020, 4]]},
        "resource": {"primary": {"URL": page}}, "alternative-id": [pii] if pii else [],
    }  # fmt: skip
    return made | changed


def near(pair: Pair) -> Iterator[dict[str, Any]]:
    own = {"alternative-id": [], "resource": {"primary": {"URL": "https://example.org/"}}}
    yield record(pair, DOI=f"{pair.doi}.corr", title=[f"Correction to: {pair.title}"], **own)
    yield record(pair, DOI=f"{pair.doi}.2", title=[f"{pair.title}: Part II"], **own)
    preprint = {"type": "posted-content", "container-title": [], "institution": [{"name": "medRxiv"}]}
    yield record(pair, DOI=f"10.1101/{pair.doi[3:7]}.{len(pair.title)}", **own, **preprint)


@pytest.fixture(scope="module")
def pairs(shared: Path) -> list[Pair]:
    rows = pd.read_csv(shared / "real" / "reading" / "rows.csv", dtype=str, keep_default_na=False)
    distinct = sorted({(url, doi.strip()) for url, doi in zip(rows["url"], rows["doi"], strict=True) if doi.strip()})
    return [
        Pair(
            url,
            doi,
            f"{FORMS[number % 5]} COVID-19 pneumonia on chest radiographs of a patient in {PLACES[number // 5 % 9]}",
            FAMILIES[number % 7],
            CONTAINERS[number % 3],
        )
        for number, (url, doi) in enumerate(distinct)
    ]


@pytest.fixture(scope="module")
def services(pairs: list[Pair]) -> Iterator[tuple[Crossref, IdConverter]]:
    at_crossref = [pair for pair in pairs if not pair.doi.startswith(DATACITE)]
    works = {str(work["DOI"]).casefold(): work for pair in at_crossref for work in (record(pair), *near(pair))}
    by_pmid = {re.sub(r"\D", "", pair.url): pair.doi for pair in pairs if pair.host == "pubmed.ncbi.nlm.nih.gov"}

    def answered(request: Request) -> Response:
        if request.path == "/idconv/":
            known = by_pmid.get(request.args["ids"])
            return told({"records": [{"doi": known} if known else {"status": "error", "errmsg": "not found"}]})
        asked = request.path.removeprefix("/works").strip("/").casefold()
        if asked.endswith("/agency"):
            return told({"message": {"agency": {"label": "DataCite"}}})
        if asked:
            return told({"message": works[asked]}) if asked in works else Response("Resource not found.", 404)
        return told({"message": {"total-results": 9, "items": list(listed(request))}})

    def listed(request: Request) -> Iterator[dict[str, Any]]:
        if pii := request.args.get("filter", "").removeprefix("alternative-id:"):
            return (work for work in works.values() if pii in work["alternative-id"])
        words = set(re.findall(r"\w+", request.args.get("query.bibliographic", "").casefold()))
        scored = sorted(works.values(), key=lambda work: -len(words & set(re.findall(r"\w+", str(work).casefold()))))
        return iter(scored[: int(request.args["rows"])])

    def told(answer: dict[str, Any]) -> Response:
        pace = {"x-rate-limit-limit": "1000", "x-rate-limit-interval": "1s", "x-concurrency-limit": "3"}
        return Response(json.dumps(answer), headers=pace, content_type="application/json")

    with HTTPServer() as server:
        server.expect_request(re.compile(".*")).respond_with_handler(answered)
        crossref = Crossref(server.url_for(""), "desk@example.org", Kept(), attempts=1)
        yield crossref, IdConverter(server.url_for("/idconv"), "desk@example.org", Kept(), attempts=1)


def outcomes(
    pairs: list[Pair], services: tuple[Crossref, IdConverter], state: Callable[[Pair], Stated]
) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    left = []
    for pair in pairs:
        got = resolved(state(pair), *services)
        if not (got.doi and got.confirmed):
            assert got.issues or not state(pair).query
            left.append(pair.host)
        counts["left" if not got.doi else "right" if same_doi(got.doi, pair.doi) else "wrong"] += 1
    return counts, left


def test_an_address_alone_leads_to_its_doi_or_to_a_person(
    pairs: list[Pair], services: tuple[Crossref, IdConverter]
) -> None:
    counts, left = outcomes(pairs, services, lambda pair: Stated(urls=(pair.url,)))
    assert counts["wrong"] == 0
    assert set(left) <= set(CANNOT_TELL)
    assert counts["right"] == len(pairs) - sum(pair.host in CANNOT_TELL for pair in pairs) >= 30


def test_a_title_alone_adds_nothing_that_could_be_wrong(
    pairs: list[Pair], services: tuple[Crossref, IdConverter]
) -> None:
    counts, left = outcomes(pairs, services, lambda pair: Stated(urls=(pair.url,), title=pair.title))
    assert counts["wrong"] == 0
    assert set(left) <= set(CANNOT_TELL)


def test_a_page_of_another_title_is_left_to_a_person(pairs: list[Pair], services: tuple[Crossref, IdConverter]) -> None:
    counts, _ = outcomes(pairs, services, lambda pair: Stated(urls=(pair.url,), title="A wrist after a fall on ice"))
    assert counts == {"left": len(pairs)}


def test_what_a_page_states_leads_to_the_rest(pairs: list[Pair], services: tuple[Crossref, IdConverter]) -> None:
    def stated(pair: Pair) -> Stated:
        whole = pair.whole()
        if pair.host not in OF_ANOTHER_WORK:
            return replace(whole, container="") if pii_of_url(pair.url) else whole
        return replace(whole, title="A collection of chest films from many hospitals", authors=("A. Owner",))

    counts, left = outcomes(pairs, services, stated)
    assert counts["wrong"] == 0
    assert set(left) == set(OF_ANOTHER_WORK)
    assert counts["right"] == len(pairs) - 2


def test_a_reference_in_free_text_leads_to_its_doi(pairs: list[Pair], services: tuple[Crossref, IdConverter]) -> None:
    at_crossref = [pair for pair in pairs if not pair.doi.startswith(DATACITE)]
    every_third = at_crossref[::3]
    counts, _ = outcomes(every_third, services, Pair.reference)
    assert counts == {"right": len(every_third)}


def test_a_doi_of_datacite_is_recognised(pairs: list[Pair], services: tuple[Crossref, IdConverter]) -> None:
    (pair,) = [pair for pair in pairs if pair.doi.startswith(DATACITE)]
    got = resolved(Stated(doi=pair.doi, urls=(pair.url,)), *services)
    assert (got.doi, got.agency, got.confirmed) == (pair.doi, "DataCite", True)
