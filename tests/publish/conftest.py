"""An empty desk, copied from one whose store was migrated once: that takes the most of the time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from publishing import Desk

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "intake.sqlite"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def desk(migrated: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(migrated, folder)
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        yield Desk(folder, store, BlobStore(folder / "blobs"))
