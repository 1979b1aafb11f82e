"""What the spiders' tests share: crawls run in a program of their own, against servers on loopback."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
COMPILED = Path(tempfile.gettempdir(), "intake-desk-compiled")


@pytest.fixture(scope="session")
def crawled(tmp_path_factory):
    """Return a function that runs crawls and returns what each gave; every call has a workspace of its own."""

    def run(origin: str, *jobs: dict, permits: tuple[str, ...] = (), env: dict | None = None) -> list[dict]:
        folder = tmp_path_factory.mktemp("workspace")
        settings = {
            "REPLAY_ORIGIN": origin,
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/intake.sqlite",
        }
        if permits:
            from pipelines.candidates.store import Store

            store = Store(settings["DATABASE_URL"])
            for source in permits:
                store.permit(source, basis="a test on loopback", by="the tests")
            store.close()
        child = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("crawl_in_child.py"))],
            input=json.dumps({"settings": settings, "jobs": list(jobs)}),
            capture_output=True,
            text=True,
            timeout=150,
            cwd=ROOT,
            env=os.environ
            | {"SCRAPY_SETTINGS_MODULE": "crawlers.settings", "PYTHONPATH": str(ROOT)}
            # Children compile what they import once, not each anew; that is most of the time a short crawl takes.
            | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(COMPILED)}
            | (env or {}),
        )
        assert child.returncode == 0, child.stderr[-4000:]
        return json.loads(child.stdout)

    return run


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Return a function that makes a result in the first test process that asks; the others read it."""

    def made(name: str, make: Callable[[], Any]) -> Any:
        base = tmp_path_factory.getbasetemp()
        kept = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / f"{name}.json"
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                kept.write_text(json.dumps(make()))
        return json.loads(kept.read_text())

    return made
