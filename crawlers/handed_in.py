"""Cases that a person hands in, at the command line or on the triage page, taken in or refused in plain words.

The page runs this module as a process: `python -m crawlers.handed_in`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.settings import Settings

from crawlers.workspace import data_dir, database_url, store_at

if TYPE_CHECKING:
    from crawlers.spiders.by_hand import HandArguments
    from pipelines.records import IssueKind
    from pipelines.triage.room import HandedIn

_PROJECT = Path(__file__).parents[1]
# What the command line or the environment says beside the workspace; the rest is the project's own.
_CARRIED = ("REPLAY_ORIGIN", "CROSSREF_URL", "CONVERTER_URL", "INTAKE_CONTACT")
_NO_FILM: frozenset["IssueKind"] = frozenset({"media missing", "media damaged", "unreadable document", "not a film"})


def taken_in(stated: dict[str, Any], settings: Settings) -> list[str]:
    """Take a case in, and return what was wrong with it, a sentence each; none where its candidates wait.

    Nothing is kept of a case with a file that is no picture or no PDF. `stated` are `HandArguments`; raise
    `ArgumentError` for wrong ones. It may be called once in a process, like `crawled`.
    """
    from crawlers.night import Job, crawled, passed
    from crawlers.spiders.arguments import arguments_of
    from crawlers.spiders.by_hand import HandArguments

    given = arguments_of(HandArguments, stated)
    if refused := list(_refused(given)):
        return refused
    [run] = crawled([Job("by_hand", stated)], settings)
    if not passed(run):
        return run.problems
    store = store_at(database_url(settings))
    known = store.known_case(given.source, given.url)
    if known is None:
        return ["The case was not taken in; the newest log in the workspace says why."]
    if store.of_case(known.source, known.source_id):
        return []
    issues = store.case(known.source, known.source_id).issues
    why = [f"No film could be taken from it: {issue.message}." for issue in issues if issue.kind in _NO_FILM]
    return why or ["No film could be taken from it; the newest log in the workspace says why."]


def _refused(given: "HandArguments") -> Iterator[str]:
    from pipelines.media.sniff import NotMedia, media_of

    wanted = [(path, "image/", "picture") for path in given.image]
    wanted += [(path, "application/pdf", "PDF") for path in given.pdf]
    for path, mime, kind in wanted:
        try:
            found = media_of(path.read_bytes()).mime
        except NotMedia as refusal:
            yield f"No film could be taken from {path}: {refusal}."
            continue
        if not found.startswith(mime):
            yield f"No film could be taken from {path}: it is no {kind}, but {found}."


def entering_into(settings: Settings) -> Callable[["HandedIn"], list[str]]:
    """Return what takes a case into the workspace of these settings, and says what was wrong with it."""
    carried = {name: settings[name] for name in _CARRIED if settings[name]}
    carried |= {"DATA_DIR": str(data_dir(settings)), "DATABASE_URL": database_url(settings)}

    def enter(handed_in: "HandedIn") -> list[str]:
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


def _stated(handed_in: "HandedIn", folder: Path) -> dict[str, Any]:
    pdfs = [str(path) for path in handed_in.files if path.suffix == ".pdf"]
    pictures = [str(path) for path in handed_in.files if path.suffix != ".pdf"]
    stated: dict[str, Any] = {"source": handed_in.source, "url": handed_in.url, "title": handed_in.title}
    stated |= {"image": pictures, "pdf": pdfs}
    if handed_in.text.strip():
        text = folder / "text.txt"
        text.write_text(handed_in.text, encoding="utf-8")
        stated["text"] = str(text)
    return stated


def _problems_of(carried: dict[str, str], stated: dict[str, Any]) -> list[str]:
    from scrapy.utils.project import get_project_settings

    from crawlers.spiders.arguments import ArgumentError

    settings = get_project_settings()
    settings.update(carried, priority="cmdline")
    try:
        return taken_in(stated, settings)
    except ArgumentError as error:
        return [str(error)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_problems_of(*json.load(sys.stdin))))
