"""A second crawl asks for changed pages only, and a dead site is not answered from the cache."""

import gzip
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Crawl = Callable[..., dict[str, Any]]
PAGE = "https://site.example/case"


class Site:
    """Serve one page with validators, and remember how it was asked for."""

    def __init__(self, body: str = "first", content_type: str = "text/html", **headers: str) -> None:
        self.body, self.content_type, self.headers = body, content_type, headers
        self.status = 200
        self.conditions: list[str | None] = []

    def __call__(self, request: Request) -> Response:
        self.conditions.append(request.headers.get("If-None-Match"))
        if self.status != 200:
            return Response("broken", status=self.status)
        tag = f'"{self.body}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(self.body, content_type=self.content_type, headers={"ETag": tag, **self.headers})


def bodies(outcome: dict[str, Any]) -> list[str]:
    return [item["body"] for item in outcome["items"]]


def test_an_unchanged_page_is_not_sent_again(crawl: Crawl, httpserver: HTTPServer) -> None:
    site = Site()
    httpserver.expect_request("/site.example/case").respond_with_handler(site)
    first, second = crawl(PAGE), crawl(PAGE)
    assert bodies(first) == bodies(second) == ["first"]
    assert site.conditions == [None, '"first"']
    assert second["items"][0]["flags"] == ["cached"]
    site.body = "second"
    assert bodies(crawl(PAGE)) == ["second"]


def test_an_old_page_is_asked_for_all_the_same(crawl: Crawl, httpserver: HTTPServer) -> None:
    site = Site(**{"Last-Modified": formatdate(1_500_000_000, usegmt=True)})
    httpserver.expect_request("/site.example/case").respond_with_handler(site)
    crawl(PAGE)
    site.body = "second"
    assert bodies(crawl(PAGE)) == ["second"]


def test_a_site_that_fails_is_not_answered_from_the_cache(crawl: Crawl, httpserver: HTTPServer) -> None:
    site = Site()
    httpserver.expect_request("/site.example/case").respond_with_handler(site)
    crawl(PAGE)
    site.status = 500
    broken = crawl(PAGE, settings={"RETRY_TIMES": 0})
    assert broken["items"] == []
    assert broken["passed"] == [False]
    gone = crawl(PAGE, settings={"RETRY_TIMES": 0, "REPLAY_ORIGIN": "http://127.0.0.1:9"})
    assert gone["items"] == []
    assert gone["passed"] == [False]


def test_pictures_are_not_kept_twice(crawl: Crawl, httpserver: HTTPServer, tmp_path: Any) -> None:
    httpserver.expect_request("/site.example/case").respond_with_handler(Site(content_type="image/png"))
    crawl(PAGE)
    assert [path for path in (tmp_path / "data" / "httpcache").rglob("*") if path.is_file()] == []


def test_a_member_s_token_is_not_written_down(crawl: Crawl, httpserver: HTTPServer, tmp_path: Any) -> None:
    httpserver.expect_request("/site.example/case").respond_with_handler(Site())
    member = {"DEFAULT_REQUEST_HEADERS": {"Authorization": "Bearer of-a-member"}}
    assert bodies(crawl(PAGE, settings=member)) == ["first"]
    kept = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not any(b"of-a-member" in data or b"of-a-member" in unpacked(data) for data in kept)


def unpacked(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
