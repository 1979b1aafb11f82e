"""`scrapy nightly`: crawl every source that may be crawled, and say what each gave."""

import argparse
import sys
from pathlib import Path

from crawlers.command import DeskCommand, known_source, refuse_unwritable, write
from crawlers.faults import PermissionMissing


class Command(DeskCommand):
    """Crawl the permitted sources at once; exit 0 only if each that ran kept its floors."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--source NAME …] [--json FILE]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Crawl all permitted sources and report on each; exits 0 only if every floor was kept"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the sources and the report's file."""
        super().add_options(parser)
        parser.add_argument("--source", metavar="NAME", action="append", default=[], help="only this one; repeatable")
        parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures of each source to FILE")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then print and write the report."""
        from crawlers.night import Job, crawled, passed
        from crawlers.report import as_json, shown_runs
        from crawlers.source import sources

        refuse_unwritable(opts.json)
        named = [known_source(name) for name in opts.source]
        permitted = [name for name in named or [source.name for source in sources()] if self._is_permitted(name)]
        if permitted:
            runs = crawled([Job(name) for name in permitted], self.opened_settings())
            shown_runs(runs, title="This night")
        else:
            runs = []
        if opts.json:
            write(opts.json, as_json(runs))
        # Asked for by name, a source that may not be crawled is a failure; else it is only told.
        refused = not permitted or len(permitted) < len(named)
        self.exitcode = 1 if refused or not all(passed(run) for run in runs) else 0

    def _is_permitted(self, name: str) -> bool:
        from crawlers.source import source_named

        rule = source_named(name).permission
        if not rule.needed or self.opened_store().permission(name):
            return True
        sys.stderr.write(f"left out: {PermissionMissing(name, rule.why, rule.how)}\n")
        return False
