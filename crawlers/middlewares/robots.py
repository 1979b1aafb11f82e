"""Obey robots.txt, the rules of RFC 9309 for a missing or unreachable one, and the distance it asks for."""

import asyncio
import logging
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import robotstxt
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawlers.middlewares.closed import closed

logger = logging.getLogger(__name__)


class RobotsTxtMiddleware(robotstxt.RobotsTxtMiddleware):
    """Hold every request until its host's robots.txt has been read, then let pass what it allows."""

    def __init__(self, crawler: Crawler) -> None:
        """Start with no host known."""
        super().__init__(crawler)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unreachable: dict[str, str] = {}
        self._distant: set[str] = set()
        # Of a host that gives no robots.txt Scrapy prints the traceback; the run's report names it in plain words.
        robotstxt.logger.setLevel(logging.CRITICAL)

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # its spider argument is deprecated
        """Let an allowed request pass; raise `IgnoreRequest` for a forbidden one, `HostClosed` without a robots.txt."""
        await super().process_request(request)
        host = urlsplit(request.url).netloc
        # Each robots.txt is itself asked for through here, and must pass although its host is not known yet.
        if host in self._unreachable and not request.meta.get("dont_obey_robotstxt"):
            raise closed(self.crawler, host, self._unreachable[host])
        if host in self._distant:
            request.meta["autothrottle_dont_adjust_delay"] = True

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's host, `None` where there are none; the first request fetches them."""
        # Scrapy 2.19 lets the third and later of several first requests pass unread: all wait on one Deferred.
        async with self._locks[urlsplit(request.url).netloc]:
            return await super().robot_parser(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            # RFC 9309, 2.3.1.4: a server error means complete disallow. 429 is as temporary as a 503.
            self._unreachable[netloc] = f"its robots.txt answered {response.status} (RFC 9309: fetch nothing)"
        elif response.status >= 400:
            # RFC 9309, 2.3.1.3: any other 4xx means there are no rules, whatever the error page says.
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)
        self._keep_distance(netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, IgnoreRequest):
            self._unreachable[netloc] = f"its robots.txt could not be fetched ({exc or type(exc).__name__})"
            logger.info("%s gave no robots.txt", netloc, exc_info=exc)
        super()._robots_error(exc, netloc)

    def _keep_distance(self, netloc: str, request: Request) -> None:
        rules = self._parsers[netloc]
        agent = self._robotstxt_useragent or self._default_useragent
        asked = rules.crawl_delay(agent) if isinstance(rules, RobotParser) else None
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        ours = downloader.per_slot_settings.get(key, {}).get("delay", self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        if not asked:
            return
        delay = max(float(asked), float(ours))
        logger.info("%s asks for %s s between requests", netloc, asked)
        self._distant.add(netloc)
        # Slots are dropped after a quiet minute and made anew from these, so both are set; jitter would go below.
        kept = {"concurrency": 1, "delay": delay, "jitter": 0.0}
        downloader.per_slot_settings[key] = downloader.per_slot_settings.get(key, {}) | kept
        if slot := downloader.slots.get(key):
            slot.concurrency, slot.delay, slot.jitter = 1, delay, 0.0
