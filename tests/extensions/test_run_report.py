"""What a crawl counted stands in its `Run`, in the store as well, and the whole log lies in the workspace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer

from pipelines.candidates.store import Store
from pipelines.records import Run

Crawl = Callable[..., dict[str, Any]]
PAGES = [f"https://site.example/cases/{n}" for n in range(3)]


def stored(data: Path) -> list[Run]:
    with Store(f"sqlite:///{data / 'intake.sqlite'}") as store:
        return store.runs()


def serve(server: HTTPServer) -> None:
    for n in range(2):
        server.expect_request(f"/site.example/cases/{n}").respond_with_data("case", content_type="text/html")


def test_a_run_states_what_was_seen(crawl: Crawl, httpserver: HTTPServer, tmp_path: Path) -> None:
    serve(httpserver)
    outcome = crawl(*PAGES, settings={"INTAKE_CONTACT": "desk@hospital.example"})
    (run,) = stored(tmp_path / "data")
    assert [run.model_dump(mode="json")] == outcome["runs"]
    assert (run.source, run.status) == ("probe", "finished")
    assert (run.pages, run.requests, run.cases_seen, run.failed, run.blocked) == (2, 4, 2, 1, 0)
    assert run.bytes > 8
    assert run.finished is not None
    assert 0 < run.seconds < 60
    assert "1 of 3 pages could not be read" in run.problems[0]
    assert "/cases/2" in run.problems[0]
    assert outcome["passed"] == [False]
    agents = {request.headers["User-Agent"] for request, _ in httpserver.log}
    assert agents == {outcome["agent"]}
    assert outcome["agent"].startswith("intake-desk/")
    assert outcome["agent"].endswith("(+mailto:desk@hospital.example)")


def test_the_terminal_stays_quiet_and_the_log_is_whole(crawl: Crawl, httpserver: HTTPServer, tmp_path: Path) -> None:
    serve(httpserver)
    outcome = crawl(*PAGES[:2])
    assert outcome["stderr"] == "probe: finished: 2 pages · 2 cases (0 new) · 0 images · 0 candidates\n"
    (log,) = (tmp_path / "data" / "runs").glob("*.log")
    assert "Spider opened" in log.read_text()
    assert "downloader/request_count" in log.read_text()


def test_a_dry_run_leaves_no_record(crawl: Crawl, httpserver: HTTPServer, tmp_path: Path) -> None:
    serve(httpserver)
    outcome = crawl(*PAGES[:2], jobs=[{"dry": "1"}])
    assert outcome["passed"] == [True]
    assert outcome["runs"][0]["pages"] == 2
    assert not (tmp_path / "data" / "runs").exists()
    assert stored(tmp_path / "data") == []


def test_cases_that_never_reach_the_store_do_not_pass(crawl: Crawl, httpserver: HTTPServer) -> None:
    serve(httpserver)
    outcome = crawl(*PAGES[:2], settings={"ITEM_PIPELINES": {"probe.Losing": 1}})
    assert outcome["items"] == []
    assert outcome["passed"] == [False]
    assert outcome["runs"][0]["problems"] == ["2 of 2 cases were read and not stored; the log names each"]
