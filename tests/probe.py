"""A crawl of its own process, for tests: a reactor cannot be started twice.

`python probe.py '{"urls": […], "settings": {…}, "source": {…}}'` crawls the URLs under the project's own settings and
prints, as the last line of its output, the items, the stats and the run as JSON.
"""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signals import item_scraped, spider_closed
from twisted.python.failure import Failure

from crawlers import night
from crawlers.source import Source, source_named
from crawlers.spiders.arguments import SpiderArguments

HOST = "site.example"


class Probe(Spider):
    """Fetch what it is told to, and hand on what arrives."""

    name = "probe"
    asked: ClassVar[dict[str, Any]] = {}
    seen: ClassVar[dict[str, Any]] = {"items": [], "failures": []}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "Probe":
        spider = super().from_crawler(crawler)
        spider.arguments = SpiderArguments(**kwargs)
        spider.source = _source(cls.asked.get("source", {}))
        spider.failures = []
        crawler.signals.connect(lambda item: cls.seen["items"].append(item), item_scraped, weak=False)
        crawler.signals.connect(spider.closing, spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        if self.asked.get("raises"):
            raise RuntimeError(self.asked["raises"])
        for url in self.asked["urls"]:
            yield Request(url, errback=self.failing, dont_filter=True)

    def parse(self, response: Response) -> Any:
        for url in response.css("a::attr(href)").getall() if response.url.endswith(".html") else []:
            yield response.follow(url, errback=self.failing)
        self.crawler.stats.inc_value("cases/seen")
        yield {"url": response.url, "body": response.text, "flags": response.flags, "type": type(response).__name__}

    def failing(self, failure: Failure) -> None:
        self.failures.append(f"{failure.request.url}: {failure.value}")
        self.seen["failures"].append([failure.request.url, type(failure.value).__name__, str(failure.value)])
        self.crawler.stats.inc_value("cases/failed")

    def closing(self) -> None:
        self.seen["stats"] = {
            key: value for key, value in self.crawler.stats.get_stats().items() if key != "start_time"
        }
        self.seen["agent"] = self.crawler.settings["USER_AGENT"]


class Losing:
    """Fail for every item, as a stage whose module cannot be loaded does."""

    def process_item(self, item: Any) -> Any:
        raise RuntimeError("out of order")


def _source(changes: dict[str, Any]) -> Source:
    whole = source_named("sirm").model_dump()
    whole |= {"name": "probe", "hosts": (HOST,), "media_hosts": ()}
    whole["blocked"] |= {"texts": ("please resolve the captcha",), "redirects": ("/users/sign_in",), "statuses": (401,)}
    whole["expectations"] |= {"min_cases": 1, "fill": {}}
    for part, value in changes.items():
        whole[part] = whole[part] | value if isinstance(value, dict) else value
    return Source.model_validate(whole)


def main(asked: dict[str, Any]) -> None:
    Probe.asked = asked
    settings = Settings()
    settings.setmodule("crawlers.settings", priority="project")
    settings.setdict({"SPIDER_MODULES": ["probe"], "ITEM_PIPELINES": {}}, priority="cmdline")
    settings.setdict(asked.get("settings", {}), priority="cmdline")
    jobs = [night.Job("probe", arguments) for arguments in asked.get("jobs", [{}])]
    runs = night.crawled(jobs, settings)
    shown = Probe.seen
    shown |= {"runs": [run.model_dump(mode="json") for run in runs], "passed": [night.passed(run) for run in runs]}
    print(json.dumps(shown, default=str))


if __name__ == "__main__":
    # Scrapy loads its spiders by module name, and finds the class there, not in `__main__`.
    import probe

    probe.main(json.loads(sys.argv[1]))
