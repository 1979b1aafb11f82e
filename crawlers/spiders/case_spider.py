"""What every spider shares: checked arguments, permission, polite rates, and a count of what could not be read."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.faults import Blocked, LayoutChanged, PermissionMissing
from crawlers.middlewares.closed import HostClosed
from crawlers.pages.dates import day_of
from crawlers.pages.markup import case_without_emails
from crawlers.source import Source, source_named
from crawlers.spiders.arguments import ArgumentError, SpiderArguments, arguments_of
from crawlers.workspace import database_url, store_at
from pipelines.records import Case, Issue


class CaseSpider(Spider):
    """Crawl one source for cases; a subclass yields listing requests and reads one case page.

    A case that cannot be read is counted in the stats as `cases/failed` and named in `failures`, unless its whole host
    is left alone; the rest goes on.
    """

    takes: ClassVar[type[SpiderArguments]] = SpiderArguments

    def __init__(self, arguments: SpiderArguments, source: Source) -> None:
        super().__init__()
        self.arguments = arguments
        self.source = source
        self.failures: list[str] = []
        self._asked: set[str] = set()
        self._kept: set[str] = set()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Keep the source's rate at each of its hosts; a replayed web on loopback needs no patience."""
        super().update_settings(settings)
        if settings.get("REPLAY_ORIGIN"):
            settings.set("DOWNLOAD_DELAY", 0, priority="spider")
            return
        source = source_named(cls.name)
        slot = {"delay": source.rate.delay, "concurrency": source.rate.concurrency}
        slots = dict.fromkeys((*source.hosts, *source.media_hosts), slot)
        settings.set("DOWNLOAD_SLOTS", settings.getdict("DOWNLOAD_SLOTS") | slots, priority="spider")
        settings.set("DOWNLOAD_DELAY", source.rate.delay, priority="spider")

    @classmethod
    def check(cls, given: dict[str, Any]) -> None:
        """Raise `ArgumentError` for arguments that the spider would not start with."""
        cls(arguments_of(cls.takes, given), source_named(cls.name)).single_cases()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Start a spider with checked arguments; raise `ArgumentError`, or `PermissionMissing` for a broad crawl."""
        spider = super().from_crawler(crawler, arguments_of(cls.takes, kwargs), source_named(cls.name))
        if not spider.single_cases():
            spider.require_permission()
        crawler.signals.connect(spider._page_failed, signals.spider_error)
        return spider

    def single_cases(self) -> list[str]:
        """Return the URLs of the single cases asked for; raise `ArgumentError` for one that is no case's."""
        urls = self.arguments.single()
        for url in urls:
            if not re.match(self.source.case_url, url):
                raise ArgumentError(
                    f"{url} is no case of {self.source.title}; one looks like {self.source.example_url}"
                )
        return urls

    def require_permission(self) -> None:
        """Raise `PermissionMissing` where a broad crawl of the source needs a permission that nobody recorded."""
        rule = self.source.permission
        if not rule.needed:
            return
        if store_at(database_url(self.settings)).permission(self.source.name) is None:
            raise PermissionMissing(self.source.name, rule.why, rule.how)

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the single cases, or else for the first listing pages."""
        singles = self.single_cases()
        for request in self.case_requests(singles) if singles else self.listing_requests():
            yield request

    def listing_requests(self) -> Iterator[Request]:
        """Yield requests for the first page of each listing, or of the search for `query`."""
        query = self.arguments.query
        for url in [self.source.search_for(query)] if query else self.source.start_urls:
            yield Request(url, self.parse_listing, errback=self.unreachable)

    def case_requests(self, urls: Iterable[str]) -> Iterator[Request]:
        """Yield a request for each case not asked for yet in this run, until the limit is reached."""
        for url in urls:
            if self.limit_reached:
                return
            if url not in self._asked:
                self._asked.add(url)
                yield Request(self.fetched_url(url), self.parse_case, errback=self.unreachable)

    @property
    def limit_reached(self) -> bool:
        """Tell whether as many cases were asked for as `limit` allows."""
        return self.arguments.limit is not None and len(self._asked) >= self.arguments.limit

    def too_old(self, published: str) -> bool:
        """Tell whether a publication date lies before `since`; one that cannot be read does not."""
        if self.arguments.since is None:
            return False
        day = day_of(published, self.source.language)
        return day is not None and day < self.arguments.since

    def fetched_url(self, url: str) -> str:
        """Return the URL under which a case's page is asked for."""
        return url

    def parse_listing(self, response: Response) -> Any:
        """Yield requests for the cases that a listing page names and for the next page."""
        raise NotImplementedError

    def parse_case(self, response: Response) -> Any:
        """Yield the case that a page holds."""
        raise NotImplementedError

    def kept(self, case: Case) -> Iterator[Case]:
        """Yield the case once a run, free of e-mail addresses, with an issue for each required field it lacks."""
        if case.source_id in self._kept:
            return
        if not (case.blocks or case.images() or case.documents):
            raise LayoutChanged(case.url, "text and no picture of a case")
        self._kept.add(case.source_id)
        case = case_without_emails(case)
        stated = fields_stated(case)
        # What a document states is read when its figures are cut; until then it lacks nothing.
        required = () if case.documents else self.source.expectations.required
        lacking = [field for field in required if field not in stated]
        case.issues += [Issue(kind="missing value", message=f"the page states no {field}") for field in lacking]
        if patients := self.source.several_patients_in("\n".join(block.text for block in case.blocks)):
            case.issues += [Issue(kind="several patients", message=f"the page tells of several patients: {patients!r}")]
        self.count("cases/seen")
        for field in stated & self.source.expectations.fill.keys():
            self.count(f"cases/filled/{field}")
        yield case

    async def answer_to(self, url: str, **options: Any) -> Response:
        """Fetch one more page of a case and return the answer, whatever its status; a wall ends the run."""
        assert self.crawler.engine is not None
        try:
            return await self.crawler.engine.download_async(Request(url, **options))
        except Blocked as fault:
            # The wall was counted where it was met; the case is left, and the run is over.
            raise CloseSpider("blocked") from fault

    def failed(self, url: str, reason: object) -> None:
        """Count a page that could not be read, and keep its URL with the reason."""
        message = str(reason) if url in str(reason) else f"{url}: {reason}"
        self.failures.append(message)
        self.logger.error("%s", message)
        self.count("cases/failed")

    def unreachable(self, failure: Failure) -> None:
        """Count a page that did not arrive; a wall in its place is counted where it was met, and ends the run."""
        if isinstance(failure.value, Blocked):
            return
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        self._lost(request)
        if isinstance(failure.value, HostClosed):
            # The run's report names the host once, and with it all its pages.
            self.logger.info("%s: %s", request.url, failure.value)
            self.count("cases/failed")
        else:
            self.failed(request.url, _said_of(failure.value))

    def _page_failed(self, failure: Failure, response: Response | None) -> None:
        if response is None or response.request is None:
            self.failed(self.source.base_url, failure.value)
        elif not isinstance(failure.value, Blocked):
            self._lost(response.request)
            self.failed(response.url, failure.value)

    def _lost(self, request: Request) -> None:
        # With a listing page go all the cases behind it, however few the failed pages are.
        if request.callback == self.parse_listing:
            self.count("listings/failed")

    def count(self, key: str) -> None:
        """Add one to a figure of the run's stats."""
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(key)


def fields_stated(case: Case) -> set[str]:
    """Return the fields a case states: its own by name, its text blocks by label, and `images`."""
    own = ("title", "credit", "licence", "doi", "institution", "certainty", "published")
    stated = {field for field in own if getattr(case, field)} | {str(block.label) for block in case.blocks}
    return stated | {"images"} if case.images() else stated


def _said_of(fault: BaseException | None) -> str:
    if isinstance(fault, HttpError):
        return f"the site answered {fault.response.status}"
    if isinstance(fault, IgnoreRequest):
        return f"not fetched: {fault}"
    return f"not reached: {str(fault) or repr(fault)}"
