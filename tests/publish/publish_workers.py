"""What the processes of `test_atomic_publication` do; without pytest, so that each of them starts quickly."""

import itertools
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.publish.checks import Terms
from pipelines.publish.publication import publish
from pipelines.records import Decision


def decide_and_publish_for_ever(workspace: Path, told: Connection) -> None:
    """Decide anew on one row and publish, over and over, until killed."""
    with Store(f"sqlite:///{workspace}/intake.sqlite") as store:
        told.send("ready")  # and again after each publication
        for age in itertools.count():
            candidate = next(store.candidates(state="accepted"))
            decision = Decision(
                candidate=candidate.id, action="edit", by="Ada", at=datetime.now(UTC), revision=candidate.revision,
                detail={"row": {"age": str(age % 100)}},
            )  # fmt: skip
            store.record(decision)
            publish(store, BlobStore(workspace / "blobs"), workspace / "published", Terms())
            told.send("published")
