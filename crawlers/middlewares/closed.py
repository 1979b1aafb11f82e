"""A host that is to be left alone for the rest of a run."""

from scrapy.crawler import Crawler

STAT = "hosts/closed/"  # followed by the host; its value says why, for the run's report


class HostClosed(Exception):  # noqa: N818 - named for what happened, as the report words it
    """Say that a host asked, or is to be taken as asking, to be left alone; the next run may try it again."""

    def __init__(self, host: str, why: str) -> None:
        """Name the host and say why in plain words."""
        super().__init__(f"{host} is left alone for this run: {why}")


def closed(crawler: Crawler, host: str, why: str) -> HostClosed:
    """Return the fault that a host is closed, noted for the run's report."""
    crawler.stats.set_value(STAT + host, why)
    return HostClosed(host, why)
