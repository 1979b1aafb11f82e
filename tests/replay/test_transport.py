"""The replayed web: every request goes to one origin, and every URL that anything sees is the real one."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import crawling
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crawlers.replay.transport import replayed

begin, crawl = crawling.begin, crawling.crawl
Crawl = Callable[..., dict[str, Any]]
ORIGIN = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://radiopaedia.org/cases/covid-19-1?lang=gb", "/radiopaedia.org/cases/covid-19-1?lang=gb"),
        ("http://www.sirm.org", "/www.sirm.org/"),
        ("https://api.crossref.org:8443/works/10.1000%2Fa%20b", "/api.crossref.org:8443/works/10.1000%2Fa%20b"),
        ("https://user:word@site.example/x", "/site.example/x"),
        ("https://site.example/a//b/?q=https://other.example/&r=", "/site.example/a//b/?q=https://other.example/&r="),
    ],
)
def test_a_url_keeps_its_host_path_and_query(url: str, path: str) -> None:
    assert replayed(url, ORIGIN) == ORIGIN + path


@given(st.text("abcdefgh-._~%/", max_size=30), st.text("abc=&+%/?", max_size=30))
def test_no_two_urls_of_a_host_share_a_place(path: str, query: str) -> None:
    suffix = "/" + path + ("?" + query if query else "")
    assert replayed("https://site.example" + suffix, ORIGIN) == f"{ORIGIN}/site.example{suffix}"


def test_spiders_see_real_urls_only(crawl: Crawl, httpserver: HTTPServer) -> None:
    page = '<a href="/cases/2?a=1">two</a><a href="https://other.example/3">three</a>'
    httpserver.expect_request("/site.example/list.html").respond_with_data(page, content_type="text/html")
    httpserver.expect_request("/site.example/cases/2", query_string="a=1").respond_with_data("two")
    httpserver.expect_request("/other.example/3").respond_with_data("three")
    outcome = crawl("https://site.example/list.html#top")
    assert sorted(item["url"] for item in outcome["items"]) == [
        "https://other.example/3",
        "https://site.example/cases/2?a=1",
        "https://site.example/list.html",
    ]
    asked = [request.path for request, _ in httpserver.log]
    assert "/site.example/robots.txt" in asked
    assert "/other.example/robots.txt" in asked
    assert httpserver.host not in str(outcome["items"])


@pytest.mark.parametrize("location", ["https://other.example/moved", "/moved", "moved"])
def test_redirects_lead_to_real_urls(crawl: Crawl, httpserver: HTTPServer, location: str) -> None:
    away = {"Location": location}
    httpserver.expect_request("/site.example/old").respond_with_data(status=301, headers=away)
    for host in ("site.example", "other.example"):
        httpserver.expect_request(f"/{host}/moved").respond_with_data("here", content_type="text/html")
    (item,) = crawl("https://site.example/old")["items"]
    assert item["url"] == ("https://other.example/moved" if "//" in location else "https://site.example/moved")


def test_each_real_host_has_a_pace_of_its_own(crawl: Crawl, httpserver: HTTPServer) -> None:
    moments: dict[str, list[float]] = {"one.example": [], "two.example": []}

    def page(request: Request) -> Response:
        moments[request.path.split("/")[1]].append(monotonic())
        return Response("page", content_type="text/html")

    for host in moments:
        httpserver.expect_request(f"/{host}/page").respond_with_handler(page)
    pace = {"DOWNLOAD_DELAY": 0.3, "DOWNLOAD_DELAY_JITTER": 0}
    crawl(*[f"https://{host}/page" for host in moments] * 3, settings=pace)
    for times in moments.values():
        assert 0.5 < times[-1] - times[0] < 1.1, "two distances of 0.3 s; with one pace for both hosts it were four"
    assert max(times[0] for times in moments.values()) < min(times[-1] for times in moments.values())


def test_the_body_decides_what_a_response_is(crawl: Crawl, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/site.example/study.json").respond_with_json({"a": 1})
    (item,) = crawl("https://site.example/study.json")["items"]
    assert item["type"] == "JsonResponse"
