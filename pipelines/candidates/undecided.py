"""Where candidates stand that nobody decided on: to be decided, known from elsewhere, or no films at all."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, or_, select, update

from pipelines.candidates.collection_tables import adopted_rows
from pipelines.candidates.database import PAGE
from pipelines.candidates.films import film_key
from pipelines.candidates.tables import candidates, decisions, published_films
from pipelines.records import Panel

# What `Figure.kind` calls a picture that is no chest film.
NO_FILMS = ("other", "other-radiology")


def renew_undecided(connection: Connection, sha256s: Iterable[str]) -> set[str]:
    """Let candidates of these files stand where nobody decided on them; return those that turned.

    A film is `pending`, a picture of an article that is no film `aside`, and a `duplicate` what another case brought
    or an adopted row publishes.

    Of one film (see `film_key`) one case has it to decide: the one that a person accepted or kept in its place, else
    the first that states a licence, else the first. A rejected candidate holds no other back. Of a published film no
    case has it, but one that a person judged against the published row and did not give up. The queue must be locked.
    """
    standing = (candidates.c.sha256.in_(set(sha256s)), ~candidates.c.withdrawn)
    rows = connection.execute(select(candidates).where(*standing).order_by(candidates.c.first_seen, candidates.c.id))
    films = defaultdict(list)
    for row in rows:
        films[_film_of(row)].append(row)
    kept_instead = _kept_instead(connection, [row for alike in films.values() if len(alike) > 1 for row in alike])
    published = _published_already(connection, films)
    turned = [
        {"of": row.id, "new_state": state}
        for alike in films.values()
        for row, state in _states_of(alike, kept_instead, published)
        if row.state != state
    ]
    if turned:
        of_candidate = candidates.c.id == bindparam("of")
        connection.execute(update(candidates).where(of_candidate).values(state=bindparam("new_state")), turned)
    return {row["of"] for row in turned}


def files_known_twice(connection: Connection) -> Iterator[list[str]]:
    """Yield, page by page, the SHA-256 of each file that several candidates are in, or one and an adopted row."""
    adopted = exists().where(adopted_rows.c.sha256 == candidates.c.sha256)
    known = select(candidates.c.sha256).group_by(candidates.c.sha256).having(or_(func.count() > 1, adopted))
    page, last = known.order_by(candidates.c.sha256).limit(PAGE), ""
    while sha256s := list(connection.scalars(page.where(candidates.c.sha256 > last))):
        yield sha256s
        last = sha256s[-1]


def _film_of(row: Row[Any]) -> str:
    panel = json.loads(row.kept or row.proposed)["panel"]
    return film_key(row.sha256, Panel.model_validate(panel) if panel else None)


def _licence_of(row: Row[Any]) -> str:
    return str(json.loads(row.kept or row.proposed)["row"]["license"])


def _without_others(row: Row[Any]) -> str:
    return "aside" if json.loads(row.proposed).get("kind") in NO_FILMS else "pending"


def _kept_instead(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Return, for each candidate that a person made the duplicate of another one, that other one."""
    duplicates = [row.id for row in rows if row.state == "duplicate" and row.kept is not None]
    if not duplicates:
        return {}
    made = select(decisions.c.candidate, decisions.c.other).where(
        decisions.c.candidate.in_(duplicates), decisions.c.action == "duplicate", decisions.c.standing
    )
    return {row.candidate: row.other for row in connection.execute(made.order_by(decisions.c.id))}


def _published_already(connection: Connection, films: Mapping[str, Sequence[Row[Any]]]) -> set[str]:
    """Return the candidates that nobody decided on and whose film an adopted row publishes, the same bytes.

    Whoever judged the two against each other, and kept not the published one, wants the candidate decided.
    """
    of_films = adopted_rows.c.sha256.in_(films.keys() - {""}) & adopted_rows.c.withdrawn.is_(None)
    adopted = set(connection.scalars(select(adopted_rows.c.sha256).where(of_films)))
    undecided = {row.id for film in adopted for row in films[film] if row.kept is None}
    if not undecided:
        return set()
    judged = (
        select(decisions.c.candidate, decisions.c.published, decisions.c.record)
        .join(candidates, candidates.c.id == decisions.c.candidate)
        .join(published_films, published_films.c.filename == decisions.c.published)
        .where(decisions.c.candidate.in_(undecided), decisions.c.standing)
        .where(published_films.c.sha256 == candidates.c.sha256)
        .order_by(decisions.c.id)
    )
    kept = {
        row.candidate: json.loads(row.record)["detail"].get("keep") != row.published
        for row in connection.execute(judged)
    }
    return {id for id in undecided if not kept.get(id)}


def _states_of(
    alike: Sequence[Row[Any]], kept_instead: dict[str, str], published: set[str]
) -> Iterator[tuple[Row[Any], str]]:
    """Yield the candidates of one film that nobody decided on, and how each stands; they come as they were seen."""
    yield from ((row, "duplicate") for row in alike if row.id in published)
    alike = [row for row in alike if row.id not in published]
    alike = sorted(alike, key=lambda row: (row.state != "accepted", not _licence_of(row)))
    ids = {row.id for row in alike}
    given_up = {row.id for row in alike if kept_instead.get(row.id) in ids}
    chosen = {kept_instead[id] for id in given_up}
    holding = [row for row in alike if row.state != "rejected" and row.id not in given_up]
    first = next((row for row in holding if row.id in chosen), holding[0] if holding else None)
    for row in holding:
        # Every decision but a judgement, which is of a pair, keeps the row that it was made on.
        if row.kept is None and first is not None:
            of_one_case = (row.source, row.source_id) == (first.source, first.source_id)
            yield row, _without_others(row) if of_one_case else "duplicate"
