"""What every room's tests share: the real material, and one demo night crawled once."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from running import candidates, demo

from pipelines.candidates.store import Store

__all__ = ["candidates", "demo", "shared"]

# Half the usual examples keep all properties within the five minutes of a run; no single one is bound by the clock.
settings.register_profile("desk", max_examples=50, deadline=None)
settings.load_profile("desk")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real films, articles and rows that lies beside the checkout; skip where it is absent."""
    if not (SHARED / "real").is_dir():
        pytest.skip(f"no real material at {SHARED}: this test measures on real films, articles and rows")
    return SHARED


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty store's file, to be copied: migrating one takes longer than a test."""
    path = tmp_path_factory.mktemp("migrated") / "intake.sqlite"
    Store(f"sqlite:///{path}").close()
    return path


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start one process more than there are cores: many tests wait, for a host's pace, a browser or a child."""
    return (os.cpu_count() or 1) + 1
