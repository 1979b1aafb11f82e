"""Candidates as a person sees them: decided or proposed, with what was found and judged since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from pipelines.candidates.tables import candidate_issues, candidates, decisions, matches
from pipelines.records import Candidate, Decision, Issue, Judgement, Match

# The two sides of a pair in their order; the second is `published:` and a file name where it is no candidate.
Pair = tuple[str, str]


def with_standing(record: str, row: Row[Any]) -> Candidate:
    """Return the candidate that a record holds, at the state and revision of its row."""
    candidate = Candidate.model_validate_json(record)
    return candidate.model_copy(update={"state": row.state, "revision": row.revision})


def shown(connection: Connection, rows: Sequence[Row[Any]]) -> list[Candidate]:
    """Return candidates with their matches and the issues that are still open.

    An issue that suspects a copy is closed once that pair is settled (see `is_settled`), and one of a field by an edit
    of that field. What was found of a panel goes with it when its split is undone.
    """
    ids = [row.id for row in rows]
    issues = defaultdict(list)
    for row in connection.execute(select(candidate_issues).where(candidate_issues.c.candidate.in_(ids))):
        issues[row.candidate].append(Issue(kind=row.kind, field=row.field, message=row.message))
    seen = _matches_of(connection, ids)
    states = states_of(connection, (match for of_film in seen.values() for match in of_film))
    gone = {id for id, state in states.items() if state == "withdrawn"}
    found = []
    for row in rows:
        candidate = with_standing(row.kept or row.proposed, row)
        if not row.on_page:
            issues[row.id].append(_gone(row.last_seen))
        settled = [match for match in seen[row.id] if match.candidate in gone or is_settled(match, row.state, states)]
        standing = [match for match in seen[row.id] if match.candidate not in gone]
        told = [*candidate.issues, *(issue for issue in issues[row.id] if issue not in candidate.issues)]
        still_open = [issue for issue in told if not _is_closed(issue, settled)]
        found.append(candidate.model_copy(update={"matches": standing, "issues": still_open}))
    return found


def pair_of(candidate: str, other: str, published: str) -> Pair:
    """Return the name of a pair, the same from both of its sides."""
    return (candidate, f"published:{published}") if published else (min(candidate, other), max(candidate, other))


def _gone(last_seen: datetime) -> Issue:
    return Issue(kind="media missing", message=f"the source no longer shows this film; last seen {last_seen:%Y-%m-%d}")


def states_of(connection: Connection, found: Iterable[Match]) -> dict[str, str]:
    """Return the state of each candidate that a match is with, `withdrawn` of a panel whose split was undone."""
    ids = {match.candidate for match in found} - {""}
    if not ids:
        return {}
    query = select(candidates.c.id, candidates.c.state, candidates.c.withdrawn).where(candidates.c.id.in_(ids))
    return {row.id: "withdrawn" if row.withdrawn else row.state for row in connection.execute(query)}


def is_settled(match: Match, state: str, states: Mapping[str, str]) -> bool:
    """Tell whether nobody need be asked about a pair; `state` is of this film, `states` those of `states_of`.

    A person has judged it, or it is one file, and one of the two stands as a duplicate already.
    """
    if match.judged:
        return True
    return match.relation == "same bytes" and "duplicate" in (state, states.get(match.candidate))


def with_resembling(connection: Connection, ids: set[str]) -> set[str]:
    """Return these candidates, and those found to resemble them."""
    either = or_(matches.c.candidate.in_(ids), matches.c.other.in_(ids))
    found = connection.execute(select(matches.c.candidate, matches.c.other).where(either)) if ids else ()
    return {*ids, *(id for pair in found for id in pair if id)}


def _is_closed(issue: Issue, settled: list[Match]) -> bool:
    if issue.kind != "possible duplicate":
        return False
    # As `Comparisons` words it: `<relation>: <candidate> of <url>`, or a file name in place of the candidate.
    twin = issue.message.partition(": ")[2]
    return any(twin.startswith(f"{match.candidate or match.published} of ") for match in settled)


def _matches_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[Match]]:
    asked = set(ids)
    query = select(matches).where(or_(matches.c.candidate.in_(asked), matches.c.other.in_(asked)))
    judgements = _judgements_of(connection, asked)
    seen = defaultdict(list)
    for row in connection.execute(query.order_by(matches.c.candidate, matches.c.other, matches.c.published)):
        judged = judgements.pop(pair_of(row.candidate, row.other, row.published), None)
        match = Match.model_validate_json(row.record).model_copy(update={"judged": judged})
        for side, other in ((row.candidate, row.other), (row.other, row.candidate)):
            if side not in asked:
                continue
            if row.published or side == row.compared_from:
                seen[side].append(match)
            else:
                seen[side].append(_from_the_other_side(match, other))
    # What only a person saw: no comparison had found the pair.
    for (first, second), judged in judgements.items():
        published = second.removeprefix("published:") if second.startswith("published:") else ""
        for side, other in ((first, second), (second, first)):
            if side in asked:
                twin = {"published": published} if published else {"candidate": other}
                seen[side].append(Match(**twin, relation=judged.relation, judged=judged))
    return seen


def _judgements_of(connection: Connection, ids: set[str]) -> dict[Pair, Judgement]:
    """Return the newest judgement that is not undone of each pair with one of these candidates."""
    judging = or_(decisions.c.other != "", decisions.c.published != "")
    query = select(decisions.c.record).where(
        or_(decisions.c.candidate.in_(ids), decisions.c.other.in_(ids)), judging, decisions.c.standing
    )
    newest = {}
    for record in connection.scalars(query.order_by(decisions.c.id)):
        decision = Decision.model_validate_json(record)
        detail = decision.detail
        pair = pair_of(decision.candidate, detail.get("candidate", ""), detail.get("published", ""))
        newest[pair] = Judgement(
            relation=detail.get("relation", "same image"), by=decision.by, at=decision.at, keep=detail.get("keep", "")
        )
    return newest


def _from_the_other_side(match: Match, other: str) -> Match:
    # The transform carries one film onto the other; inverting it is left to whoever draws it.
    transform = match.transform | {"inverse": True} if match.transform else {}
    return match.model_copy(update={"candidate": other, "transform": transform})
