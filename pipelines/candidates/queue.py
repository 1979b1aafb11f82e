"""The queue: candidates in the order in which people decide them, filtered, counted and searched."""

import heapq
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, get_args

from sqlalchemy import ColumnElement, Row, Select, and_, select

from pipelines.candidates.decisions import Decisions
from pipelines.candidates.queue_tables import leases, open_issues, tallies
from pipelines.candidates.searching import holding
from pipelines.candidates.standing import FACETS
from pipelines.candidates.tables import SHOWN, candidates, cases
from pipelines.records import Candidate, CandidateState

_STATES: tuple[str, ...] = get_args(CandidateState)
_OF_ENTRY = ("id", "source", "source_id", "state", "revision", "issues", "copies", "changed", "sha256", "place", *SHOWN)
# As many are read and sorted in less time than a page of the queue takes.
_FEW = 200


@dataclass(frozen=True)
class Filter:
    """Say which candidates to show; blank is any.

    `state` is a candidate's state, or "changed": accepted, and come back since. `issue` is a kind of open issues,
    `text` words of which the row or its case holds each, or a longer one.
    """

    state: str = "pending"
    source: str = ""
    finding: str = ""
    modality: str = ""
    issue: str = ""
    licence: str = ""
    text: str = ""


@dataclass(frozen=True)
class Entry:
    """Show one candidate in a list; `matches` counts the copies that are not settled yet.

    A `certain` one has no open issue and no such copy, so that a person has nothing to look up.
    """

    id: str
    source: str
    source_id: str
    patientid: str
    title: str
    finding: str
    view: str
    modality: str
    date: str
    offset: str
    licence: str
    state: str
    revision: int
    issues: int
    matches: int
    certain: bool
    changed: bool
    sha256: str
    held_by: str
    held_until: datetime | None


@dataclass(frozen=True)
class QueuePage:
    """Hold a page of the queue; `next` is the place to go on after, blank at the end."""

    entries: list[Entry]
    next: str


