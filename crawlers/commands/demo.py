"""`scrapy demo`: crawl the replayed web from end to end, and show what was found."""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from crawlers.command import DeskCommand
from crawlers.replay.choice import add_world_options, chosen_world
from crawlers.workspace import data_dir, database_url, store_at

if TYPE_CHECKING:
    from pipelines.candidates.store import Store

# What a demo makes anew each time; the generated films are kept, for drawing them takes most of a first run.
_OF_A_RUN = ("intake.sqlite", "intake.sqlite-wal", "intake.sqlite-shm", "blobs", "httpcache", "runs", "snapshots")


class Command(DeskCommand):
    """Serve the replayed web, run the nightly crawl over it, and say where the candidates are."""

    def syntax(self) -> str:
        """Show how it is called."""
        return "[--again] [--serve] [--films DIR … --rows FILE …]"

    def short_desc(self) -> str:
        """Say what it does."""
        return "Crawl the replayed web on this machine, without the internet, and show what was found"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what to serve and whether to stay."""
        super().add_options(parser)
        parser.add_argument("--again", action="store_true", help="keep the last demo's store: a second night")
        parser.add_argument("--serve", action="store_true", help="keep the sites and the triage page up until Ctrl-C")
        add_world_options(parser)

    def handle(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve, crawl, show; it ends by itself with exit code 0 if every source kept its floors."""
        from crawlers.night import Job, crawled, passed
        from crawlers.replay.server import running
        from crawlers.report import shown_runs
        from crawlers.source import sources

        folder, world = data_dir(self.opened_settings()) / "demo", chosen_world(opts)
        if not opts.again:
            begin_anew(folder)
        names = [source.name for source in sources()]
        with running(world, folder / "films") as origin:
            settings = _demo_settings(self.opened_settings(), folder, origin)
            store = store_at(database_url(settings))
            for name in names:
                store.permit(name, "these pages are generated on this machine", "scrapy demo")
            sys.stderr.write(f"crawling the replayed web at {origin}\n")
            runs = crawled([Job(name) for name in names], settings)
            shown_runs(runs, title="What the demo found")
            _say_what_next(folder)
            self.exitcode = 0 if all(passed(run) for run in runs) else 1
            if opts.serve:
                _serve(store, settings, origin)


def begin_anew(folder: Path) -> None:
    """Remove what the last demo made, unless a person has decided on it."""
    if _holds_decisions(folder):
        sys.stderr.write(f"{folder} holds decisions and is kept, as with --again; delete it to begin anew\n")
        return
    for name in _OF_A_RUN:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _holds_decisions(folder: Path) -> bool:
    from pipelines.candidates.store import Store

    path = folder / "intake.sqlite"
    if not path.exists():
        return False
    with Store(f"sqlite:///{path}") as store:  # not the one that this process shares, whose file may be removed
        return bool(store.newest_decisions(limit=1))


def _demo_settings(settings: Settings, folder: Path, origin: str) -> Settings:
    settings.set("DATA_DIR", str(folder), priority="cmdline")
    settings.set("DATABASE_URL", f"sqlite:///{folder / 'intake.sqlite'}", priority="cmdline")
    settings.set("REPLAY_ORIGIN", origin, priority="cmdline")
    # Whoever names a contact is in Crossref's polite pool; the replayed one takes any.
    settings.set("INTAKE_CONTACT", settings["INTAKE_CONTACT"] or "demo@localhost.invalid", priority="cmdline")
    # The replayed Figure 1 asks for a token as the real one does, and takes any.
    os.environ["FIGURE1_TOKEN"] = "of the replayed Figure 1"  # noqa: S105
    folder.mkdir(parents=True, exist_ok=True)
    return settings


def _say_what_next(folder: Path) -> None:
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    here = f"-s DATA_DIR={shown}"
    again = "scrapy demo" if shown == Path("data/demo") else f"scrapy demo -s DATA_DIR={shown.parent}"
    steps = {
        f"scrapy triage {here}": "decide on them in the browser",
        f"scrapy candidates {here}": "the rows at a glance",
        f"scrapy candidates {here} --format jsonl": "each value with the sentence it came from",
        f"{again} --again": "a second night: nothing new, nothing fetched twice",
        f"{again} --again --serve": "look at the replayed sites in a browser, and decide",
    }
    width = max(map(len, steps))
    sys.stdout.write(
        "Some of its pages and pictures are broken on purpose; each warning above says which, and why.\n"
        f"The candidates are in {shown}/intake.sqlite, the films as they came in {shown}/blobs.\n"
        "Next:\n" + "".join(f"  {step:{width}}   {what}\n" for step, what in steps.items())
    )


def _serve(store: "Store", settings: Settings, origin: str) -> None:
    from crawlers.triage_server import serve_triage

    sys.stderr.write(f"the replayed sites are at {origin}/\n")
    serve_triage(store, settings, host="127.0.0.1", port=0)
