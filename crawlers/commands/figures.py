"""`scrapy figures`: the figures of articles and their panels, without a crawl or a store."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, positive, refuse_unwritable, shown_table, write


class Command(DeskCommand):
    """Cut figures out of articles; exit 0 only if every file could be read whole."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "FILE|DIR … --out DIR [--format jsonl|table] [--html FILE]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Cut the figures out of PDFs and JATS XML at original quality, with captions, panels and kinds"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take where the pictures go, and the form."""
        super().add_options(parser)
        parser.add_argument("--out", type=Path, metavar="DIR", help="where the pictures are written (needed)")
        parser.add_argument("--format", choices=("jsonl", "table"), default="jsonl", help="default: jsonl")
        parser.add_argument("--html", type=Path, metavar="FILE", help="write a contact sheet as well")
        parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core)")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one object a figure as they are found, then a line for each file or part that was lost."""
        from rich.console import Console
        from rich.progress import Progress

        from pipelines.figures.listing import files_in, listings

        if not args:
            raise UsageError("name PDFs, JATS files or folders of them", print_help=False)
        if opts.out is None:
            raise UsageError("--out DIR says where the pictures are written", print_help=False)
        missing = [name for name in args if not Path(name).exists()]
        files = [file for name in args if name not in missing for file in files_in(Path(name))]
        faults = [f"there is no {name}" for name in missing]
        if not files and not missing:
            raise UsageError("the folders hold no PDF, JATS file or picture", print_help=False)
        _make(opts.out)
        refuse_unwritable(opts.html)
        rows: list[dict[str, Any]] = []
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("files", total=len(files))
            found = listings(
                list(dict.fromkeys(files)),
                opts.out,
                workers=opts.workers,
                on_fault=faults.append,
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
            for row in found:
                rows.append(row)
                if opts.format == "jsonl":
                    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        if opts.format == "table":
            _show(rows)
        if opts.html:
            from pipelines.figures.sheet import contact_sheet

            write(opts.html, contact_sheet(rows, faults))
        for fault in faults:
            sys.stderr.write(f"not read: {fault}\n")
        self.exitcode = 1 if faults else 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the pictures cannot be written into {folder}: {error.strerror}", print_help=False) from None


_SHOWN = ("file", "page", "label", "kind", "width", "height", "bits", "path")


def _show(rows: list[dict[str, Any]]) -> None:
    sides = {name: "right" if name in ("page", "width", "height", "bits") else "left" for name in _SHOWN}
    title = f"Figures: {len(rows)}"
    shown_table(title, sides | {"panels": "right"}, [[*(row[n] for n in _SHOWN), len(row["panels"])] for row in rows])
