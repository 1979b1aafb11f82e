"""Find every related pair among files of films, without a store."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.duplicates.alignment import PreparedFilm, prepared
from pipelines.duplicates.canonical import NoFingerprint
from pipelines.duplicates.fingerprints import fingerprint_of_film
from pipelines.duplicates.index import FingerprintIndex
from pipelines.duplicates.verdict import FilmRelation
from pipelines.duplicates.verification import compared_films


@dataclass(frozen=True, slots=True)
class Pair:
    """Relate two files; the fields are those of `Comparison`."""

    a: str
    b: str
    relation: FilmRelation
    distance: int
    correlation: float | None
    overlap: float | None
    transform: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the pair as plain values, for one line of JSON."""
        return asdict(self)


def related_pairs(paths: Sequence[Path]) -> Iterator[Pair]:
    """Yield every pair of films that are related."""
    index = FingerprintIndex()
    films: dict[str, PreparedFilm] = {}
    for path in paths:
        try:
            film = prepared(path.read_bytes())
        except NoFingerprint:
            continue
        fingerprint = fingerprint_of_film(film.film)
        for key, _ in index.near(fingerprint):
            found = compared_films(films[key], film)
            if found.relation != "unrelated":
                yield Pair(key, str(path), found.relation, found.distance, found.correlation, found.overlap,
                           found.transform_dict())  # fmt: skip
        index.add(str(path), fingerprint)
        films[str(path)] = film
