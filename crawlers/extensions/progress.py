"""Show how each source's crawl is getting on: a bar a source at a terminal, a line now and then elsewhere."""

import logging
import sys
from typing import ClassVar, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

_AT_TERMINAL = 0.25  # seconds between two looks at the counts; rich redraws on its own
_ELSEWHERE = 10.0  # seconds between two lines of a log that nobody watches


class ProgressReport:
    """Report one crawl; all crawls of a process share one set of bars."""

    _bars: ClassVar["Bars | None"] = None

    def __init__(self, crawler: Crawler) -> None:
        """Watch one crawl."""
        if not crawler.settings.getbool("LOG_ENABLED"):
            raise NotConfigured
        self.crawler = crawler
        self._looking = create_looping_call(self._look)
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension for one crawl."""
        return cls(crawler)

    def _spider_opened(self, spider: Spider) -> None:
        self._name = spider.name
        self._said = ""
        self._task: TaskID | None = None
        if sys.stderr.isatty():
            if ProgressReport._bars is None:
                ProgressReport._bars = Bars()
            self._task = ProgressReport._bars.joined(spider.name)
        self._looking.start(_ELSEWHERE if self._task is None else _AT_TERMINAL, now=False)

    def _look(self) -> None:
        if self._task is not None and ProgressReport._bars is not None:
            ProgressReport._bars.moved(self._task, self._done(), self._known(), self.counts())
        elif self.counts() != self._said:
            self._said = self.counts()
            sys.stderr.write(f"{self._name}: {self._said}\n")

    def _spider_closed(self, spider: Spider, reason: str) -> None:
        if self._looking.running:
            self._looking.stop()
        if self._task is None:
            sys.stderr.write(f"{self._name}: {reason}: {self.counts()}\n")
        elif ProgressReport._bars is not None and not ProgressReport._bars.left(
            self._task, f"{self.counts()} · {reason}"
        ):
            ProgressReport._bars = None

    def counts(self) -> str:
        """Return what was seen so far, in words."""
        stats = self.crawler.stats
        parts = [
            f"{stats.get_value('pages', 0)} pages",
            f"{stats.get_value('cases/seen', 0)} cases ({stats.get_value('cases/new', 0)} new)",
            f"{stats.get_value('images/fetched', 0)} images",
            f"{stats.get_value('candidates/new', 0)} candidates",
        ]
        failed = stats.get_value("cases/failed", 0)
        return " · ".join([*parts, f"{failed} failed"] if failed else parts)

    def _done(self) -> int:
        return int(self.crawler.stats.get_value("response_received_count", 0))

    def _known(self) -> int:
        engine = self.crawler.engine
        waiting = len(engine.scheduler) if engine.scheduler is not None else 0  # type: ignore[arg-type]  # ours has a length
        return self._done() + waiting + len(engine.downloader.active)


class Bars:
    """Draw one bar for each crawl under way, below whatever is logged meanwhile."""

    def __init__(self) -> None:
        """Take over the terminal until the last crawl has left."""
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._running = 0
        self._progress.start()
        # Scrapy's handler holds the real stderr and would write across the bars; rich's stand-in writes above them.
        handler = get_scrapy_root_handler()
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
            handler.setStream(sys.stderr)

    def joined(self, name: str) -> TaskID:
        """Add a bar and return its handle."""
        self._running += 1
        return self._progress.add_task(name, total=None, counts="")

    def moved(self, task: TaskID, done: int, known: int, counts: str) -> None:
        """Move a bar to `done` of the `known` requests."""
        self._progress.update(task, completed=done, total=max(done, known), counts=counts)

    def left(self, task: TaskID, counts: str) -> int:
        """Fill a bar, and return how many crawls are still under way; with the last one the terminal is given back."""
        self._progress.update(task, completed=1, total=1, counts=counts)
        self._running -= 1
        if self._running == 0:
            self._progress.stop()
        return self._running
