"""How a crawl's figures are shown to a person and written for a script."""

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from crawlers.command import shown_table
from pipelines.records import Run


def shown_runs(runs: Iterable[Run], title: str, *, aside: bool = False) -> None:
    """Print a line a run and, below, in plain words, the floors that were not kept; `aside` prints all to stderr."""
    runs = list(runs)
    headings = {
        "started": "left", "source": "left", "status": "left", "pages": "right", "new": "right", "changed": "right",
        "unchanged": "right", "blocked": "right", "failed": "right", "images": "right", "candidates": "right",
        "issues": "right", "seconds": "right",
    }  # fmt: skip
    rows: list[list[Any]] = [
        [
            f"{run.started.astimezone():%Y-%m-%d %H:%M}", _told(run.source), run.status, run.pages, run.cases_new,
            run.cases_changed, run.cases_unchanged, run.blocked, run.failed, run.images_fetched, run.candidates_new,
            run.issues, f"{run.seconds:.1f}",
        ]
        for run in runs
    ]  # fmt: skip
    shown_table(title, headings, rows, aside=aside)
    console = Console(stderr=True, highlight=False)
    for run in runs:
        for problem in run.problems:
            console.print(Text.assemble((_told(run.source), "bold red"), ": ", problem), soft_wrap=True)


def _told(source: str) -> str:
    # The one spider that is named after no source.
    return "by hand" if source == "by_hand" else source


def as_json(runs: Iterable[Run]) -> str:
    """Return one object a source, keyed by its name, as `nightly --json` writes them."""
    whole = {run.source: run.model_dump(mode="json") for run in runs}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