class Queue(Decisions):
    """Give candidates in the order of work: case by case, those with the fewest doubts first.

    A case is as doubtful as its most doubtful film, by the number of open issues or of unsettled copies when a crawl
    last wrote it: what can be decided at a glance comes first, and no decision moves what is still to be decided.
    """

    def queue(self, filter: Filter, after: str = "", limit: int = 50) -> QueuePage:
        """Return the entries that follow a place (see `place_of`), the first ones after a blank."""
        # Subqueries, so that only what is on the page is looked up, and the order comes from one index.
        of_case = (cases.c.source == candidates.c.source) & (cases.c.source_id == candidates.c.source_id)
        running = (leases.c.candidate == candidates.c.id) & (leases.c.until > datetime.now(UTC))
        shown = select(
            *(candidates.c[name] for name in _OF_ENTRY),
            select(cases.c.title).where(of_case).scalar_subquery().label("title"),
            select(leases.c.by).where(running).scalar_subquery().label("held_by"),
            select(leases.c.until).where(running).scalar_subquery().label("held_until"),
        )
        rows = self._ordered(shown, filter, after, limit + 1)
        entries = [_entry(row) for row in rows[:limit]]
        return QueuePage(entries, rows[limit - 1].place if len(rows) > limit else "")

    def place_of(self, id: str) -> str:
        """Return the place of a candidate in the queue; raise `KeyError` for an unknown id."""
        with self.reading() as connection:
            place = connection.scalar(select(candidates.c.place).where(candidates.c.id == id))
        if place is None:
            raise KeyError(f"the store holds no candidate {id!r}")
        return str(place)

    def following(self, filter: Filter, id: str, by: str) -> str | None:
        """Return the candidate that this person decides after the one named, if any; skip what others hold."""
        return self._beside(filter, id, by, backwards=False)

    def preceding(self, filter: Filter, id: str, by: str) -> str | None:
        """Return the candidate before the one named, if any; skip what others hold."""
        return self._beside(filter, id, by, backwards=True)

    def tallies(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return how many candidates there are, by facet, value and state; all of them under a blank facet.

        The facets are source, finding, modality, licence and issue. "changed" is counted beside "accepted".
        """
        counted: dict[str, dict[str, dict[str, int]]] = {facet: {} for facet in ("", *FACETS, "issue")}
        with self.reading() as connection:
            for row in connection.execute(select(tallies).where(tallies.c.number > 0)):
                counted[row.facet].setdefault(row.value, {})[row.state] = row.number
        return counted

    def counted(self, filter: Filter, at_most: int = 10_000) -> tuple[int, bool]:
        """Return how many candidates pass a filter, and whether that is all: counting stops at `at_most`."""
        chosen = [(facet, value) for facet in (*FACETS, "issue") if (value := getattr(filter, facet))]
        if len(chosen) < 2 and not filter.text:
            facet, value = chosen[0] if chosen else ("", "")
            numbers = self.tallies()[facet].get(value, {})
            states = (filter.state,) if filter.state else _STATES
            return sum(numbers.get(state, 0) for state in states), True
        found = len(self._ordered(select(candidates.c.id, candidates.c.place), filter, "", at_most + 1))
        return min(found, at_most), found <= at_most

    def of_case(self, source: str, source_id: str) -> list[Candidate]:
        """Return the candidates of a case in the queue's order, whatever their state."""
        of_case = (candidates.c.source == source) & (candidates.c.source_id == source_id) & ~candidates.c.withdrawn
        return self._candidates(select(candidates).where(of_case).order_by(candidates.c.place))

    def _beside(self, filter: Filter, id: str, by: str, backwards: bool) -> str | None:
        others = and_(leases.c.until > datetime.now(UTC), leases.c.by != by)
        free = candidates.c.id.not_in(select(leases.c.candidate).where(others))
        query = select(candidates.c.id, candidates.c.place).where(free)
        rows = self._ordered(query, filter, self.place_of(id), 1, backwards)
        return str(rows[0].id) if rows else None

    def _ordered(
        self, query: Select[Any], filter: Filter, after: str, limit: int, backwards: bool = False
    ) -> list[Row[Any]]:
        """Return the rows of a filter in the queue's order, read off an index for each state."""
        few = None
        if filter.text.strip():
            found = holding(filter.text, self.engine.dialect.name)
            few = self._few(found)
            query = query.where(candidates.c.id.in_(found if few is None else few))
        rows = []
        for state in (filter.state,) if filter.state else _STATES:
            page, place = _passing(query, replace(filter, state=state), by_index=few is None)
            if after:
                page = page.where(place < after if backwards else place > after)
            page = page.order_by(place.desc() if backwards else place).limit(limit)
            with self.reading() as connection:
                rows.append(connection.execute(page).all())
        return list(heapq.merge(*rows, key=attrgetter("place"), reverse=backwards))[:limit]

    def _few(self, found: Select[tuple[str]]) -> list[str] | None:
        """Return the candidates that a search found, or None for more than are quickly looked up one by one."""
        with self.reading() as connection:
            few = [row.candidate for row in connection.execute(found.limit(_FEW + 1))]
        return few if len(few) <= _FEW else None


def _passing(query: Select[Any], filter: Filter, by_index: bool) -> tuple[Select[Any], ColumnElement[str]]:
    """Return the query of what passes a filter for one state, and the column of its place.

    Unless `by_index`, no index leads down the queue: SQLite would walk along it to the end for a few that are known.
    """

    def read(column: ColumnElement[str]) -> ColumnElement[str]:
        return column if by_index else column.concat("")

    state = "accepted" if filter.state == "changed" else filter.state
    place, of_state = candidates.c.place, candidates.c.state
    if filter.issue:
        place, of_state = open_issues.c.place, open_issues.c.state
        query = query.join(open_issues, open_issues.c.candidate == candidates.c.id)
        query = query.where(read(open_issues.c.kind) == filter.issue)
    query = query.where(read(of_state) == state, place.is_not(None))
    if filter.state == "changed":
        query = query.where(candidates.c.changed)
    for facet, column in FACETS.items():
        if value := getattr(filter, facet):
            query = query.where(read(candidates.c[column]) == value)
    return query, read(place)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id, source=row.source, source_id=row.source_id, patientid=row.patientid, title=row.title,
        finding=row.finding, view=row.view, modality=row.modality, date=row.date, offset=row.offset,
        licence=row.license, state=row.state, revision=row.revision, issues=row.issues, matches=row.copies,
        certain=not row.issues and not row.copies, changed=row.changed, sha256=row.sha256,
        held_by=row.held_by or "", held_until=row.held_until,
    )  # fmt: skip
