"""`scrapy publish`: the accepted rows and their films, put in force at one instant."""

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, shown_table
from crawlers.workspace import data_dir

if TYPE_CHECKING:
    from pipelines.publish.checks import Refusal
    from pipelines.publish.publication import Publication


class Command(DeskCommand):
    """Publish what people accepted; exit 0 only if nothing was refused."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--licenses CC-BY,CC-BY-SA,…] [--out DIR] [--allow-unclear] [--allow-metadata FILENAME …]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Publish the accepted rows with their films, evidence and changelog; all of it or, if refused, nothing"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what may be published, and where."""
        super().add_options(parser)
        parser.add_argument("--licenses", metavar="NAMES", help="only rows under these, e.g. CC-BY,CC-BY-SA")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where (default: published, in DATA_DIR)")
        parser.add_argument("--allow-unclear", action="store_true", help="publish films whose licence is unclear, too")
        parser.add_argument(
            "--allow-metadata", action="append", default=[], metavar="FILENAME",
            help="a film whose metadata names a person or place and was found harmless; repeatable",
        )  # fmt: skip

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish, or print what is in the way of it."""
        from pipelines.media.blobs import BlobStore
        from pipelines.publish.checks import Terms
        from pipelines.publish.publication import publish
        from pipelines.publish.snapshots import PublicationError

        licences = None if opts.licenses is None else frozenset(map(_licence, opts.licenses.split(",")))
        terms = Terms(licences, opts.allow_unclear, frozenset(opts.allow_metadata))
        folder = data_dir(self.opened_settings())
        out = opts.out or folder / "published"
        try:
            done = publish(self.existing_store(), BlobStore(folder / "blobs"), out, terms)
        except PublicationError as error:
            raise UsageError(str(error), print_help=False) from None
        if done.refusals:
            _show_refusals(done.refusals)
        else:
            _show(done, out)
        _show_left_out(done.left_out)
        self.exitcode = 1 if done.refusals else 0


def _licence(name: str) -> str:
    from pipelines.references.licences import licence_of

    known = licence_of(name.strip())
    if known is None:
        right = "write CC0, CC-BY, CC-BY-NC-SA 4.0, …"
        raise UsageError(f"no licence is named {name.strip()!r}; {right}", print_help=False)
    return known


def _show_refusals(refusals: list["Refusal"]) -> None:
    """Print each objection once, with all the rows that it concerns."""
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for refusal in refusals:
        rows[refusal.why, refusal.remedy].append(refusal.row)
    # In two columns, so that names of films stand whole.
    told = [["\n".join(named), f"{why}:\n{remedy}"] for (why, remedy), named in rows.items()]
    columns = dict.fromkeys(("rows", "why, and what to do"), "left")
    shown_table(f"Nothing is published; objections: {len(refusals)}", columns, told)


def _show(done: "Publication", out: Path) -> None:
    rows = Counter(row.candidate.source if row.candidate else "adopted" for row in done.rows)
    films = Counter(row.candidate.source if row.candidate else "adopted" for row in done.rows if row.media)
    columns = {"source": "left", "rows": "right", "with film": "right"}
    shown_table("Published", columns, [[source, rows[source], films[source]] for source in sorted(rows)])
    sys.stdout.write(f"{out}: snapshot {done.snapshot}\n")
    changed = next(done.changes.sentences()) if done.changes else "nothing changed: the last publication stands"
    sys.stdout.write(f"{changed}\n")


def _show_left_out(left_out: Counter[str]) -> None:
    if left_out:
        rows = [[licence, count] for licence, count in sorted(left_out.items())]
        shown_table("Left out by licence", {"licence": "left", "rows": "right"}, rows)
