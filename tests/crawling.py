"""The fixture `crawl`: run the probe spider in a process of its own, over the replayed web of `httpserver`."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

ROOT = Path(__file__).parents[1]
COMPILED = Path(tempfile.gettempdir(), "intake-desk-compiled")


@dataclass
class Crawl:
    """A crawl under way, or what came of it."""

    process: subprocess.Popen[str]
    data: Path

    def outcome(self) -> dict[str, Any]:
        """Wait for the end; return the items, failures, stats and runs, and what was written to stderr."""
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err
        return json.loads(out.splitlines()[-1]) | {"stderr": err}

    def interrupt_once(self, ready: Callable[[], bool], how: signal.Signals = signal.SIGINT) -> None:
        """Send a signal as soon as `ready` holds."""
        deadline = time.monotonic() + 30
        while not ready():
            assert time.monotonic() < deadline, "the crawl never came so far"
            assert self.process.poll() is None, self.process.communicate()[1]
            time.sleep(0.02)
        self.process.send_signal(how)


@pytest.fixture
def begin(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Callable[..., Crawl]]:
    """Begin a crawl of URLs at `https://site.example`, served by `httpserver` under `/site.example`."""
    begun: list[Crawl] = []
    httpserver.no_handler_status_code = 404  # most sites have no robots.txt; a 500 would close the host

    def started(*urls: str, settings: dict[str, Any] | None = None, **asked: Any) -> Crawl:
        own = {"DATA_DIR": str(tmp_path / "data"), "REPLAY_ORIGIN": httpserver.url_for("").rstrip("/")}
        asked |= {"urls": urls, "settings": own | {"RETRY_BACKOFF": 0} | (settings or {})}
        ours = ("DATA_DIR", "DATABASE_URL", "REPLAY_ORIGIN", "INTAKE_CONTACT", "PYTHONDONTWRITEBYTECODE")
        clean = {key: value for key, value in os.environ.items() if key not in ours}
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "probe.py"), json.dumps(asked)],
            cwd=tmp_path,
            # Children compile what they import once, not each anew; that is most of the time a short crawl takes.
            env=clean | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(COMPILED)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(Crawl(process, tmp_path / "data"))
        return begun[-1]

    yield started
    for crawl in begun:
        if crawl.process.poll() is None:
            crawl.process.kill()
        for pipe in (crawl.process.stdout, crawl.process.stderr):
            if pipe is not None:
                pipe.close()
        crawl.process.wait()


@pytest.fixture
def crawl(begin: Callable[..., Crawl]) -> Callable[..., dict[str, Any]]:
    """Crawl URLs and return what came of it."""
    return lambda *urls, **options: begin(*urls, **options).outcome()
