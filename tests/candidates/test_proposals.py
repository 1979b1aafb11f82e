"""What a crawl proposes and a person decides comes out of the store again, and no crawl undoes a decision."""

import pytest
from deciding import Propose, decision_on, taken_in

from pipelines.candidates.decisions import ConflictError
from pipelines.candidates.store import Store
from pipelines.records import Case, Issue, Match

# Candidates


def test_the_same_intake_twice_changes_nothing(store: Store, case: Case, propose: Propose) -> None:
    first, second = propose("c1", case, "one", sex="M"), propose("c2", case, "two")
    assert taken_in(store, case, first, second) == ("new", 2, 0)
    once = list(store.candidates())
    assert taken_in(store, case, first, second) == ("unchanged", 0, 0)
    assert list(store.candidates()) == once == [first, second]
    assert store.candidate("c1") == first
    with pytest.raises(KeyError, match="no candidate"):
        store.candidate("c3")


def test_candidates_stream_by_case_and_place(store: Store, propose: Propose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.candidates.proposals.PAGE", 2)
    for source, source_id in (("sirm", "2"), ("radiopaedia", "9"), ("sirm", "1")):
        kept = Case(source=source, source_id=source_id, url=f"https://x/{source}/{source_id}")
        taken_in(store, kept, *(propose(f"{source}{source_id}{name}", kept) for name in "zay"))
    told = [candidate.id for candidate in store.candidates()]
    assert told == [
        "radiopaedia9z", "radiopaedia9a", "radiopaedia9y", "sirm1z", "sirm1a", "sirm1y", "sirm2z", "sirm2a", "sirm2y",
    ]  # fmt: skip
    assert len(list(store.candidates(source="sirm"))) == 6
    assert not list(store.candidates(state="accepted"))


def test_a_new_reading_renews_an_undecided_candidate(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case))
    assert taken_in(store, case, propose("c1", case, sex="M")) == ("unchanged", 0, 1)
    renewed = store.candidate("c1")
    assert renewed.row["sex"] == "M"
    with pytest.raises(ConflictError):
        store.record(decision_on(propose("c1", case), "accept"))


def test_no_crawl_touches_a_decided_candidate(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case, sex="M"))
    accepted = store.record(decision_on(store.candidate("c1"), "accept"))
    reworded = case.model_copy(update={"title": "Severe COVID-19 pneumonia"})
    assert taken_in(store, reworded, propose("c1", reworded, sex="F")) == ("changed", 0, 1)
    assert store.candidate("c1") == accepted
    assert store.proposal("c1").row["sex"] == "F"
    source, source_id, version = store.version_quoted_by("c1")
    assert all(store.case(source, source_id, version).carries(evidence) for evidence in accepted.evidence)
    assert not any(store.case(source, source_id).carries(evidence) for evidence in accepted.evidence)


def test_a_film_that_left_the_page_is_kept_and_marked(store: Store, case: Case, propose: Propose) -> None:
    first, second = propose("c1", case), propose("c2", case, "two")
    taken_in(store, case, first, second)
    taken_in(store, case, first, complete=False)
    assert store.candidate("c2").issues == []
    taken_in(store, case, first)
    assert "no longer shows" in store.candidate("c2").issues[0].message
    taken_in(store, case, first, second)
    assert store.candidate("c2").issues == []


def test_films_are_found_across_cases(store: Store, case: Case, propose: Propose) -> None:
    elsewhere = Case(source="sirm", source_id="1", url="https://sirm.org/1")
    taken_in(store, case, propose("c1", case), propose("c2", case, "two"))
    taken_in(store, elsewhere, propose("c3", elsewhere))
    assert [found.id for found in store.candidates_with_film(propose("c1", case).sha256)] == ["c1", "c3"]


def test_several_candidates_are_told_in_one_go(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case), propose("c2", case, "two"), propose("c3", case, "three"))
    assert store.named(["c3", "c1", "c3", "nobody"]) == {id: store.candidate(id) for id in ("c1", "c3")}
    assert store.named([]) == {}


def test_a_match_is_kept_once_and_seen_from_both_sides(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case), propose("c2", case, "two"))
    match = Match(candidate="c1", relation="same image", distance=4, correlation=0.99, transform={"mirrored": True})
    store.keep_match("c2", match)
    store.keep_match("c2", match.model_copy(update={"distance": 3}))
    store.keep_match("c2", Match(published="old.jpg", relation="same bytes"))
    near, published = store.candidate("c2").matches
    assert (near.candidate, near.distance, near.transform) == ("c1", 3, {"mirrored": True})
    assert published.published == "old.jpg"
    (far,) = store.candidate("c1").matches
    assert (far.candidate, far.distance, far.transform) == ("c2", 3, {"mirrored": True, "inverse": True})
    assert taken_in(store, case, propose("c1", case), propose("c2", case, "two")) == ("unchanged", 0, 0)


