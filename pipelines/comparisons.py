"""How the films of a crawl relate to all films known: shortlisted by fingerprint, then proven by comparison."""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.films import film_key, sha256_of
from pipelines.candidates.lookups import adopted_naming, films_with_fingerprint, panels_by_hand
from pipelines.candidates.store import Store
from pipelines.duplicates.better_copy import Better, Copy, better_copy
from pipelines.duplicates.film import Film, film_of
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, NoFingerprint, fingerprint_of_film
from pipelines.duplicates.pairs import FilmFile
from pipelines.duplicates.shortlist import Shortlist
from pipelines.duplicates.twins import contradictions, suspicion
from pipelines.duplicates.verification import Comparison, compared_films
from pipelines.media.blobs import BlobStore
from pipelines.records import COPIES, Candidate, Match
from pipelines.workers import Workers

logger = logging.getLogger(__name__)

_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_SAME_BYTES = Comparison("same bytes", 0, 1.0)


class Related(NamedTuple):
    """Say that a film was compared with another, both as `film_key` names them."""

    film: str
    other: str
    found: Comparison


class Comparisons:
    """Learn film by film what resembles what, and keep it as matches of the candidates concerned.

    Films are named by `film_key`, so that a panel of a figure is a film of its own. Two cases with the same film may
    pass at the same time, so a relation waits here until both have candidates; whichever is written last keeps the
    match. A crawl killed in between compares the unfinished case again.
    """

    def __init__(self, store: Store, blobs: BlobStore, workers: Workers) -> None:
        """Compare films of this store; nothing is loaded before the first comparison."""
        self._store = store
        self._blobs = blobs
        self._workers = workers
        self._related: defaultdict[str, list[Related]] = defaultdict(list)
        self._renewing: asyncio.Task[None] | None = None

    @cached_property
    def _known(self) -> Shortlist:
        return Shortlist(self._fingerprints())

    def _fingerprints(self) -> Iterator[tuple[str, Fingerprint]]:
        """Yield every film that can be compared, with its fingerprint of this version."""
        kept = self._store.fingerprints(FINGERPRINT_VERSION)
        published = ((sha256, stored) for _, sha256, stored in self._store.published(FINGERPRINT_VERSION) if stored)
        for film, stored in chain(kept, published):
            if self._blobs.has(sha256_of(film)):
                yield film, Fingerprint.from_bytes(stored)

    def films(self) -> list[tuple[FilmFile, Fingerprint]]:
        """Return every film that can be compared with its fingerprint, under each name that it has.

        A published film is named `published:<file name>`, one of a candidate `candidate:<id>`, and one that is neither
        `film:<key>`.
        """
        found = []
        for film, fingerprint in dict(self._fingerprints()).items():
            names = [f"published:{name}" for name in self._published_as(film)]
            names += [f"candidate:{candidate.id}" for candidate in self._candidates_of(film)]
            file = self._file_of(film)
            found += [(replace(file, name=name), fingerprint) for name in names or [f"film:{film}"]]
        return found

    async def compare(self, film: str) -> str:
        """Compare a film with all known; return why it cannot be, or a blank.

        The film becomes known with this, so that of two that pass at once the later sees the earlier. Films that only
        an older version has fingerprinted are made known meanwhile, and are then compared with this one.
        """
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_meanwhile())
        try:
            await self._compared(film)
        except NoFingerprint as refusal:
            return str(refusal)
        return ""

    async def compare_kept(self, film: str) -> None:
        """Compare a film of candidates with all known, and keep what is found as matches of theirs."""
        await self.compare(film)
        for candidate in self._candidates_of(film):
            self.keep_matches(candidate)

    async def renew(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Fingerprint and compare every film that is owed it, one after the other.

        Owed it are films that only an older version has fingerprinted, and panels that a person cut in triage. Killed
        at any time, the next call goes on where this one was; `on_progress` is told how many films are done, and of
        how many.
        """
        published = defaultdict(list)
        for version in range(FINGERPRINT_VERSION):
            for filename, sha256, _ in self._store.published(version):
                published[sha256].append(filename)
        older = {
            film for version in range(FINGERPRINT_VERSION) for film in films_with_fingerprint(self._store, version)
        }
        owed = (older | panels_by_hand(self._store)) - films_with_fingerprint(self._store, FINGERPRINT_VERSION)
        films = sorted(film for film in owed | published.keys() if self._blobs.has(sha256_of(film)))
        if films:
            logger.info("films to fingerprint, of an older version until now or cut by hand: %d", len(films))
        for done, film in enumerate(films, 1):
            await self._renewed(film, published.get(film, []))
            on_progress(done, len(films))
            if done == len(films) or done % 1000 == 0:
                logger.info("%d of %d films fingerprinted", done, len(films))

    def close(self) -> None:
        """Leave what is still to be fingerprinted anew to the next crawl."""
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None

    def keep_matches(self, candidate: Candidate) -> None:
        """Keep how a candidate's film relates to those of all other candidates and of the published collection."""
        film = film_key(candidate.sha256, candidate.panel)
        for related in [Related(film, film, _SAME_BYTES), *self._related[film]]:
            # The transform leads from the film that was compared to the other one, so the match is that film's.
            forward = related.film == film
            other = related.other if forward else related.film
            for twin in self._candidates_of(other):
                first, second = (candidate, twin) if forward else (twin, candidate)
                self._relate(first, second, related.found)
            for filename in self._published_as(other):
                self._relate_published(candidate, filename, related.found, forward)

    async def _renew_meanwhile(self) -> None:
        try:
            await self.renew()
        except Exception:
            logger.exception("films of an older version were not all fingerprinted anew; the next crawl goes on")

    async def _renewed(self, film: str, published_as: list[str]) -> None:
        fingerprint = b""
        try:
            fingerprint = (await self._compared(film)).to_bytes()
        except NoFingerprint:
            pass
        except Exception as error:  # a decoder that hangs or dies takes its process along, not the other films
            logger.warning("%s could not be fingerprinted anew: %s", film, error)
            return
        for filename in published_as:
            self._store.keep_published(filename, film, FINGERPRINT_VERSION, fingerprint)
        concerned = {film} | {name for related in self._related[film] for name in (related.film, related.other)}
        for name in sorted(concerned):
            for candidate in self._candidates_of(name):
                self.keep_matches(candidate)

    async def _compared(self, film: str) -> Fingerprint:
        """Make a film known and compare it with those alike; raise `NoFingerprint` where it cannot be."""
        file = self._file_of(film)
        try:
            fingerprint = await self._workers.result_of(_fingerprint_in, file)
        except NoFingerprint:
            self._store.keep_fingerprint(film, FINGERPRINT_VERSION, b"")
            raise
        others = [other for other in self._known.shortlist(fingerprint) if other != film]
        self._known.add(film, fingerprint)
        self._store.keep_fingerprint(film, FINGERPRINT_VERSION, fingerprint.to_bytes())
        if others:
            files = [self._file_of(other) for other in others]
            for other, found in zip(others, await self._workers.result_of(_compared_in, file, files), strict=True):
                if found.relation != "unrelated":
                    related = Related(film, other, found)
                    self._related[film].append(related)
                    self._related[other].append(related)
        return fingerprint

    def _relate(self, first: Candidate, second: Candidate, found: Comparison) -> None:
        if first.id == second.id or _are_of_one_figure(first, second):
            return
        self._store.keep_match(first.id, _match(found).model_copy(update={"candidate": second.id}))
        # Another film of the patient is no duplicate, and a person need not be asked about it.
        if found.relation not in COPIES:
            return
        better = better_copy(self._copy(first), self._copy(second), found)
        self._tell(first, f"{second.id} of {second.case_url}", second.row, found, better, "a")
        self._tell(second, f"{first.id} of {first.case_url}", first.row, found, better, "b")

    def _relate_published(self, candidate: Candidate, filename: str, found: Comparison, forward: bool) -> None:
        match = _match(found)
        if not forward and match.transform:
            match.transform |= {"inverse": True}
        self._store.keep_match(candidate.id, match.model_copy(update={"published": filename}))
        if found.relation not in COPIES:
            return
        row = self._adopted(filename)
        cells = row.row if row else {}
        bits = row.media.bits if row and row.media else 8
        mine, theirs = self._copy(candidate), Copy(bits, cells.get("license", ""), "", cells.get("doi", ""))
        better = better_copy(mine, theirs, found) if forward else better_copy(theirs, mine, found)
        twin = f"{filename} of the published collection"
        self._tell(candidate, twin, cells, found, better, "a" if forward else "b")

    def _tell(
        self, candidate: Candidate, twin: str, row: dict[str, str], found: Comparison, better: Better, side: str
    ) -> None:
        self._store.add_issue(candidate.id, suspicion(found, twin, better, side))
        if found.relation != "contains":  # a whole figure may tell of several films
            for issue in contradictions(candidate.row, row, twin):
                self._store.add_issue(candidate.id, issue)

    def _copy(self, candidate: Candidate) -> Copy:
        media = self._store.media(candidate.sha256)
        published = self._store.case(candidate.source, candidate.source_id).published
        return Copy(
            bits=media.bits if media else 8,
            licence=candidate.row["license"],
            published=published if _ISO_DATE.fullmatch(published) else "",
            doi=candidate.row["doi"],
        )

    def _adopted(self, filename: str) -> AdoptedRow | None:
        # Where two folders hold a file of one name, the second is published under its folder, too.
        folder, _, name = filename.rpartition("/")
        rows = (row for row, withdrawn in adopted_naming(self._store, name) if not withdrawn and row.filename == name)
        return next((row for row in rows if not folder or row.row["folder"] == folder), None)

    def _candidates_of(self, film: str) -> list[Candidate]:
        found = self._store.candidates_with_film(sha256_of(film))
        return [candidate for candidate in found if film_key(candidate.sha256, candidate.panel) == film]

    def _published_as(self, film: str) -> list[str]:
        return self._store.published_with_film(film)

    def _file_of(self, film: str) -> FilmFile:
        return FilmFile.named(film, self._blobs.path(sha256_of(film)))


def _are_of_one_figure(first: Candidate, second: Candidate) -> bool:
    """Tell whether two candidates were cut from one picture of one case, and so were never two films."""
    one, other = ((side.source, side.source_id, side.sha256) for side in (first, second))
    return one == other


def _fingerprint_in(file: FilmFile) -> Fingerprint:
    return fingerprint_of_film(_film_in(file))


def _compared_in(file: FilmFile, others: list[FilmFile]) -> list[Comparison]:
    film = _film_in(file)
    return [compared_films(film, _film_in(other)) for other in others]


# Of a film some 0.4 MB are kept; one that was fingerprinted is compared next, and its twins follow.
@lru_cache(maxsize=64)
def _film_in(file: FilmFile) -> Film:
    return film_of(file.data())


def _match(found: Comparison) -> Match:
    return Match(
        relation=found.relation,
        distance=found.distance,
        correlation=found.correlation,
        transform=found.transform_dict(),
    )
