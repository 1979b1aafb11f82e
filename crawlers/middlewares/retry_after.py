"""Wait as long as a site asks before it is asked again, and stay away for the night where it asks for long."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.middlewares.closed import HostClosed, closed

_SLOW_DOWN = (429, 503)  # RFC 6585, section 4, and RFC 9110, section 15.6.4: the statuses that carry Retry-After
_LOOK_UP = 0.25  # seconds; how soon a waiting request sees that its run is ending


def seconds_asked(header: str, now: datetime) -> float | None:
    """Return the seconds a `Retry-After` header asks for (RFC 9110, section 10.2.3), `None` where it says nothing."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


class RetryAfterMiddleware(RetryMiddleware):
    """Retry like Scrapy, but hold back every request to a host for as long as it asks; others go on meanwhile."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the limits."""
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")
        self._longest = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self._until: dict[str, float] = {}  # host → time.monotonic() from which it may be asked again
        self._closed: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryAfterMiddleware":
        """Make the middleware for one crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Let the request pass once its host may be asked; raise `HostClosed` where that is not in this run."""
        host = urlsplit(request.url).netloc
        while True:
            if host in self._closed:
                raise HostClosed(host, self._closed[host])
            wait = self._until.get(host, 0.0) - time.monotonic()
            if wait <= 0:
                return None
            if self._ending():
                return self._put_back(request, host)
            await asyncio.sleep(min(wait, _LOOK_UP))

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return a retry for a passing failure, after noting how long its host is to be left alone."""
        if response.status in _SLOW_DOWN and not request.meta.get("dont_retry"):
            self._hold_back(request, response)
        if urlsplit(request.url).netloc in self._closed:
            return response
        return super().process_response(request, response)

    def _hold_back(self, request: Request, response: Response) -> None:
        host = urlsplit(request.url).netloc
        header = (response.headers.get(b"Retry-After") or b"").decode("latin-1")
        asked = seconds_asked(header, datetime.now(UTC))
        if asked is None:
            asked = self._backoff * 2 ** request.meta.get("retry_times", 0)
        elif asked > self._longest:
            limit = f"RETRY_AFTER_MAX is {self._longest:.0f} s"
            why = f"it answered {response.status} and asks to wait {asked:.0f} s ({limit})"
            self._closed[host] = why
            closed(self.crawler, host, why)
        self.crawler.stats.max_value("retry/longest_wait", asked)
        self._until[host] = max(self._until.get(host, 0.0), time.monotonic() + asked)

    def _ending(self) -> bool:
        return not self.crawler.crawling or bool(self.crawler.stats.get_value("blocked"))

    def _put_back(self, request: Request, host: str) -> Request:
        # A stopped run resumes from its queue; what a stage fetches is in no queue and is fetched again with its case.
        if request.callback is NO_CALLBACK:
            raise HostClosed(host, "the run ended while it asked for a pause")
        return request.replace(dont_filter=True)
