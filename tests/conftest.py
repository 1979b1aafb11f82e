"""What every room's tests share: the real material, and one demo night crawled once."""

from pathlib import Path

import pytest
from running import candidates, demo

__all__ = ["candidates", "demo", "shared"]

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real films, articles and rows that lies beside the checkout; skip where it is absent."""
    if not (SHARED / "real").is_dir():
        pytest.skip(f"no real material at {SHARED}: this test measures on real films, articles and rows")
    return SHARED
