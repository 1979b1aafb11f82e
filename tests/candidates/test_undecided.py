"""A film that another case brought, or a picture that is none, is recorded and not to be decided, whatever comes."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from deciding import Propose, case_named, decide, decision_on, film, taken_in
from sqlalchemy import select, update

from pipelines.candidates.filling import filled
from pipelines.candidates.queue import Filter
from pipelines.candidates.store import Store
from pipelines.candidates.tables import candidates
from pipelines.records import Issue, Match, Panel

PANELS = [{"box": [0, 0, 50, 80], "label": "A"}, {"box": [50, 0, 100, 80], "label": "B"}]


def brought(store: Store, propose: Propose, id: str, name: str = "one", **values: str) -> int:
    """Take in a case of its own with one film, and return how many candidates that makes new."""
    case = case_named(id)
    return store.take_in(case, [propose(id, case, name, **values)], case.content_hash(), "1").candidates_new


def states(store: Store) -> dict[str, str]:
    return {candidate.id: candidate.state for candidate in store.candidates()}


def pending(store: Store) -> list[str]:
    """Return what is to be decided, after checking that the tallies say as much."""
    entries = store.queue(Filter()).entries
    counted = Counter(states(store).values())
    assert store.tallies()[""][""] == dict(counted)
    assert counted["pending"] == len(entries)
    return [entry.id for entry in entries]


@pytest.fixture
def three(store: Store, propose: Propose) -> Store:
    """Return a store into which three cases brought one film, and another case another one."""
    assert [brought(store, propose, id) for id in "abc"] == [1, 0, 0]
    assert brought(store, propose, "z", "two") == 1
    return store


def test_a_film_that_another_case_brought_is_recorded_and_not_queued(three: Store, propose: Propose) -> None:
    assert pending(three) == ["a", "z"]
    assert [candidate.id for candidate in three.candidates(state="duplicate")] == ["b", "c"]
    assert three.tallies()["source"]["sirm"] == {"pending": 2, "duplicate": 2}
    assert [entry.id for entry in three.queue(Filter(state="duplicate")).entries] == ["b", "c"]
    assert not list(three.decisions())


def test_its_row_evidence_and_match_are_kept(store: Store, propose: Propose) -> None:
    brought(store, propose, "a", sex="F")
    brought(store, propose, "b", sex="M")
    store.keep_match("b", Match(candidate="a", relation="same bytes", distance=0))
    for id, other in ("ab", "ba"):
        store.add_issue(id, Issue(kind="contradiction", field="sex", message=f"{other} says otherwise"))
    copy = store.candidate("b")
    assert (copy.state, copy.row["sex"], copy.evidence[0].quote) == ("duplicate", "M", "c")
    assert [(match.candidate, match.relation) for match in copy.matches] == [("a", "same bytes")]
    assert [issue.field for id in "ab" for issue in store.candidate(id).issues] == ["sex", "sex"]
    assert [entry.id for entry in store.queue(Filter(issue="contradiction")).entries] == ["a"]
    assert [entry.id for entry in store.queue(Filter("duplicate", issue="contradiction")).entries] == ["b"]


def test_crawls_that_come_again_change_nothing(three: Store, propose: Propose) -> None:
    before = list(three.candidates())
    for id in "cab":
        assert brought(three, propose, id) == 0
    assert list(three.candidates()) == before
    assert pending(three) == ["a", "z"]


def test_one_case_that_shows_a_film_twice_holds_neither_back(store: Store, propose: Propose) -> None:
    case = case_named("1")
    taken_in(store, case, propose("a", case), propose("b", case))
    assert pending(store) == ["a", "b"]


def test_another_panel_of_the_same_file_is_another_film(store: Store, propose: Propose) -> None:
    boxes = {"a": None, "b": (0, 0, 50, 80), "c": (50, 0, 100, 80), "d": (50, 0, 100, 80)}
    for id, box in boxes.items():
        case = case_named(id)
        panel = Panel(box=box, label=id) if box else None
        taken_in(store, case, propose(id, case).model_copy(update={"panel": panel}))
    assert states(store) == {"a": "pending", "b": "pending", "c": "pending", "d": "duplicate"}


@pytest.mark.parametrize("action", ["accept", "unsure", "duplicate"])
def test_whatever_else_becomes_of_the_first_its_copies_stay(three: Store, action: str) -> None:
    decide(three, "a", action)
    assert pending(three) == ["z"]
    decide(three, "a", "undo")
    assert pending(three) == ["a", "z"]


def test_a_copy_comes_up_once_the_first_is_rejected(three: Store) -> None:
    decide(three, "a", "reject", reason="a CT")
    assert pending(three) == ["b", "z"]
    decide(three, "b", "reject")
    assert pending(three) == ["c", "z"]
    decide(three, "a", "undo")
    assert states(three) == {"a": "pending", "b": "rejected", "c": "duplicate", "z": "pending"}
    decide(three, "b", "undo")
    assert pending(three) == ["a", "z"]


def test_a_person_may_decide_on_a_copy(three: Store) -> None:
    for action, state in (("accept", "accepted"), ("unsure", "unsure"), ("reject", "rejected"), ("edit", "pending")):
        detail = {"row": {"sex": "F"}} if action == "edit" else {}
        assert decide(three, "b", action, detail=detail).state == state
        decide(three, "a", "reject")
        decide(three, "a", "undo")
        assert three.candidate("b").state == state, "what happens to the first does not touch a decision"
        assert decide(three, "b", "undo").state == "duplicate"
    assert pending(three) == ["a", "z"]


def test_to_judge_a_pair_decides_on_neither(three: Store) -> None:
    judged = decide(three, "b", "judge", detail={"candidate": "z", "relation": "unrelated"})
    assert judged.state == "duplicate"
    decide(three, "a", "reject")
    assert pending(three) == ["b", "z"]


def test_the_copy_that_a_person_keeps_instead_is_to_be_decided(three: Store) -> None:
    decide(three, "a", "duplicate", detail={"candidate": "c", "relation": "same bytes", "keep": "c"})
    assert states(three) == {"a": "duplicate", "b": "duplicate", "c": "pending", "z": "pending"}
    decide(three, "c", "reject")
    assert pending(three) == ["b", "z"]
    decide(three, "c", "undo")
    decide(three, "a", "undo")
    assert pending(three) == ["a", "z"]


def test_panels_that_a_person_cuts_are_copies_too(store: Store, propose: Propose) -> None:
    store.keep_fetched("https://x/one.png", film("one", width=100, height=90))
    brought(store, propose, "figure")
    case = case_named("cut")
    panels = [propose(f"cut{label}", case).model_copy(update={"panel": Panel(box=box)}) for label, box in (
        ("A", (0, 0, 50, 80)), ("C", (0, 80, 50, 90)),
    )]  # fmt: skip
    taken_in(store, case, *panels)
    assert pending(store) == ["cutA", "cutC", "figure"]
    decide(store, "figure", "split", detail={"panels": PANELS})
    first, second = (candidate for candidate in store.of_case("sirm", "figure") if candidate.id != "figure")
    assert (first.state, second.state) == ("duplicate", "pending")
    brought_again = case_named("later")
    taken_in(store, brought_again, propose("later", brought_again).model_copy(update={"panel": second.panel}))
    assert store.candidate("later").state == "duplicate"
    decide(store, "cutA", "reject")
    assert store.candidate(first.id).state == "pending"
    decide(store, "figure", "undo")
    assert pending(store) == ["cutC", "figure", "later"]
    decide(store, "figure", "split", detail={"panels": PANELS})
    assert pending(store) == ["cutC", first.id, second.id]


def test_an_edit_that_moves_the_box_lets_the_copies_up(store: Store, propose: Propose) -> None:
    store.keep_fetched("https://x/one.png", film("one", width=100, height=90))
    brought(store, propose, "a")
    brought(store, propose, "b")
    decide(store, "a", "edit", detail={"panel": {"box": [0, 0, 90, 90]}})
    assert pending(store) == ["a", "b"]
    decide(store, "a", "undo")
    assert pending(store) == ["a"]


def test_of_two_crawls_that_bring_a_film_at_once_one_has_it_to_decide(
    store: Store, store_url: str, propose: Propose
) -> None:
    together, names = Barrier(2), [f"film {number}" for number in range(10)]

    def crawl(source: str) -> int:
        new = 0
        with Store(store_url) as own:
            for name in names:
                case = case_named(name, source)
                proposed = [propose(f"{source} {name}", case, name)]
                together.wait()
                new += own.take_in(case, proposed, case.content_hash(), "1").candidates_new
        return new

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(crawl, ("sirm", "papers"))) == len(names)
    assert Counter(states(store).values()) == {"pending": len(names), "duplicate": len(names)}
    assert {store.candidate(id).sha256 for id in pending(store)} == {film(name).sha256 for name in names}


def test_copies_are_found_in_a_store_of_an_older_version(three: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.candidates.undecided.PAGE", 1)
    with three.writing() as connection:
        connection.execute(update(candidates).values(state="pending", counted_as=None, place=None))
        connection.exec_driver_sql("DELETE FROM tallies")
        filled(connection)
    assert pending(three) == ["a", "z"]


def test_no_film_is_lost_between_its_copies_whatever_is_decided(store: Store, propose: Propose) -> None:
    chance, of_film = random.Random(4), {id: f"film {number % 2}" for number, id in enumerate("abcdef")}
    for id, name in of_film.items():
        brought(store, propose, id, name)
    for _ in range(30):
        id, other = chance.sample(sorted(of_film), 2)
        action = chance.choice(["accept", "reject", "reject", "undo", "undo", "unsure", "edit", "duplicate"])
        detail = {"edit": {"row": {"sex": "F"}}, "duplicate": {"candidate": other}}.get(action, {})
        store.record_all([decision_on(store.candidate(id), action, detail=detail)])
        with store.reading() as connection:
            rows = connection.execute(select(candidates.c.sha256, candidates.c.state, candidates.c.kept)).all()
        for sha256 in {row.sha256 for row in rows}:
            undecided = [row.state for row in rows if row.sha256 == sha256 and row.kept is None]
            decided = [row.state for row in rows if row.sha256 == sha256 and row.kept is not None]
            assert undecided.count("pending") <= 1
            assert "pending" in undecided or not undecided or {*decided} - {"rejected"}
    pending(store)


def test_a_picture_of_an_article_that_is_no_film_is_kept_aside_and_can_be_called_back(
    store: Store, propose: Propose
) -> None:
    case = case_named("p", source="papers")
    chart = propose("chart", case, "one").model_copy(update={"kind": "other"})
    shown = propose("film", case, "two").model_copy(update={"kind": "chest-xray"})
    assert store.take_in(case, [chart, shown], case.content_hash(), "1").candidates_new == 1
    assert pending(store) == ["film"]
    assert [candidate.id for candidate in store.candidates(state="aside")] == ["chart"]
    assert decide(store, "chart", "edit", detail={"row": {"sex": "F"}}).state == "pending"
    assert pending(store) == ["chart", "film"]
    decide(store, "chart", "undo")
    assert states(store)["chart"] == "aside"
    assert store.take_in(case, [chart, shown], case.content_hash(), "2").candidates_new == 0
    assert states(store)["chart"] == "aside"


def test_of_copies_the_one_with_a_licence_is_to_be_decided_until_another_is_accepted(
    store: Store, propose: Propose
) -> None:
    for id, values in {"a": {}, "b": {"license": "CC BY 4.0"}, "c": {"license": "CC BY 4.0"}}.items():
        brought(store, propose, id, **values)
    assert pending(store) == ["b"]
    decide(store, "a", "accept")
    assert states(store) == {"a": "accepted", "b": "duplicate", "c": "duplicate"}
    decide(store, "a", "undo")
    assert pending(store) == ["b"]
