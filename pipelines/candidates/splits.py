"""Panels that a person cuts out of a figure: a candidate each, over the untouched file."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from pipelines.candidates.edits import checked_box
from pipelines.records import Candidate, Decision, Media, Panel

_UNSAFE = re.compile(r"[^a-z0-9]+")


def candidate_id(source: str, source_id: str, sha256: str, box: tuple[int, int, int, int] | None) -> str:
    """Return the id of a film: the same for the same bytes of the same case, in whatever order they come."""
    content = [source, source_id, sha256, box]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def panels_of(parent: Candidate, decision: Decision, film: Media | None) -> list[Candidate]:
    """Return a candidate for each panel of a split, with the parent's row and evidence.

    Raise `ValueError` for fewer than two panels, for two with one box, and for a box that is not within the film.
    """
    given = decision.detail.get("panels")
    if not isinstance(given, list) or len(given) < 2 or not all(isinstance(panel, dict) for panel in given):
        raise ValueError("a split names two panels or more; the box of a single film is edited")
    panels = [Panel(box=checked_box(panel.get("box"), film), label=str(panel.get("label", ""))) for panel in given]
    if len({panel.box for panel in panels}) < len(panels):
        raise ValueError("two panels of a split have the same box")
    if parent.panel and parent.panel.box in {panel.box for panel in panels}:
        raise ValueError("one panel of the split is the film itself")
    return [_cut(parent, panel, suffix) for panel, suffix in zip(panels, _suffixes(panels), strict=True)]


def _cut(parent: Candidate, panel: Panel, suffix: str) -> Candidate:
    stem, point, extension = parent.row["filename"].rpartition(".")
    name = f"{stem}-{suffix}{point}{extension}" if stem else ""
    evidence = [
        found.model_copy(update={"value": name}) if found.field == "filename" else found for found in parent.evidence
    ]
    after: dict[str, Any] = {
        "id": candidate_id(parent.source, parent.source_id, parent.sha256, panel.box),
        "panel": panel,
        "row": parent.row | {"filename": name},
        "evidence": evidence,
        "issues": [issue for issue in parent.issues if issue.kind != "needs split"],
        "matches": [],
        "state": "pending",
        "revision": 0,
    }
    return Candidate.model_validate(parent.model_dump() | after)


def _suffixes(panels: list[Panel]) -> Iterator[str]:
    """Yield what tells the panels' file names apart: the label, or the number where it is blank or taken."""
    taken: set[str] = set()
    for number, panel in enumerate(panels, start=1):
        label = _UNSAFE.sub("", panel.label.lower())
        suffix = label if label and label not in taken else f"{label}{number}"
        while suffix in taken:
            suffix += f"-{number}"
        taken.add(suffix)
        yield suffix
