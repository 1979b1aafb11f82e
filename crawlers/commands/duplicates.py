"""`scrapy duplicates`: every related pair among folders of films, or between them and the collection."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, positive, refuse_unwritable, shown_table, write
from crawlers.workspace import data_dir

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipelines.duplicates.fingerprints import Fingerprint
    from pipelines.duplicates.pairs import FilmFile, Pair, Unread

COLLECTION = "collection"

_Told = Callable[[str, int, int], None]


class Command(DeskCommand):
    """Compare films by content; exit 0 only if every file could be read as a film."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return f"PATH … [--against PATH|{COLLECTION} …] [--format table|jsonl] [--html FILE]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Find the same film twice: crops, mirrored, inverted, turned and re-encoded copies, each proven"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what to compare with, and the form."""
        super().add_options(parser)
        parser.add_argument(
            "--against", metavar="PATH", action="append", default=[],
            help=f"known films; `{COLLECTION}` for those of the workspace, crawled and published",
        )  # fmt: skip
        parser.add_argument("--format", choices=("table", "jsonl"), default="table", help="default: table")
        parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page to flip through the pairs")
        parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core)")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the pairs as they are proven."""
        from rich.console import Console
        from rich.progress import Progress

        from pipelines.duplicates.pairs import related_pairs

        if not args:
            raise UsageError("name folders or files of films", print_help=False)
        refuse_unwritable(opts.html)
        files = _files_in(args)
        against = _files_in(name for name in opts.against if name != COLLECTION)
        unread: list[Unread] = []
        pairs: list[Pair] = []
        with Progress(console=Console(stderr=True), transient=True) as progress:
            told = _told(progress)
            known = self._collection(told) if COLLECTION in opts.against else []
            found = related_pairs(
                files, against=against, known=known, workers=opts.workers, on_unread=unread.append, on_progress=told
            )
            for pair in found:
                if opts.format == "jsonl":
                    sys.stdout.write(json.dumps(pair.as_dict(), ensure_ascii=False) + "\n")
                pairs.append(pair)
            if opts.html is not None:
                from pipelines.duplicates.page import page_of

                films = [film for film, _ in known]
                page = page_of(
                    pairs, unread, known=films, workers=opts.workers,
                    on_progress=lambda done, total: told("pictures", done, total),
                )  # fmt: skip
                write(opts.html, page)
        if opts.format == "table":
            _show(pairs)
        for file in unread:
            sys.stderr.write(f"not compared: {file.path}: {file.reason}\n")
        self.exitcode = 1 if unread else 0

    def _collection(self, told: _Told) -> list[tuple["FilmFile", "Fingerprint"]]:
        """Return the films of the workspace, those fingerprinted by an older version anew."""
        from pipelines.comparisons import Comparisons
        from pipelines.media.blobs import BlobStore
        from pipelines.workers import Workers

        settings = self.opened_settings()
        store, blobs = self.existing_store(), BlobStore(data_dir(settings) / "blobs")
        workers = Workers(settings.getint("PIPELINE_WORKERS"), settings.getfloat("PIPELINE_PATIENCE"))
        comparisons = Comparisons(store, blobs, workers)
        try:
            asyncio.run(comparisons.renew(lambda done, total: told("older fingerprints", done, total)))
        finally:
            workers.close()
        films = comparisons.films()
        if not films:
            sys.stderr.write(f"the workspace {data_dir(settings)} holds no film to compare with\n")
        return films


def _told(progress: "Progress") -> _Told:
    tasks = {step: progress.add_task(step, total=None) for step in ("films", "pairs")}

    def told(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = progress.add_task(step)
        progress.update(tasks[step], completed=done, total=total)

    return told


def _files_in(names: Iterable[str]) -> list[Path]:
    """Return files, and those of folders and all below them; raise `UsageError` for a folder that holds none."""
    found: list[Path] = []
    for path in map(Path, names):
        if not path.exists():
            raise UsageError(f"there is no {path}", print_help=False)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        if not files:
            raise UsageError(f"{path} holds no file to compare", print_help=False)
        found += files
    return found


_SHOWN = ("a", "b", "relation", "distance", "correlation", "overlap")


def _show(pairs: list["Pair"]) -> None:
    rows = [[getattr(pair, name) for name in _SHOWN] for pair in pairs]
    sides = {name: "left" if name in ("a", "b", "relation") else "right" for name in _SHOWN}
    shown_table(f"Related pairs: {len(rows)}", sides, rows)
