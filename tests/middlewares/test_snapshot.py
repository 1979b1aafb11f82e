"""Every page a case was read from can be found again by its URL, in the WARC file of its run."""

import gzip
import hashlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crawling import Crawl as Begun
from pytest_httpserver import HTTPServer
from warcio.archiveiterator import ArchiveIterator
from werkzeug import Request, Response

from pipelines.candidates.store import Store

Crawl = Callable[..., dict[str, Any]]
PAGES = [f"https://site.example/cases/{n}" for n in range(4)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def page_at(data: Path, url: str) -> bytes | None:
    """Return the page that the store and the WARC file hold for a URL."""
    with Store(f"sqlite:///{data / 'intake.sqlite'}") as store:
        kept = store.snapshot(url)
    if kept is None:
        return None
    with (data / "snapshots" / kept.file).open("rb") as file:
        file.seek(kept.offset)
        record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers["WARC-Target-URI"] == url
        body = bytes(record.content_stream().read())
        assert file.name.endswith("-probe.warc.gz")
    assert hashlib.sha256(body).hexdigest() == kept.sha256
    return body


def records(data: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted((data / "snapshots").iterdir()):
        with path.open("rb") as file:
            found += [
                (record.rec_headers["WARC-Target-URI"], record.content_stream().read().decode())
                for record in ArchiveIterator(file, check_digests="raise")
            ]
    return found


def test_each_page_is_found_by_its_url(crawl: Crawl, httpserver: HTTPServer, data: Path) -> None:
    for n in range(4):
        httpserver.expect_request(f"/site.example/cases/{n}").respond_with_data(f"case {n}", content_type="text/html")
    crawl(*PAGES)
    assert [page_at(data, url) for url in PAGES] == [b"case 0", b"case 1", b"case 2", b"case 3"]
    assert len(list((data / "snapshots").iterdir())) == 1


def test_only_pages_are_kept_and_no_session(crawl: Crawl, httpserver: HTTPServer, data: Path) -> None:
    packed = gzip.compress(b'{"a": 1}')
    headers = {"Content-Encoding": "gzip", "Set-Cookie": "session=secret"}
    serve = httpserver.expect_request
    serve("/site.example/cases/0").respond_with_data(packed, content_type="application/json", headers=headers)
    serve("/site.example/cases/1").respond_with_data(b"\x89PNG", content_type="image/png")
    serve("/site.example/cases/2").respond_with_data("gone", status=404, content_type="text/html")
    crawl(*PAGES[:3])
    assert records(data) == [(PAGES[0], '{"a": 1}')]
    (file,) = (data / "snapshots").iterdir()
    assert b"secret" not in gzip.decompress(file.read_bytes())


def test_a_page_is_kept_again_only_when_it_changed(crawl: Crawl, httpserver: HTTPServer, data: Path) -> None:
    bodies = iter(["first", "first", "second"])
    httpserver.expect_request("/site.example/cases/0").respond_with_handler(
        lambda _: Response(next(bodies), content_type="text/html")
    )
    for _ in range(3):
        crawl(PAGES[0])
    assert [body for _, body in records(data)] == ["first", "second"]
    assert page_at(data, PAGES[0]) == b"second"


def test_a_killed_run_leaves_every_page_it_named(
    begin: Callable[..., Begun], httpserver: HTTPServer, data: Path
) -> None:
    served = []

    def page(request: Request) -> Response:
        served.append(request.path)
        return Response(request.path * 500, content_type="text/html")

    for n in range(4):
        httpserver.expect_request(f"/site.example/cases/{n}").respond_with_handler(page)
    crawl = begin(*PAGES * 100)
    crawl.interrupt_once(lambda: len(served) > 30, signal.SIGKILL)
    crawl.process.wait(10)
    kept = [page_at(data, url) for url in PAGES]
    assert kept == [f"/site.example/cases/{n}".encode() * 500 for n in range(4)]


def test_a_wall_is_not_kept_as_the_page(crawl: Crawl, httpserver: HTTPServer, data: Path) -> None:
    wall = "please resolve the captcha"
    httpserver.expect_request("/site.example/cases/0").respond_with_data(wall, content_type="text/html")
    crawl(PAGES[0])
    assert page_at(data, PAGES[0]) is None


def test_a_dry_run_keeps_nothing(crawl: Crawl, httpserver: HTTPServer, data: Path) -> None:
    httpserver.expect_request("/site.example/cases/0").respond_with_data("case", content_type="text/html")
    outcome = crawl(PAGES[0], jobs=[{"dry": "1"}])
    assert outcome["passed"] == [True]
    assert not (data / "snapshots").exists()


def test_a_page_without_room_for_its_snapshot_is_read_all_the_same(
    crawl: Crawl, httpserver: HTTPServer, data: Path
) -> None:
    data.mkdir()
    (data / "snapshots").write_text("a file stands where the folder should")
    httpserver.expect_request("/site.example/cases/0").respond_with_data("case", content_type="text/html")
    outcome = crawl(PAGES[0])
    assert len(outcome["items"]) == 1
    assert outcome["passed"] == [False]
    assert "could not be kept as snapshots" in outcome["runs"][0]["problems"][0]
    assert "snapshots" in outcome["stderr"]
