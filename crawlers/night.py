"""Crawl several sources at once in one process, and return what each run saw."""

import logging
from asyncio import CancelledError, Task
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawlers.extensions.run_report import RunReport
from crawlers.faults import PermissionMissing
from crawlers.spiders.case_spider import CaseSpider
from crawlers.workspace import database_url, replay_origin, store_at
from pipelines.records import Run, RunStatus

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Name a source to crawl and the arguments of its spider, as `-a` gives them."""

    source: str
    arguments: dict[str, Any] = field(default_factory=dict)


def passed(run: Run) -> bool:
    """Tell whether a run ran to its end and kept every floor; Scrapy itself exits with 0 even if every page failed."""
    return run.status == "finished" and not run.problems


def crawled(jobs: Iterable[Job], settings: Settings) -> list[Run]:
    """Crawl all jobs at once and return one run for each, in their order, each kept in the store as well.

    It may be called once in a process: its event loop cannot be started again. SIGINT ends every crawl cleanly.
    Raise `KeyError` for a source that no spider is named after.
    """
    process = AsyncCrawlerProcess(settings)
    crawls: list[tuple[Job, Crawler, Task[None]]] = []
    for job in jobs:
        crawler = Crawler(process.spider_loader.load(job.source), _own_queue(process.settings, job))
        crawls.append((job, crawler, process.crawl(crawler, **job.arguments)))
    fetches = any(issubclass(crawler.spidercls, CaseSpider) for _, crawler, _ in crawls)
    if fetches and not replay_origin(settings) and not settings["INTAKE_CONTACT"]:
        logger.warning("INTAKE_CONTACT is not set: no site can write to whoever runs this crawl")
    process.start()
    return [_run_of(job, crawler, task) for job, crawler, task in crawls]


def _own_queue(settings: Settings, job: Job) -> Settings:
    own = settings.copy()
    if folder := own["JOBDIR"]:
        # Two crawls that shared a queue would take each other's requests.
        own.set("JOBDIR", str(Path(folder, job.source)), priority="cmdline")
    return own


def _run_of(job: Job, crawler: Crawler, task: Task[None]) -> Run:
    fault = _fault_of(task)
    run = _reported(crawler)
    if run is None:
        return _never_ran(job, crawler, fault)
    if fault is not None:
        logger.error("%s broke off", job.source, exc_info=fault)
        run.status = "failed"
        run.problems = [*run.problems, _said(fault)]
    return run


def _reported(crawler: Crawler) -> Run | None:
    try:
        report = crawler.get_extension(RunReport)
    except RuntimeError:  # the crawl failed before it had extensions
        return None
    return report.run if report is not None and report.run.finished is not None else None


def _fault_of(task: Task[None]) -> BaseException | None:
    try:
        return task.exception() if task.done() else CancelledError()
    except CancelledError as stopped:
        return stopped


def _never_ran(job: Job, crawler: Crawler, fault: BaseException | None) -> Run:
    if isinstance(fault, PermissionMissing | ValueError):
        logger.info("%s did not start: %s", job.source, fault)
    else:
        logger.error("%s did not start", job.source, exc_info=fault)
    now = datetime.now(UTC)
    status: RunStatus = "refused" if isinstance(fault, PermissionMissing) else "failed"
    problems = [_said(fault) if fault is not None else "it ended before it had started"]
    run = Run(source=job.source, started=now, finished=now, status=status, problems=problems)
    if "dry" not in job.arguments:
        store = store_at(database_url(crawler.settings))
        store.close_run(store.open_run(job.source), run)
    return run


def _said(fault: BaseException) -> str:
    return str(fault) or type(fault).__name__
