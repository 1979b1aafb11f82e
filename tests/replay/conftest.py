"""One server of the replayed web for each test process."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from crawlers.replay.server import generated_world, running
from crawlers.replay.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return generated_world()


@pytest.fixture(scope="session")
def films_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def web(world: World, films_cache: Path) -> Iterator[httpx.Client]:
    """Serve the generated world from a process of its own."""
    with running(world, films_cache) as origin, httpx.Client(base_url=origin, timeout=60) as client:
        yield client
