"""A run that saw too little, failed too often or lost a field does not pass, and says so in plain words."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Spider

from crawlers.extensions.floors import floors_missed, is_full
from crawlers.source import source_named
from crawlers.spiders.arguments import SpiderArguments


def crawl_of(source: str = "radiopaedia", failures: tuple[str, ...] = (), **arguments: Any) -> Any:
    facts = source_named(source)
    floors = facts.expectations.model_copy(
        update={"min_cases": 10, "max_failed_share": 0.1, "fill": {"title": 1.0, "images": 0.8}}
    )
    return SimpleNamespace(
        source=facts.model_copy(update={"expectations": floors}),
        arguments=SpiderArguments(**arguments),
        failures=list(failures),
    )


GOOD = {
    "cases/seen": 20,
    "cases/failed": 2,
    "cases/filled/title": 20,
    "cases/filled/images": 16,
    "images/fetched": 1,
    "images/skipped": 89,
    "images/failed": 10,
    "stages/ReadingStage/failed": 2,
}


def test_a_good_run_misses_nothing() -> None:
    assert floors_missed(crawl_of(), GOOD, whole=True) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"cases/seen": 9, "cases/failed": 0, "stages/ReadingStage/failed": 0},
            "9 cases were seen; a full crawl of Radiopaedia sees at least 10",
        ),
        ({"cases/failed": 3}, "3 of 23 pages could not be read, more than 10%\n  https://x/1: gone"),
        ({"listings/failed": 1}, "1 listing pages could not be read, and with them all cases behind them"),
        ({"cases/filled/title": 19}, "19 of 20 cases state 'title'; 100% are expected: has the layout changed?"),
        ({"cases/filled/images": 0}, "0 of 20 cases state 'images'"),
        ({"images/failed": 11}, "11 of 101 pictures could not be kept, more than 10%"),
        ({"stages/ReadingStage/failed": 3}, "the ReadingStage stage failed for 3 of 20 cases, more than 10%"),
    ],
)
def test_each_floor_is_told_in_plain_words(change: dict[str, int], told: str) -> None:
    (problem,) = floors_missed(crawl_of(failures=("https://x/1: gone",)), GOOD | change, whole=True)
    assert problem.startswith(told)


def test_a_run_without_a_case_never_passes() -> None:
    for spider in (crawl_of(), crawl_of(limit=3), crawl_of(url="https://x/1"), Spider("bare")):
        assert floors_missed(spider, {}, whole=True) == ["no case was seen"]
    forbidden = floors_missed(crawl_of(), {"robotstxt/forbidden": 4}, whole=True)
    assert forbidden == ["no case was seen; robots.txt forbids 4 of the addresses asked for"]


def test_a_run_for_new_cases_may_find_none() -> None:
    assert floors_missed(crawl_of(limit=5), {"cases/skipped": 5}, whole=True) == ["no case was seen"]
    assert floors_missed(crawl_of(since="2026-01-01"), {"cases/skipped": 5}, whole=True) == []


def test_single_cases_have_no_share_but_each_must_be_read() -> None:
    single = crawl_of(url="https://x/1", failures=("https://x/1: gone",))
    assert floors_missed(single, {"cases/seen": 1}, whole=True) == []
    (problem,) = floors_missed(single, {"cases/seen": 1, "cases/failed": 1}, whole=True)
    assert problem == "1 of the pages asked for could not be read\n  https://x/1: gone"


def test_only_a_crawl_without_a_selection_is_full() -> None:
    assert is_full(crawl_of())
    assert is_full(crawl_of(dry="1"))
    for selection in ({"limit": 5}, {"query": "covid"}, {"since": "2026-01-01"}, {"url": "https://x/1"}):
        assert not is_full(crawl_of(**selection))


def test_a_run_that_did_not_end_by_itself_is_judged_by_that_alone() -> None:
    assert floors_missed(crawl_of(), {}, whole=False) == []


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.integers(0, 50)))
def test_a_worse_count_is_never_told_less(counts: dict[str, int]) -> None:
    before = len(floors_missed(crawl_of(), GOOD | counts, whole=True))
    worse = GOOD | counts
    worse["cases/failed"] += 100
    assert before == 1 or len(floors_missed(crawl_of(), worse, whole=True)) >= before
