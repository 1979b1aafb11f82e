"""Nights that differ from the last, and nights that are cut off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, Demo, scrapy

from crawlers.replay.server import running

pytestmark = pytest.mark.timeout(600)


def night(workspace: Path, origin: str, source: str) -> dict[str, Any]:
    report = workspace.parent / "night.json"
    environment = {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin, "FIGURE1_TOKEN": "any"}
    done = scrapy("nightly", "--source", source, "--json", report, environment=environment)
    assert done.code == 0, done.err
    figures: dict[str, Any] = json.loads(report.read_text())[source]
    return figures


def printed(workspace: Path, source: str) -> str:
    return scrapy("candidates", "--source", source, "--format", "jsonl", "-s", f"DATA_DIR={workspace}").out


def edit(origin: str, **change: Any) -> None:
    asked = urllib.request.Request(f"{origin}/__edit__", json.dumps(change).encode(), method="POST")
    urllib.request.urlopen(asked, timeout=30).close()


def test_a_case_that_its_site_changed_is_read_anew_and_no_other(demo: Demo, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(demo.workspace, workspace, ignore=shutil.ignore_patterns("films"))
    before = [json.loads(line) for line in printed(workspace, "sirm").splitlines()]
    with running(cache=demo.films) as origin:
        edit(origin, host="www.sirm.org", path="/2020/03/08/covid-19-caso-15/", find="71 anni", replace="72 anni")
        figures = night(workspace, origin, "sirm")
    assert (figures["cases_new"], figures["cases_changed"], figures["images_fetched"]) == (0, 1, 0)
    after = [json.loads(line) for line in printed(workspace, "sirm").splitlines()]
    changed = [new for old, new in zip(before, after, strict=True) if old["row"] != new["row"]]
    assert changed
    assert {(row["case_url"], row["row"]["age"]) for row in changed} == {
        ("https://www.sirm.org/2020/03/08/covid-19-caso-15/", "72")
    }


def test_killed_at_any_instant_and_run_again_ends_in_the_same_store(demo: Demo, tmp_path: Path) -> None:
    basis = ("--basis", "a replayed web", "--by", "a test")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for workspace in (whole, cut):
        assert scrapy("permit", "sirm", *basis, "-s", f"DATA_DIR={workspace}").code == 0
    with running(cache=demo.films) as origin:
        night(whole, origin, "sirm")
        for stored in (1, 9):
            kill_when_stored(cut, origin, stored)
        night(cut, origin, "sirm")
    assert printed(cut, "sirm") == printed(whole, "sirm")
    assert printed(cut, "sirm").count("\n") > 25


def kill_when_stored(workspace: Path, origin: str, candidates: int) -> None:
    """Crawl, and kill the crawler and its workers as soon as so many candidates are stored."""
    ours = {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin}
    crawl = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "nightly", "--source", "sirm"],
        cwd=ROOT,
        env=os.environ | ours,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while crawl.poll() is None and stored_in(workspace) < candidates:
        assert time.monotonic() < deadline, "the crawl never came so far"
        time.sleep(0.02)
    os.killpg(crawl.pid, signal.SIGKILL)
    crawl.wait()


def stored_in(workspace: Path) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{workspace / 'intake.sqlite'}?mode=ro", uri=True) as connection:
        count: int = connection.execute("SELECT count(*) FROM candidates").fetchone()[0]
    return count
