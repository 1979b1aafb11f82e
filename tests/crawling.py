"""The fixture `crawl`: run the probe spider in a process of its own, over the replayed web of `httpserver`."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from forking import OURS, Forked, forked
from pytest_httpserver import HTTPServer


@dataclass
class Crawl:
    """A crawl under way, or what came of it."""

    process: Forked
    data: Path
    out: Path
    err: Path

    def outcome(self) -> dict[str, Any]:
        """Wait for the end; return the items, failures, stats and runs, and what was written to stderr."""
        code, err = self.process.wait(60), self.err.read_text()
        assert code == 0, err
        return json.loads(self.out.read_text().splitlines()[-1]) | {"stderr": err}

    def interrupt_once(self, ready: Callable[[], bool], how: signal.Signals = signal.SIGINT) -> None:
        """Send a signal as soon as `ready` holds."""
        deadline = time.monotonic() + 30
        while not ready():
            assert time.monotonic() < deadline, "the crawl never came so far"
            assert self.process.poll() is None, self.err.read_text()
            time.sleep(0.02)
        self.process.send_signal(how)


@pytest.fixture
def begin(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Callable[..., Crawl]]:
    """Begin a crawl of URLs at `https://site.example`, served by `httpserver` under `/site.example`."""
    begun: list[Crawl] = []
    httpserver.no_handler_status_code = 404  # most sites have no robots.txt; a 500 would close the host

    def started(*urls: str, settings: dict[str, Any] | None = None, err: Path | None = None, **asked: Any) -> Crawl:
        own = {"DATA_DIR": str(tmp_path / "data"), "REPLAY_ORIGIN": httpserver.url_for("").rstrip("/")}
        asked |= {"urls": urls, "settings": own | {"RETRY_BACKOFF": 0} | (settings or {})}
        clean = {key: value for key, value in os.environ.items() if key not in OURS}
        out, err = tmp_path / f"{len(begun)}.out", err or tmp_path / f"{len(begun)}.err"
        with Path(os.devnull).open() as nothing, out.open("w") as told, err.open("w") as warned:
            streams = {"stdin": nothing, "stdout": told, "stderr": warned}
            process = forked("probe", json.dumps(asked), cwd=tmp_path, env=clean, **streams)
        begun.append(Crawl(process, tmp_path / "data", out, err))
        return begun[-1]

    yield started
    for crawl in begun:
        crawl.process.kill()
        crawl.process.wait()


@pytest.fixture
def crawl(begin: Callable[..., Crawl]) -> Callable[..., dict[str, Any]]:
    """Crawl URLs and return what came of it."""
    return lambda *urls, **options: begin(*urls, **options).outcome()
