"""`scrapy report`: how many films of which finding, view, age and outcome; Table 1 and Figure 2 of the paper."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, refuse_unwritable, shown_table, write

if TYPE_CHECKING:
    from pipelines.publish.report import Statistics, Table


class Command(DeskCommand):
    """Count the candidates and what stands for publication, or tables of the same form."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "[FILE.csv …] [--html FILE] [--json FILE]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Count films by finding, view, age, sex, offset, outcome, source and licence, as tables and plots"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take where to write."""
        super().add_options(parser)
        parser.add_argument("--html", type=Path, metavar="FILE", help="write one page with tables and plots")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every count")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the counts and write what is asked for."""
        from pipelines.publish.report_page import json_of, page_of

        refuse_unwritable(opts.html, opts.json)
        sections = [_of_file(path) for path in dict.fromkeys(args)] or self._of_workspace()
        for section in sections:
            _show(section)
        for path, text_of in ((opts.html, page_of), (opts.json, json_of)):
            if path:
                write(path, text_of(sections))
                sys.stderr.write(f"written: {path}\n")

    def _of_workspace(self) -> list["Statistics"]:
        from pipelines.publish.report import Statistics
        from pipelines.publish.report_rows import candidates_table, publication_table

        store = self.existing_store()
        proposed = "Every film that was proposed, whatever was decided on it."
        standing = "Every row that the next publication would hold: adopted or accepted, under any licence."
        return [
            Statistics("Candidates", candidates_table(store), _names(), proposed),
            Statistics("Publication", publication_table(store), _names(), standing),
        ]


def _of_file(path: str) -> "Statistics":
    from pipelines.publish.csv_file import UnreadableTable
    from pipelines.publish.report import Statistics
    from pipelines.publish.report_rows import file_table

    try:
        return Statistics(path, file_table(Path(path)), _names())
    except UnreadableTable as error:
        raise UsageError(f"{path}: {error}", print_help=False) from None


def _names() -> dict[str, str]:
    """Return the name of each source by the hosts of its pages."""
    from crawlers.source import sources

    return {host.removeprefix("www."): source.name for source in sources() for host in source.hosts}


def _show(section: "Statistics") -> None:
    sys.stdout.write(f"\n{section.name}: films {section.films}, patients {section.patients}\n")
    if not section.films:
        return
    sys.stdout.writelines(f"{note}\n" for note in section.notes())
    tables = [section.table_1, section.ages, section.ages_of_patients, section.offsets, section.outcomes]
    for table in [*tables, *(section.by(group).turned() for group in section.groups), section.stated]:
        sys.stdout.write("\n")
        _show_table(table)


def _show_table(table: "Table") -> None:
    """Print a table; its totals, and all of one without totals, with percentages."""
    headings = table.headings()
    rows = [
        [label, *(_cell(table, label, *told) for told in zip(headings, counts, strict=True))]
        for label, counts in table.lines()
    ]
    sides = {table.rows: "left"} | dict.fromkeys(headings, "right")
    shown_table(f"{table.title}, n = {table.of}", sides, rows)


def _cell(table: "Table", label: str, heading: str, count: int) -> str:
    with_share = count and ("total" in (label, heading) or "total" not in table.headings())
    return f"{count}  {table.share(count)}" if with_share else str(count or "·")
