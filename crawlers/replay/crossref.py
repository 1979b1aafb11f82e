"""The replayed Crossref: works by DOI, searches, agencies, and the headers that state its rates.

Shapes follow answers recorded on 16 June 2026. Radiopaedia's DOIs (10.53347/rID-…) are unknown here: no evidence says
which agency they are registered with, and a 404 is what Crossref gives for another agency's DOI.
"""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from crawlers.replay.article_pdf import pdf_of
from crawlers.replay.articles import Article, Author, Notice, RegisteredLicence, Registration
from crawlers.replay.site import JSON, Site, SiteRequest, SiteResponse, json_answer, robots
from crawlers.replay.world import World

HOST = "api.crossref.org"
# The recorded rates: requests a second and at once, for callers that name an e-mail address, and for all others.
_POOLS = {"polite": ("10", "3"), "public": ("5", "1")}
_MOST_ROWS = 1000
_FILTERS: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "alternative-id": lambda work, value: value in work.get("alternative-id", ()),
    "doi": lambda work, value: work["DOI"].casefold() == value.casefold(),
    "type": lambda work, value: work["type"] == value,
    "from-pub-date": lambda work, value: _day_of(work) >= value,
    "has-full-text": lambda work, value: bool(work.get("link")) == (value == "true"),
    "has-license": lambda work, value: bool(work.get("license")) == (value == "true"),
}
_PARAMETERS = {
    "query", "query.bibliographic", "rows", "offset", "filter", "select", "mailto", "sort", "order", "cursor",
}  # fmt: skip
_WORD = re.compile(r"\w+")


def sites(world: World) -> list[Site]:
    """Return Crossref as it knows the world's articles, and the publishers whose PDFs it links to."""
    works = {work["DOI"].casefold(): work for article in world.articles for work in _works_on(article)}
    entrances = [("A work", f"https://{HOST}/works/{world.articles[0].doi}")] if world.articles else []
    return [Site("Crossref", (HOST,), _Crossref(works).answer, tuple(entrances), len(works)), *_publishers(world)]


def _publishers(world: World) -> Iterator[Site]:
    linked = {
        article.registration.pdf: article
        for article in world.articles
        if article.registration and article.registration.pdf
    }
    for host in sorted({urlsplit(url).netloc for url in linked}):
        here = {urlsplit(url).path: article for url, article in linked.items() if urlsplit(url).netloc == host}
        yield Site(f"Publisher at {host}", (host,), _Publisher(here).answer)


class _Publisher:
    def __init__(self, articles: dict[str, Article]) -> None:
        self.articles = articles

    def answer(self, request: SiteRequest) -> SiteResponse | None:
        if request.path == "/robots.txt":
            closed = (path for path, one in self.articles.items() if one.registration and not one.registration.pdf_open)
            return robots(*(f"Disallow: {path}" for path in closed))
        article = self.articles.get(request.path)
        return SiteResponse(pdf_of(article, request.films_cache), content_type="application/pdf") if article else None


class _Crossref:
    def __init__(self, works: dict[str, dict[str, Any]]) -> None:
        self.works = works

    def answer(self, request: SiteRequest) -> SiteResponse:
        answer = self._answered(request)
        polite = "mailto:" in request.headers.get("user-agent", "") or "mailto" in request.query
        limit, at_once = _POOLS["polite" if polite else "public"]
        pace = {"x-rate-limit-limit": limit, "x-rate-limit-interval": "1s", "x-concurrency-limit": at_once}
        headers = {"x-api-pool": "polite" if polite else "public", **pace}
        return SiteResponse(answer.body, answer.status, answer.content_type, headers)

    def _answered(self, request: SiteRequest) -> SiteResponse:
        if request.path == "/robots.txt":
            return robots("Disallow:")
        if request.path == "/works":
            return self._listed(request)
        name = re.fullmatch(r"/works/(?P<doi>.+?)(?P<agency>/agency)?", request.path)
        work = self.works.get(name["doi"].casefold()) if name else None
        if name is None or work is None:
            # Recorded so: plain words under the type of JSON.
            return SiteResponse(b"Resource not found.", 404, f"{JSON};charset=utf-8")
        if name["agency"]:
            agency = {"DOI": work["DOI"], "agency": {"id": "crossref", "label": "Crossref"}}
            return _message("work-agency", agency)
        return _message("work", work)

    def _listed(self, request: SiteRequest) -> SiteResponse:
        unknown = next((name for name in request.query if name not in _PARAMETERS), None)
        if unknown:
            return _refused("parameter-not-allowed", unknown, "This route does not support that parameter")
        counts = {name: request.value(name, default) for name, default in (("rows", "20"), ("offset", "0"))}
        for value in counts.values():
            if not value.isdigit() or int(value) > _MOST_ROWS:
                words = f"Integer specified as {value} but must be a positive integer less than or equal to 1000. "
                return _refused("integer-not-valid", value, words)
        rows, offset = int(counts["rows"]), int(counts["offset"])
        found = list(self.works.values())
        for asked in filter(None, request.value("filter").split(",")):
            name, _, value = asked.partition(":")
            if name not in _FILTERS:
                words = f"Filter '{name}' specified but there is no such filter for this route. Valid filters for this"
                return _refused("filter-not-available", name, f"{words} route are: {', '.join(_FILTERS)}")
            found = [work for work in found if _FILTERS[name](work, value)]
        terms = request.value("query.bibliographic") or request.value("query")
        if terms:
            scored = [{**work, "score": _likeness(terms, work)} for work in found]
            found = sorted((work for work in scored if work["score"]), key=lambda work: -work["score"])
        if cursor := request.value("cursor"):
            try:
                offset = _place_of(cursor)
            except ValueError:
                fault = {"type": "cursor-invalid", "value": cursor, "message": "Cursor specified but it is invalid"}
                return json_answer({"status": "failed", "message-type": "resource-failure", "message": [fault]}, 404)
        items = found[offset : offset + rows]
        if select := request.value("select"):
            items = [{name: work[name] for name in select.split(",") if name in work} for work in items]
        return _message(
            "work-list",
            {
                "facets": {},
                **({"next-cursor": _cursor_at(offset + len(items))} if cursor else {}),
                "total-results": len(found),
                "items": items,
                "items-per-page": rows,
                "query": {"start-index": offset, "search-terms": request.value("query") or None},
            },
        )


