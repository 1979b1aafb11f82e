"""Take a sign-in, challenge or ban for what it is: it ends that source's run, and nothing is done to get round it."""

import logging
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from crawlers.faults import Blocked
from crawlers.middlewares.pages import is_page
from crawlers.source import Source

logger = logging.getLogger(__name__)

REASON = "blocked"  # with which the spider is closed


def wall_at(url: str, source: Source) -> str:
    """Return why a URL is a wall of the source (a sign-in path), `""` where it is none."""
    path = urlsplit(url).path.rstrip("/")
    for wall in source.blocked.redirects:
        if path == wall or path.startswith(f"{wall}/"):
            return f"the site leads to its sign-in page ({wall})"
    return ""


def wall_in(response: Response, source: Source) -> str:
    """Return why an answer is a wall of the source, `""` where it is a page like any other.

    What another site puts before a file that an article only links to, a publisher's PDF, is no wall of the source.
    """
    if _first_asked(response) not in (*source.hosts, *source.media_hosts):
        return ""
    # Set by Cloudflare on every challenge, whatever status and words it comes with.
    if response.headers.get(b"cf-mitigated") == b"challenge":
        return f"a challenge page came instead (status {response.status})"
    if isinstance(response, TextResponse) and is_page(response):
        words = " ".join(response.text.lower().split())
        for mark in source.blocked.texts:
            if mark in words:
                return f"the page says {mark!r} (status {response.status})"
    # A picture that is refused is a missing picture; a page that is refused is a wall.
    asked = response.request is None or response.request.callback is not NO_CALLBACK
    if asked and response.status in source.blocked.statuses and urlsplit(response.url).hostname in source.hosts:
        return f"the site answered {response.status}"
    return ""


def _first_asked(response: Response) -> str | None:
    """Return the host that was asked before any redirect, which may lead to a sign-in on a host of its own."""
    led = response.request.meta.get("redirect_urls") if response.request else None
    return urlsplit(led[0] if led else response.url).hostname


class BlockedMiddleware:
    """End the run of a source at the first wall; no page behind it reaches the spider."""

    def __init__(self, crawler: Crawler) -> None:
        """Know the walls of the spider's source."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured  # without a word, which Scrapy would print: a case entered by hand is fetched nowhere
        self.crawler = crawler
        self._source = source
        crawler.signals.connect(self._spider_failed, signal=signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for one crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `Blocked` for a request that a redirect turned to a sign-in page, before it is sent."""
        if why := wall_at(request.url, self._source):
            came_from = (request.meta.get("redirect_urls") or [request.url])[0]
            raise self._ended(Blocked(came_from, why, self._source.blocked.remedy))

    def process_response(self, request: Request, response: Response) -> Response:
        """Return a page; raise `Blocked` for a wall."""
        response.request = response.request or request
        if why := wall_in(response, self._source):
            raise self._ended(Blocked(response.url, why, self._source.blocked.remedy))
        return response

    def _spider_failed(self, failure: Failure) -> None:
        if isinstance(failure.value, Blocked):
            self._ended(failure.value)

    def _ended(self, wall: Blocked) -> Blocked:
        stats = self.crawler.stats
        stats.inc_value("blocked")
        if stats.get_value("blocked") == 1:
            stats.set_value("blocked/why", str(wall))
            logger.error("%s is blocked: %s", self._source.name, wall)
            # Not awaited: closing waits for the very request that found the wall.
            deferred_from_coro(self.crawler.engine.close_spider_async(reason=REASON))
        return wall
