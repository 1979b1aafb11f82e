"""Take in the films of an adopted collection, so that crawls know them, and match what was crawled before."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.films import film_key, sha256_of
from pipelines.candidates.store import Store
from pipelines.comparisons import Comparisons
from pipelines.media.blobs import BlobStore
from pipelines.publish.collection_films import FilmFile, files_of, film_at
from pipelines.workers import Workers


class Adoption:
    """Take films in with worker processes; killed and run again, it ends in the same store."""

    def __init__(self, store: Store, blobs: BlobStore, workers: Workers) -> None:
        """Take films into this store and these blobs."""
        self._store = store
        self._blobs = blobs
        self._workers = workers
        self._fingerprints: dict[str, bytes] = {}

    async def with_films(
        self, rows: Sequence[AdoptedRow], folder: Path, on_progress: Callable[[int, int], None]
    ) -> list[AdoptedRow]:
        """Return the rows, each with its film from below `folder` or with the reason why it has none.

        `on_progress` is told how many files are done, and of how many.
        """
        files, missing = files_of(rows, folder)
        paths = list(dict.fromkeys(files.values()))
        done = 0

        async def taken(path: Path) -> FilmFile:
            nonlocal done
            film = await self._read(path)
            done += 1
            on_progress(done, len(paths))
            return film

        films = dict(zip(paths, await asyncio.gather(*map(taken, paths)), strict=True))
        return [_with_film(row, films.get(files.get(row.key, Path())), missing.get(row.key, "")) for row in rows]

    async def make_known(self, rows: Sequence[AdoptedRow]) -> None:
        """Make the films of rows from `with_films` known to crawls, and match what was crawled with the new ones."""
        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
        from pipelines.duplicates.shortlist import Shortlist

        before = {row.media.sha256 for row in self._store.adopted() if row.media}
        new = Shortlist()
        near = set()
        for name, sha256 in _films_by_name(rows):
            fingerprint = self._fingerprints[sha256]
            self._store.keep_published(name, sha256, FINGERPRINT_VERSION, fingerprint)
            if sha256 in before:
                continue
            if fingerprint:
                new.add(sha256, Fingerprint.from_bytes(fingerprint))
            kept = self._store.candidates_with_film(sha256)
            near |= {film_key(candidate.sha256, candidate.panel) for candidate in kept}
        if len(new):
            crawled = self._store.fingerprints(FINGERPRINT_VERSION)
            near |= {film for film, stored in crawled if new.shortlist(Fingerprint.from_bytes(stored))}
        comparisons = Comparisons(self._store, self._blobs, self._workers)
        for film in sorted(film for film in near if self._blobs.has(sha256_of(film))):
            await comparisons.compare_kept(film)

    async def _read(self, path: Path) -> FilmFile:
        try:
            film = await self._workers.result_of(film_at, path)
        except Exception as error:  # a decoder that hangs or dies takes its process along, not the import
            return FilmFile(None, refusal=f"it cannot be read: {error}")
        if film.media is not None:
            self._blobs.put(path.read_bytes(), film.media)
            self._fingerprints[film.media.sha256] = film.fingerprint
        return film


def _films_by_name(rows: Sequence[AdoptedRow]) -> Iterator[tuple[str, str]]:
    """Yield the published name and the SHA-256 of each film; two folders may hold different films of one name."""
    named: dict[str, str] = {}
    for row in rows:
        if row.media:
            first = named.setdefault(row.filename, row.media.sha256) == row.media.sha256
            yield (row.filename if first else f"{row.row['folder']}/{row.filename}"), row.media.sha256


def _with_film(row: AdoptedRow, film: FilmFile | None, missing: str) -> AdoptedRow:
    if film is None:
        return row.model_copy(update={"missing": missing})
    return row.model_copy(update={"media": film.media, "missing": film.refusal})
