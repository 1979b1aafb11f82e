"""What the desk's own commands share: strict options, the workspace's store, errors as one plain line."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawlers.workspace import database_url, store_at

if TYPE_CHECKING:
    from pipelines.candidates.store import Store


class DeskCommand(ScrapyCommand):
    """Face a module of the desk; a subclass says its options and what it runs."""

    requires_project = True
    requires_crawler_process = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Apply the global options; refuse an unknown one, which Scrapy would pass over."""
        super().process_options(args, opts)
        for word in args:
            if word.startswith("-") and word != "-":
                raise UsageError(f"unknown option {word}; the right ones are shown by -h", print_help=False)

    def opened_settings(self) -> Settings:
        """Return the settings this command runs under."""
        assert self.settings is not None
        return self.settings

    def opened_store(self) -> "Store":
        """Return the store of the workspace that DATA_DIR and DATABASE_URL name; raise `UsageError` if it is closed."""
        from pipelines.candidates.faults import StoreError

        try:
            return store_at(database_url(self.opened_settings()))
        except StoreError as error:
            raise UsageError(str(error), print_help=False) from None


def known_source(name: str) -> str:
    """Return the name if it is a source's, else raise `UsageError` naming the right ones."""
    from crawlers.source import sources

    names = [source.name for source in sources()]
    if name not in names:
        raise UsageError(f"no source is named {name!r}; there are {', '.join(names)}", print_help=False)
    return name


def shown_table(title: str, columns: dict[str, str], rows: list[list[Any]], *, aside: bool = False) -> None:
    """Print a table; `columns` maps each heading to its side (`left` or `right`), `aside` prints it to stderr."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for heading, side in columns.items():
        table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        # As plain text: a crawled word in brackets is no markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    # A pipe has no width of its own; a table cut at 80 columns would lose words.
    at_terminal = (sys.stderr if aside else sys.stdout).isatty()
    Console(stderr=aside, width=None if at_terminal else 160).print(table)
