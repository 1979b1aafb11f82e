"""`scrapy add`: enter a case by hand, through the same stages and checks as a crawled one."""

import argparse
import sys

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, known_source


class Command(DeskCommand):
    """Take a case's URL, pictures and text from a person."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "--source NAME --url URL {--image FILE | --pdf FILE} … [--text FILE] [--title TEXT]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Enter a case by hand; it goes through the same stages and checks as a crawled one"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what the person states of the case."""
        super().add_options(parser)
        parser.add_argument("--source", required=True, metavar="NAME", help="where the case was published")
        parser.add_argument("--url", required=True, help="the address of the case there")
        parser.add_argument("--image", metavar="FILE", action="append", default=[], help="a picture; repeatable")
        parser.add_argument(
            "--pdf",
            metavar="FILE",
            action="append",
            default=[],
            help="an article; its figures are cut out; repeatable",
        )
        parser.add_argument("--text", metavar="FILE", help="the case's text, as its page words it")
        parser.add_argument("--title", default="", help="the case's title")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take the case in and print what is proposed of it."""
        from crawlers.commands.candidates import as_table
        from crawlers.handed_in import taken_in
        from crawlers.spiders.arguments import ArgumentError

        source = known_source(opts.source)
        stated = {"source": source, "url": opts.url, "image": opts.image, "pdf": opts.pdf, "title": opts.title}
        if opts.text:
            stated["text"] = opts.text
        try:
            problems = taken_in(stated, self.opened_settings())
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None
        if problems:
            sys.stderr.writelines(f"{problem}\n" for problem in problems)
            self.exitcode = 1
            return
        store = self.opened_store()
        if known := store.known_case(source, opts.url):
            as_table(store.of_case(source, known.source_id))
