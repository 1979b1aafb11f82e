"""What a person makes of two films: checked when it is decided, derived from the decisions that stand."""

from typing import get_args

from sqlalchemy import Connection, select

from pipelines.candidates.tables import candidates
from pipelines.records import Decision, Relation

_RELATIONS = get_args(Relation)


def judged_against(connection: Connection, decision: Decision) -> dict[str, str]:
    """Return the other film of a decision on a pair: its candidate as `other`, or its file name as `published`.

    Both are blank for a decision on one film. Raise `ValueError` for a pair that cannot be judged.
    """
    if decision.action not in ("judge", "duplicate"):
        return {"other": "", "published": ""}
    detail = decision.detail
    other, published = detail.get("candidate", ""), detail.get("published", "")
    if not all(isinstance(value, str) for value in (other, published, detail.get("keep", ""))):
        raise ValueError("candidate, published and keep are texts")
    if other and published:
        raise ValueError("a pair has one other film: a candidate or a published file, not both")
    if decision.action == "judge" and not (other or published):
        raise ValueError("a judgement names the other film: a candidate or a published file")
    relation = detail.get("relation", "same image" if decision.action == "duplicate" else "")
    if relation not in _RELATIONS:
        raise ValueError(f"{relation!r} is none of {', '.join(_RELATIONS)}")
    if other == decision.candidate:
        raise ValueError("a film is no duplicate of itself")
    if other and connection.scalar(select(candidates.c.id).where(candidates.c.id == other)) is None:
        raise ValueError(f"the store holds no candidate {other!r} to compare with")
    return {"other": other, "published": published}
