"""Write what a publication holds: all of it follows from the decisions, and the same ones give the same bytes."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.candidates.store import Store
from pipelines.emails import email_in
from pipelines.media.blobs import BlobStore
from pipelines.publish import memory
from pipelines.publish.cells import table_at, write_table
from pipelines.publish.checks import same_film_among_adopted
from pipelines.publish.collection_file import problems_in
from pipelines.publish.films import write_films
from pipelines.publish.rows import FOLDERS, Row
from pipelines.publish.snapshots import PublicationError
from pipelines.records import COLUMNS, SCHEMA_VERSION, Decision

FILES = ("metadata.csv", "extra.csv", "evidence.jsonl", "films.csv", "problems.csv", "rejected.csv", "known.csv")


def write_content(folder: Path, rows: Sequence[Row], store: Store, blobs: BlobStore, previous: Path | None) -> int:
    """Write the tables and films of a publication into an empty folder, prove that they agree, and count the films.

    Raise `PublicationError` where a table does not give its cells back, or a file has no row or a row no file.
    """
    films = write_films(rows, folder, blobs, previous)
    left_out = memory.decided(store)
    write_table(folder / "metadata.csv", COLUMNS, ([row.cells[column] for column in COLUMNS] for row in rows))
    write_table(folder / "rejected.csv", memory.REJECTED, memory.rejected_rows(store, left_out))
    write_table(folder / "known.csv", memory.KNOWN, memory.known_rows(store, rows, left_out))
    write_table(folder / "problems.csv", ("filename", "column", "value", "problem"), _problems(rows))
    _write_extra(folder / "extra.csv", rows)
    with (folder / "evidence.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in _evidence(rows, store))
    _prove(folder, rows)
    return films


def _write_extra(path: Path, rows: Sequence[Row]) -> None:
    """Write the cells of adopted rows that stand in no column of the schema, in the order of `metadata.csv`."""
    extra = [(row.adopted.filename, row.adopted.cells()) for row in rows if row.adopted and row.adopted.extra]
    names = list(dict.fromkeys(name for _, cells in extra for name in cells if name not in COLUMNS))
    write_table(
        path,
        ("filename", *names),
        ([filename, *(cells.get(name, "") for name in names)] for filename, cells in extra),
    )


def _evidence(rows: Sequence[Row], store: Store) -> Iterator[dict[str, Any]]:
    accepted = {row.candidate.id for row in rows if row.candidate}
    decisions: dict[str, list[Decision]] = {id: [] for id in accepted}
    for decision in store.decisions():
        if decision.candidate in accepted:
            decisions[decision.candidate].append(decision)
    for row in rows:
        if row.candidate is None:
            continue
        yield {
            "filename": row.cells["filename"],
            "candidate": row.candidate.id,
            "source": row.candidate.source,
            "case_url": row.candidate.case_url,
            "image_url": row.candidate.image_url,
            "evidence": [_quote(found.model_dump()) for found in row.evidence],
            "decisions": [
                {
                    "action": decision.action,
                    "by": memory.without_addresses(decision.by),
                    "at": decision.at.isoformat(),
                    "revision": decision.revision,
                }
                for decision in decisions[row.candidate.id]
            ],
        }


def _quote(found: dict[str, Any]) -> dict[str, Any]:
    told = found | {"rule": memory.without_addresses(found["rule"])}
    if email_in(found["quote"]):
        told |= {"quote": "", "withheld": "the quote holds an e-mail address"}
    return told


def _problems(rows: Sequence[Row]) -> Iterator[tuple[str, str, str, str]]:
    """Yield what of the adopted rows breaks today's schema; they are published as they were."""
    for row in rows:
        for problem in problems_in(row.adopted) if row.adopted else ():
            yield problem.filename, problem.column, problem.value, problem.problem
    for row, first in same_film_among_adopted(rows):
        where = f"patient {first.cells['patientid']}, offset {first.cells['offset'] or 'unknown'}"
        yield row.cells["filename"], "patientid", row.cells["patientid"], f"the same film as that of {where}"


def _prove(folder: Path, rows: Sequence[Row]) -> None:
    written = [dict(row) for row in table_at(folder / "metadata.csv")]
    if written != [row.cells for row in rows]:
        raise PublicationError("metadata.csv does not give back what was written: nothing is published")
    files = {f"{name}/{path.name}" for name in FOLDERS for path in (folder / name).iterdir()}
    named = {row.place for row in rows if row.media}
    if files != named:
        odd = ", ".join(sorted(files ^ named)[:10])
        raise PublicationError(f"files without row or rows without file: {odd}; nothing is published")


def content_id(folder: Path) -> str:
    """Return the snapshot's id, the same for the same content: films are named by their hashes in `films.csv`."""
    lines = [f"schema {SCHEMA_VERSION}"]
    lines += [f"{name} {hashlib.sha256((folder / name).read_bytes()).hexdigest()}" for name in FILES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
