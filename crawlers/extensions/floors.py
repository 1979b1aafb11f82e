"""The floors a crawl must keep to count as good, each missed one in plain words."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapy import Spider

from crawlers.source import Source

_SHOWN = 3  # failures named in a report; the log names all


def is_full(spider: Spider) -> bool:
    """Tell whether a crawl covers its source: one of single cases, with a limit, a query or a date does not."""
    given: set[str] = getattr(getattr(spider, "arguments", None), "model_fields_set", set())
    return not given - {"dry"}


def floors_missed(spider: Spider, stats: Mapping[str, Any], *, whole: bool) -> list[str]:
    """Return each floor that was missed; those of a source bind only a full crawl that ran to its end (`whole`)."""
    if not whole:
        return []
    source = getattr(spider, "source", None)
    since = getattr(getattr(spider, "arguments", None), "since", None)
    only_old = since is not None and stats.get("cases/skipped", 0)
    if not stats.get("cases/seen", 0) and not only_old:
        return [_nothing_seen(spider, stats)]
    if is_full(spider) and isinstance(source, Source):
        return list(_of_source(source, stats, getattr(spider, "failures", [])))
    if failed := stats.get("cases/failed", 0):
        return [f"{failed} of the pages asked for could not be read{_named(spider)}"]
    return []


def _nothing_seen(spider: Spider, stats: Mapping[str, Any]) -> str:
    forbidden = stats.get("robotstxt/forbidden", 0)
    why = f"; robots.txt forbids {forbidden} of the addresses asked for" if forbidden else ""
    return f"no case was seen{why}{_named(spider)}"


def _of_source(source: Source, stats: Mapping[str, Any], failures: list[str]) -> Iterator[str]:
    floors = source.expectations
    seen, failed = stats.get("cases/seen", 0), stats.get("cases/failed", 0)
    if lost := stats.get("listings/failed", 0):
        named = "".join(f"\n  {failure}" for failure in failures[:_SHOWN])
        yield f"{lost} listing pages could not be read, and with them all cases behind them{named}"
    if seen < floors.min_cases:
        yield f"{seen} cases were seen; a full crawl of {source.title} sees at least {floors.min_cases}"
    ceiling = floors.max_failed_share
    if _share(failed, seen + failed) > ceiling:
        named = "".join(f"\n  {failure}" for failure in failures[:_SHOWN])
        yield f"{failed} of {seen + failed} pages could not be read, more than {ceiling:.0%}{named}"
    for field, share in floors.fill.items():
        stated = stats.get(f"cases/filled/{field}", 0)
        if seen and _share(stated, seen) < share:
            yield f"{stated} of {seen} cases state {field!r}; {share:.0%} are expected: has the layout changed?"
    lost = stats.get("images/failed", 0)
    # On most nights nearly every picture is known, and only the few that failed before are fetched.
    pictures = stats.get("images/fetched", 0) + stats.get("images/skipped", 0) + lost
    if _share(lost, pictures) > ceiling:
        yield f"{lost} of {pictures} pictures could not be kept, more than {ceiling:.0%}"
    for stage, broken in _stages_failed(stats):
        if _share(broken, seen) > ceiling:
            yield f"the {stage} stage failed for {broken} of {seen} cases, more than {ceiling:.0%}"


def _stages_failed(stats: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for key, count in stats.items():
        if key.startswith("stages/") and key.endswith("/failed"):
            yield key.split("/")[1], count


def _named(spider: Spider) -> str:
    return "".join(f"\n  {failure}" for failure in getattr(spider, "failures", [])[:_SHOWN])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
