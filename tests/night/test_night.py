"""Several sources in one process: each has its run, whatever happens to it, and a bad one does not pass."""

import signal
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from crawling import Crawl as Begun
from pytest_httpserver import HTTPServer
from running import scrapy
from werkzeug import Request, Response

from crawlers.night import passed
from pipelines.candidates.store import Store
from pipelines.records import Run

Crawl = Callable[..., dict[str, Any]]
PAGES = [f"https://site.example/cases/{n}" for n in range(40)]


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], list[Run]]:
    def runs() -> list[Run]:
        with Store(f"sqlite:///{tmp_path / 'data' / 'intake.sqlite'}") as store:
            return store.runs()

    return runs


@pytest.mark.parametrize("status", ["running", "blocked", "refused", "failed"])
def test_only_a_finished_run_without_problems_passes(status: Any) -> None:
    run = Run(source="probe", started="2026-11-23T00:00:00Z", status="finished")
    assert passed(run)
    assert not passed(run.model_copy(update={"problems": ["no case was seen"]}))
    assert not passed(run.model_copy(update={"status": status}))


def test_two_crawls_share_a_process_and_each_has_its_run(
    crawl: Crawl, httpserver: HTTPServer, stored: Callable[[], list[Run]]
) -> None:
    httpserver.expect_request("/site.example/cases/0").respond_with_data("case", content_type="text/html")
    outcome = crawl(PAGES[0], jobs=[{}, {"limit": "1"}])
    assert outcome["passed"] == [True, True]
    assert len(stored()) == 2


def test_one_that_cannot_start_does_not_stop_the_other(
    crawl: Crawl, httpserver: HTTPServer, stored: Callable[[], list[Run]]
) -> None:
    httpserver.expect_request("/site.example/cases/0").respond_with_data("case", content_type="text/html")
    outcome = crawl(PAGES[0], jobs=[{"limit": "-1"}, {}])
    assert outcome["passed"] == [False, True]
    assert outcome["runs"][0]["status"] == "failed"
    assert "limit" in outcome["runs"][0]["problems"][0]
    assert sorted(run.status for run in stored()) == ["failed", "finished"]


def test_an_error_in_start_does_not_pass(crawl: Crawl, httpserver: HTTPServer) -> None:
    outcome = crawl(raises="the list of cases is gone")
    assert outcome["passed"] == [False]
    assert outcome["runs"][0]["status"] == "failed"
    assert "failed before its first page" in outcome["runs"][0]["problems"][0]
    assert "the list of cases is gone" in outcome["stderr"]


def test_a_host_that_does_not_answer_does_not_pass(crawl: Crawl, httpserver: HTTPServer) -> None:
    outcome = crawl(PAGES[0], settings={"REPLAY_ORIGIN": "http://127.0.0.1:9", "RETRY_TIMES": 0})
    assert outcome["passed"] == [False]
    assert "site.example" in outcome["runs"][0]["problems"][0]


def test_without_a_network_the_run_has_failed_and_its_host_is_named_once(
    tmp_path: Path, stored: Callable[[], list[Run]]
) -> None:
    nowhere = {"DATA_DIR": str(tmp_path / "data"), "REPLAY_ORIGIN": "http://127.0.0.1:9"}
    done = scrapy("crawl", "papers", "-a", "doi=10.5555/a", "-s", "RETRY_TIMES=1", environment=nowhere)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert done.err.count("www.ebi.ac.uk") == 1
    assert "www.ebi.ac.uk was left alone: its robots.txt could not be fetched" in done.err
    (run,) = stored()
    assert (run.status, run.failed, run.problems[-1]) == ("failed", 1, "no case was seen")
    (log,) = (tmp_path / "data" / "runs").glob("*.log")
    assert "Traceback" in log.read_text()


def test_a_broad_crawl_without_permission_is_refused_and_recorded(
    httpserver: HTTPServer, tmp_path: Path, stored: Callable[[], list[Run]]
) -> None:
    place = {"DATA_DIR": str(tmp_path / "data"), "REPLAY_ORIGIN": httpserver.url_for("").rstrip("/")}
    assert scrapy("crawl", "radiopaedia", environment=place).code == 1
    (run,) = stored()
    assert (run.source, run.status, passed(run)) == ("radiopaedia", "refused", False)
    assert "scrapy permit radiopaedia" in run.problems[0]
    assert httpserver.log == []


def slowly(server: HTTPServer) -> list[str]:
    served: list[str] = []

    def page(request: Request) -> Response:
        served.append(request.path)
        sleep(0.05)
        return Response("case", content_type="text/html")

    for n in range(len(PAGES)):
        server.expect_request(f"/site.example/cases/{n}").respond_with_handler(page)
    return served


def test_sigint_ends_the_run_cleanly(
    begin: Callable[..., Begun], httpserver: HTTPServer, stored: Callable[[], list[Run]]
) -> None:
    served = slowly(httpserver)
    crawl = begin(*PAGES)
    crawl.interrupt_once(lambda: len(served) > 5)
    outcome = crawl.outcome()
    (run,) = stored()
    assert run.status == "failed"
    assert run.problems == ["it was stopped by a signal before it had finished"]
    assert 5 < run.cases_seen == len(outcome["items"]) < len(PAGES)


def test_a_killed_run_stays_on_record_as_running(
    begin: Callable[..., Begun], httpserver: HTTPServer, stored: Callable[[], list[Run]]
) -> None:
    served = slowly(httpserver)
    crawl = begin(*PAGES)
    crawl.interrupt_once(lambda: len(served) > 3, signal.SIGKILL)
    crawl.process.wait(10)
    (run,) = stored()
    assert run.status == "running"
    assert not passed(run)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_crawl_resumes_without_losing_a_page(
    begin: Callable[..., Begun], httpserver: HTTPServer, tmp_path: Path, how: signal.Signals
) -> None:
    served = slowly(httpserver)
    links = "".join(f'<a href="/cases/{n}">{n}</a>' for n in range(len(PAGES)))
    httpserver.expect_request("/site.example/list.html").respond_with_data(links, content_type="text/html")
    settings = {"JOBDIR": str(tmp_path / "queue")}
    crawl = begin("https://site.example/list.html", settings=settings)
    crawl.interrupt_once(lambda: len(served) > 5, how)
    crawl.process.wait(20)
    begin("https://site.example/list.html", settings=settings).outcome()
    assert set(served) == {f"/site.example/cases/{n}" for n in range(len(PAGES))}
