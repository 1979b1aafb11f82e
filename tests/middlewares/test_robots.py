"""robots.txt: obeyed by the very first requests too, read as RFC 9309 has it, and its Crawl-delay kept."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Crawl = Callable[..., dict[str, Any]]


def fetched(server: HTTPServer) -> list[str]:
    return [request.path for request, _ in server.log if not request.path.endswith("robots.txt")]


def test_eight_forbidden_pages_asked_for_at_once_are_all_left_alone(crawl: Crawl, httpserver: HTTPServer) -> None:
    def slow(_: Request) -> Response:
        return Response("User-agent: *\nDisallow: /private/", content_type="text/plain")

    httpserver.expect_request("/site.example/robots.txt").respond_with_handler(slow)
    outcome = crawl(
        *[f"https://site.example/private/{n}" for n in range(8)], settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 8}
    )
    assert fetched(httpserver) == []
    assert outcome["stats"]["robotstxt/forbidden"] == 8
    assert outcome["stats"]["robotstxt/request_count"] == 1
    assert outcome["passed"] == [False]
    assert "robots.txt forbids 8" in outcome["runs"][0]["problems"][0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_robots_txt_that_fails_closes_the_host(crawl: Crawl, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/site.example/robots.txt").respond_with_data("later", status=status)
    outcome = crawl("https://site.example/1", "https://site.example/2", settings={"RETRY_TIMES": 1})
    assert fetched(httpserver) == []
    assert {kind for _, kind, _ in outcome["failures"]} == {"HostClosed"}
    assert f"its robots.txt answered {status}" in outcome["runs"][0]["problems"][0]


@pytest.mark.parametrize("status", [403, 404])
def test_without_a_robots_txt_everything_may_be_fetched(crawl: Crawl, httpserver: HTTPServer, status: int) -> None:
    page = "User-agent: *\nDisallow: /"  # an error page is no set of rules, whatever it says
    httpserver.expect_request("/site.example/robots.txt").respond_with_data(page, status=status)
    httpserver.expect_request("/site.example/1").respond_with_data("one", content_type="text/html")
    assert [item["url"] for item in crawl("https://site.example/1")["items"]] == ["https://site.example/1"]


def test_rules_for_us_by_name_go_before_those_for_all(crawl: Crawl, httpserver: HTTPServer) -> None:
    rules = "User-agent: *\nDisallow:\n\nUser-agent: intake-desk\nDisallow: /"
    httpserver.expect_request("/site.example/robots.txt").respond_with_data(rules)
    assert crawl("https://site.example/1")["stats"]["robotstxt/forbidden"] == 1
    assert fetched(httpserver) == []


def test_crawl_delay_is_kept(crawl: Crawl, httpserver: HTTPServer) -> None:
    moments = []

    def page(_: Request) -> Response:
        moments.append(monotonic())
        return Response("a page", content_type="text/html")

    httpserver.expect_request("/site.example/robots.txt").respond_with_data("User-agent: *\nCrawl-delay: 0.2")
    httpserver.expect_request("/site.example/page").respond_with_handler(page)
    crawl(*["https://site.example/page"] * 4, settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 4})
    assert len(moments) == 4
    assert moments[-1] - moments[0] > 0.5, "three distances of 0.2 s, less what the first answer came late"
