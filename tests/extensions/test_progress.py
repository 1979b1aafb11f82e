"""At a terminal each source has a bar, and what is logged stands above the bars, whole."""

import os
import pty
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawling import Crawl
from pytest_httpserver import HTTPServer


def test_a_log_line_is_not_cut_by_the_bars(
    begin: Callable[..., Crawl], httpserver: HTTPServer, monkeypatch: Any
) -> None:
    page = {"content_type": "text/html"}
    httpserver.expect_request("/site.example/cases/0").respond_with_data("case", **page)
    httpserver.expect_request("/site.example/cases/1").respond_with_data("please resolve the captcha", **page)
    ours, theirs = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "400")
    crawl = begin("https://site.example/cases/0", "https://site.example/cases/1", err=Path(os.ttyname(theirs)))
    crawl.process.wait(60)
    shown = os.read(ours, 100_000).decode()
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    lines = [line.strip() for line in re.split(r"[\r\n]+", plain)]
    (told,) = [line for line in lines if "is blocked" in line]
    assert told.startswith("ERROR crawlers.middlewares.blocked: probe is blocked: https://site.example/cases/1")
    assert told.endswith("scrapy add")
    (last,) = [line for line in lines if "probe" in line][-1:]
    assert "1 cases" in last
    assert "blocked" in last
    assert "━" in last
