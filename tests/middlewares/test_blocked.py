"""A wall in place of a page ends the run of its source, and nothing behind it becomes an item."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

Crawl = Callable[..., dict[str, Any]]
PAGES = [f"https://site.example/cases/{n}" for n in range(6)]
ONE_BY_ONE = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 1, "RETRY_TIMES": 1}
CAPTCHA = "<title>Radiology</title><h1>Please  resolve\n the CAPTCHA</h1>"


def serve(server: HTTPServer, path: str, body: str = "a case", **answer: Any) -> None:
    server.expect_request(f"/site.example{path}").respond_with_data(body, **{"content_type": "text/html"} | answer)


def asked(server: HTTPServer) -> list[str]:
    return [request.path for request, _ in server.log if not request.path.endswith("robots.txt")]


def assert_blocked(outcome: dict[str, Any], why: str) -> None:
    (run,) = outcome["runs"]
    assert run["status"] == "blocked"
    assert run["blocked"] >= 1
    assert why in run["problems"][0]
    assert "enter the case by hand" in run["problems"][0], "the remedy is missing"
    assert outcome["passed"] == [False]


@pytest.mark.parametrize(
    ("wall", "why"),
    [
        ({"body": CAPTCHA}, "'please resolve the captcha' (status 200)"),
        ({"body": CAPTCHA, "status": 403}, "'please resolve the captcha' (status 403)"),
        ({"body": CAPTCHA, "status": 429}, "(status 429)"),
        ({"body": CAPTCHA, "status": 503}, "(status 503)"),
        ({"body": "", "status": 401}, "the site answered 401"),
        ({"body": "one moment", "status": 403, "headers": {"cf-mitigated": "challenge"}}, "a challenge page"),
        ({"status": 302, "headers": {"Location": "/users/sign_in?back=1"}}, "sign-in page (/users/sign_in)"),
    ],
)
def test_a_wall_ends_the_run(crawl: Crawl, httpserver: HTTPServer, wall: dict[str, Any], why: str) -> None:
    serve(httpserver, "/robots.txt", "User-agent: *\nDisallow: /users/", content_type="text/plain")
    serve(httpserver, "/cases/0")
    serve(httpserver, "/cases/1", **wall)
    outcome = crawl(*PAGES, settings=ONE_BY_ONE)
    assert [item["url"] for item in outcome["items"]] == PAGES[:1]
    assert_blocked(outcome, why)
    assert "/site.example/users/sign_in" not in asked(httpserver)
    # One request may have been on its way when the wall was met.
    assert len(set(asked(httpserver))) <= 3


def test_a_wall_is_named_on_the_terminal_in_one_line(crawl: Crawl, httpserver: HTTPServer) -> None:
    serve(httpserver, "/cases/0", CAPTCHA)
    outcome = crawl(PAGES[0])
    told = [line for line in outcome["stderr"].splitlines() if "probe is blocked: https://site.example/cases/0" in line]
    assert len(told) == 1
    assert "Traceback" not in outcome["stderr"]


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_an_error_without_a_mark_is_a_failure_and_no_wall(crawl: Crawl, httpserver: HTTPServer, status: int) -> None:
    serve(httpserver, "/cases/0", "no", status=status)
    serve(httpserver, "/cases/1")
    outcome = crawl(*PAGES[:2], settings=ONE_BY_ONE)
    assert outcome["runs"][0]["status"] == "finished"
    assert [item["url"] for item in outcome["items"]] == PAGES[1:2]


def test_a_picture_that_is_refused_is_no_wall(crawl: Crawl, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/media.example/film.png").respond_with_data("no", status=401)
    serve(httpserver, "/cases/0")
    outcome = crawl(PAGES[0], "https://media.example/film.png", settings=ONE_BY_ONE)
    assert outcome["runs"][0]["status"] == "finished"


@pytest.mark.parametrize("answer", [{"headers": {"cf-mitigated": "challenge"}, "status": 403}, {}])
def test_a_wall_before_another_sites_file_ends_no_run(
    crawl: Crawl, httpserver: HTTPServer, answer: dict[str, Any]
) -> None:
    serve(httpserver, "/cases/0")
    httpserver.expect_request("/publisher.example/article.pdf").respond_with_data(
        CAPTCHA, **{"content_type": "text/html"} | answer
    )
    outcome = crawl("https://publisher.example/article.pdf", PAGES[0], settings=ONE_BY_ONE)
    assert outcome["runs"][0]["status"] == "finished"
    assert PAGES[0] in [item["url"] for item in outcome["items"]]
