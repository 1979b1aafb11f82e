"""What tells one publication from the one before it: its changelog and its manifest."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.candidates.collection import CollectionFile
from pipelines.publish.cells import write_table
from pipelines.publish.changes import HEADER, Changes
from pipelines.publish.content import FILES
from pipelines.records import COLUMNS, SCHEMA_VERSION


@dataclass(frozen=True)
class Manifest:
    """Name a publication: `number` counts those of its place, `snapshot` is the hash of what it holds.

    `unclear` counts the films published although their licence is unclear.
    """

    snapshot: str
    number: int
    rows: int
    films: int
    unclear: int
    licences: frozenset[str] | None
    left_out: Counter[str]
    adopted_from: list[CollectionFile]


def write_history(folder: Path, manifest: Manifest, changed: Changes, previous: Path | None) -> None:
    """Write `snapshot.json`, `changes.csv` and the new entry on top of `CHANGELOG.md`."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = {
        "snapshot": manifest.snapshot,
        "number": manifest.number,
        "previous": previous.name if previous else "",
        "published": now.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "columns": COLUMNS,
        "licences": sorted(manifest.licences) if manifest.licences is not None else "all",
        "rows": manifest.rows,
        "films": manifest.films,
        "licence_unclear": manifest.unclear,
        "left_out": dict(sorted(manifest.left_out.items())),
        "adopted_from": [file.model_dump(mode="json", exclude={"by"}) for file in manifest.adopted_from],
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
    }
    (folder / "snapshot.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    write_table(folder / "changes.csv", HEADER, changed.lines())
    entry = f"## {manifest.number} · {now:%Y-%m-%d}\n\n"
    entry += "".join(f"- {sentence}\n" for sentence in _sentences(manifest, changed, previous))
    earlier = (previous / "CHANGELOG.md").read_text(encoding="utf-8").partition("\n\n")[2] if previous else ""
    (folder / "CHANGELOG.md").write_text(f"# Changes\n\n{entry}" + f"\n{earlier}" * bool(earlier), encoding="utf-8")


def follows(prepared: Path, previous: Path | None) -> bool:
    """Tell whether a snapshot was written to follow this one."""
    return bool(_manifest(prepared)["previous"] == (previous.name if previous else ""))


def _sentences(manifest: Manifest, changed: Changes, previous: Path | None) -> list[str]:
    sentences = [f"Snapshot `{manifest.snapshot}`, schema version {SCHEMA_VERSION}."]
    before = _manifest(previous)["schema_version"] if previous else SCHEMA_VERSION
    if before != SCHEMA_VERSION:
        sentences.append(f"**The schema changed**: it was version {before}.")
    sentences += changed.sentences()
    if manifest.unclear:
        sentences.append(f"Films whose licence is unclear: {manifest.unclear} (--allow-unclear).")
    if manifest.licences is not None:
        left = ", ".join(f"{count} {licence}" for licence, count in sorted(manifest.left_out.items()))
        sentences.append(f"Only films under {', '.join(sorted(manifest.licences))}; left out: {left or 'none'}.")
    return sentences


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
    return manifest
