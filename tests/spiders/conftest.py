"""What the spiders' tests share: crawls run in a program of their own, against servers on loopback."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from filelock import FileLock
from forking import ROOT, forked


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
        asked, given, err = folder / "asked.json", folder / "given.json", folder / "errors.txt"
        asked.write_text(json.dumps({"settings": settings, "jobs": list(jobs)}))
        with asked.open() as stdin, given.open("w") as stdout, err.open("w") as stderr:
            streams = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
            whole = os.environ | {"SCRAPY_SETTINGS_MODULE": "crawlers.settings"} | (env or {})
            with forked("crawl_in_child", cwd=ROOT, env=whole, **streams) as child:
                assert child.wait(150) == 0, err.read_text()[-4000:]
        return json.loads(given.read_text())

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
