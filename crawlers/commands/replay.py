"""`scrapy replay`: serve the replayed web alone, until stopped."""

import argparse
import sys

from crawlers.command import DeskCommand, port
from crawlers.replay.choice import add_world_options, chosen_world
from crawlers.workspace import data_dir


class Command(DeskCommand):
    """Serve generated sites, or the same sites filled with real texts and films, on loopback."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--port 8765] [--films DIR … --rows FILE …]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Serve the replayed web on loopback until stopped"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the port and what to fill the sites with."""
        super().add_options(parser)
        parser.add_argument("--port", type=port, default=8765, help="default: 8765; 0 for any free one")
        add_world_options(parser)

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until interrupted."""
        from crawlers.listening import listening_at
        from crawlers.replay.server import serve

        world = chosen_world(opts)
        with listening_at("127.0.0.1", opts.port) as listening:
            origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
            sys.stderr.write(f"the replayed web is at {origin}/ until you press Ctrl-C\n")
            sys.stderr.write(f"crawl it with: scrapy nightly -s REPLAY_ORIGIN={origin}\n")
            serve(listening, world, data_dir(self.opened_settings()) / "demo" / "films")
