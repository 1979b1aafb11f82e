"""Figure 1: single public cases by URL; a collection with the operator's own bearer token."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import Field, field_validator
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.faults import Blocked, LayoutChanged
from crawlers.pages.figure1 import case_in, cases_in
from crawlers.pages.markup import page_of
from crawlers.spiders.arguments import SpiderArguments
from crawlers.spiders.case_spider import CaseSpider
from pipelines.records import Case


class Figure1Arguments(SpiderArguments):
    """Hold the arguments of a source whose listing is a members' collection without dates."""

    query: str = Field("", description="the id of a collection, in place of the usual one")
    since: date | None = Field(None, description="refused: the collections of Figure 1 carry no dates")

    @field_validator("since")
    @classmethod
    def _is_not_asked_for(cls, _: Any) -> None:
        raise ValueError("the collections of Figure 1 carry no dates; use limit= instead")


class Figure1(CaseSpider):
    """Read public case pages, and collections with a token from FIGURE1_TOKEN."""

    name = "figure1"
    takes = Figure1Arguments

    def listing_requests(self) -> Iterator[Request]:
        """Yield requests for the collection; without a token the site answers 401, which ends the run as blocked."""
        # Read from the environment alone: a setting would be written to logs.
        token = os.environ.get("FIGURE1_TOKEN", "")
        for request in super().listing_requests():
            yield request.replace(headers={"Authorization": f"Bearer {token}"}) if token else request

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Yield requests for the cases of a collection, each with what the collection says of it."""
        for case in cases_in(response.body, response.url, self.source):
            for request in self.case_requests([case.url]):
                yield request.replace(cb_kwargs={"listed": case}, errback=self.listed_instead)

    def parse_case(self, response: Response, listed: Case | None = None) -> Iterator[Case]:
        """Yield the case of a public page, whichever of its links was asked for, else the one its collection lists."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        try:
            case = case_in(page_of(response), response.url, asked, self.source)
        except LayoutChanged:
            if listed is None:
                raise
            case = listed
        yield from self.kept(case)

    def listed_instead(self, failure: Failure) -> Iterator[Case]:
        """Yield the case as its collection lists it where its page is not to be had."""
        if isinstance(failure.value, Blocked):
            return
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        yield from self.kept(request.cb_kwargs["listed"])
