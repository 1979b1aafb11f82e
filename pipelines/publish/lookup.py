"""Tell of a DOI, an address or a film whether the store knows it, what became of it, and why."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.candidates.collection import AdoptedRow, Withdrawal
from pipelines.candidates.films import film_key, sha256_of
from pipelines.candidates.lookups import adopted_naming, films_with_fingerprint, fingerprints_of
from pipelines.candidates.memory import Seen
from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.records import COPIES

if TYPE_CHECKING:
    from pipelines.duplicates.kept_index import KeptIndex

Kind = Literal["film", "doi", "address", "name"]

ACCEPTED = "a file, a DOI, a web address, the SHA-256 of a file, or a name that a source gave a case"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """Say what became of one film or case; all is blank but `asked` where nothing is known.

    `relation`, `distance` (bits of 256), `correlation` and `transform` tell how the film asked for relates to it;
    `known` is false for another film of the same patient, and None where that could not be proven.
    """

    asked: str
    known: bool | None = False
    state: str = ""
    reason: str = ""
    instead: str = ""
    by: str = ""
    at: str = ""
    candidate: str = ""
    source: str = ""
    case: str = ""
    title: str = ""
    url: str = ""
    filename: str = ""
    sha256: str = ""
    relation: str = ""
    distance: int | None = None
    correlation: float | None = None
    transform: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, for one line of JSON."""
        return asdict(self)


class Unanswerable(ValueError):  # noqa: N818 - says what was asked, which need not be an error of anybody's
    """Say why an argument is nothing that can be looked up."""


def kind_of(asked: str) -> Kind:
    """Return what an argument names; raise `Unanswerable` for a path to nothing."""
    if _is_file(asked):
        return "film"
    if is_doi(asked):
        return "doi"
    if _ADDRESS.fullmatch(asked):
        return "address"
    if not asked.strip() or "/" in asked:
        raise Unanswerable(f"{asked!r}: there is no such file, and it is no DOI; name {ACCEPTED}")
    return "name"


def is_doi(text: str) -> bool:
    """Tell whether a text is a DOI, bare, after `doi:` or as an address of doi.org."""
    if "10." not in text:
        return False
    from pipelines.references.doi import normal_doi  # its library takes longer to import than all of the store

    try:
        return bool(normal_doi(text))
    except ValueError:
        return False


