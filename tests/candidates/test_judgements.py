"""What a person makes of two films is seen from both, survives crawls, and is undone like any decision."""

from typing import Any

import pytest
from deciding import Propose, case_named, decide, decision_on, on_sqlite, taken_in

from pipelines.candidates.queue import Filter
from pipelines.candidates.store import Store
from pipelines.records import Issue, Match

MATCH = Match(candidate="b", relation="same image", distance=4, correlation=0.99)


def two_alike(store: Store, propose: Propose) -> None:
    """Take in two films of two cases as a crawl does that finds them alike."""
    for id in "ab":
        case = case_named(id)
        taken_in(store, case, propose(id, case, f"film {id}"))
    compared(store)


def compared(store: Store) -> None:
    store.keep_match("a", MATCH)
    store.add_issue("a", Issue(kind="possible duplicate", message="same image: b of https://x/sirm/b"))
    store.add_issue("b", Issue(kind="possible duplicate", message="same image: a of https://x/sirm/a"))


def relations(store: Store) -> list[str | None]:
    found = [match.judged for id in "ab" for match in store.candidate(id).matches]
    return [judged.relation if judged else None for judged in found]


def doubts(store: Store) -> list[tuple[str, int, int, bool]]:
    return [(entry.id, entry.issues, entry.matches, entry.certain) for entry in store.queue(Filter(state="")).entries]


