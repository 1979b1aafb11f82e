"""Wait as long as a site asks before it is asked again, and stay away for the night where it asks for long."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawlers.middlewares.closed import HostClosed, closed

_SLOW_DOWN = (429, 503)  # RFC 6585, section 4, and RFC 9110, section 15.6.4: the statuses that carry Retry-After
_LOOK_UP = 0.25  # seconds; how soon a held host sees that its run is ending
_ENDING = "the run ended while it asked for a pause"


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
    """Retry like Scrapy, but hold back every request to a host for as long as it asks; other hosts go on meanwhile."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the limits."""
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._backoff = crawler.settings.getfloat("RETRY_BACKOFF")
        self._longest = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self._closed: dict[str, str] = {}  # host → why it is not asked again in this run
        self._watched: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryAfterMiddleware":
        """Make the middleware for one crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `HostClosed` for a host that is not to be asked again in this run."""
        host = self._host(request)
        if host in self._closed:
            raise HostClosed(host, self._closed[host])

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return a retry for a passing failure, after holding back its host."""
        if response.status in _SLOW_DOWN and not request.meta.get("dont_retry"):
            self._hold_back(request, response)
        if self._host(request) in self._closed:
            return response
        return super().process_response(request, response)

    def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        """Return a retry for a passing failure, and the request itself where its run is ending."""
        if not isinstance(exception, HostClosed):
            return super().process_exception(request, exception)
        # A stopped run resumes from its queue; what a stage fetches is in no queue and is fetched again with its case.
        resumes = self._ending() and request.callback is not NO_CALLBACK
        return request.replace(dont_filter=True) if resumes else None

    def _hold_back(self, request: Request, response: Response) -> None:
        host = self._host(request)
        slot = self.crawler.engine.downloader.slots[host]
        header = (response.headers.get(b"Retry-After") or b"").decode("latin-1")
        asked = seconds_asked(header, datetime.now(UTC))
        if asked is None:
            asked = self._backoff * 2 ** request.meta.get("retry_times", 0)
        elif asked > self._longest:
            limit = f"RETRY_AFTER_MAX is {self._longest:.0f} s"
            self._closed[host] = f"it answered {response.status} and asks to wait {asked:.0f} s ({limit})"
            closed(self.crawler, host, self._closed[host])
            _empty(slot, HostClosed(host, self._closed[host]))
            return
        if asked <= 0:
            return
        self.crawler.stats.max_value("retry/longest_wait", asked)
        # The downloader leaves `delay` seconds after `lastseen`, where there is a delay.
        slot.lastseen = max(slot.lastseen, time.monotonic() + asked)
        slot.delay = max(slot.delay, 0.001)
        if host not in self._watched:
            self._watched[host] = asyncio.ensure_future(self._watch(host, slot))

    async def _watch(self, host: str, slot: Slot) -> None:
        while slot.lastseen > time.monotonic():
            if self._ending():
                _empty(slot, HostClosed(host, _ENDING))
                break
            await asyncio.sleep(_LOOK_UP)
        del self._watched[host]

    def _host(self, request: Request) -> str:
        return self.crawler.engine.downloader.get_slot_key(request)

    def _ending(self) -> bool:
        return not self.crawler.crawling or bool(self.crawler.stats.get_value("blocked"))


def _empty(slot: Slot, fault: HostClosed) -> None:
    """Fail every request that waits in a host's queue."""
    while slot.queue:
        _, waiting = slot.queue.popleft()
        waiting.errback(Failure(fault))  # type: ignore[no-untyped-call]
