"""A stage that fails leaves the case with an issue and a retry mark; the case goes on."""

import asyncio

from scrapy.utils.test import get_crawler

from pipelines.records import Case
from pipelines.stages import Dossier, Stage


class Broken(Stage):
    async def work(self, dossier: Dossier) -> None:
        raise OSError(28, "No space left on device")


class Sound(Stage):
    async def work(self, dossier: Dossier) -> None:
        dossier.case.title = "worked"


def dossier() -> Dossier:
    case = Case(source="sirm", source_id="1", url="https://www.sirm.org/1")
    return Dossier(case, case.content_hash())


def test_a_failing_stage_drops_nothing() -> None:
    crawler = get_crawler()
    kept = asyncio.run(Broken(crawler).process_item(dossier()))
    assert not kept.complete
    (issue,) = kept.case.issues
    assert issue.kind == "retry"
    assert "Broken failed" in issue.message
    assert "No space left on device" in issue.message
    assert crawler.stats.get_value("stages/Broken/failed") == 1


def test_the_next_stage_goes_on() -> None:
    kept = asyncio.run(Broken(get_crawler()).process_item(dossier()))
    worked = asyncio.run(Sound(get_crawler()).process_item(kept))
    assert worked.case.title == "worked"
    assert not worked.complete, "the retry mark stays"
