"""Cases handed in on the triage page, taken in by a process of their own: `python -m crawlers.handed_in`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from crawlers.workspace import data_dir, database_url
from pipelines.triage.room import HandedIn

_PROJECT = Path(__file__).parents[1]
# What the command line or the environment says beside the workspace; the rest is the project's own.
_CARRIED = ("REPLAY_ORIGIN", "CROSSREF_URL", "CONVERTER_URL", "INTAKE_CONTACT")


def entering_into(settings: Settings) -> Callable[[HandedIn], list[str]]:
    """Return what takes a case into the workspace of these settings, and says what was wrong with it."""
    carried = {name: settings[name] for name in _CARRIED if settings[name]}
    carried |= {"DATA_DIR": str(data_dir(settings)), "DATABASE_URL": database_url(settings)}

    def enter(handed_in: HandedIn) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="text-") as folder:
            # Scrapy's event loop runs once in a process, and this one's belongs to the web server.
            done = subprocess.run(
                [sys.executable, "-m", "crawlers.handed_in"],
                input=json.dumps([carried, _stated(handed_in, Path(folder))]),
                stdout=subprocess.PIPE,
                text=True,
                cwd=_PROJECT,
                env=os.environ | {"SCRAPY_SETTINGS_MODULE": "crawlers.settings"},
                check=False,
            )
        if done.returncode != 0:
            return ["The process that takes cases in failed; the terminal of the server says why."]
        problems: list[str] = json.loads(done.stdout)
        return problems

    return enter


def _stated(handed_in: HandedIn, folder: Path) -> dict[str, Any]:
    pdfs = [str(path) for path in handed_in.files if path.suffix == ".pdf"]
    pictures = [str(path) for path in handed_in.files if path.suffix != ".pdf"]
    stated: dict[str, Any] = {"source": handed_in.source, "url": handed_in.url, "title": handed_in.title}
    stated |= {"image": pictures, "document": pdfs}
    if handed_in.text.strip():
        text = folder / "text.txt"
        text.write_text(handed_in.text, encoding="utf-8")
        stated["text"] = str(text)
    return stated


def _problems_of(carried: dict[str, str], stated: dict[str, Any]) -> list[str]:
    """Take a case in, in this process, and return what was wrong, a sentence each."""
    from scrapy.utils.project import get_project_settings

    from crawlers.night import Job, crawled, passed
    from crawlers.spiders.arguments import ArgumentError, arguments_of
    from crawlers.spiders.by_hand import HandArguments
    from crawlers.workspace import store_at

    settings = get_project_settings()
    settings.update(carried, priority="cmdline")
    try:
        arguments_of(HandArguments, stated)
    except ArgumentError as error:
        return [str(error).partition("\nArguments are")[0]]
    [run] = crawled([Job("by_hand", stated)], settings)
    if not passed(run):
        return run.problems
    store = store_at(database_url(settings))
    known = store.known_case(stated["source"], stated["url"])
    if known is None:
        return ["The case was not taken in; the newest log in the workspace says why."]
    if store.of_case(known.source, known.source_id):
        return []
    issues = store.case(known.source, known.source_id).issues
    return [f"No film could be taken from it: {issue.message}." for issue in issues if issue.field != "license"]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_problems_of(*json.load(sys.stdin))))
