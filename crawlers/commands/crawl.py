"""`scrapy crawl`: run one spider, with an exit code that tells whether it went well."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy.utils.conf import arglist_to_dict

from crawlers.command import DeskCommand, known_source
from crawlers.workspace import data_dir, database_url, store_at

if TYPE_CHECKING:
    from crawlers.spiders.case_spider import CaseSpider


class Command(DeskCommand):
    """Crawl one source; with `-a dry=1` print what would be proposed and keep nothing."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "SOURCE [-a NAME=VALUE …]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Crawl one source, or single cases of it (-a url=…); -a help=1 names every argument"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the spider's arguments."""
        super().add_options(parser)
        parser.add_argument("-a", dest="arguments", action="append", default=[], metavar="NAME=VALUE")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, print the report, and set the exit code."""
        try:
            arguments = arglist_to_dict(opts.arguments)
        except ValueError:
            raise UsageError("write each argument as -a NAME=VALUE", print_help=False) from None
        if len(args) != 1:
            raise UsageError("name one source to crawl", print_help=False)
        source = known_source(args[0])
        if "help" in arguments:
            self._describe(source)
            return
        self._check(source, arguments)
        if arguments.get("dry", "0") in ("0", "false"):
            self._crawl(source, arguments, self.opened_settings())
        else:
            self._rehearse(source, arguments)

    def _describe(self, source: str) -> None:
        from crawlers.spiders.arguments import described

        sys.stdout.write(described(self._spider_of(source).takes) + "\n")

    def _check(self, source: str, arguments: dict[str, str]) -> None:
        from crawlers.spiders.arguments import ArgumentError

        try:
            self._spider_of(source).check(arguments)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None

    def _spider_of(self, source: str) -> "type[CaseSpider]":
        from scrapy.spiderloader import SpiderLoader

        return cast("type[CaseSpider]", SpiderLoader.from_settings(self.opened_settings()).load(source))

    def _crawl(self, source: str, arguments: dict[str, str], settings: Settings, *, aside: bool = False) -> None:
        from crawlers.night import Job, crawled, passed
        from crawlers.report import shown_runs

        runs = crawled([Job(source, arguments)], settings)
        shown_runs(runs, title=f"Crawl of {source}", aside=aside)
        self.exitcode = 0 if all(passed(run) for run in runs) else 1

    def _rehearse(self, source: str, arguments: dict[str, str]) -> None:
        """Crawl into a passing workspace, print its candidates, and leave nothing behind."""
        from crawlers.commands.candidates import as_jsonl

        # A workspace that does not exist yet holds no permission, and a rehearsal must not make it.
        exists = data_dir(self.opened_settings()).exists()
        permission = self.opened_store().permission(source) if exists else None
        passing = Path(tempfile.mkdtemp(prefix="dry-"))
        try:
            settings = self.opened_settings().copy()
            settings.set("DATA_DIR", str(passing), priority="cmdline")
            settings.set("DATABASE_URL", f"sqlite:///{passing / 'intake.sqlite'}", priority="cmdline")
            store = store_at(database_url(settings))
            if permission:
                store.permit(source, permission.basis, permission.by)
            self._crawl(source, arguments, settings, aside=True)
            as_jsonl(store.candidates())
        finally:
            shutil.rmtree(passing)
