"""Run crawls as a program of its own, since an event loop can be started once a process; the stages are left out.

Reads {"settings": {…}, "jobs": [{"spider": …, "arguments": {…}}, …]} and writes a list with one object a job:
{"cases": […], "failures": […], "stats": {…}, "reason": …, "fault": …}.
"""

import json
import sys

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings


def main() -> None:
    """Run the jobs at once."""
    asked = json.load(sys.stdin)
    settings = get_project_settings()
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, **asked["settings"]}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    results = [_started(process, job) for job in asked["jobs"]]
    process.start()
    for result in results:
        task = result.pop("task")
        result["fault"] = repr(task.exception()) if task.exception() else ""
    json.dump(results, sys.stdout)


def _started(process: AsyncCrawlerProcess, job: dict) -> dict:
    result = {"cases": [], "failures": [], "stats": {}, "reason": ""}
    crawler = process.create_crawler(job["spider"])

    def closed(spider, reason):
        stats = crawler.stats.get_stats()
        result["stats"] = {key: value for key, value in stats.items() if isinstance(value, str | int | float)}
        result.update(reason=reason, failures=spider.failures)

    def scraped(item):
        result["cases"].append(item.model_dump(mode="json"))

    for receiver, signal in ((closed, signals.spider_closed), (scraped, signals.item_scraped)):
        crawler.signals.connect(receiver, signal=signal, weak=False)
    result["task"] = process.crawl(crawler, **job.get("arguments", {}))
    return result


if __name__ == "__main__":
    main()
