"""Name the known films worth comparing with a new one; what is not named here is never found."""

from collections.abc import Iterable

from pipelines.duplicates.crops import MOST_FILMS, CropIndex
from pipelines.duplicates.fingerprints import Fingerprint
from pipelines.duplicates.index import FingerprintIndex


class Shortlist:
    """Search known films both ways: whole-film hashes, and local features for crops, panels and turned copies."""

    def __init__(self, known: Iterable[tuple[str, Fingerprint]] = ()) -> None:
        self._hashes = FingerprintIndex()
        self._crops = CropIndex()
        for key, fingerprint in known:
            self.add(key, fingerprint)

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, key: str, fingerprint: Fingerprint) -> None:
        """Make a film known; a key that is known already is left as it is, for it names the same bytes."""
        if key in self._hashes:
            return
        self._hashes.add(key, fingerprint)
        self._crops.add(key, fingerprint.codes)

    def shortlist(self, fingerprint: Fingerprint, most: int = MOST_FILMS) -> list[str]:
        """Return the keys of films to prove, likeliest first: those near by hash, then by votes of local features."""
        by_hash = [key for key, _ in self._hashes.near(fingerprint)]
        by_votes = [key for key, _ in self._crops.near(fingerprint.codes)]
        return list(dict.fromkeys([*by_hash, *by_votes]))[:most]
