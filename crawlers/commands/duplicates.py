"""`scrapy duplicates`: every related pair among folders of films, without a crawl or a store."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, shown_table

if TYPE_CHECKING:
    from pipelines.duplicates.pairs import Pair, Unread


class Command(DeskCommand):
    """Compare films by content; exit 0 only if every file could be read as a film."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "PATH … [--against PATH …] [--format table|jsonl]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Find the same film twice: crops, mirrored, inverted, turned and re-encoded copies, each proven"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what to compare with, and the form."""
        super().add_options(parser)
        parser.add_argument("--against", type=Path, metavar="PATH", action="append", default=[], help="known films")
        parser.add_argument("--format", choices=("table", "jsonl"), default="table", help="default: table")
        parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the pairs as they are proven."""
        from rich.console import Console
        from rich.progress import Progress

        from pipelines.duplicates.pairs import related_pairs

        if not args:
            raise UsageError("name folders or files of films", print_help=False)
        files, known = list(_files_in(map(Path, args))), list(_files_in(opts.against))
        unread: list[Unread] = []
        pairs: list[Pair] = []
        with Progress(console=Console(stderr=True), transient=True) as progress:
            tasks = {step: progress.add_task(step, total=None) for step in ("films", "pairs")}
            found = related_pairs(
                files,
                against=known,
                workers=opts.workers,
                on_unread=unread.append,
                on_progress=lambda step, done, total: progress.update(tasks[step], completed=done, total=total),
            )
            for pair in found:
                if opts.format == "jsonl":
                    sys.stdout.write(json.dumps(pair.as_dict(), ensure_ascii=False) + "\n")
                else:
                    pairs.append(pair)
        if opts.format == "table":
            _show(pairs)
        for file in unread:
            sys.stderr.write(f"not compared: {file.path}: {file.reason}\n")
        self.exitcode = 1 if unread else 0


def _files_in(paths: Iterator[Path] | list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no {path}", print_help=False)
        yield from sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


_SHOWN = ("a", "b", "relation", "distance", "correlation", "overlap")


def _show(pairs: list["Pair"]) -> None:
    rows = [[getattr(pair, name) for name in _SHOWN] for pair in pairs]
    sides = {name: "left" if name in ("a", "b", "relation") else "right" for name in _SHOWN}
    shown_table(f"{len(rows)} related pairs", sides, rows)
