"""How a crawl's figures are shown to a person and written for a script."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from crawlers.command import shown_table
from pipelines.records import Run


def shown_runs(runs: Iterable[Run], title: str, *, aside: bool = False) -> None:
    """Print a line a run and, below, in plain words, the floors that were not kept; `aside` prints all to stderr."""
    runs = list(runs)
    headings = {
        "source": "left", "status": "left", "pages": "right", "new": "right", "changed": "right",
        "unchanged": "right", "blocked": "right", "failed": "right", "images": "right", "candidates": "right",
        "issues": "right", "seconds": "right",
    }  # fmt: skip
    rows: list[list[Any]] = [
        [
            run.source, run.status, run.pages, run.cases_new, run.cases_changed, run.cases_unchanged, run.blocked,
            run.failed, run.images_fetched, run.candidates_new, run.issues, f"{run.seconds:.1f}",
        ]
        for run in runs
    ]  # fmt: skip
    shown_table(title, headings, rows, aside=aside)
    console = Console(stderr=True, highlight=False)
    for run in runs:
        for problem in run.problems:
            console.print(Text.assemble((run.source, "bold red"), ": ", problem), soft_wrap=True)


def figures_of(run: Run) -> dict[str, Any]:
    """Return the figures of a run as `nightly --json` writes them."""
    return run.model_dump(mode="json")


def written(runs: Iterable[Run], path: Path) -> None:
    """Write one object a source, keyed by its name."""
    whole = {run.source: figures_of(run) for run in runs}
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
