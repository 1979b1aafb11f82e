"""What can go wrong with a source, each as an error that names the place and the remedy."""


class Blocked(Exception):  # noqa: N818 - named for what happened, as the report words it
    """Say that a source showed a wall (sign-in, challenge, ban) in place of the page; it ends that source's run."""

    def __init__(self, url: str, reason: str, remedy: str = "") -> None:
        super().__init__(f"{url}: {reason}" + (f"; {remedy}" if remedy else ""))
        self.url = url
        self.reason = reason
        self.remedy = remedy


class LayoutChanged(Exception):  # noqa: N818 - named for what happened, as the report words it
    """Say that a page was fetched but lacks what every page of its kind has held so far."""

    def __init__(self, url: str, what: str) -> None:
        super().__init__(f"{url}: the page holds no {what}; has the site's layout changed?")
        self.url = url
        self.what = what


class PermissionMissing(Exception):  # noqa: N818 - named for what happened, as the report words it
    """Say that a broad crawl of the source needs a permission that nobody has recorded in this workspace."""

    def __init__(self, source: str, why: str, how: str) -> None:
        super().__init__(
            f"a broad crawl of {source} needs a recorded permission: {why} {how} "
            f'Record it with: scrapy permit {source} --basis "…" --by "…"; '
            "single cases need none: -a url=… or -a urls=FILE"
        )
        self.source = source
