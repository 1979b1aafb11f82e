"""What is published of films that are in no row: that they were looked at, and why they are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipelines.candidates.store import Store
from pipelines.emails import without_emails
from pipelines.publish.rows import Row
from pipelines.records import Candidate, CandidateState, Decision

REJECTED = (
    "state", "reason", "instead", "by", "at", "source", "case_url", "image_url", "sha256", "box", "filename",
    "candidate",
)  # fmt: skip
KNOWN = ("sha256", "box", "version", "fingerprint", "state", "reason", "filename", "doi", "case_url")

_LEFT_OUT: tuple[CandidateState, ...] = ("rejected", "duplicate")


@dataclass(frozen=True)
class Decided:
    """Hold a candidate that is in no row, with the decision that put it there."""

    candidate: Candidate
    decision: Decision

    @property
    def reason(self) -> str:
        """Return why, in the words of whoever decided."""
        return without_addresses(self.decision.reason)

    @property
    def instead(self) -> str:
        """Return the candidate or the published file that a duplicate is one of."""
        detail = self.decision.detail
        return str(detail.get("candidate") or detail.get("published") or "")


def decided(store: Store) -> list[Decided]:
    """Return every candidate that was decided on and is in no row, in the store's order."""
    states: tuple[CandidateState, ...] = (*_LEFT_OUT, "unsure")
    return [Decided(candidate, decision) for state in states for candidate, decision in store.decided(state)]


def rejected_rows(store: Store, left_out: list[Decided]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of `rejected.csv`: what was rejected, is a duplicate, or was withdrawn."""
    for one in left_out:
        candidate, decision = one.candidate, one.decision
        if candidate.state not in _LEFT_OUT:
            continue
        yield (
            candidate.state, one.reason, one.instead, without_addresses(decision.by),
            decision.at.isoformat(), candidate.source, candidate.case_url, candidate.image_url,
            candidate.sha256, _box(candidate), candidate.row["filename"], candidate.id,
        )  # fmt: skip
    for row, why in store.withdrawn():
        sha256 = row.media.sha256 if row.media else ""
        told = (without_addresses(why.reason), "", without_addresses(why.by), why.at.isoformat())
        yield ("withdrawn", *told, "", row.row["url"], "", sha256, "", row.filename, "")


def known_rows(store: Store, rows: Iterable[Row], left_out: Iterable[Decided]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of `known.csv`: every film decided on, findable by bytes and by fingerprint without the film.

    A row that was adopted without its film is found by its DOI, its page and its file name.
    The fingerprint is that of `pipelines/duplicates` in hexadecimal without its local features: it finds copies that
    were scaled, re-encoded, mirrored or inverted, not crops. A panel without one of its own has that of its figure.
    """
    from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint

    kept = {sha256: stored for _, sha256, stored in store.published(FINGERPRINT_VERSION) if stored}
    kept |= store.fingerprints(FINGERPRINT_VERSION)
    for film in sorted({*_films(rows, left_out), *_withdrawn(store)}):
        stored = kept.get(f"{film.sha256}#{film.box}") or kept.get(film.sha256)
        short = replace(Fingerprint.from_bytes(stored), local=b"").to_bytes().hex() if stored else ""
        yield (film.sha256, film.box, str(FINGERPRINT_VERSION), short, *film[2:])


class _Film(NamedTuple):
    sha256: str
    box: str
    state: str
    reason: str
    filename: str
    doi: str
    case_url: str


def _films(rows: Iterable[Row], left_out: Iterable[Decided]) -> Iterator[_Film]:
    for row in rows:
        url = row.candidate.case_url if row.candidate else row.cells["url"]
        box = ",".join(map(str, row.box or ()))
        sha256 = row.media.sha256 if row.media else ""
        yield _Film(sha256, box, "published", "", row.cells["filename"], row.cells["doi"], url)
    for one in left_out:
        of, why = one.candidate, one.reason or one.instead
        yield _Film(of.sha256, _box(of), of.state, why, "", of.row["doi"], of.case_url)


def _withdrawn(store: Store) -> Iterator[_Film]:
    for row, why in store.withdrawn():
        sha256 = row.media.sha256 if row.media else ""
        told = (without_addresses(why.reason), row.filename, row.row["doi"], row.row["url"])
        yield _Film(sha256, "", "withdrawn", *told)


def without_addresses(text: str) -> str:
    """Return a person's words without e-mail addresses, which nothing published may hold."""
    return without_emails(text, " (e-mail address)").strip()


def _box(candidate: Candidate) -> str:
    return ",".join(map(str, candidate.panel.box)) if candidate.panel else ""
