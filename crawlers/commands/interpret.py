"""`scrapy interpret`: read the clinical fields out of a table's texts, without a crawl or a store."""

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, refuse_unwritable, shown_table, write

if TYPE_CHECKING:
    from pipelines.reading.rows import Prefill
    from pipelines.records import Reading

NEEDED = ("row_id", "clinical_notes", "filename", "url")
TAKEN = (*NEEDED, "other_notes", "language")


class Command(DeskCommand):
    """Read each row's text as the crawl reads a case; no other column than those named is looked at."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "FILE.csv [--out PRED.csv]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Read clinical fields out of a table of texts, each value with the quote it came from"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take where to write."""
        super().add_options(parser)
        parser.add_argument(
            "--out",
            type=Path,
            metavar="PRED.csv",
            help="write row_id, column, value, quote; without it each row is shown with its rules and issues",
        )

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the table and write, or show, what it supports."""
        from rich.console import Console
        from rich.progress import track

        from pipelines.reading.rows import prefills_of, readings_in

        if len(args) != 1:
            raise UsageError(f"name one table with the columns {', '.join(NEEDED)}", print_help=False)
        refuse_unwritable(opts.out)
        rows = _rows_of(args[0])
        if opts.out is None:
            for row, (row_id, reading) in zip(rows, readings_in(rows), strict=True):
                _show(row_id, row["clinical_notes"], reading)
            return
        track_rows = track(rows, "reading", console=Console(stderr=True), transient=True)
        cells = [cell for row_id, reading in readings_in(track_rows) for cell in prefills_of(row_id, reading)]
        write(opts.out, _as_csv(cells))
        sys.stdout.write(f"rows read: {len(rows)}, cells filled: {len(cells)}, in {opts.out}\n")


def _rows_of(path: str) -> list[dict[str, str]]:
    """Return the columns that the reader may look at, and nothing else the table holds."""
    from pipelines.publish.csv_file import UnreadableTable, csv_in

    try:
        file = csv_in(Path(path))
    except UnreadableTable as error:
        raise UsageError(f"{path}: {error}", print_help=False) from None
    if missing := [column for column in NEEDED if column not in file.header]:
        raise UsageError(f"{path} lacks the columns {', '.join(missing)}; {file.shown_header()}", print_help=False)
    sys.stderr.writelines(f"{notice}\n" for notice in file.notices())
    places = {column: file.header.index(column) for column in TAKEN if column in file.header}
    return [{column: "".join(cells[at : at + 1]) for column, at in places.items()} for cells in file.lines]


def _as_csv(cells: Iterable["Prefill"]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row_id", "column", "value", "quote"))
    writer.writerows(cells)
    return text.getvalue()


def _show(row_id: str, text: str, reading: "Reading") -> None:
    sys.stdout.write(f"\n{row_id}  {' '.join(text.split())}\n")
    read = [
        [found.field, found.value, found.quote, found.rule.removeprefix(f"{found.field}: ")]
        for found in reading.evidence
        if found.field != "clinical_notes"
    ]
    unsure = [[issue.field, "", f"{issue.kind}: {issue.message}", ""] for issue in reading.issues]
    if read or unsure:
        columns = ("field", "value", "quote, or what is unsure", "rule")
        shown_table("", dict.fromkeys(columns, "left"), read + unsure)