class Lookup:
    """Answer from one store; the index of its films is kept in a file beside the blobs."""

    def __init__(self, store: Store, blobs: BlobStore, index: Path, on_indexing: Callable[[int], None]) -> None:
        """Look up in `store`; `on_indexing` is told how many films must be indexed first, where they are many."""
        self._store = store
        self._blobs = blobs
        self._index = index
        self._on_indexing = on_indexing

    def answers(self, asked: str) -> list[Answer]:
        """Return what is known of an argument, a blank answer where it was never seen; raise `Unanswerable`."""
        kind = kind_of(asked)
        if kind == "film":
            found = self._of_film(asked)
        elif kind == "doi":
            found = self._of_doi(asked, asked)
        elif kind == "address":
            found = self._of_address(asked)
        elif _SHA256.fullmatch(asked):
            found = self._of_bytes(asked, asked.lower())
        else:
            found = self._of_address(asked)
            if not found:
                raise Unanswerable(f"{asked!r} is no file here and no case of that name; name {ACCEPTED}")
        return found or [Answer(asked)]

    def _of_doi(self, asked: str, doi: str) -> list[Answer]:
        from pipelines.references.doi import normal_doi, same_doi

        bare = normal_doi(doi)
        adopted = [
            _adopted(asked, row, why)
            for row, why in adopted_naming(self._store, bare)
            if is_doi(row.row["doi"]) and same_doi(normal_doi(row.row["doi"]), bare)
        ]
        return [*(_seen(asked, seen) for seen in self._store.seen(doi=bare)), *adopted]

    def _of_address(self, asked: str) -> list[Answer]:
        plain = asked.rstrip("/")
        adopted = [
            _adopted(asked, row, why)
            for row, why in adopted_naming(self._store, plain)
            if plain in (row.row["url"].rstrip("/"), row.filename)
        ]
        found = [*(_seen(asked, seen) for seen in self._store.seen(url=asked)), *adopted]
        if found or "10." not in asked:
            return found
        from pipelines.references.doi import doi_of_url

        doi = doi_of_url(asked)
        return self._of_doi(asked, doi) if doi else []

    def _of_bytes(self, asked: str, sha256: str) -> list[Answer]:
        # Cells and films of adopted rows are searched one by one; the names of published films have an index.
        published = self._store.published_with_film(sha256)
        adopted = [
            _adopted(asked, row, why)
            for row, why in (adopted_naming(self._store, sha256) if published else ())
            if row.media and row.media.sha256 == sha256
        ]
        found = [*(_seen(asked, seen) for seen in self._store.seen(sha256=sha256)), *adopted]
        same: dict[str, Any] = {
            "known": True,
            "relation": "same bytes",
            "distance": 0,
            "correlation": 1.0,
            "sha256": sha256,
        }
        return [replace(answer, **same) for answer in found]

    def _of_film(self, asked: str) -> list[Answer]:
        data = _bytes_of(asked)
        found = self._of_bytes(asked, hashlib.sha256(data).hexdigest()) or list(self._of_copies(asked, data))
        return found or list(self._not_compared(asked))

    def _of_copies(self, asked: str, data: bytes) -> Iterator[Answer]:
        from pipelines.duplicates.film import film_of
        from pipelines.duplicates.fingerprints import NoFingerprint, fingerprint_of_film
        from pipelines.duplicates.pairs import FilmFile
        from pipelines.duplicates.verification import compared_films

        try:
            film = film_of(data)
        except NoFingerprint as refusal:
            raise Unanswerable(f"{asked}: it was never seen as these bytes, and {refusal}") from None
        for key, distance in self._films.near(fingerprint_of_film(film)):
            sha256 = sha256_of(key)
            told: dict[str, Any] = {"sha256": sha256, "distance": distance}
            try:
                found = compared_films(film, film_of(FilmFile.named(key, self._blobs.path(sha256)).data()))
            except (FileNotFoundError, NoFingerprint):
                told |= {"known": None, "note": "may be the same image; its film is not here to compare with"}
            else:
                if found.relation == "unrelated":
                    continue
                told |= {
                    "known": found.relation in COPIES, "relation": found.relation, "distance": found.distance,
                    "correlation": found.correlation, "transform": found.transform_dict(),
                }  # fmt: skip
            yield from (replace(answer, **told) for answer in self._of_bytes(asked, sha256) if self._is_of(answer, key))

    def _not_compared(self, asked: str) -> Iterator[Answer]:
        """Yield an answer that leaves it open where films are known that this version has not fingerprinted yet."""
        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION

        versions = range(FINGERPRINT_VERSION)
        older = {film for version in versions for film in films_with_fingerprint(self._store, version)}
        waiting = older - films_with_fingerprint(self._store, FINGERPRINT_VERSION) if older else older
        if owed := sum(self._blobs.has(sha256_of(film)) for film in waiting):
            renewed = "the next crawl, or `scrapy duplicates FILE --against collection`, renews them"
            note = f"films not compared: {owed}, fingerprinted by an older version; {renewed}"
            yield Answer(asked, known=None, note=note)

    def _is_of(self, answer: Answer, film: str) -> bool:
        """Tell whether what is known of a file is said of this film in it, which may be one panel of several."""
        if not answer.candidate:
            return True
        kept = self._store.candidate(answer.candidate)
        return film_key(kept.sha256, kept.panel) == film

    @cached_property
    def _films(self) -> "KeptIndex":
        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION
        from pipelines.duplicates.kept_index import KeptIndex

        index = KeptIndex.at(self._index)
        if new := index.unknown_of(films_with_fingerprint(self._store, FINGERPRINT_VERSION)):
            self._on_indexing(len(new))
            index.add(fingerprints_of(self._store, FINGERPRINT_VERSION, new))
            with suppress(OSError):  # in a folder that cannot be written, each question takes longer
                index.keep(self._index)
        return index


def _is_file(asked: str) -> bool:
    try:
        return Path(asked).is_file()
    except (OSError, ValueError):  # longer than a name can be
        return False


def _bytes_of(asked: str) -> bytes:
    try:
        return Path(asked).read_bytes()
    except OSError as error:
        raise Unanswerable(f"{asked}: {error.strerror}") from None


def _seen(asked: str, seen: Seen) -> Answer:
    why = seen.decision
    return Answer(
        asked, known=True, state=seen.state or "no film", candidate=seen.candidate, source=seen.source,
        case=seen.source_id, title=seen.title, url=seen.url, filename=seen.filename, sha256=seen.sha256,
        reason=why.reason if why else "",
        instead=str(why.detail.get("candidate") or why.detail.get("published") or "") if why else "",
        by=why.by if why else "", at=why.at.isoformat(timespec="seconds") if why else "",
        note="the source or its reading changed since it was accepted" if seen.changed else "",
    )  # fmt: skip


def _adopted(asked: str, row: AdoptedRow, why: Withdrawal | None) -> Answer:
    return Answer(
        asked, known=True, state="withdrawn" if why else "adopted", source="adopted", title="", url=row.row["url"],
        filename=row.filename, sha256=row.media.sha256 if row.media else "", reason=why.reason if why else "",
        by=why.by if why else "", at=why.at.isoformat(timespec="seconds") if why else "",
        note=f"no film: {row.missing}" if row.missing else "",
    )  # fmt: skip