def _message(kind: str, message: dict[str, Any]) -> SiteResponse:
    return json_answer({"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message})


def _refused(kind: str, value: str, words: str) -> SiteResponse:
    fault = {"type": kind, "value": value, "message": words}
    return json_answer({"status": "failed", "message-type": "validation-failure", "message": [fault]}, 400)


def _cursor_at(place: int) -> str:
    return base64.urlsafe_b64encode(b"from %d" % place).decode()


def _place_of(cursor: str) -> int:
    """Return the place in the results that a cursor stands for; raise `ValueError` for one we never gave."""
    return 0 if cursor == "*" else int(base64.urlsafe_b64decode(cursor).removeprefix(b"from "))


def _day_of(work: dict[str, Any]) -> str:
    return "-".join(f"{part:02d}" for part in work["issued"]["date-parts"][0])


def _likeness(terms: str, work: dict[str, Any]) -> float:
    """Return a score that grows with the words shared: as Crossref's, it is comparable within one query only."""
    names = (author["family"] for author in work["author"])
    known = " ".join((*work["title"], *work["container-title"], *names, str(work["issued"]["date-parts"][0][0])))
    asked, have = (set(_WORD.findall(text.casefold())) for text in (terms, known))
    return round(8.0 * len(asked & have) / (1 + 0.02 * len(have)), 6)


def _works_on(article: Article) -> Iterator[dict[str, Any]]:
    """Yield the article's record, and one for each notice that was published on it."""
    if article.registration is None:
        return
    yield _work(article, article.registration)
    for notice in article.registration.notices:
        if notice.relation == "updated-by":
            told = Registration(notices=(Notice("update-to", article.doi, notice.type, notice.label),))
            yield _work(article, told) | {
                "DOI": notice.doi,
                "URL": f"https://doi.org/{notice.doi}",
                "title": [f"{notice.label} to: {article.title}"],
            }


def _work(article: Article, registration: Registration) -> dict[str, Any]:
    day = article.published
    online = registration.published_online
    issued = {"date-parts": [[day.year, day.month, day.day][: 3 if online else 2]]}
    return {
        "indexed": {**_instant(date(2026, 6, 12)), "version": "3.54.1"},
        "reference-count": 0,
        "publisher": article.publisher,
        **({"license": [_licence(one, day) for one in registration.licences]} if registration.licences else {}),
        **({"link": [_link(registration.pdf)]} if registration.pdf else {}),
        "content-domain": {"domain": [], "crossmark-restriction": False},
        "short-container-title": [article.journal],
        "DOI": article.doi,
        "type": "journal-article",
        "created": _instant(day),
        "source": "Crossref",
        "is-referenced-by-count": 0,
        "title": [article.title],
        "prefix": article.doi.partition("/")[0],
        "author": [_author(author, place) for place, author in enumerate(article.authors)],
        "member": "99999",
        "published-online" if online else "published-print": issued,
        **_notices(registration, day),
        "container-title": [article.journal],
        "original-title": [],
        "language": "en",
        "deposited": _instant(day),
        "score": 1,
        "resource": {"primary": {"URL": f"https://journals.replay.example/{article.pii or article.doi}"}},
        **({"alternative-id": [article.pii]} if article.pii else {}),
        "subtitle": [],
        "short-title": [],
        "issued": issued,
        "references-count": 0,
        "URL": article.url,
        "relation": {},
        "ISSN": ["2090-0000"],
        "issn-type": [{"value": "2090-0000", "type": "electronic"}],
        "subject": [],
        "published": issued,
    }


def _notices(registration: Registration, day: date) -> dict[str, list[dict[str, Any]]]:
    by_relation: dict[str, list[dict[str, Any]]] = {}
    for notice in registration.notices:
        told = {"DOI": notice.doi, "type": notice.type, "label": notice.label, "source": "publisher"}
        by_relation.setdefault(notice.relation, []).append({**told, "updated": _instant(day)})
    return by_relation


def _link(pdf: str) -> dict[str, str]:
    kind = {"content-type": "application/pdf", "content-version": "vor", "intended-application": "text-mining"}
    return {"URL": pdf, **kind}


def _licence(licence: RegisteredLicence, day: date) -> dict[str, Any]:
    return {"start": _instant(day), "content-version": licence.version, "delay-in-days": 0, "URL": licence.url}


def _author(author: Author, place: int) -> dict[str, Any]:
    named = {"given": author.given, "family": author.family, "sequence": "additional" if place else "first"}
    orcid = {"ORCID": f"https://orcid.org/{author.orcid}", "authenticated-orcid": False} if author.orcid else {}
    return {**orcid, **named, "affiliation": [], "role": [{"vocabulary": "crossref", "role": "author"}]}


def _instant(day: date) -> dict[str, Any]:
    seconds = (day - date(1970, 1, 1)).total_seconds()
    return {
        "date-parts": [[day.year, day.month, day.day]],
        "date-time": f"{datetime.combine(day, time()):%Y-%m-%dT%H:%M:%SZ}",
        "timestamp": int(seconds * 1000),
    }
