"""An empty desk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from publishing import Desk

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore


@pytest.fixture
def desk(migrated: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(migrated, folder)
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        yield Desk(folder, store, BlobStore(folder / "blobs"))
