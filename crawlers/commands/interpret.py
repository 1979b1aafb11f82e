"""`scrapy interpret`: read the clinical fields out of a table's texts, without a crawl or a store."""

import argparse
import csv
import sys
from pathlib import Path

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand

NEEDED = ("row_id", "clinical_notes", "filename", "url")
TAKEN = (*NEEDED, "other_notes", "language")


class Command(DeskCommand):
    """Read each row's text as the crawl reads a case; no other column than those named is looked at."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "FILE.csv --out PRED.csv"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Read clinical fields out of a table of texts: row_id, column, value and the quote it came from"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take where to write."""
        super().add_options(parser)
        parser.add_argument("--out", type=Path, required=True, metavar="PRED.csv", help="row_id, column, value, quote")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the table and write what it supports."""
        import pandas
        from rich.console import Console
        from rich.progress import track

        from pipelines.reading.rows import interpreted

        if len(args) != 1:
            raise UsageError(f"name one table with the columns {', '.join(NEEDED)}", print_help=False)
        try:
            table = pandas.read_csv(args[0], dtype=str, keep_default_na=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"{args[0]}: {error}", print_help=False) from None
        if missing := [column for column in NEEDED if column not in table]:
            raise UsageError(f"{args[0]} lacks the columns {', '.join(missing)}", print_help=False)
        # The reader is handed nothing but what it may look at, whatever else the table holds.
        taken = [column for column in TAKEN if column in table]
        rows = [dict(zip(taken, cells, strict=True)) for cells in table[taken].itertuples(index=False)]
        filled = 0
        with opts.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("row_id", "column", "value", "quote"))
            for row in track(rows, "reading", console=Console(stderr=True), transient=True):
                for cell in interpreted([row]):
                    writer.writerow(cell)
                    filled += 1
        sys.stdout.write(f"{len(rows)} rows read, {filled} cells filled: {opts.out}\n")
