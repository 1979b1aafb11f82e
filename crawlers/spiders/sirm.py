"""SIRM: category pages → posts; a post that no longer answers is read from its category's print view."""

from collections.abc import Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.pages.markup import page_of
from crawlers.pages.sirm import next_page_in, post_in, post_url_of, posts_in, print_posts_in, print_view_of
from crawlers.spiders.case_spider import CaseSpider
from pipelines.records import Case

_GONE = (404, 410)


class Sirm(CaseSpider):
    """Crawl the society's COVID-19 category, newest post first."""

    name = "sirm"

    def case_requests(self, urls: Iterable[str]) -> Iterator[Request]:
        """Yield a request for each post under its canonical URL, whichever host named it."""
        return super().case_requests(post_url_of(url) for url in urls)

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Yield requests for the posts of a category page, and for the next page while it can hold newer ones."""
        page = page_of(response)
        posts = posts_in(page, response.url, self.source)
        fresh = [post for post in posts if not self.too_old(_day_in(post))]
        for request in self.case_requests(fresh):
            yield request.replace(meta={"listing": response.url})
        following = next_page_in(page, response.url)
        if following and fresh and not self.limit_reached:
            yield Request(following, self.parse_listing, errback=self.unreachable)

    def parse_case(self, response: Response) -> Iterator[Case]:
        """Yield the case that a post tells."""
        yield from self.kept(post_in(page_of(response), response.url, self.source))

    def unreachable(self, failure: Failure) -> Any:
        """Look for a post that is gone in the print view of its category page; count anything else as failed."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        fault, listing = failure.value, request.meta.get("listing")
        if listing and isinstance(fault, HttpError) and fault.response.status in _GONE:
            return Request(
                print_view_of(listing), self.parse_print_view, errback=super().unreachable,
                cb_kwargs={"post": request.url}, dont_filter=True,
            )  # fmt: skip
        return super().unreachable(failure)

    def parse_print_view(self, response: Response, post: str) -> Iterator[Case]:
        """Yield the one post that is gone elsewhere."""
        posts = print_posts_in(page_of(response), response.url, self.source)
        if post not in posts:
            self.failed(post, "the post is gone, and the print view of its category does not hold it")
            return
        yield from self.kept(posts[post])


def _day_in(url: str) -> str:
    return "-".join(url.split("/")[-5:-2])
