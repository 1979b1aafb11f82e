"""Ask a site only for pages that changed, and never pass an old page off as a new one."""

from scrapy import Request
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response

from crawlers.middlewares.pages import is_page


class ChangedPagesPolicy(RFC2616Policy):
    """Keep pages that can be asked for conditionally; pictures and files stay out, their bytes are kept as blobs."""

    def should_cache_request(self, request: Request) -> bool:
        """Tell whether the request may be kept beside its answer; a member's token may not."""
        return b"Authorization" not in request.headers and super().should_cache_request(request)

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Tell whether the answer is a page that carries a validator or says how long it holds."""
        return response.status == 200 and is_page(response) and super().should_cache_response(response, request)

    def is_cached_response_valid(self, cachedresponse: Response, response: Response, request: Request) -> bool:
        """Tell whether the site says that the page has not changed; a server error does not say so."""
        return response.status == 304

    def _compute_freshness_lifetime(self, response: Response, request: Request, now: float) -> float:
        # Without a stated lifetime RFC 2616 guesses one from Last-Modified: an edited old case would stay unseen.
        stated = b"max-age" in self._parse_cachecontrol(response) or b"Expires" in response.headers
        return super()._compute_freshness_lifetime(response, request, now) if stated else 0


class ChangedPagesMiddleware(HttpCacheMiddleware):
    """Ask conditionally; a site that cannot be reached stays an error instead of being answered from the cache."""

    def process_exception(self, request: Request, exception: Exception) -> None:  # type: ignore[override]
        """Let the error pass on."""
        request.meta.pop("cached_response", None)
