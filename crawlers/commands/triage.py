"""`scrapy triage`: look at the candidates in the browser and decide."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand, port

if TYPE_CHECKING:
    from pipelines.candidates.store import Store


class Command(DeskCommand):
    """Serve the triage page, or add who may sign in to it."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--host 127.0.0.1] [--port 8000] [--as NAME] | --add-user NAME"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Decide on the candidates in the browser"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the address and who decides."""
        super().add_options(parser)
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine alone")
        parser.add_argument("--port", type=port, default=8000, help="default: 8000; 0 for any free one")
        parser.add_argument("--as", dest="reviewer", metavar="NAME", help="who decides, where nobody signs in")
        parser.add_argument("--add-user", metavar="NAME", help="let NAME sign in, or give NAME a new password")

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until interrupted."""
        store = self.opened_store()
        if opts.add_user is not None:
            _add_user(store, opts.add_user.strip())
            return
        from crawlers.triage_server import serve_triage

        serve_triage(store, self.opened_settings(), host=opts.host, port=opts.port, reviewer=opts.reviewer)


def _add_user(store: "Store", name: str) -> None:
    from pipelines.triage.passwords import hash_of

    if not name or not name.isprintable():
        raise UsageError("a user needs a name", print_help=False)
    try:
        store.add_user(name, hash_of(_password()))
    except ValueError as error:
        raise UsageError(str(error), print_help=False) from None
    sys.stdout.write(f"{name} may sign in; signing in is now demanded at every address\n")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise UsageError("the two are not the same", print_help=False)
    return password
