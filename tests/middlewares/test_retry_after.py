"""Retry-After is honoured as seconds and as a date, for the whole host, without holding up the others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from typing import Any

import pytest
from crawling import Crawl as Begun
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crawlers.middlewares.retry_after import seconds_asked

Crawl = Callable[..., dict[str, Any]]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Site:
    """Answer with each of the given responses in turn, then with a page, and remember when it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.moments: list[float] = []

    def __call__(self, request: Request) -> Response:
        self.moments.append(monotonic())
        return self.answers.pop(0) if self.answers else Response("a page", content_type="text/html")


def slow_down(retry_after: str, status: int = 429) -> Response:
    return Response("slow down", status=status, headers={"Retry-After": retry_after})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Monday, 23-Nov-26 12:01:00 GMT", 60.0),
        ("Mon Nov 23 12:00:05 2026", 5.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_what_a_header_asks_for(header: str, seconds: float | None) -> None:
    assert seconds_asked(header, NOON) == seconds


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    assert (seconds_asked(header, NOON) or 0.0) >= 0.0


@given(st.integers(0, 10**6))
def test_a_date_means_the_same_as_its_seconds(seconds: int) -> None:
    assert seconds_asked(format_datetime(NOON + timedelta(seconds=seconds), usegmt=True), NOON) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_the_host_is_left_alone_for_as_long_as_it_asks(crawl: Crawl, httpserver: HTTPServer, status: int) -> None:
    site, other = Site(slow_down("1", status)), Site()
    httpserver.expect_request("/site.example/page").respond_with_handler(site)
    httpserver.expect_request("/other.example/page").respond_with_handler(other)
    outcome = crawl("https://site.example/page", "https://other.example/page")
    assert len(outcome["items"]) == 2
    assert site.moments[1] - site.moments[0] >= 1.0
    assert other.moments[0] - site.moments[0] < 0.9, "another host waited, too"
    assert outcome["passed"] == [True]


def test_pages_asked_for_later_wait_as_well(crawl: Crawl, httpserver: HTTPServer) -> None:
    site, link = Site(slow_down("1")), '<a href="/page">one</a>'
    httpserver.expect_request("/site.example/robots.txt").respond_with_data(status=404)
    httpserver.expect_request("/site.example/page").respond_with_handler(site)
    httpserver.expect_request("/site.example/list.html").respond_with_data(link, content_type="text/html")
    one_by_one = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 1}
    crawl("https://site.example/page", "https://site.example/list.html", settings=one_by_one)
    asked = [request.path for request, _ in httpserver.log if request.path != "/site.example/robots.txt"]
    assert asked[0] == "/site.example/page"
    assert site.moments[1] - site.moments[0] >= 1.0


def test_a_site_that_asks_for_long_is_left_for_the_next_run(crawl: Crawl, httpserver: HTTPServer) -> None:
    site = Site(slow_down("3600"))
    httpserver.expect_request("/site.example/page").respond_with_handler(site)
    httpserver.expect_request("/site.example/robots.txt").respond_with_data(status=404)
    # Without any delay Scrapy 2.19 starts more requests to a host than it is allowed at once.
    one_by_one = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0.1, "RETRY_AFTER_MAX": 300}
    outcome = crawl(*["https://site.example/page"] * 12, settings=one_by_one)
    assert len(site.moments) == 1
    assert len(outcome["failures"]) == 12
    assert outcome["passed"] == [False]
    assert "asks to wait 3600 s (RETRY_AFTER_MAX is 300 s)" in outcome["runs"][0]["problems"][0]


def test_without_a_time_each_wait_is_longer_than_the_last(crawl: Crawl, httpserver: HTTPServer) -> None:
    busy = Response("busy", status=503)
    site = Site(busy, busy)
    httpserver.expect_request("/site.example/page").respond_with_handler(site)
    crawl("https://site.example/page", settings={"RETRY_BACKOFF": 0.2})
    assert site.moments[1] - site.moments[0] >= 0.2
    assert site.moments[2] - site.moments[1] >= 0.4


def test_a_run_that_is_stopped_does_not_wait(begin: Callable[..., Begun], httpserver: HTTPServer) -> None:
    site = Site(slow_down("200"))
    httpserver.expect_request("/site.example/page").respond_with_handler(site)
    crawl = begin("https://site.example/page")
    crawl.interrupt_once(lambda: bool(site.moments))
    stopped = monotonic()
    assert crawl.outcome()["runs"][0]["status"] == "failed"
    assert monotonic() - stopped < 5
