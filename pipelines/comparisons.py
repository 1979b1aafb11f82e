"""How the films of a crawl relate to all films known: shortlisted by fingerprint, then proven by comparison."""

from collections import defaultdict
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipelines.candidates.store import Store
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, NoFingerprint, fingerprint_of
from pipelines.duplicates.shortlist import Shortlist
from pipelines.media.blobs import BlobStore
from pipelines.records import Candidate, Issue, Match
from pipelines.workers import Workers

if TYPE_CHECKING:
    from pipelines.duplicates.verification import Comparison


_COPIES = ("same bytes", "same image", "contains")


class Related(NamedTuple):
    """Say that a film was compared with another, by the SHA-256 of their files; the match leads from film to other."""

    film: str
    other: str
    match: Match


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
        self._related: defaultdict[str, list[Related]] = defaultdict(list)

    @cached_property
    def _known(self) -> Shortlist:
        kept = self._store.fingerprints(FINGERPRINT_VERSION)
        published = ((sha256, stored) for _, sha256, stored in self._store.published(FINGERPRINT_VERSION) if stored)
        known = ((film, stored) for film, stored in chain(kept, published) if self._blobs.has(film))
        return Shortlist((film, Fingerprint.from_bytes(stored)) for film, stored in known)

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
                    related = Related(film, other, match)
                    self._related[film].append(related)
                    self._related[other].append(related)
        return ""

    def keep_matches(self, candidate: Candidate) -> None:
        """Keep how a candidate's film relates to those of all other candidates and of the published collection."""
        film = candidate.sha256
        same = Match(relation="same bytes", distance=0, correlation=1.0)
        for related in [Related(film, film, same), *self._related[film]]:
            if related.film == film:
                self._keep(candidate, related.other, related.match)
            else:
                # The transform leads from the film that was compared to this one, so the match is that film's.
                for twin in self._store.candidates_with_film(related.film):
                    self._relate(twin, candidate, related.match)

    def _keep(self, candidate: Candidate, other: str, match: Match) -> None:
        for twin in self._store.candidates_with_film(other):
            if twin.id != candidate.id:
                self._relate(candidate, twin, match)
        for filename in self._store.published_with_film(other):
            self._store.keep_match(candidate.id, match.model_copy(update={"published": filename}))
            self._tell(candidate, match, f"{filename} of the published collection")

    def _relate(self, candidate: Candidate, twin: Candidate, match: Match) -> None:
        self._store.keep_match(candidate.id, match.model_copy(update={"candidate": twin.id}))
        self._tell(candidate, match, f"{twin.id} of {twin.case_url}")
        self._tell(twin, match, f"{candidate.id} of {candidate.case_url}")

    def _tell(self, candidate: Candidate, match: Match, twin: str) -> None:
        # Another film of the patient is no duplicate, and a person need not be asked about it.
        if match.relation in _COPIES:
            issue = Issue(kind="possible duplicate", message=f"{match.relation}: {twin}")
            self._store.add_issue(candidate.id, issue)


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
