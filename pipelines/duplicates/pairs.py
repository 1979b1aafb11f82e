"""Find every related pair among files of films, without a store."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipelines.duplicates.canonical import Box, NoFingerprint
from pipelines.duplicates.film import Film, film_of, use_one_thread
from pipelines.duplicates.fingerprints import Fingerprint, fingerprint_of
from pipelines.duplicates.shortlist import Shortlist
from pipelines.duplicates.verification import Comparison, compared_films
from pipelines.media.crops import cropped_png
from pipelines.records import Relation

_KEPT = 256  # decoded films a worker; half a megabyte each


@dataclass(frozen=True, slots=True)
class Pair:
    """Relate two films by their names, a file's being its path; the other fields are those of `Comparison`."""

    a: str
    b: str
    relation: Relation
    distance: int
    correlation: float | None
    overlap: float | None
    transform: dict[str, Any]
    covers_a: float | None = None
    covers_b: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the pair as plain values, for one line of JSON; the shares of each film are left out."""
        return {name: value for name, value in asdict(self).items() if name not in ("covers_a", "covers_b")}


@dataclass(frozen=True, slots=True)
class FilmFile:
    """Name a film by its file, and for a panel of it the box (left, top, right, bottom in pixels)."""

    name: str
    path: Path
    box: Box | None = None

    @classmethod
    def named(cls, film: str, path: Path) -> "FilmFile":
        """Return the film that a key names: a file's own, or the panel behind `#left,top,right,bottom` (pixels)."""
        _, _, box = film.partition("#")
        left, top, right, bottom = map(int, box.split(",")) if box else (0, 0, 0, 0)
        return cls(film, path, (left, top, right, bottom) if box else None)

    def data(self) -> bytes:
        """Return the film's own bytes, those of a panel as a PNG; raise `OSError`, or `ValueError` for no picture."""
        data = self.path.read_bytes()
        return cropped_png(data, self.box) if self.box else data


@dataclass(frozen=True, slots=True)
class Unread:
    """Name a file that could not be compared, and why."""

    path: str
    reason: str


def related_pairs(
    paths: Sequence[Path],
    *,
    against: Sequence[Path] = (),
    known: Sequence[tuple[FilmFile, Fingerprint]] = (),
    workers: int | None = None,
    on_unread: Callable[[Unread], None] = lambda unread: None,
    on_progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> Iterator[Pair]:
    """Yield every related pair among the files, and between them and the files of `against` or the films `known`.

    Files that show no comparable film go to `on_unread`, once each; `on_progress` is told the step ("films", "pairs"),
    how many are done, and of how many. `workers` processes share the work: as many as there are cores by default.
    """
    paths_read = list(dict.fromkeys([*against, *paths]))
    known_only = len(known) + len(dict.fromkeys(against))
    films = [*(film for film, _ in known), *(FilmFile(str(path), path) for path in paths_read)]
    shortlist = Shortlist((str(number), fingerprint) for number, (_, fingerprint) in enumerate(known))
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn"), initializer=use_one_thread) as pool:
        asked: dict[int, list[int]] = {}
        for number, found in enumerate(pool.map(_fingerprint_or_reason, paths_read, chunksize=8), len(known)):
            on_progress("films", number - len(known) + 1, len(paths_read))
            if isinstance(found, Unread):
                on_unread(found)
                continue
            if number >= known_only:
                asked[number] = [int(key) for key in shortlist.shortlist(found)]
            shortlist.add(str(number), found)
        # Films alike are asked for one after the other, so that a worker still holds what it has decoded.
        order = sorted(asked, key=lambda number: min([number, *asked[number]]))
        batches = [(films[number], [films[other] for other in asked[number]]) for number in order if asked[number]]
        for done, pairs in enumerate(pool.map(_pairs_of, batches, chunksize=4)):
            on_progress("pairs", done + 1, len(batches))
            yield from pairs


def _fingerprint_or_reason(path: Path) -> Fingerprint | Unread:
    try:
        return fingerprint_of(path.read_bytes())
    except NoFingerprint as error:
        return Unread(str(path), error.reason)
    except OSError as error:
        return Unread(str(path), error.strerror or str(error))


def _pairs_of(batch: tuple[FilmFile, list[FilmFile]]) -> list[Pair]:
    film, others = batch
    return [pair for other in others if (pair := _pair_of(other, film)) is not None]


def _pair_of(a: FilmFile, b: FilmFile) -> Pair | None:
    found = _comparison_of(a, b)
    if found.relation == "unrelated":
        return None
    return Pair(
        a.name, b.name, found.relation, found.distance, found.correlation, found.overlap, found.transform_dict(),
        found.covers_a, found.covers_b,
    )  # fmt: skip


def _comparison_of(a: FilmFile, b: FilmFile) -> Comparison:
    whole = a.box is None and b.box is None
    if whole and a.path.stat().st_size == b.path.stat().st_size and a.path.read_bytes() == b.path.read_bytes():
        return Comparison("same bytes", 0, 1.0, 1.0, 1.0, 1.0, 1.0)
    return compared_films(_film_in(a), _film_in(b))


@lru_cache(maxsize=_KEPT)
def _film_in(film: FilmFile) -> Film:
    return film_of(film.data())
