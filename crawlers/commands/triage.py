"""`scrapy triage`: look at the candidates in the browser and decide."""

import argparse
import getpass
import ipaddress
import signal
import socket
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawlers.command import DeskCommand
from crawlers.workspace import data_dir

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
        parser.add_argument("--port", type=int, default=8000, help="default: 8000; 0 for any free one")
        parser.add_argument("--as", dest="reviewer", metavar="NAME", help="who decides, where nobody signs in")
        parser.add_argument("--add-user", metavar="NAME", help="let NAME sign in, or give NAME a new password")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until interrupted."""
        store = self.opened_store()
        if opts.add_user is not None:
            _add_user(store, opts.add_user.strip())
            return
        self._serve(store, opts)

    def _serve(self, store: "Store", opts: argparse.Namespace) -> None:
        import uvicorn

        from crawlers.handed_in import entering_into
        from crawlers.source import source_named, sources
        from pipelines.media.blobs import BlobStore
        from pipelines.triage.app import app_for

        settings = self.opened_settings()
        # Who may reach this machine's own address may be any of its users; whoever has named users means them.
        login = not _is_loopback(opts.host) or bool(store.users())
        if login and not store.users():
            raise UsageError(
                f"{opts.host} can be reached from other machines, so signing in is demanded, and there is no user yet. "
                "Add one with: scrapy triage --add-user NAME",
                print_help=False,
            )
        folder = data_dir(settings)
        app = app_for(
            store,
            BlobStore(folder / "blobs"),
            snapshots=folder / "snapshots",
            reviewer=opts.reviewer or getpass.getuser(),
            login=login,
            hosts=_hosts(opts.host),
            enter=entering_into(settings),
            sources=[source.name for source in sources()],
            page_of=lambda case: source_named(case.source).page_of(case.url, case.source_id),
        )
        with _listening(opts.host, opts.port) as listening:
            port = listening.getsockname()[1]
            host = f"[{opts.host}]" if ":" in opts.host else opts.host
            who = "whoever signs in" if login else app.state.room.reviewer
            sys.stderr.write(f"decide at http://{host}:{port}/ as {who}, until you press Ctrl-C\n")
            for ending in (signal.SIGINT, signal.SIGTERM):
                # The server ends itself at these, and hands them on to whoever took them before.
                signal.signal(ending, lambda *_: None)
            config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=5)
            uvicorn.Server(config).run(sockets=[listening])


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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hosts(host: str) -> list[str]:
    """Return the names by which the server may be called; any other was pointed here by another site."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        # A machine that listens on all its addresses cannot know its names; there, a login guards each page.
        return ["*"]
    return [host, "127.0.0.1", "localhost", "::1"] if _is_loopback(host) else [host]


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)[0][0]
    except (OSError, OverflowError) as error:
        raise UsageError(f"{host}:{port} is no address of this machine ({error})", print_help=False) from None
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        message = f"port {port} of {host} cannot be used ({error}); end what uses it, or choose another: --port 8001"
        raise UsageError(message, print_help=False) from None
    listening.listen(256)
    return listening
