"""Commands run as a person runs them, and one demo night that all test processes share."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]
# The last is none of ours: where it is set, each of some hundred commands would compile all our modules anew.
_OURS = (
    "DATA_DIR", "DATABASE_URL", "REPLAY_ORIGIN", "INTAKE_CONTACT", "FIGURE1_TOKEN", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


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
    """Run `scrapy` as a person would, with none of our settings from the environment but those given."""
    clean = {key: value for key, value in os.environ.items() if key not in _OURS}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *map(str, words)],
        cwd=ROOT,
        env=clean | {"COLUMNS": "200"} | (environment or {}),
        input=typed,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


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
        tmp_path_factory, "demo", lambda folder: asdict(scrapy("demo", environment={"DATA_DIR": str(folder)}))
    )
    return Demo(folder / "demo", folder / "demo" / "films", Done(**done))


@pytest.fixture(scope="session")
def candidates(demo: Demo) -> list[dict[str, Any]]:
    """Return the demo's candidates."""
    return demo.candidates()
