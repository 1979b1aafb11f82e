"""Publish the rows that stand as one snapshot: refused in plain words, or put in force at one instant."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.publish.changes import Changes, changes_between
from pipelines.publish.checks import Refusal, Terms, refusals_of
from pipelines.publish.content import content_id, write_content
from pipelines.publish.films import FilmDamaged
from pipelines.publish.history import Manifest, follows, write_history
from pipelines.publish.rows import Row, rows_to_publish
from pipelines.publish.snapshots import PublicationError, Snapshots


@dataclass(frozen=True)
class Publication:
    """Say what a publication came to: `folder` is blank where it was refused, `new` false where nothing had changed.

    `left_out` counts the rows whose licence was not asked for, by licence.
    """

    rows: list[Row]
    films: int = 0
    folder: Path | None = None
    snapshot: str = ""
    new: bool = False
    changes: Changes | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


def publish(store: Store, blobs: BlobStore, out: Path, terms: Terms) -> Publication:
    """Publish every row that stands and whose licence the terms admit, at `out`; publish nothing if one is refused.

    Raise `PublicationError` where there is nothing to publish or it cannot be written.
    """
    standing = rows_to_publish(store)
    rows = [row for row in standing if terms.admit(row)]
    left_out = Counter(row.licence or "unclear" for row in standing if not terms.admit(row))
    if refusals := refusals_of(rows, terms, lambda sha256: blobs.path(sha256) if blobs.has(sha256) else None):
        return Publication(rows, left_out=left_out, refusals=refusals)
    if not rows:
        asked = f"; licences left out: {', '.join(left_out)}" if left_out else ""
        remedy = "accept some with `scrapy triage`, or adopt a published collection with `scrapy import`"
        raise PublicationError(f"no row is accepted, so nothing is published{asked}: {remedy}")
    snapshots = Snapshots(out)
    with snapshots.writing() as partial:
        previous = snapshots.current()
        try:
            films = write_content(partial, rows, store, blobs, previous)
        except FilmDamaged as error:
            raise PublicationError(f"{error}: crawl its case again; what is published already stands") from None
        snapshot = content_id(partial)
        done = Publication(rows, films, snapshot=snapshot, left_out=left_out)
        if previous and previous.name.endswith(f"-{snapshot}"):
            return _at(done, previous, None)
        for prepared in snapshots.named(snapshot):
            # A process was killed after it had written this, and before it could put it in force.
            if follows(prepared, previous):
                snapshots.switch_to(prepared)
                return _at(done, prepared, changes_between(previous, prepared))
        changed = changes_between(previous, partial)
        number = snapshots.next_number()
        unclear = sum(row.media is not None and row.licence is None for row in rows)
        manifest = Manifest(snapshot, number, len(rows), films, unclear, terms.licences, left_out, store.imports())
        write_history(partial, manifest, changed, previous)
        return _at(done, snapshots.put_in_force(partial, f"{number:04d}-{snapshot}"), changed)


def _at(done: Publication, folder: Path, changed: Changes | None) -> Publication:
    return replace(done, folder=folder, new=changed is not None, changes=changed)
