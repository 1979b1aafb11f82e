"""What every room's tests share: where the real material is, and a skip with the reason where it is absent."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real films, articles and rows that lies beside the checkout; skip where it is absent."""
    if not (SHARED / "real").is_dir():
        pytest.skip(f"no real material at {SHARED}: this test measures on real films, articles and rows")
    return SHARED
