"""Nights that differ from the last, and nights that are cut off."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from forking import ROOT
from running import Demo, scrapy

from crawlers.replay.server import generated_world, running
from crawlers.replay.world import World

pytestmark = pytest.mark.timeout(600)


FIGURES = {
    "pages", "cases_seen", "cases_new", "cases_changed", "cases_unchanged", "blocked", "failed", "images_fetched",
    "images_skipped", "candidates_new", "issues", "bytes", "seconds", "requests",
}  # fmt: skip
POLITE = {"INTAKE_CONTACT": "desk@example.org"}
CASE = "https://www.sirm.org/2020/03/08/covid-19-caso-15/"


def night(workspace: Path, origin: str, *words: str) -> dict[str, dict[str, Any]]:
    report = workspace.parent / "night.json"
    environment = {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin, "FIGURE1_TOKEN": "any"} | POLITE
    done = scrapy("nightly", *words, "--json", report, environment=environment)
    assert done.code == 0, done.err
    figures: dict[str, dict[str, Any]] = json.loads(report.read_text())
    return figures


def printed(workspace: Path) -> list[str]:
    return scrapy("candidates", "--format", "jsonl", "-s", f"DATA_DIR={workspace}").out.splitlines()


def edit(origin: str, **change: Any) -> None:
    asked = urllib.request.Request(f"{origin}/__edit__", json.dumps(change).encode(), method="POST")
    urllib.request.urlopen(asked, timeout=30).close()


def test_a_second_night_reads_anew_what_its_site_changed_and_fetches_nothing_twice(demo: Demo, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(demo.workspace, workspace, ignore=shutil.ignore_patterns("films"))
    before = printed(workspace)
    with running(cache=demo.films) as origin:
        edit(origin, host="www.sirm.org", path=urlsplit(CASE).path, find="71 anni", replace="72 anni")
        sources = night(workspace, origin)
    assert set(sources) == {"figure1", "papers", "radiopaedia", "sirm"}
    for source, figures in sources.items():
        assert set(figures) >= FIGURES
        changed = int(source == "sirm")
        assert figures["cases_seen"] > changed
        assert (figures["cases_new"], figures["cases_changed"], figures["images_fetched"]) == (0, changed, 0), source
        assert figures["candidates_new"] == 0
    pairs = zip(map(json.loads, before), map(json.loads, printed(workspace)), strict=True)
    other = [(old, new) for old, new in pairs if old != new]
    assert other
    assert {(new["case_url"], old["row"]["age"], new["row"]["age"]) for old, new in other} == {(CASE, "71", "72")}


def test_killed_at_any_instant_and_run_again_ends_in_the_same_store(demo: Demo, tmp_path: Path) -> None:
    basis = ("--basis", "a replayed web", "--by", "a test")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for workspace in (whole, cut):
        assert scrapy("permit", "sirm", *basis, "-s", f"DATA_DIR={workspace}").code == 0
    few = World("a few posts", sirm=generated_world().sirm[:11])
    with running(few, cache=demo.films) as origin:
        night(whole, origin, "--source", "sirm")
        kill_when_stored(cut, origin, 4)
        night(cut, origin, "--source", "sirm")
    assert printed(cut) == printed(whole)
    assert len(printed(cut)) > 10


def kill_when_stored(workspace: Path, origin: str, candidates: int) -> None:
    """Crawl, and kill the crawler and its workers as soon as so many candidates are stored."""
    ours = {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin} | POLITE
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
    with sqlite3.connect(f"file:{workspace / 'intake.sqlite'}?mode=ro", uri=True) as connection:
        count: int = connection.execute("SELECT count(*) FROM candidates").fetchone()[0]
    return count