def test_an_added_issue_survives_a_crawl(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case))
    issue = Issue(kind="possible duplicate", message="like c9")
    store.add_issue("c1", issue)
    store.add_issue("c1", issue)
    taken_in(store, case, propose("c1", case, sex="M"))
    assert store.candidate("c1").issues == [issue]


# Decisions


def test_each_decision_moves_the_candidate_on(store: Store, case: Case, propose: Propose) -> None:
    for action, state in (
        ("accept", "accepted"),
        ("reject", "rejected"),
        ("duplicate", "duplicate"),
        ("unsure", "unsure"),
    ):
        taken_in(store, case, propose(action, case))
        after = store.record(decision_on(store.candidate(action), action, reason="because"))
        assert (after.state, after.revision) == (state, 1)
        assert [candidate.id for candidate in store.candidates(state=after.state)] == [action]


def test_of_two_decisions_on_one_revision_the_second_is_refused(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case))
    seen = store.candidate("c1")
    store.record(decision_on(seen, "reject", reason="a CT"))
    with pytest.raises(ConflictError, match="revision 1 and rejected"):
        store.record(decision_on(seen, "accept"))
    assert [decision.action for decision in store.decisions("c1")] == ["reject"]


def test_decisions_are_undone_one_by_one(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case, sex="M"))
    for action, facts in (("edit", {"detail": {"row": {"sex": "F"}}}), ("reject", {}), ("undo", {}), ("accept", {})):
        store.record(decision_on(store.candidate("c1"), action, **facts))
    states = []
    for _ in range(2):
        undone = store.record(decision_on(store.candidate("c1"), "undo"))
        states.append((undone.state, undone.row["sex"]))
    assert states == [("pending", "F"), ("pending", "M")]
    with pytest.raises(ValueError, match="no decision to undo"):
        store.record(decision_on(store.candidate("c1"), "undo"))
    assert [decision.action for decision in store.decisions()] == ["edit", "reject", "undo", "accept", "undo", "undo"]
    assert taken_in(store, case, propose("c1", case, sex="F"))[2] == 1
    assert store.candidate("c1").row["sex"] == "F"


def test_an_edit_brings_its_quote_or_is_the_persons_own(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case, sex="M", age="40"))
    quoted = propose("x", case, finding="Pneumonia/Viral/COVID-19").evidence[0]
    detail = {
        "row": {"age": "41", "sex": "", "finding": "Pneumonia/Viral/COVID-19"},
        "evidence": [quoted.model_dump()],
    }
    edited = store.record(decision_on(store.candidate("c1"), "edit", detail=detail))
    by_field = {evidence.field: evidence for evidence in edited.evidence}
    assert (edited.row["age"], edited.row["sex"], edited.state) == ("41", "", "pending")
    assert (by_field["age"].block, by_field["age"].rule) == ("decision[0]", "entered by Ada")
    assert by_field["finding"] == quoted
    assert "sex" not in by_field


@pytest.mark.parametrize("row", [{"colour": "red"}, {"sex": "male"}, {"view": "Frontal"}, {"temperature": "100.4"}])
def test_an_edit_that_breaks_the_schema_is_refused(
    store: Store, case: Case, propose: Propose, row: dict[str, str]
) -> None:
    taken_in(store, case, propose("c1", case))
    with pytest.raises(ValueError, match=next(iter(row.values()) if "colour" not in row else iter(row))):
        store.record(decision_on(store.candidate("c1"), "edit", detail={"row": row}))
    assert store.candidate("c1").revision == 0
    assert not list(store.decisions())


def test_what_people_decided_is_told_with_their_reasons(store: Store, case: Case, propose: Propose) -> None:
    elsewhere = Case(source="sirm", source_id="1", url="https://sirm.org/1")
    taken_in(store, case, propose("c1", case), propose("c2", case, "two"), propose("c3", case, "three"))
    taken_in(store, elsewhere, propose("c4", elsewhere, "three"), propose("c5", elsewhere, "five"))
    store.record(decision_on(store.candidate("c1"), "reject", reason="a CT"))
    store.record(decision_on(store.candidate("c2"), "reject", reason="by mistake"))
    store.record(decision_on(store.candidate("c2"), "undo"))
    store.record(decision_on(store.candidate("c2"), "reject", reason="not a chest"))
    store.record(decision_on(store.candidate("c5"), "duplicate", reason="of one in a book"))
    told = [(candidate.id, decision.reason) for candidate, decision in store.decided("rejected")]
    assert told == [("c1", "a CT"), ("c2", "not a chest")]
    assert [candidate.id for candidate in store.candidates(state="duplicate")] == ["c4", "c5"]
    assert [candidate.id for candidate, _ in store.decided("duplicate")] == ["c5"], "nobody decided on c4"


def test_deciding_on_an_unknown_candidate_is_an_error(store: Store, case: Case, propose: Propose) -> None:
    with pytest.raises(KeyError, match="no candidate"):
        store.record(decision_on(propose("c1", case), "accept"))
