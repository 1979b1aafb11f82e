"""What the tests of the queue and of decisions do over and over: take in a case, and decide as a person would."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.candidates.store import Store
from pipelines.records import Candidate, Case, Decision, Issue, Media

# What is refused before anything is written is refused alike by either database.
on_sqlite = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

Propose = Callable[..., Candidate]
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def film(name: str, **facts: Any) -> Media:
    """Return the facts of a film whose hash is told by a name."""
    return Media(
        **{"sha256": name.encode().hex().ljust(64, "0"), "mime": "image/png", "extension": "png", "size": 9} | facts
    )


def taken_in(store: Store, case: Case, *proposed: Candidate, complete: bool = True) -> tuple[str, int, int]:
    """Return whether the case is new, and how many candidates are new and changed."""
    intake = store.take_in(case, proposed, case.content_hash(), "1", complete)
    return intake.case, intake.candidates_new, intake.candidates_changed


def case_named(source_id: str, source: str = "sirm", **facts: Any) -> Case:
    return Case(source=source, source_id=source_id, url=f"https://x/{source}/{source_id}", **{"title": "c"} | facts)


def doubtful(candidate: Candidate, *fields: str) -> Candidate:
    issues = [Issue(kind="missing value", field=field, message="not stated") for field in fields]
    return candidate.model_copy(update={"issues": issues})


def decide(store: Store, id: str, action: str, by: str = "Ada", **facts: Any) -> Candidate:
    """Record a decision on the candidate as it stands."""
    return store.record(decision_on(store.candidate(id), action, by, **facts))


def decision_on(candidate: Candidate, action: str, by: str = "Ada", **facts: Any) -> Decision:
    made = {"candidate": candidate.id, "action": action, "by": by, "at": NOW, "revision": candidate.revision}
    return Decision.model_validate(made | facts)