def test_a_judgement_is_seen_from_both_sides_and_survives_crawls(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    assert doubts(store) == [("a", 1, 1, False), ("b", 1, 1, False)]
    judged = decide(store, "a", "judge", detail={"candidate": "b", "relation": "same patient, other film"})
    assert (judged.state, judged.revision, judged.issues) == ("pending", 1, [])
    assert doubts(store) == [("a", 0, 0, True), ("b", 0, 0, True)]
    assert store.tallies()["issue"] == {}
    compared(store)
    case = case_named("a", title="said anew")
    taken_in(store, case, propose("a", case, sex="F"))
    assert relations(store) == ["same patient, other film"] * 2
    assert doubts(store) == [("a", 0, 0, True), ("b", 0, 0, True)]
    assert store.candidate("a").row["sex"] == "F", "a judged pair leaves the row to the crawls"
    (far,) = store.candidate("b").matches
    assert far.judged
    assert (far.candidate, far.distance, far.judged.by) == ("a", 4, "Ada")


def test_the_newest_standing_judgement_counts(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    decide(store, "a", "judge", detail={"candidate": "b", "relation": "unrelated"})
    decide(store, "b", "judge", by="Grace", detail={"candidate": "a", "relation": "same patient, other film"})
    assert relations(store) == ["same patient, other film"] * 2
    duplicate = decide(store, "a", "duplicate", detail={"candidate": "b", "relation": "same image", "keep": "b"})
    assert duplicate.state == "duplicate"
    assert [match.judged.keep for id in "ab" for match in store.candidate(id).matches if match.judged] == ["b", "b"]
    assert decide(store, "a", "undo").state == "pending"
    assert relations(store) == ["same patient, other film"] * 2
    decide(store, "b", "undo")
    assert relations(store) == ["unrelated"] * 2
    decide(store, "a", "undo")
    assert relations(store) == [None, None]
    assert doubts(store) == [("a", 1, 1, False), ("b", 1, 1, False)]
    assert store.tallies()["issue"] == {"possible duplicate": {"pending": 2}}


def test_only_the_issue_of_the_judged_pair_is_closed(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    for message in (
        "same bytes: old.jpg of the published collection",
        "the page shows the same bytes again as study 1",
    ):
        store.add_issue("a", Issue(kind="possible duplicate", message=message))
    store.keep_match("a", Match(published="old.jpg", relation="same bytes"))
    decide(store, "a", "judge", detail={"candidate": "b", "relation": "unrelated"})
    assert len(store.candidate("a").issues) == 2
    decide(store, "a", "duplicate", detail={"published": "old.jpg", "keep": "old.jpg"})
    (left,) = store.candidate("a").issues
    assert left.message.startswith("the page shows")
    published = [match for match in store.candidate("a").matches if match.published]
    assert [match.judged.relation for match in published if match.judged] == ["same image"]


def test_a_pair_that_only_a_person_saw_is_a_match_while_it_is_judged(store: Store, propose: Propose) -> None:
    for id in "ab":
        case = case_named(id)
        taken_in(store, case, propose(id, case))
    decide(store, "b", "duplicate", detail={"candidate": "a"})
    assert relations(store) == ["same image"] * 2
    assert [match.candidate for id in "ab" for match in store.candidate(id).matches] == ["b", "a"]
    decide(store, "b", "undo")
    assert relations(store) == []


@on_sqlite
@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({}, "names the other film"),
        ({"candidate": "b"}, "is none of"),
        ({"candidate": "b", "relation": "alike"}, "is none of"),
        ({"candidate": "a", "relation": "same image"}, "of itself"),
        ({"candidate": "z", "relation": "same image"}, "no candidate 'z'"),
        ({"candidate": "b", "published": "old.jpg", "relation": "same image"}, "not both"),
        ({"candidate": 3, "relation": "same image"}, "are texts"),
        ({"candidate": "b", "relation": ["same image"]}, "is none of"),
    ],
)
def test_a_pair_that_cannot_be_judged_is_refused(
    store: Store, propose: Propose, detail: dict[str, Any], words: str
) -> None:
    two_alike(store, propose)
    with pytest.raises(ValueError, match=words):
        decide(store, "a", "judge", detail=detail)
    assert not list(store.decisions())


def test_a_person_undoes_their_own_newest_decision_first(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    assert store.last_standing("Ada") is None
    decide(store, "a", "unsure")
    decide(store, "b", "reject", reason="a CT")
    decide(store, "a", "accept", by="Grace")
    undone = []
    while last := store.last_standing("Ada"):
        undone.append((last.candidate, last.action))
        decide(store, last.candidate, "undo")
    assert undone == [("b", "reject")], "what Grace decided upon is not Ada's to take back"
    decide(store, "a", "undo", by="Grace")
    last = store.last_standing("Ada")
    assert last
    assert (last.candidate, last.action) == ("a", "unsure")
    assert [decision.action for decision in store.newest_decisions(limit=2)] == ["undo", "undo"]
    assert [decision.action for decision in store.newest_decisions(skip=2)] == ["accept", "reject", "unsure"]


def test_many_are_decided_at_once_and_the_refused_are_told(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    case = case_named("c")
    taken_in(store, case, propose("c", case, "film c", sex="male"))
    made = [decision_on(store.candidate(id), "accept") for id in "abc"]
    decide(store, "b", "reject", by="Grace")
    unknown = decision_on(propose("z", case), "accept")
    assert store.record_all([*made, unknown]) == (["a"], ["b", "c", "z"])
    assert [store.candidate(id).state for id in "abc"] == ["accepted", "rejected", "pending"]
    assert store.tallies()[""] == {"": {"accepted": 1, "rejected": 1, "pending": 1}}


def test_of_a_refused_decision_nothing_is_kept(store: Store, propose: Propose) -> None:
    two_alike(store, propose)
    split = {"panels": [{"box": [0, 0, 1, 1]}, {"box": [0, 0, 1, 1]}]}
    made = [decision_on(store.candidate("a"), "split", detail=split), decision_on(store.candidate("b"), "accept")]
    assert store.record_all(made) == (["b"], ["a"])
    assert (store.candidate("a").state, store.candidate("a").revision) == ("pending", 0)
    assert [decision.candidate for decision in store.decisions()] == ["b"]


def test_a_row_that_breaks_the_schema_is_not_accepted(store: Store, propose: Propose) -> None:
    case = case_named("c")
    taken_in(store, case, propose("c", case, sex="male"))
    with pytest.raises(ValueError, match="breaks the schema: 'male' is none of M, F"):
        decide(store, "c", "accept")
    decide(store, "c", "edit", detail={"row": {"sex": "M"}})
    assert decide(store, "c", "accept").state == "accepted"
