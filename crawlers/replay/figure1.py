"""The replayed Figure 1: links of the old app, public case pages, sign-in walls, and the collection behind a token.

Any bearer token that is not empty is accepted. Routes and JSON keys follow public clients; no page was ever captured,
so the markup of the case page is assumed.
"""

import re
from typing import Any

from crawlers.replay.image_files import served
from crawlers.replay.site import Site, SiteRequest, SiteResponse, json_answer, page, redirect, robots
from crawlers.replay.world import Figure1Case, World

COLLECTION = "5e7a3c9d1f4b8a0012c19c0f"
IMAGES = "https://images.figure1.com"
EVIDENCE = "public clients for routes and redirects; the markup is assumed, no page was captured"
CRAWL_DELAY = 0.2  # seconds: long enough for a test to see that it is kept, short enough for a demo
_OLD_PATH = re.compile(r"^(?:/rd)?/images/(?P<id>[0-9a-f]{24})$")
_API_PATH = re.compile(r"^/s/case/(?P<id>[0-9a-f]{24})$")
_CASE_PATH = re.compile(r"^/cases/(?P<uuid>[0-9a-f-]{36})$")


def sites(world: World) -> list[Site]:
    """Return the old app, the present site, the API and the image host."""
    replayed = _Figure1(world.figure1)
    first = world.figure1[:1]
    entrances = tuple(("A public case", case.url) for case in first) + tuple(
        ("The same by its old link", f"https://app.figure1.com/images/{case.id}") for case in first
    )
    return [
        Site("Figure 1", ("pro.figure1.com",), replayed.public, entrances, len(world.figure1)),
        Site("Figure 1, old app", ("app.figure1.com",), replayed.old_app),
        Site("Figure 1, API", ("api.figure1.com",), replayed.api),
        Site("Figure 1, images", ("images.figure1.com",), replayed.image),
    ]


def image_url(case: Figure1Case, place: int = 0) -> str:
    """Return where a picture of a case lies."""
    return f"{IMAGES}/{case.files[place].name}"


class _Figure1:
    def __init__(self, cases: tuple[Figure1Case, ...]) -> None:
        self.listed = [case for case in cases if not case.wall]
        self.by_id = {case.id: case for case in cases}
        self.by_uuid = {case.uuid: case for case in cases}
        self.files = {file.name: file for case in cases for file in case.files}

    def public(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for the present site."""
        if request.path == "/robots.txt":
            return robots("Disallow: /rfy", "Disallow: /settings/", f"Crawl-delay: {CRAWL_DELAY}")
        if request.path == "/login":
            return page("figure1/wall.html", evidence=EVIDENCE)
        match = _CASE_PATH.match(request.path)
        case = self.by_uuid.get(match["uuid"]) if match else None
        if case is None:
            return None
        if case.wall == "redirect":
            return redirect(f"https://pro.figure1.com/login?next={request.path}", 302)
        if case.wall == "in place":
            return page("figure1/wall.html", evidence=EVIDENCE)
        pictures = [image_url(case, place) for place in range(len(case.files))]
        return page("figure1/case.html", case=case, pictures=pictures, evidence=EVIDENCE)

    def old_app(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for the old app: links are redirected for good, the case API wants a token."""
        if request.path == "/robots.txt":
            return robots("Disallow: /s/feeds/", "Disallow: /s/profile/")
        if match := _API_PATH.match(request.path):
            return self._case_json(match["id"]) if _has_token(request) else _refused()
        match = _OLD_PATH.match(request.path)
        case = self.by_id.get(match["id"]) if match else None
        return redirect(case.url) if case else None

    def api(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for the API."""
        if request.path == "/robots.txt":
            return robots("Disallow: /internal/")
        if request.path != f"/collections/{COLLECTION}":
            return None
        return json_answer(self._collection()) if _has_token(request) else _refused()

    def image(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for the image host."""
        if request.path == "/robots.txt":
            return robots("Disallow:")
        file = self.files.get(request.path.lstrip("/"))
        return served(file, request.films_cache) if file else None

    def _collection(self) -> dict[str, Any]:
        return {
            "id": COLLECTION,
            "title": "COVID-19 clinical cases",
            "description": "Cases shared by members.",
            "size": len(self.listed),
            "_embedded": {
                "items": [_item(case, number) for number, case in enumerate(self.listed)],
                "authors": [{"username": name} for name in dict.fromkeys(case.author for case in self.listed)],
            },
        }

    def _case_json(self, case_id: str) -> SiteResponse | None:
        case = self.by_id.get(case_id)
        if case is None:
            return None
        author = {"username": case.author, "topContributor": False, "verified": True}
        counts = {"imageViews": "1204", "followers": 3, "CommentCount": len(case.comments), "voteCount": 12}
        return json_answer({"_id": case.id, "caption": case.caption, "isPagingCase": False, **counts, "author": author})


def _item(case: Figure1Case, number: int) -> dict[str, Any]:
    return {
        "_id": case.id,
        "title": case.title,
        "caption": case.caption,
        "contentType": "image",
        "commentCount": len(case.comments),
        "followers": 2 + number,
        "voteCount": 10 + number,
        "_links": {"image": {"href": image_url(case)}},
    }


def _has_token(request: SiteRequest) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(token.strip())


def _refused() -> SiteResponse:
    return json_answer({"error": "Unauthorized", "message": "a bearer token is required"}, 401)
