"""The queue gives what people decide, in order, filtered, counted and searched, however the store came about."""

import random
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest
from deciding import Propose, case_named, decide, decision_on, doubtful, on_sqlite, taken_in
from sqlalchemy import delete, update

from pipelines.candidates.filling import filled
from pipelines.candidates.queue import Filter, QueuePage
from pipelines.candidates.queue_tables import open_issues, searched, tallies
from pipelines.candidates.store import Store
from pipelines.candidates.tables import candidates
from pipelines.records import Case, Issue, Match, Panel

EVERYTHING = Filter(state="")


def ids(page: QueuePage) -> list[str]:
    return [entry.id for entry in page.entries]


def fill(store: Store, propose: Propose) -> None:
    """Take in three cases: one with a doubtful film, one certain, and one of another source."""
    first, second, third = case_named("1"), case_named("2"), case_named("9", "radiopaedia")
    taken_in(store, first, propose("b", first, modality="CT"), doubtful(propose("a", first, "two"), "sex", "age"))
    both = [propose(id, second, f"film {id}", finding="Pneumonia") for id in "dc"]
    taken_in(store, second, *both)
    taken_in(store, third, doubtful(propose("e", third, "film e", modality="X-ray"), "sex"))


def recounted(store: Store) -> dict[tuple[str, str, str], int]:
    """Count what the tallies say, by asking the filters one by one."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for candidate in store.candidates():
        (entry,) = [entry for entry in store.queue(EVERYTHING, limit=500).entries if entry.id == candidate.id]
        states = [candidate.state, *(["changed"] if entry.changed else [])]
        values = [("", ""), ("source", candidate.source), ("finding", candidate.row["finding"])]
        values += [("modality", candidate.row["modality"]), ("licence", candidate.row["license"])]
        values += [("issue", kind) for kind in {issue.kind for issue in candidate.issues}]
        counted.update((facet, value, state) for facet, value in values for state in states)
    return dict(counted)


def told(store: Store) -> dict[tuple[str, str, str], int]:
    return {
        (facet, value, state): number
        for facet, values in store.tallies().items()
        for value, states in values.items()
        for state, number in states.items()
    }


def test_cases_stay_together_and_certain_ones_come_first(store: Store, propose: Propose) -> None:
    fill(store, propose)
    page = store.queue(Filter())
    assert ids(page) == ["d", "c", "e", "b", "a"]
    assert [entry.certain for entry in page.entries] == [True, True, False, True, False]
    assert [entry.issues for entry in page.entries] == [0, 0, 1, 0, 2]
    assert (page.entries[0].title, page.entries[0].finding, page.next) == ("c", "Pneumonia", "")


def test_films_of_one_patient_stand_together(store: Store, propose: Propose) -> None:
    case = case_named("1")
    patients = {"a": "sirm-1-2", "b": "sirm-1-1", "c": "sirm-1-2", "d": "sirm-1-1"}
    taken_in(store, case, *(propose(id, case, patientid=patient) for id, patient in patients.items()))
    assert ids(store.queue(Filter())) == ["b", "d", "a", "c"]
    assert [candidate.id for candidate in store.of_case("sirm", "1")] == ["b", "d", "a", "c"]


def test_no_case_comes_to_stand_within_another(store: Store, propose: Propose) -> None:
    for name in ("a", "a b", "a-b", "a/b", "a.b", "ä"):
        case = case_named(name)
        films = [propose(f"{name}{number}", case, f"{name} {number}", patientid=f"p{number}") for number in range(3)]
        taken_in(store, case, *films)
    of = [entry.source_id for entry in store.queue(Filter()).entries]
    assert len(list(groupby(of))) == 6


def test_pages_follow_each_other_without_a_gap(store: Store, propose: Propose) -> None:
    fill(store, propose)
    decide(store, "c", "reject")
    for filter in (EVERYTHING, Filter(), Filter(issue="missing value")):
        pages, after = [], ""
        while True:
            page = store.queue(filter, after, limit=2)
            pages += ids(page)
            if not (after := page.next):
                break
        assert pages == ids(store.queue(filter))
    assert ids(store.queue(Filter(), store.place_of("c"))) == ["e", "b", "a"]
    with pytest.raises(KeyError, match="no candidate"):
        store.place_of("z")


@on_sqlite
@pytest.mark.parametrize(
    ("filter", "passing"),
    [
        (Filter(source="sirm"), ["d", "c", "b", "a"]),
        (Filter(finding="Pneumonia"), ["d", "c"]),
        (Filter(modality="CT", source="sirm"), ["b"]),
        (Filter(issue="missing value"), ["e", "a"]),
        (Filter(issue="missing value", modality="X-ray"), ["e"]),
        (Filter(state="", issue="missing value"), ["e", "a"]),
        (Filter(state="accepted"), []),
        (Filter(state="changed"), []),
        (Filter(text="!"), []),
    ],
)
def test_filters_show_what_passes_and_count_it(
    store: Store, propose: Propose, filter: Filter, passing: list[str]
) -> None:
    fill(store, propose)
    assert ids(store.queue(filter)) == passing
    assert store.counted(filter) == (len(passing), True)


def test_counting_stops_where_it_is_told(store: Store, propose: Propose) -> None:
    fill(store, propose)
    both = Filter(state="", source="sirm", text="c")
    assert store.counted(both, at_most=3) == (3, False)
    assert store.counted(both, at_most=4) == (4, True)
    assert store.counted(EVERYTHING, at_most=3) == (5, True)


def test_words_of_row_and_case_are_found(store: Store, propose: Propose) -> None:
    case = case_named("1", title="Polmonite da Covid-19 in una donna di 58 anni: è grave")
    taken_in(store, case, propose("a", case, location="Cittadella, Italy"), propose("b", case, "two"))
    for text, found in (
        ("polmon", ["a", "b"]),
        ("E GRAVE donna", ["a", "b"]),
        ("covid-19 italy", ["a"]),
        ('"italy" OR NOT *', []),
        ("two.png", ["b"]),
        ("https://x/sirm/1", ["a", "b"]),
        ("polmonite' & | !", ["a", "b"]),
    ):
        assert ids(store.queue(Filter(text=text))) == found, text
    decide(store, "a", "edit", detail={"row": {"location": "Padova"}})
    assert ids(store.queue(Filter(text="padova"))) == ["a"]
    assert ids(store.queue(Filter(text="cittadella"))) == []
    decide(store, "a", "undo")
    assert ids(store.queue(Filter(text="cittadella"))) == ["a"]
    reworded = case.model_copy(update={"title": "Altro"})
    taken_in(store, reworded, propose("a", reworded), propose("b", reworded, "two"))
    assert ids(store.queue(Filter(text="polmonite"))) == []


def test_the_queue_goes_on_from_a_candidate_past_what_others_hold(store: Store, propose: Propose) -> None:
    fill(store, propose)
    assert store.following(Filter(), "d", "Ada") == "c"
    store.hold("c", "Grace")
    assert store.following(Filter(), "d", "Ada") == "e"
    assert store.following(Filter(), "d", "Grace") == "c"
    assert store.preceding(Filter(), "e", "Ada") == "d"
    decide(store, "d", "accept")
    assert store.following(Filter(), "d", "Grace") == "c"
    assert store.preceding(Filter(), "c", "Ada") is None
    assert store.following(Filter(), "a", "Ada") is None
    (entry,) = [entry for entry in store.queue(Filter()).entries if entry.held_by]
    assert (entry.id, entry.held_by) == ("c", "Grace")
    assert entry.held_until
    store.hold("c", "Grace", seconds=-1)
    assert store.queue(Filter()).entries[0].held_by == ""


def test_no_decision_moves_a_case_in_the_queue(store: Store, propose: Propose) -> None:
    fill(store, propose)
    before = ids(store.queue(EVERYTHING))
    decide(store, "a", "edit", detail={"row": {"sex": "F", "age": "40"}})
    assert store.queue(EVERYTHING).entries[-1].certain
    decide(store, "e", "reject")
    assert ids(store.queue(EVERYTHING)) == ["d", "c", "e", "b", "a"] == before
    store.add_issue("c", Issue(kind="language", message="which?"))
    store.add_issue("c", Issue(kind="retry", message="again"))
    assert ids(store.queue(Filter())) == ["b", "a", "d", "c"]


def test_an_edit_answers_the_issues_of_its_columns(store: Store, propose: Propose) -> None:
    fill(store, propose)
    assert [issue.field for issue in decide(store, "a", "edit", detail={"row": {"sex": "F"}}).issues] == ["age"]
    assert ids(store.queue(Filter(issue="missing value"))) == ["e", "a"]
    decide(store, "a", "edit", detail={"row": {"age": ""}})
    assert ids(store.queue(Filter(issue="missing value"))) == ["e"]
    decide(store, "a", "undo")
    assert ids(store.queue(Filter(issue="missing value"))) == ["e", "a"]


def test_tallies_stay_true_through_whatever_is_written(store: Store, propose: Propose) -> None:
    fill(store, propose)
    chance = random.Random(0)
    store.keep_match("a", Match(candidate="b", relation="same image"))
    for _ in range(40):
        id = chance.choice(sorted({candidate.id for candidate in store.candidates()}))
        action, facts = chance.choice(
            [
                ("accept", {}), ("reject", {}), ("undo", {}), ("undo", {}), ("unsure", {}),
                ("edit", {"detail": {"row": {"modality": chance.choice(["CT", "X-ray", ""]), "sex": "F"}}}),
                ("judge", {"detail": {"candidate": "b", "relation": "unrelated"}}),
                ("split", {"detail": {"panels": [{"box": [0, 0, 5, 9]}, {"box": [5, 0, 9, 9]}]}}),
            ]
        )  # fmt: skip
        store.record_all([decision_on(store.candidate(id), action, **facts)])
        if chance.random() < 0.2:
            case = case_named("1", title=f"c{chance.random()}")
            kept = propose("b", case, modality=chance.choice(["CT", "X-ray"]))
            taken_in(store, case, *chance.sample([kept, doubtful(propose("a", case, "two"), "sex")], 1))
    assert told(store) == recounted(store)


def test_a_store_that_had_no_queue_gets_one(store: Store, propose: Propose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.candidates.standing.PAGE", 2)
    fill(store, propose)
    store.add_issue("c", Issue(kind="language", message="which?"))
    decide(store, "e", "reject", reason="a CT")
    decide(store, "b", "reject")
    decide(store, "b", "undo")
    decide(store, "a", "unsure", by="Grace")
    before = store.queue(EVERYTHING), store.tallies(), store.queue(Filter(text="pneumonia"))
    forgotten = {
        "place": None,
        "counted_as": None,
        "issues": 0,
        "copies": 0,
        "doubts": 0,
        "finding": "",
        "modality": "",
    }
    with store.writing() as connection:
        for table in (open_issues, tallies, searched):
            connection.execute(delete(table))
        connection.execute(update(candidates).values(forgotten))
        filled(connection)
    assert (store.queue(EVERYTHING), store.tallies(), store.queue(Filter(text="pneumonia"))) == before


def test_a_store_of_the_first_revision_is_brought_up_to_date(tmp_path: Path, case: Case, propose: Propose) -> None:
    from first_revision import first_store

    url = f"sqlite:///{tmp_path}/old.sqlite"
    first_store(url, case, [propose("c1", case, finding="Pneumonia"), propose("c2", case, "two")])
    with Store(url) as store:
        assert [(entry.id, entry.state, entry.title) for entry in store.queue(EVERYTHING).entries] == [
            ("c1", "accepted", case.title),
            ("c2", "pending", case.title),
        ]
        assert store.tallies()["finding"]["Pneumonia"] == {"accepted": 1}
        assert ids(store.queue(Filter(text="covid"))) == ["c2"]
        last = store.last_standing("Ada")
        assert last
        assert (last.candidate, last.action) == ("c1", "accept")
        decide(store, "c1", "undo")
        assert ids(store.queue(Filter())) == ["c1", "c2"]
        assert store.last_standing("Ada") is None


def test_panels_are_ordered_as_they_lie_on_the_figure(store: Store, propose: Propose) -> None:
    case = case_named("1")
    boxes = {"a": (100, 0, 200, 90), "b": (0, 0, 100, 90), "c": (0, 90, 100, 200)}
    cut = [propose(id, case).model_copy(update={"panel": Panel(box=box)}) for id, box in boxes.items()]
    taken_in(store, case, *cut)
    assert ids(store.queue(Filter())) == ["a", "b", "c"], "a crawl's own order is kept"
