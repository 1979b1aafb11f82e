"""What became of a film's very bytes elsewhere: in another case, or in the published collection."""

from urllib.parse import quote

from pipelines.candidates.collection import AdoptedRow, Withdrawal
from pipelines.records import Candidate, Decision
from pipelines.triage.asked import with_query
from pipelines.triage.room import Room
from pipelines.triage.views import Linked, Published


def decided_elsewhere(room: Room, candidate: Candidate, stand: list[Decision], query: str) -> Linked | None:
    """Return the candidate that is decided in place of a copy which stands as a duplicate by that alone."""
    if candidate.state != "duplicate" or any(decision.action == "duplicate" for decision in stand):
        return None
    same = (match.candidate for match in candidate.matches if match.relation == "same bytes" and match.candidate)
    others = [other for other in map(room.store.candidate, same) if other.state not in ("duplicate", "rejected")]
    if not others:
        return None
    href = with_query(f"/candidates/{quote(others[0].id, safe='')}", query)
    return Linked(f"{others[0].source} {others[0].source_id}", href)


def published_as(room: Room, candidate: Candidate, query: str) -> Published | None:
    """Return the published row of a whole film's bytes, one that was withdrawn only where no other stands."""
    rows = room.store.adopted_with_film(candidate.sha256) if candidate.panel is None else []
    if not rows:
        return None
    row, withdrawal = rows[0]
    names = (name for name in room.store.published_with_film(candidate.sha256) if _is_named(row, name))
    name = next(names, "")
    twin = with_query(published_twin(candidate.id, name), query) if name else ""
    return Published(name or row.filename, twin, withdrawn_in_words(withdrawal))


def published_row(room: Room, filename: str) -> tuple[AdoptedRow | None, Withdrawal | None]:
    """Return the row under whose film a published file name goes, and why it was withdrawn if it was."""
    sha256 = room.store.film_published_as(filename)
    rows = room.store.adopted_with_film(sha256) if sha256 else []
    return next((known for known in rows if _is_named(known[0], filename)), (None, None))


def published_twin(id: str, filename: str) -> str:
    """Return the address of the page that compares a candidate with a published film."""
    return f"/candidates/{quote(id, safe='')}/twin/published/{quote(filename)}"


def withdrawn_in_words(withdrawal: Withdrawal | None) -> str:
    """Return by whom, when and why a row was withdrawn, or a blank."""
    return f"withdrawn by {withdrawal.by} on {withdrawal.at:%Y-%m-%d}: {withdrawal.reason}" if withdrawal else ""


def _is_named(row: AdoptedRow, name: str) -> bool:
    # Where two folders hold a file of one name, the second is published under its folder, too.
    return name in (row.filename, f"{row.row.get('folder', '')}/{row.filename}")
