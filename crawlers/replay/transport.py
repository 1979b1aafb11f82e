"""Fetch every real URL from the replayed web, so that nothing above the wire knows that it is being replayed."""

from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.workspace import replay_origin


def replayed(url: str, origin: str) -> str:
    """Return where the replayed web serves a real URL: `https://HOST/PATH?Q` becomes `<origin>/HOST/PATH?Q`."""
    real = urlsplit(url)
    query = f"?{real.query}" if real.query else ""
    return f"{origin}/{real.netloc.rpartition('@')[2]}{real.path or '/'}{query}"


class ReplayTransport(HTTP11DownloadHandler):
    """Carry requests to `REPLAY_ORIGIN`; hosts, slots, robots.txt, redirects and responses keep their real URLs."""

    def __init__(self, crawler: Crawler) -> None:
        """Read the origin; `crawlers.workspace` names this handler only where one is set."""
        super().__init__(crawler)
        self._origin = replay_origin(crawler.settings)

    async def download_request(self, request: Request) -> Response:
        """Return the replayed answer under the real URL."""
        carried = request.replace(url=replayed(request.url, self._origin))
        try:
            response = await super().download_request(carried)
        finally:
            # The pace of a host is computed from this latency.
            request.meta.update(carried.meta)
        return response.replace(url=urldefrag(request.url)[0])
