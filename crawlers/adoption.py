"""Take in the films of an adopted collection, so that crawls know them, and match what was crawled before."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.candidates.collection import AdoptedRow
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
        film_of = {key: films[path] for key, path in files.items()}
        found = [_with_film(row, film_of.get(row.key), missing.get(row.key, "")) for row in rows]
        await self._match_crawled([(row, film_of[row.key]) for row in found if row.media])
        return found

    async def _read(self, path: Path) -> FilmFile:
        try:
            film = await self._workers.result_of(film_at, path)
        except Exception as error:  # a decoder that hangs or dies takes its process along, not the import
            return FilmFile(None, refusal=f"it cannot be read: {error}")
        if film.media is not None:
            self._blobs.put(path.read_bytes(), film.media)
        return film

    async def _match_crawled(self, films: Sequence[tuple[AdoptedRow, FilmFile]]) -> None:
        """Make the films known as published, and match crawled candidates with those not adopted before."""
        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
        from pipelines.duplicates.shortlist import Shortlist

        before = {row.media.sha256 for row in self._store.adopted() if row.media}
        new = Shortlist()
        near = set()
        named: dict[str, str] = {}
        for row, film in films:
            assert film.media is not None
            sha256 = film.media.sha256
            # Two folders may hold different films of one name.
            first = named.setdefault(row.filename, sha256) == sha256
            name = row.filename if first else f"{row.row['folder']}/{row.filename}"
            self._store.keep_published(name, sha256, FINGERPRINT_VERSION, film.fingerprint)
            if sha256 in before:
                continue
            if film.fingerprint:
                new.add(sha256, Fingerprint.from_bytes(film.fingerprint))
            near |= {candidate.sha256 for candidate in self._store.candidates_with_film(sha256)}
        if len(new):
            crawled = self._store.fingerprints(FINGERPRINT_VERSION)
            near |= {film for film, stored in crawled if new.shortlist(Fingerprint.from_bytes(stored))}
        comparisons = Comparisons(self._store, self._blobs, self._workers)
        for sha256 in sorted(film for film in near if "#" not in film and self._blobs.has(film)):
            await comparisons.compare(sha256)
            for candidate in self._store.candidates_with_film(sha256):
                comparisons.keep_matches(candidate)


def _with_film(row: AdoptedRow, film: FilmFile | None, missing: str) -> AdoptedRow:
    if film is None:
        return row.model_copy(update={"missing": missing})
    return row.model_copy(update={"media": film.media, "missing": film.refusal})
