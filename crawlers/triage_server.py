"""The triage page as a server on this machine, over one workspace."""

import getpass
import ipaddress
import signal
import sys

import uvicorn
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawlers.handed_in import entering_into
from crawlers.listening import listening_at
from crawlers.source import source_named, sources
from crawlers.workspace import data_dir
from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.triage.app import app_for


def serve_triage(store: Store, settings: Settings, *, host: str, port: int, reviewer: str | None = None) -> None:
    """Serve the page until interrupted; `reviewer` decides where nobody signs in, by default this machine's user.

    Port 0 takes any free one. Raise `UsageError` for an address that cannot be served, or not without a user.
    """
    # Who may reach this machine's own address may be any of its users; whoever has named users means them.
    login = not _is_loopback(host) or bool(store.users())
    if login and not store.users():
        raise UsageError(
            f"{host} can be reached from other machines, so signing in is demanded, and there is no user yet. "
            "Add one with: scrapy triage --add-user NAME",
            print_help=False,
        )
    folder = data_dir(settings)
    app = app_for(
        store,
        BlobStore(folder / "blobs"),
        snapshots=folder / "snapshots",
        reviewer=reviewer or getpass.getuser(),
        login=login,
        hosts=_hosts(host),
        enter=entering_into(settings),
        sources=[source.name for source in sources()],
        page_of=lambda case: source_named(case.source).page_of(case.url, case.source_id),
    )
    with listening_at(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        who = "whoever signs in" if login else app.state.room.reviewer
        sys.stderr.write(f"decide at http://{shown}:{listening.getsockname()[1]}/ as {who}, until you press Ctrl-C\n")
        for ending in (signal.SIGINT, signal.SIGTERM):
            # The server ends itself at these, and hands them on to whoever took them before.
            signal.signal(ending, lambda *_: None)
        config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[listening])


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
