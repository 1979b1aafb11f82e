# ruff: noqa: N999 - Scrapy calls a command by the name of its module
"""`scrapy import`: adopt a collection that was published before, without losing a cell."""

import argparse
import asyncio
import getpass
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, refuse_unwritable, shown_table
from crawlers.workspace import data_dir

if TYPE_CHECKING:
    from crawlers.adoption import Adoption
    from pipelines.candidates.collection import Adopted, AdoptedRow
    from pipelines.publish.collection_file import CellProblem, CollectionTable


class Command(DeskCommand):
    """Adopt the rows and films of a published collection; doing it again shows what changed."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "metadata.csv (--images DIR | --allow-missing-images) [--encoding NAME] [--withdraw REASON] [--by NAME]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Adopt a published collection: every cell as it stands, films known to all later crawls"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take where the films are, and what to make of rows that are gone."""
        super().add_options(parser)
        parser.add_argument("--images", type=Path, metavar="DIR", help="the folder of the films, searched by file name")
        parser.add_argument("--allow-missing-images", action="store_true", help="adopt rows whose film is not there")
        parser.add_argument("--encoding", default="", metavar="NAME", help="of the table, where it is not told rightly")
        parser.add_argument("--withdraw", default="", metavar="REASON", help="withdraw rows that the table has no more")
        parser.add_argument("--by", default="", metavar="NAME", help="who imports (default: your login)")
        parser.add_argument("--problems", type=Path, metavar="FILE", help="write each cell that breaks the schema")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Adopt the table, or say what is missing."""
        from pipelines.candidates.collection import imported_now
        from pipelines.publish.collection_file import problems_in, table_in
        from pipelines.publish.csv_file import UnreadableTable

        if len(args) != 1:
            raise UsageError("name one table, the metadata.csv of the collection", print_help=False)
        if not opts.images and not opts.allow_missing_images:
            raise UsageError("say where the films are: --images DIR, or --allow-missing-images", print_help=False)
        refuse_unwritable(opts.problems)
        by = opts.by or _login()
        if opts.images and not opts.images.is_dir():
            raise UsageError(f"there is no folder {opts.images}", print_help=False)
        try:
            table = table_in(Path(args[0]), opts.encoding)
        except UnreadableTable as error:
            raise UsageError(f"{args[0]}: {error}", print_help=False) from None
        store = self.opened_store()
        rows = self._with_films(table.rows, opts.images, opts.allow_missing_images)
        missing = [row for row in rows if row.missing]
        if missing and not opts.allow_missing_images:
            _show_missing(missing)
            told = f"rows without a film: {len(missing)} of {len(rows)}"
            raise UsageError(f"{told}; --allow-missing-images adopts them so", print_help=False)
        file = imported_now(Path(args[0]).name, table.sha256, table.encoding, table.header, len(rows), by)
        adopted = store.adopt(file, rows, opts.withdraw.strip())
        _show(table, adopted, len(missing))
        _show_problems([problem for row in rows for problem in problems_in(row)], opts.problems)

    def _with_films(self, rows: list["AdoptedRow"], images: Path | None, may_lack: bool) -> list["AdoptedRow"]:
        if images is None:
            return [row.model_copy(update={"missing": "no folder of films was given"}) for row in rows]
        from crawlers.adoption import Adoption
        from pipelines.media.blobs import BlobStore
        from pipelines.workers import Workers

        settings = self.opened_settings()
        workers = Workers(settings.getint("PIPELINE_WORKERS"), settings.getfloat("PIPELINE_PATIENCE"))
        adoption = Adoption(self.opened_store(), BlobStore(data_dir(settings) / "blobs"), workers)
        try:
            return asyncio.run(_taken(adoption, rows, images, may_lack))
        finally:
            workers.close()


async def _taken(adoption: "Adoption", rows: list["AdoptedRow"], images: Path, may_lack: bool) -> list["AdoptedRow"]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("films", total=None)
        found = await adoption.with_films(
            rows, images, lambda done, total: progress.update(task, completed=done, total=total)
        )
    if may_lack or not any(row.missing for row in found):
        await adoption.make_known(found)
    return found


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("this account has no name: say who imports with --by", print_help=False) from None


def _show(table: "CollectionTable", adopted: "Adopted", missing: int) -> None:
    counts = {
        "added": len(adopted.added),
        "changed cells": len(adopted.changed),
        "changed films": adopted.films,
        "unchanged": adopted.unchanged,
        "without film": missing,
        "not in the table": len(adopted.absent),
        "withdrawn": len(adopted.withdrawn),
    }
    shown_table(
        f"Rows: {len(table.rows)}, read as {table.encoding}", dict.fromkeys(counts, "right"), [[*counts.values()]]
    )
    for notice in table.notices:
        sys.stderr.write(f"{notice}\n")
    if adopted.absent and not adopted.withdrawn:
        sys.stderr.write("rows adopted earlier that this table does not hold stay; --withdraw REASON takes them out\n")
    changes = [[change.filename, change.column, change.before, change.after] for change in adopted.changed]
    if changes:
        shown_table("Changed cells", dict.fromkeys(("filename", "column", "before", "after"), "left"), changes)


def _show_missing(rows: list["AdoptedRow"]) -> None:
    shown_table("No film", {"filename": "left", "why": "left"}, [[row.filename, row.missing] for row in rows])


def _show_problems(problems: list["CellProblem"], file: Path | None) -> None:
    """Print how many cells of each column break the schema, with an example, and write each to `file`."""
    from pipelines.publish.cells import write_table

    counts = Counter(problem.column or "(row)" for problem in problems)
    examples = {problem.column or "(row)": problem for problem in reversed(problems)}
    columns = {"column": "left", "cells": "right", "for example": "left"}
    rows = [[column, count, examples[column].problem] for column, count in counts.most_common()]
    if rows:
        shown_table("Kept as they are, against today's schema", columns, rows)
    if file is not None:
        header = ("filename", "column", "value", "problem")
        try:
            write_table(file, header, ([p.filename, p.column, p.value, p.problem] for p in problems))
        except OSError as error:
            told = f"the rows are adopted, but {file} cannot be written: {error.strerror}"
            raise UsageError(told, print_help=False) from None
        sys.stdout.write(f"cells against the schema: {len(problems)}, each in {file}\n")
