"""What the adopted collection publishes is not asked for again, unless its row goes; nor is a pair of one file."""

from collections import Counter

import pytest
from deciding import Propose, case_named, decide, film, taken_in
from sqlalchemy import update

from pipelines.candidates.collection import AdoptedRow, imported_now
from pipelines.candidates.collection_tables import adopted_rows
from pipelines.candidates.filling import filled
from pipelines.candidates.queue import Filter
from pipelines.candidates.store import Store
from pipelines.candidates.tables import candidates
from pipelines.records import COLUMNS, Issue, Match, Panel


def adopt(store: Store, *films: str, withdraw: str = "", **names: str) -> None:
    """Import a table with a row for each film, named by it, and for each of `names` a row of the film it names."""
    rows = [
        AdoptedRow(filename=name, row=dict.fromkeys(COLUMNS, ""), media=film(of) if of else None)
        for name, of in {**dict(zip(films, films, strict=True)), **names}.items()
    ]
    for row in rows:
        if row.media:
            store.keep_published(row.filename, row.media.sha256, 1, b"")
    store.adopt(imported_now("metadata.csv", "a" * 64, "utf-8", ["filename"], len(rows), "Ada"), rows, withdraw)


def brought(store: Store, propose: Propose, id: str, name: str = "one", **values: str) -> int:
    """Take in a case of its own with one film, as a crawl does, and return how many candidates that makes new."""
    case = case_named(id)
    new = store.take_in(case, [propose(id, case, name, **values)], case.content_hash(), "1").candidates_new
    relate(store, id, published=name)
    for other in store.candidates_with_film(film(name).sha256):
        if other.id != id:
            relate(store, id, candidate=other.id)
            relate(store, other.id, candidate=id)
    return new


def relate(store: Store, id: str, relation: str = "same bytes", **other: str) -> None:
    """Keep a pair and what is asked of it as `Comparisons` does."""
    if "published" in other and not store.published_with_film(film(other["published"]).sha256):
        return
    store.keep_match(id, Match.model_validate({"relation": relation, "distance": 0} | other))
    twin = f"{other['candidate']} of https://x" if "candidate" in other else f"{other['published']} of the collection"
    store.add_issue(id, Issue(kind="possible duplicate", message=f"{relation}: {twin}"))


def states(store: Store) -> dict[str, str]:
    """Return the state of each candidate, after checking that the tallies say as much."""
    found = {candidate.id: candidate.state for candidate in store.candidates()}
    assert store.tallies()[""][""] == dict(Counter(found.values()))
    return found


def asked(store: Store, id: str) -> tuple[list[str], int]:
    """Return the twins that a person is asked about, and how many copies the queue counts."""
    entries = store.queue(Filter(state="")).entries
    issues = [issue.message.split()[2] for issue in store.candidate(id).issues if issue.kind == "possible duplicate"]
    return issues, next(entry.matches for entry in entries if entry.id == id)


def test_a_film_that_is_published_is_not_asked_for_again(store: Store, propose: Propose) -> None:
    adopt(store, "one")
    assert brought(store, propose, "a") == 0
    assert brought(store, propose, "b", "two") == 1
    assert states(store) == {"a": "duplicate", "b": "pending"}
    assert not list(store.decisions())
    assert asked(store, "a") == ([], 0)
    rows = store.adopted_with_film(film("one").sha256)
    assert [(row.filename, why) for row, why in rows] == [("one", None)]


def test_candidates_follow_when_their_film_comes_to_be_published_and_when_its_row_goes(
    store: Store, propose: Propose
) -> None:
    for id in "ab":
        brought(store, propose, id)
    assert states(store) == {"a": "pending", "b": "duplicate"}
    adopt(store, "one", "two")
    assert states(store) == {"a": "duplicate", "b": "duplicate"}
    adopt(store, "two")
    assert states(store)["a"] == "duplicate", "a row that the table lacks stays published until it is withdrawn"
    adopt(store, "two", withdraw="the wrong patient")
    assert states(store) == {"a": "pending", "b": "duplicate"}
    [(row, why)] = store.adopted_with_film(film("one").sha256)
    assert why
    assert (row.filename, why.reason, why.by) == ("one", "the wrong patient", "Ada")
    adopt(store, "one", "two")
    assert states(store) == {"a": "duplicate", "b": "duplicate"}


def test_a_row_that_changes_its_film_lets_the_old_one_up(store: Store, propose: Propose) -> None:
    adopt(store, row="one")
    brought(store, propose, "a", "one")
    brought(store, propose, "b", "two")
    adopt(store, row="two")
    assert states(store) == {"a": "pending", "b": "duplicate"}


