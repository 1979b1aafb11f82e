"""Where each candidate stands: the columns that the queue is ordered, filtered, counted and searched by."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.candidates.database import PAGE
from pipelines.candidates.queue_tables import open_issues, searched, tallies
from pipelines.candidates.searching import words_of
from pipelines.candidates.shown import is_settled, shown, states_of
from pipelines.candidates.tables import SHOWN, candidates, case_versions, cases, decisions
from pipelines.records import COPIES, Candidate

# A ninth doubt tells no more than the eighth; one digit keeps the places in order as text.
_MOST_DOUBTS = 9
# What is counted by its values beside the kinds of issues, and the column that holds it.
FACETS = {"source": "source", "finding": "finding", "modality": "modality", "licence": "license"}
# Any number will do, as long as nothing else in the database takes the same advisory lock.
_ADVISORY_LOCK = 20200312

Tally = tuple[str, str, str]


def lock_queue(connection: Connection) -> None:
    """Let the writers of the queue go one after the other, until the transaction ends."""
    # All writers share the tallies; on PostgreSQL they would else wait for each other crosswise. SQLite has one.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def renew(connection: Connection, ids: Iterable[str], *, found: bool = False, reworded: bool = False) -> None:
    """Renew what follows from candidates that were written: their columns, tallies and, if `reworded`, words.

    Only what a crawl `found` moves a case in the queue: a decision must not move it from under a person's hands.
    """
    of_case = (candidates.c.source == cases.c.source) & (candidates.c.source_id == cases.c.source_id)
    written = select(candidates, cases.c.content_hash, cases.c.version).join(cases, of_case)
    rows = connection.execute(written.where(candidates.c.id.in_(set(ids)))).all()
    seen = shown(connection, rows)
    states = states_of(connection, (match for candidate in seen for match in candidate.matches))
    kinds = _kinds_of(connection, rows)
    changed = _changed(connection, rows)
    counted: Counter[Tally] = Counter()
    moved: dict[str, dict[str, Any]] = {}
    for row, candidate in zip(rows, seen, strict=True):
        before = row._asdict()
        if row.counted_as:
            counted.subtract(_tallied(before | {"state": row.counted_as}, kinds[row.id]))
        now: set[str] = set() if row.withdrawn else {issue.kind for issue in candidate.issues}
        copies = [match for match in candidate.matches if match.relation in COPIES]
        asked = sum(1 for match in copies if not is_settled(match, row.state, states))
        after = _columns(row, candidate, asked, found) | {"changed": row.id in changed}
        if any(value != before[name] for name, value in after.items()):
            moved[row.id] = after
        if not row.withdrawn:
            counted.update(_tallied(before | after, now))
        if row.id in moved or now != kinds[row.id]:
            kinds[row.id] = now
        else:
            del kinds[row.id]
    _keep_columns(connection, moved)
    _keep_kinds(connection, rows, moved, kinds)
    _rank(connection, {(row.source, row.source_id) for row in rows if found or row.place is None})
    if found or reworded:
        _keep_words(connection, rows, seen)
    _count(connection, counted)


def renew_all(connection: Connection) -> None:
    """Give a place to every candidate that has none: those of a store that had no queue before."""
    unplaced = select(candidates.c.id).where(candidates.c.place.is_(None), ~candidates.c.withdrawn)
    page, last = unplaced.order_by(candidates.c.id).limit(PAGE), ""
    while ids := list(connection.scalars(page.where(candidates.c.id > last))):
        renew(connection, ids, found=True)
        last = ids[-1]


def _keep_words(connection: Connection, rows: Sequence[Row[Any]], seen: list[Candidate]) -> None:
    wanted = {(row.source, row.source_id, row.version) for row in rows}
    key = tuple_(case_versions.c.source, case_versions.c.source_id, case_versions.c.version)
    wordings = {
        (row.source, row.source_id): json.loads(row.record)
        for row in connection.execute(select(case_versions).where(key.in_(wanted)))
    }
    kept = select(searched.c.candidate, searched.c.words).where(searched.c.candidate.in_([row.id for row in rows]))
    before = {row.candidate: row.words for row in connection.execute(kept)}
    new, renewed = [], []
    for row, candidate in zip(rows, seen, strict=True):
        words = words_of(wordings[row.source, row.source_id], candidate)
        if row.id not in before:
            new.append({"candidate": row.id, "words": words})
        elif before[row.id] != words:
            renewed.append({"of": row.id, "new_words": words})
    if new:
        connection.execute(insert(searched), new)
    if renewed:
        of_candidate = searched.c.candidate == bindparam("of")
        connection.execute(update(searched).where(of_candidate).values(words=bindparam("new_words")), renewed)


def _count(connection: Connection, counted: Counter[Tally]) -> None:
    rows = [
        {"facet": facet, "value": value, "state": state, "number": number}
        for (facet, value, state), number in sorted(counted.items())
        if number
    ]
    if rows:
        add = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(tallies)
        more = {"number": tallies.c.number + add.excluded.number}
        key = ["facet", "value", "state"]
        connection.execute(add.on_conflict_do_update(index_elements=key, set_=more), rows)


def _columns(row: Row[Any], candidate: Candidate, copies: int, found: bool) -> dict[str, Any]:
    shown_values = {name: candidate.row[name] for name in SHOWN} | {"doi": candidate.row["doi"].casefold()}
    after: dict[str, Any] = shown_values | {"issues": len(candidate.issues), "copies": copies}
    if found or row.place is None:
        after["doubts"] = min(_MOST_DOUBTS, max(len(candidate.issues), copies))
        rank = row.place[0] if row.place else after["doubts"]
        after["place"] = f"{rank} {_seat(row, candidate)}"
    else:
        after["place"] = row.place
    if row.withdrawn:
        return after | {"place": None, "counted_as": None}
    return after | {"counted_as": row.state}


def _seat(row: Row[Any], candidate: Candidate) -> str:
    """Return where a candidate stands among those of its rank: by case, patient and place on the page."""
    proposed = json.loads(row.proposed)
    panel = proposed["panel"]
    # A blank sorts before each sign that `quote` leaves: no case comes to stand within another, nor a figure after
    # the panels that were cut out of it.
    of_patient = f"{row.source} {quote(row.source_id, safe='')} {quote(proposed['row']['patientid'], safe='')}"
    on_figure = f"{panel['box'][1]:06},{panel['box'][0]:06}" if panel else ""
    return f"{of_patient} {row.position:05} {on_figure} {row.id}"


def _keep_columns(connection: Connection, after: dict[str, dict[str, Any]]) -> None:
    by_names: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for id, columns in after.items():
        by_names[tuple(columns)].append({f"new_{name}": value for name, value in columns.items()} | {"of": id})
    for names, rows in by_names.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        connection.execute(update(candidates).where(candidates.c.id == bindparam("of")).values(values), rows)


def _rank(connection: Connection, of_cases: set[tuple[str, str]]) -> None:
    """Put all films of a case where the most doubtful of them stands, so that they stay together."""
    case = tuple_(candidates.c.source, candidates.c.source_id)
    columns = (candidates.c.id, candidates.c.source, candidates.c.source_id, candidates.c.doubts, candidates.c.place)
    # Those without a place were withdrawn, or have their turn later.
    placed = select(*columns).where(case.in_(of_cases), candidates.c.place.is_not(None))
    films = connection.execute(placed).all()
    ranks: dict[tuple[str, str], int] = defaultdict(int)
    for film in films:
        ranks[film.source, film.source_id] = max(ranks[film.source, film.source_id], film.doubts)
    moved = [
        {"of": film.id, "new_place": f"{rank}{film.place[1:]}"}
        for film in films
        if (rank := str(ranks[film.source, film.source_id])) != film.place[0]
    ]
    if moved:
        for table, id in ((candidates, candidates.c.id), (open_issues, open_issues.c.candidate)):
            place: dict[str, Any] = {"place": bindparam("new_place")}
            connection.execute(update(table).where(id == bindparam("of")).values(place), moved)


def _kinds_of(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = defaultdict(set)
    ids = [row.id for row in rows]
    for row in connection.execute(select(open_issues).where(open_issues.c.candidate.in_(ids))):
        kinds[row.candidate].add(row.kind)
    return kinds


def _keep_kinds(
    connection: Connection, rows: Sequence[Row[Any]], after: dict[str, dict[str, Any]], kinds: dict[str, set[str]]
) -> None:
    connection.execute(delete(open_issues).where(open_issues.c.candidate.in_(kinds)))
    written = [
        {"candidate": row.id, "state": row.state, "place": after.get(row.id, row._mapping)["place"], "kind": kind}
        for row in rows
        for kind in sorted(kinds.get(row.id, ()))
    ]
    if written:
        connection.execute(insert(open_issues), written)


def _changed(connection: Connection, rows: Sequence[Row[Any]]) -> set[str]:
    """Return the accepted candidates of which both the source's words and the reading have changed since."""
    accepted = {row.id: row for row in rows if row.state == "accepted"}
    if not accepted:
        return set()
    standing = select(decisions).where(decisions.c.candidate.in_(accepted), decisions.c.standing)
    newest = {row.candidate: row for row in connection.execute(standing.order_by(decisions.c.id))}
    return {
        id
        for id, basis in newest.items()
        if basis.source_hash != accepted[id].content_hash and basis.reading != reading_in(accepted[id].proposed)
    }


def reading_in(proposed: str) -> str:
    """Return the row of a proposal, both as JSON: what is compared to tell whether it was read anew."""
    return json.dumps(json.loads(proposed)["row"], ensure_ascii=False)


def _tallied(columns: dict[str, Any], kinds: set[str]) -> Iterator[Tally]:
    states = [columns["state"], *(["changed"] if columns["changed"] else [])]
    values = [("", ""), *((facet, columns[name]) for facet, name in FACETS.items())]
    values += [("issue", kind) for kind in kinds]
    yield from ((facet, value, state) for facet, value in values for state in states)
