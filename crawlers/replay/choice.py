"""Which world a command serves: the generated one, or one filled with real texts and films."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    from crawlers.replay.world import World


def add_world_options(parser: argparse.ArgumentParser) -> None:
    """Take the folders of films and the files of rows that fill the sites; both may be repeated."""
    parser.add_argument("--films", metavar="DIR", type=Path, action="append", help="fill the sites with these films")
    parser.add_argument("--rows", metavar="FILE", type=Path, action="append", help="and with the texts of these rows")


def chosen_world(opts: argparse.Namespace) -> "World":
    """Return the world the options ask for; raise `UsageError` where they name what is not there or cannot be read."""
    from crawlers.replay.server import generated_world, real_world

    if not opts.films and not opts.rows:
        return generated_world()
    if not opts.films or not opts.rows:
        raise UsageError("--films DIR and --rows FILE go together: a text without films is no case", print_help=False)
    for path in (*opts.films, *opts.rows):
        if not path.exists():
            raise UsageError(f"there is no {path}", print_help=False)
    try:
        return real_world(opts.films, opts.rows)
    except ValueError as error:
        raise UsageError(str(error), print_help=False) from None
