"""`scrapy runs`: what the last crawls saw, and which floors they did not keep."""

import argparse
import sys

from crawlers.command import DeskCommand, known_source, positive
from crawlers.report import shown_runs


class Command(DeskCommand):
    """Print the last runs of the workspace."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--source NAME] [--last N] [--format table|jsonl]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Print what the last crawls saw, newest first"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the filters and the form."""
        super().add_options(parser)
        parser.add_argument("--source", metavar="NAME", help="only runs of this source")
        parser.add_argument("--last", type=positive, default=20, metavar="N", help="how many runs (default: 20)")
        parser.add_argument("--format", choices=("table", "jsonl"), default="table", help="default: table")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print them, newest first."""
        source = known_source(opts.source) if opts.source else None
        store = self.existing_store()
        runs = store.runs(limit=opts.last, source=source)
        if opts.format == "jsonl":
            sys.stdout.writelines(run.model_dump_json() + "\n" for run in runs)
        else:
            shown_runs(runs, title=f"Runs, newest first: {len(runs)}")
