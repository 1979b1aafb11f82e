"""`scrapy known`: have we seen this, what became of it, and why."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, shown_table
from crawlers.workspace import data_dir

if TYPE_CHECKING:
    from pipelines.publish.lookup import Answer, Lookup
    from pipelines.publish.lookup_table import KnownTable


class Command(DeskCommand):
    """Look up DOIs, addresses and films; exit 0 if all are known, 1 if one is not, 2 if one cannot be looked up."""

    takes_words = True

    def syntax(self) -> str:
        """Show how it is called."""
        return "DOI|URL|IMAGE … [--format table|jsonl] [--csv known.csv]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Tell whether a DOI, a web address or a film was seen before, what became of it, and why"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the form, and what to answer from."""
        super().add_options(parser)
        parser.add_argument("--format", choices=("table", "jsonl"), default="table", help="default: table")
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="answer from a published known.csv, without a store"
        )

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the answers in the order of the arguments, and what cannot be looked up on stderr."""
        from pipelines.publish.lookup import ACCEPTED, Unanswerable

        if not args:
            raise UsageError(f"name what to look up: {ACCEPTED}", print_help=False)
        answers: list[Answer] = []
        unknown = failed = False
        try:
            memory = self._memory(opts.csv)
        except Unanswerable as error:
            raise UsageError(str(error), print_help=False) from None
        for asked in dict.fromkeys(args):
            try:
                found = memory.answers(asked)
            except Unanswerable as error:
                sys.stderr.write(f"{error}\n")
                failed = True
                continue
            unknown |= not any(answer.known for answer in found)
            answers += found
        if opts.format == "jsonl":
            sys.stdout.writelines(json.dumps(answer.as_dict(), ensure_ascii=False) + "\n" for answer in answers)
        elif answers:
            _show(answers)
        self.exitcode = 2 if failed else int(unknown)

    def _memory(self, table: Path | None) -> "Lookup | KnownTable":
        if table is not None:
            from pipelines.publish.lookup_table import KnownTable

            return KnownTable(table)
        from pipelines.media.blobs import BlobStore
        from pipelines.publish.lookup import Lookup

        folder = data_dir(self.opened_settings())
        return Lookup(self.existing_store(), BlobStore(folder / "blobs"), folder / "films.index", _tell_indexing)


def _tell_indexing(films: int) -> None:
    if films > 1000:
        sys.stderr.write(f"indexing {films} films, once …\n")


def _show(answers: list["Answer"]) -> None:
    columns = ("asked", "relation", "state", "reason", "by", "at", "what", "file name", "page")
    rows = [
        [
            answer.asked, _relation(answer), _state(answer), _why(answer), answer.by, answer.at,
            answer.candidate or answer.source, answer.filename, answer.url,
        ]
        for answer in answers
    ]  # fmt: skip
    shown_table("What is known", dict.fromkeys(columns, "left"), rows)


def _state(answer: "Answer") -> str:
    return answer.state or ("never seen" if answer.known is False else "not certain")


def _relation(answer: "Answer") -> str:
    said = [answer.relation or ("may be the same image" if answer.known is None and answer.sha256 else "")]
    if answer.relation != "same bytes" and answer.distance is not None:
        said.append(f"{answer.distance} of 256 bits")
    if answer.relation != "same bytes" and answer.correlation is not None:
        said.append(f"correlation {answer.correlation:.3f}")
    return ", ".join(filter(None, said))


def _why(answer: "Answer") -> str:
    instead = f"instead: {answer.instead}" if answer.instead else ""
    return "; ".join(filter(None, (answer.reason, instead, answer.note)))
