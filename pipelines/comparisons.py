"""How the films of a crawl relate to all films known: shortlisted by fingerprint, then proven by comparison."""

from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.candidates.store import Store
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, NoFingerprint, fingerprint_of
from pipelines.duplicates.shortlist import Shortlist
from pipelines.media.blobs import BlobStore
from pipelines.records import Candidate, Match
from pipelines.workers import Workers

if TYPE_CHECKING:
    from pipelines.duplicates.verification import Comparison


class Comparisons:
    """Learn film by film what resembles what, and keep it as matches of the candidates concerned.

    Two cases with the same film may pass at the same time, so a relation waits here until both have candidates;
    whichever is written last keeps the match. A crawl killed in between compares the unfinished case again.
    """

    def __init__(self, store: Store, blobs: BlobStore, workers: Workers) -> None:
        """Compare films of this store; nothing is loaded before the first comparison."""
        self._store = store
        self._blobs = blobs
        self._workers = workers
        self._related: defaultdict[str, dict[str, Match]] = defaultdict(dict)

    @cached_property
    def _known(self) -> Shortlist:
        kept = self._store.fingerprints(FINGERPRINT_VERSION)
        return Shortlist((film, Fingerprint.from_bytes(stored)) for film, stored in kept)

    async def compare(self, film: str) -> str:
        """Compare a film (SHA-256 of its file) with all known; return why it cannot be, or a blank.

        The film becomes known with this, so that of two that pass at once the later sees the earlier.
        """
        path = self._blobs.path(film)
        try:
            fingerprint = await self._workers.result_of(_fingerprint_at, path)
        except NoFingerprint as refusal:
            self._store.keep_fingerprint(film, FINGERPRINT_VERSION, b"")
            return str(refusal)
        others = [other for other in self._known.shortlist(fingerprint) if other != film]
        self._known.add(film, fingerprint)
        self._store.keep_fingerprint(film, FINGERPRINT_VERSION, fingerprint.to_bytes())
        if others:
            paths = [self._blobs.path(other) for other in others]
            for other, match in zip(others, await self._workers.result_of(_matches_at, path, paths), strict=True):
                if match.relation != "unrelated":
                    self._related[film][other] = self._related[other][film] = match
        return ""

    def keep_matches(self, candidate: Candidate) -> None:
        """Keep how a candidate's film relates to the films of all other candidates."""
        for twin in self._store.candidates_with_film(candidate.sha256):
            if twin.id != candidate.id:
                same = Match(candidate=twin.id, relation="same bytes", distance=0, correlation=1.0)
                self._store.keep_match(candidate.id, same)
        for other, match in self._related[candidate.sha256].items():
            for twin in self._store.candidates_with_film(other):
                self._store.keep_match(candidate.id, match.model_copy(update={"candidate": twin.id}))


def _fingerprint_at(path: Path) -> Fingerprint:
    return fingerprint_of(path.read_bytes())


def _matches_at(path: Path, others: list[Path]) -> list[Match]:
    # The aligned comparison loads OpenCV, which only the workers need.
    from pipelines.duplicates.film import film_of
    from pipelines.duplicates.verification import compared_films

    film = film_of(path.read_bytes())
    return [_match(compared_films(film, film_of(other.read_bytes()))) for other in others]


def _match(found: "Comparison") -> Match:
    return Match(
        relation=found.relation,
        distance=found.distance,
        correlation=found.correlation,
        transform=found.transform_dict(),
    )
