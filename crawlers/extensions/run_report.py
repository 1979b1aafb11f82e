"""Turn what a crawl counted into its `Run`, and say which floors it did not keep."""

import time
from datetime import UTC, datetime
from typing import Any, Self, get_args

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.extensions.floors import floors_missed
from crawlers.middlewares.closed import STAT as CLOSED
from crawlers.middlewares.pages import is_page
from crawlers.workspace import database_url, is_dry, store_at
from pipelines.records import Run, RunStatus

# What the stages, the spiders and Scrapy count, under the name by which a run states it.
_COUNTED = {
    "pages": "pages",
    "requests": "downloader/request_count",
    "cases_seen": "cases/seen",
    "cases_new": "cases/new",
    "cases_changed": "cases/changed",
    "cases_unchanged": "cases/unchanged",
    "blocked": "blocked",
    "failed": "cases/failed",
    "images_fetched": "images/fetched",
    "images_skipped": "images/skipped",
    "candidates_new": "candidates/new",
    "issues": "issues",
    "bytes": "downloader/response_bytes",
}
_ENDED = {
    "shutdown": "it was stopped by a signal before it had finished",
    "start_error": "it failed before its first page; the log in the workspace's runs/ says where",
}


class RunReport:
    """Count pages, and keep a crawl's `Run` in the store when it opens and when it closes."""

    def __init__(self, crawler: Crawler) -> None:
        """Watch one crawl."""
        self.crawler = crawler
        self.run = Run(source=crawler.spidercls.name, started=datetime.now(UTC))
        self._clock = time.monotonic()
        self._id: int | None = None
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._response_received, signal=signals.response_received)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension for one crawl."""
        return cls(crawler)

    def _spider_opened(self, spider: Spider) -> None:
        if not is_dry(spider):
            self._id = store_at(database_url(self.crawler.settings)).open_run(spider.name)
            self.crawler.stats.set_value("run/id", self._id)

    def _response_received(self, response: Response, request: Request) -> None:
        if response.status == 200 and is_page(response) and request.callback is not NO_CALLBACK:
            self.crawler.stats.inc_value("pages")

    def _spider_closed(self, spider: Spider, reason: str) -> None:
        stats = self.crawler.stats.get_stats()
        counts = {field: stats.get(key, 0) for field, key in _COUNTED.items()}
        self.run = self.run.model_copy(
            update=counts
            | {
                "finished": datetime.now(UTC),
                "seconds": round(time.monotonic() - self._clock, 3),
                "status": _status_of(reason, counts),
                "problems": _problems_of(spider, reason, stats) + self._lost(counts),
            }
        )
        if self._id is not None:
            store_at(database_url(self.crawler.settings)).close_run(self._id, self.run)

    def _lost(self, counts: dict[str, int]) -> list[str]:
        if not self.crawler.settings.getdict("ITEM_PIPELINES"):
            return []
        kept = counts["cases_new"] + counts["cases_changed"] + counts["cases_unchanged"]
        lost = counts["cases_seen"] - kept
        return [f"{lost} of {counts['cases_seen']} cases were read and not stored; the log names each"] if lost else []


def _status_of(reason: str, counts: dict[str, int]) -> RunStatus:
    if reason == "finished" and not counts["pages"] and not counts["cases_seen"]:
        return "failed"
    return reason if reason in get_args(RunStatus) and reason != "running" else "failed"  # type: ignore[return-value]


def _problems_of(spider: Spider, reason: str, stats: dict[str, Any]) -> list[str]:
    problems = []
    if reason == "blocked":
        said = getattr(spider, "failures", None) or ["a wall came in place of a page"]
        problems.append(f"blocked: {stats.get('blocked/why') or said[-1]}")
    elif reason != "finished":
        problems.append(_ENDED.get(reason, f"it ended early: {reason}"))
    problems += [
        f"{key.removeprefix(CLOSED)} was left alone: {why}" for key, why in stats.items() if key.startswith(CLOSED)
    ]
    if lost := stats.get("snapshots/failed"):
        problems.append(f"{lost} pages could not be kept as snapshots; is the disk full?")
    return problems + floors_missed(spider, stats, whole=reason == "finished")
