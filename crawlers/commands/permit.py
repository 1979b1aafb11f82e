"""`scrapy permit`: record, or show, on what basis a source may be crawled broadly."""

import argparse
import sys

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, known_source, shown_table


class Command(DeskCommand):
    """Record a permission with the person who vouches for it."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "[SOURCE --basis TEXT --by NAME]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Record on what basis a source may be crawled, and by whom; without a source, show what is recorded"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the basis and the person."""
        super().add_options(parser)
        parser.add_argument("--basis", default="", help="what permits it, e.g. 'e-mail of the editors of 3 May 2026'")
        parser.add_argument("--by", default="", help="who records it and answers for it")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Record the permission, or list them all."""
        if not (args or opts.basis or opts.by):
            self._show()
            return
        if len(args) != 1 or not opts.basis.strip() or not opts.by.strip():
            raise UsageError("a permission needs one SOURCE, --basis and --by", print_help=False)
        source = known_source(args[0])
        store = self.opened_store()
        store.permit(source, opts.basis.strip(), opts.by.strip())
        sys.stdout.write(f"recorded: {source} may be crawled on the basis of {opts.basis!r}, says {opts.by}\n")

    def _show(self) -> None:
        from crawlers.source import sources

        store = self.opened_store() if self.has_store() else None
        rows = []
        for source in sources():
            given = store.permission(source.name) if store else None
            needed = "needed" if source.permission.needed else "not needed"
            rows.append([source.name, needed, given and given.basis, given and given.by, given and given.at])
        shown_table("Permissions", dict.fromkeys(("source", "permission", "basis", "by", "recorded"), "left"), rows)
