"""What the desk's own commands share: strict options, the workspace's store, errors as one plain line."""

import argparse
import os
import sys
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

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
    """Face a module of the desk; a subclass says its options, whether it takes words beside them, and what it does."""

    requires_project = True
    requires_crawler_process = False
    takes_words: ClassVar[bool] = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Apply the global options; refuse unknown ones and stray words, which Scrapy would pass over."""
        super().process_options(args, opts)
        for word in args:
            if word.startswith("-") and word != "-":
                raise UsageError(f"unknown option {word}; the right ones are shown by -h", print_help=False)
        if args and not self.takes_words:
            raise UsageError(f"unexpected {args[0]!r}: this command takes options alone", print_help=False)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the command does; end quietly with exit code 1 where whoever reads the output has left (`| head`).

        Raise `UsageError` for a store that cannot be used.
        """
        from pipelines.candidates.faults import StoreError

        try:
            self.handle(args, opts)
            sys.stdout.flush()
        except StoreError as error:
            raise UsageError(str(error), print_help=False) from None
        except BrokenPipeError:
            # What is flushed at exit would fail again: https://docs.python.org/3/library/signal.html#note-on-sigpipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = 1

    @abstractmethod
    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the command does with its words and options, and set `exitcode` where that is not 0."""

    def opened_settings(self) -> Settings:
        """Return the settings this command runs under."""
        assert self.settings is not None
        return self.settings

    def opened_store(self) -> "Store":
        """Return the store of the workspace that DATA_DIR and DATABASE_URL name, made where there is none."""
        return store_at(database_url(self.opened_settings()))

    def has_store(self) -> bool:
        """Tell whether the workspace has a store; one on a database server is taken to be there."""
        from pipelines.candidates.database import is_there

        return is_there(database_url(self.opened_settings()))

    def existing_store(self) -> "Store":
        """Return the store for a command that only reads; raise `UsageError` where there is none to read."""
        if not self.has_store():
            place = database_url(self.opened_settings()).removeprefix("sqlite:///")
            remedy = "DATA_DIR names the workspace; scrapy crawl, add and import begin one"
            raise UsageError(f"there is no store at {place}: {remedy}", print_help=False)
        return self.opened_store()


def positive(text: str) -> int:
    """Return a whole number above 0, as the type of an option."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def port(text: str) -> int:
    """Return the number of a port, as the type of an option; 0 takes any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; one is a number from 0 to 65535")
    return int(text)


def refuse_unwritable(*paths: Path | None) -> None:
    """Raise `UsageError` for a file that could not be written once the work is done; `None` is none."""
    for path in filter(None, paths):
        folder = path.absolute().parent
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name a file in it", print_help=False)
        if not folder.is_dir():
            raise UsageError(f"there is no folder {path.parent} to write {path.name} into", print_help=False)
        if not os.access(path if path.exists() else folder, os.W_OK):
            raise UsageError(f"{path} cannot be written: permission denied", print_help=False)


def write(path: Path, text: str) -> None:
    """Write a text to the file that an option names; raise `UsageError` where the disk does not take it."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", print_help=False) from None


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
