"""Write the whole log of a process to a file of the workspace, so that the terminal can stay quiet."""

import logging
from datetime import UTC, datetime
from typing import ClassVar, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawlers.workspace import data_dir, is_dry


class RunLog:
    """Open `DATA_DIR/runs/<time>.log` with the first crawl of a process; the others share it."""

    _open: ClassVar[set[str]] = set()

    def __init__(self, crawler: Crawler) -> None:
        """Begin the file, unless a crawl of this process has begun it."""
        folder = data_dir(crawler.settings) / "runs"
        if is_dry(crawler.spider) or str(folder) in self._open:
            raise NotConfigured
        self._open.add(str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.log", encoding="utf-8")
        handler.setLevel(crawler.settings["RUN_LOG_LEVEL"])
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.root.addHandler(handler)
        # It tells of each retry without saying of what; whoever gives up at last names it.
        logging.getLogger("stamina").setLevel(logging.ERROR)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the extension for one crawl."""
        return cls(crawler)