def test_of_two_rows_of_one_film_the_other_keeps_it_published(store: Store, propose: Propose) -> None:
    adopt(store, x="one", y="one")
    brought(store, propose, "a")
    adopt(store, y="one", withdraw="twice")
    assert states(store) == {"a": "duplicate"}
    assert [row.filename for row, _ in store.adopted_with_film(film("one").sha256)] == ["y", "x"]


def test_a_row_without_known_bytes_changes_nothing(store: Store, propose: Propose) -> None:
    brought(store, propose, "a")
    adopt(store, one="")
    brought(store, propose, "b", "two")
    assert states(store) == {"a": "pending", "b": "pending"}


def test_a_panel_of_a_published_picture_is_another_film(store: Store, propose: Propose) -> None:
    adopt(store, "one")
    case = case_named("p")
    taken_in(store, case, propose("p", case).model_copy(update={"panel": Panel(box=(0, 0, 5, 5))}))
    assert states(store) == {"p": "pending"}


@pytest.mark.parametrize(
    ("action", "state"), [("accept", "accepted"), ("unsure", "unsure"), ("reject", "rejected"), ("edit", "pending")]
)
def test_any_decision_calls_a_published_film_back(store: Store, propose: Propose, action: str, state: str) -> None:
    adopt(store, "one")
    brought(store, propose, "a")
    detail = {"row": {"sex": "F"}} if action == "edit" else {}
    assert decide(store, "a", action, detail=detail).state == state
    assert asked(store, "a") == (["one"], 1)
    adopt(store, "one", "two")
    brought(store, propose, "a")
    assert states(store) == {"a": state}, "no crawl and no import touches it"
    assert decide(store, "a", "undo").state == "duplicate"
    assert states(store) == {"a": "duplicate"}


def test_whoever_judges_it_against_the_published_film_has_it_to_decide(store: Store, propose: Propose) -> None:
    adopt(store, "one", "two")
    for id in "ab":
        brought(store, propose, id)
    kept = {"published": "one", "relation": "same image", "keep": "b"}
    assert decide(store, "b", "judge", detail=kept).state == "pending"
    assert states(store) == {"a": "duplicate", "b": "pending"}
    assert decide(store, "b", "undo").state == "duplicate"
    assert decide(store, "b", "judge", detail=kept | {"keep": "one"}).state == "duplicate"
    assert decide(store, "b", "judge", detail=kept | {"relation": "unrelated", "keep": ""}).state == "pending"
    assert decide(store, "a", "judge", detail={"published": "two", "relation": "unrelated"}).state == "duplicate"


def test_published_films_are_found_in_a_store_of_an_older_version(store: Store, propose: Propose) -> None:
    adopt(store, "one", x="")
    for id in "ab":
        brought(store, propose, id)
    brought(store, propose, "c", "two")
    with store.writing() as connection:
        connection.execute(update(adopted_rows).values(sha256=""))
        connection.execute(update(candidates).values(state="pending", counted_as=None, place=None))
        connection.exec_driver_sql("DELETE FROM tallies")
        filled(connection)
    assert states(store) == {"a": "duplicate", "b": "duplicate", "c": "pending"}


def test_of_one_file_that_stands_as_a_duplicate_nobody_is_asked(store: Store, propose: Propose) -> None:
    for id in "abc":
        brought(store, propose, id)
    store.add_issue("a", Issue(kind="contradiction", field="sex", message="b says otherwise"))
    brought(store, propose, "near", "two")
    relate(store, "a", "same image", candidate="near")
    assert asked(store, "a") == (["near"], 1), "a near copy that nobody has judged is asked about as before"
    assert [issue.kind for issue in store.candidate("a").issues] == ["contradiction", "possible duplicate"]
    assert asked(store, "b") == asked(store, "c") == ([], 0)
    assert {match.candidate for match in store.candidate("a").matches} == {"b", "c", "near"}, "all are shown"
    assert [entry.id for entry in store.queue(Filter(issue="possible duplicate")).entries] == ["a"]
    decide(store, "near", "judge", detail={"candidate": "a", "relation": "unrelated"})
    assert store.queue(Filter(issue="possible duplicate")).entries == []


def test_a_pair_of_one_file_is_asked_about_again_once_both_are_wanted(store: Store, propose: Propose) -> None:
    for id in "ab":
        brought(store, propose, id)
    decide(store, "b", "edit", detail={"row": {"sex": "F"}})
    assert asked(store, "a") == (["b"], 1)
    assert asked(store, "b") == (["a"], 1)
    decide(store, "b", "undo")
    assert asked(store, "a") == asked(store, "b") == ([], 0)
    decide(store, "a", "reject")
    assert states(store) == {"a": "rejected", "b": "pending"}
    assert asked(store, "b") == (["a"], 1), "what was rejected elsewhere is worth a look"
