"""Commands run as a person runs them, and one demo night that all test processes share."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from forking import OURS, ROOT, forked


@dataclass(frozen=True)
class Done:
    """Say what a command came to."""

    code: int
    out: str
    err: str
    seconds: float


def scrapy(
    *words: str | Path, environment: dict[str, str] | None = None, typed: str = "", timeout: float = 560
) -> Done:
    """Run `scrapy` as a person would, with none of our settings from the environment but those given.

    The process is forked from one that has imported Scrapy; `from_cold` begins with a cold interpreter.
    """
    began = time.monotonic()
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        given.write(typed)
        given.seek(0)
        streams = {"stdin": given, "stdout": out, "stderr": err}
        with forked("scrapy", *map(str, words), cwd=ROOT, env=_environment(environment), **streams) as process:
            code = process.wait(timeout)
        out.seek(0)
        err.seek(0)
        return Done(code, out.read(), err.read(), time.monotonic() - began)


def from_cold(*words: str | Path, environment: dict[str, str] | None = None, timeout: float = 560) -> Done:
    """Run `python -m scrapy` in an interpreter of its own, as a person's shell does."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *map(str, words)],
        cwd=ROOT,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def _environment(given: dict[str, str] | None) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if key not in OURS}
    return clean | {"COLUMNS": "200"} | (given or {})


@dataclass(frozen=True)
class Demo:
    """Hold a demo that was crawled: its workspace, the generated films, and what the command said."""

    workspace: Path
    films: Path
    done: Done

    def candidates(self) -> list[dict[str, Any]]:
        """Return its candidates as `--format jsonl` prints them."""
        printed = scrapy("candidates", "--format", "jsonl", "-s", f"DATA_DIR={self.workspace}")
        assert printed.code == 0, printed.err
        return [json.loads(line) for line in printed.out.splitlines()]


def _once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], dict[str, Any]]) -> Any:
    """Return what `make` returns, made by the first test process that asks and read by the others."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    with FileLock(f"{folder}.lock"):
        kept = folder / "kept.json"
        if not kept.exists():
            folder.mkdir(exist_ok=True)
            kept.write_text(json.dumps(make(folder)))
    return folder, json.loads(kept.read_text())


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Crawl the demo once for all test processes; its workspace is read, never written."""
    folder, done = _once(
        tmp_path_factory, "demo", lambda folder: asdict(from_cold("demo", environment={"DATA_DIR": str(folder)}))
    )
    return Demo(folder / "demo", folder / "demo" / "films", Done(**done))


@pytest.fixture(scope="session")
def candidates(demo: Demo) -> list[dict[str, Any]]:
    """Return the demo's candidates."""
    return demo.candidates()
