"""Crossref on loopback: what it knows, does not know, and cannot say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from answers_kept import Kept
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipelines.references.crossref import Crossref, CrossrefUnavailable
from pipelines.references.pace import Pace
from pipelines.references.service import CachedAnswer


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def crossref(httpserver: HTTPServer, kept: Kept) -> Crossref:
    headers = {"x-rate-limit-limit": "1000", "x-rate-limit-interval": "1s", "x-concurrency-limit": "3"}
    httpserver.expect_request("/works", query_string={"rows": "0", "mailto": "desk@example.org"}).respond_with_json(
        {"message": {}}, headers=headers
    )
    return Crossref(httpserver.url_for(""), "desk@example.org", kept, attempts=3, first_wait=0.01)


def asked(httpserver: HTTPServer) -> list[str]:
    return [request.path for request, _ in httpserver.log if request.path != "/works"]


def record(doi: str) -> dict[str, object]:
    return {"status": "ok", "message": {"DOI": doi, "title": ["A title"]}}


def test_a_work_is_asked_for_once_and_kept(httpserver: HTTPServer, crossref: Crossref, kept: Kept) -> None:
    httpserver.expect_request("/works/10.1148/ab.1").respond_with_json(record("10.1148/ab.1"))
    assert (
        crossref.work("10.1148/ab.1") == crossref.work("10.1148/AB.1") == {"DOI": "10.1148/ab.1", "title": ["A title"]}
    )
    assert asked(httpserver) == ["/works/10.1148/ab.1"]
    agent = next(r.headers["User-Agent"] for r, _ in httpserver.log if r.path != "/works")
    assert "mailto:desk@example.org" in agent
    (answer,) = kept.answers.values()
    assert answer.expires > datetime.now(UTC) + timedelta(days=1)


def test_an_answer_past_its_time_is_asked_for_again(httpserver: HTTPServer, crossref: Crossref, kept: Kept) -> None:
    httpserver.expect_request("/works/10.1148/ab.1").respond_with_json(record("10.1148/ab.1"))
    crossref.work("10.1148/ab.1")
    (key,) = kept.answers
    kept.answers[key] = CachedAnswer(200, "{}", datetime.now(UTC) - timedelta(seconds=1))
    assert crossref.work("10.1148/ab.1")
    assert len(asked(httpserver)) == 2


def test_unknown_is_none_and_is_kept_too(httpserver: HTTPServer, crossref: Crossref) -> None:
    gone = httpserver.expect_request("/works/10.53347/rID-1")
    gone.respond_with_data("Resource not found.", status=404, content_type="text/plain")
    assert crossref.work("10.53347/rID-1") is None
    assert crossref.work("10.53347/rid-1") is None
    assert len(asked(httpserver)) == 1


@pytest.mark.parametrize("doi", ["10.1000/a b", "10.1000/g#x?y", "10.1002/(SICI)1:1<1::AID>3.0.CO;2-T", "10.1000/ü%2F"])
def test_a_doi_is_sent_whole(httpserver: HTTPServer, crossref: Crossref, doi: str) -> None:
    seen: list[str] = []

    def answer(request: Request) -> Response:
        seen.append(request.path.removeprefix("/works/"))
        return Response(json.dumps(record(doi)), content_type="application/json")

    httpserver.expect_request("/works/" + doi).respond_with_handler(answer)
    assert crossref.work(doi)
    assert seen == [doi]


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_passing_failure_is_tried_again(httpserver: HTTPServer, crossref: Crossref, status: int) -> None:
    httpserver.expect_oneshot_request("/works/10.1148/ab.1").respond_with_data("<html>busy</html>", status=status)
    httpserver.expect_request("/works/10.1148/ab.1").respond_with_json(record("10.1148/ab.1"))
    assert crossref.work("10.1148/ab.1")


def test_retry_after_is_kept_to(httpserver: HTTPServer, crossref: Crossref) -> None:
    refusal = httpserver.expect_oneshot_request("/works/10.1148/ab.1")
    refusal.respond_with_data("", status=429, headers={"Retry-After": "1"})
    httpserver.expect_request("/works/10.1148/ab.1").respond_with_json(record("10.1148/ab.1"))
    start = monotonic()
    assert crossref.work("10.1148/ab.1")
    assert monotonic() - start >= 1.0


@pytest.mark.parametrize(("status", "body", "kind"), [
    (504, "<html>Gateway Time-out</html>", "text/html"), (429, "", "text/plain"), (403, "no", "text/plain"),
    (200, "<html>Sign in to the network</html>", "text/html"), (200, "{half", "application/json"),
    (200, "{}", "application/json"),
])  # fmt: skip
def test_no_answer_is_never_taken_for_unknown(
    httpserver: HTTPServer, crossref: Crossref, kept: Kept, status: int, body: str, kind: str
) -> None:
    httpserver.expect_request("/works/10.1148/ab.1").respond_with_data(body, status=status, content_type=kind)
    with pytest.raises(CrossrefUnavailable, match="crawl again"):
        crossref.work("10.1148/ab.1")
    assert not kept.answers


def test_an_unreachable_host_says_so_and_is_then_left_in_peace(kept: Kept) -> None:
    crossref = Crossref("http://127.0.0.1:9", "", kept, attempts=1)
    for _ in range(3):
        with pytest.raises(CrossrefUnavailable, match="check that the host is reachable"):
            crossref.work("10.1148/ab.1")
    with pytest.raises(CrossrefUnavailable, match="left in peace"):
        crossref.work("10.1148/ab.1")


def test_queries_reach_the_right_parameters(httpserver: HTTPServer, crossref: Crossref) -> None:
    found = {"status": "ok", "message": {"total-results": 1, "items": [{"DOI": "10.1016/x"}]}}
    httpserver.expect_request(
        "/works", query_string={"filter": "alternative-id:S0929664620300449", "rows": "2"}
    ).respond_with_json(found)
    httpserver.expect_request(
        "/works", query_string={"query.bibliographic": "A title", "rows": "10"}
    ).respond_with_json(found)
    httpserver.expect_request("/works/10.6084/m9/agency").respond_with_json(
        {"message": {"agency": {"label": "DataCite"}}}
    )
    assert crossref.works_with_alternative_id("S0929664620300449") == [{"DOI": "10.1016/x"}]
    assert crossref.works_like("A title") == [{"DOI": "10.1016/x"}]
    assert crossref.agency("10.6084/m9") == "DataCite"


def test_recorded_answers_are_read(httpserver: HTTPServer, crossref: Crossref, shared: Path) -> None:
    body = (shared / "evidence" / "crossref" / "work_by_doi_pone_public_pool.json").read_text()
    httpserver.expect_request("/works/10.1371/journal.pone.0033693").respond_with_data(
        body, content_type="application/json"
    )
    work = crossref.work("10.1371/journal.pone.0033693")
    assert work is not None
    assert work["DOI"] == "10.1371/journal.pone.0033693"


def test_the_pace_is_kept() -> None:
    pace = Pace(per_second=50, at_once=1)
    start = monotonic()
    for _ in range(6):
        with pace.turn():
            pass
    assert monotonic() - start >= 5 / 50
