"""A figure is split into its films and put together again, and an edit may move a panel's box or quote the case."""

from typing import Any

import pytest
from deciding import Propose, case_named, decide, film, on_sqlite, taken_in

from pipelines.candidates.queue import Filter
from pipelines.candidates.rows import candidates_for
from pipelines.candidates.store import Store
from pipelines.records import Candidate, Case, Figure, Image, Issue, Match, Panel, Study

PANELS = [{"box": [0, 0, 50, 80], "label": "A"}, {"box": [50, 0, 100, 80], "label": "(b)"}, {"box": [0, 80, 100, 90]}]


@pytest.fixture
def figure(store: Store, propose: Propose) -> Candidate:
    """Take in a figure of 100 by 90 pixels that holds several films."""
    case = case_named("1", title="Axial CT of a woman")
    proposed = propose("fig", case, filename="sirm-1-1-1-abc.png", sex="F").model_copy(
        update={"issues": [Issue(kind="needs split", message="three"), Issue(kind="language", message="which?")]}
    )
    store.keep_fetched("https://x/one.png", film("one", width=100, height=90))
    taken_in(store, case, proposed, propose("last", case, "two"))
    return proposed


def states(store: Store) -> list[tuple[str, str]]:
    return [(entry.id, entry.state) for entry in store.queue(Filter(state="")).entries]


def test_a_split_figure_gives_a_candidate_for_each_panel(store: Store, figure: Candidate) -> None:
    assert decide(store, "fig", "split", detail={"panels": PANELS}).state == "split"
    parent, first, second, third, last = store.of_case("sirm", "1")
    assert (parent.id, last.id) == ("fig", "last")
    assert [panel.panel for panel in (first, second, third)] == [Panel.model_validate(panel) for panel in PANELS]
    assert [panel.row["filename"] for panel in (first, second, third)] == [
        "sirm-1-1-1-abc-a.png", "sirm-1-1-1-abc-b.png", "sirm-1-1-1-abc-3.png",
    ]  # fmt: skip
    assert (first.state, first.sha256, first.row["sex"]) == ("pending", figure.sha256, "F")
    assert [evidence.quote for evidence in first.evidence] == [evidence.quote for evidence in figure.evidence]
    assert [issue.kind for issue in first.issues] == ["language"]
    assert store.version_quoted_by(first.id) == store.version_quoted_by("fig")
    assert store.tallies()[""] == {"": {"split": 1, "pending": 4}}
    assert store.queue(Filter(text="abc a")).entries[0].id == first.id


def test_a_panel_has_the_id_that_a_crawl_would_give_it(store: Store, figure: Candidate) -> None:
    decide(store, "fig", "split", detail={"panels": PANELS})
    cut = Figure(panels=[Panel.model_validate(panel) for panel in PANELS])
    image = Image(url="https://x/one.png", media=film("one"), figure=cut)
    crawled = candidates_for(case_named("1", studies=[Study(images=[image])]), [])
    assert [panel.id for panel in store.of_case("sirm", "1")[1:4]] == [panel.id for panel in crawled]


def test_crawls_leave_the_panels_as_they_are(store: Store, figure: Candidate, propose: Propose) -> None:
    decide(store, "fig", "split", detail={"panels": PANELS})
    before = store.of_case("sirm", "1")
    case = case_named("1", title="Axial CT of a woman")
    taken_in(store, case, figure, propose("last", case, "two"))
    assert store.of_case("sirm", "1") == before


def test_undoing_a_split_withdraws_its_panels(store: Store, figure: Candidate) -> None:
    whole = states(store)
    decide(store, "fig", "split", detail={"panels": PANELS})
    first = store.of_case("sirm", "1")[1]
    decide(store, first.id, "edit", detail={"row": {"sex": "M"}})
    with pytest.raises(ValueError, match=r"cannot be undone.*was decided since"):
        decide(store, "fig", "undo")
    decide(store, first.id, "undo")
    assert decide(store, "fig", "undo").state == "pending"
    assert states(store) == whole
    assert store.tallies()[""] == {"": {"pending": 2}}
    assert [candidate.id for candidate in store.candidates()] == ["fig", "last"]
    assert [candidate.id for candidate in store.candidates_with_film(figure.sha256)] == ["fig"]
    with pytest.raises(KeyError, match="no candidate"):
        decide(store, first.id, "accept")
    decide(store, "fig", "split", detail={"panels": PANELS[:2]})
    again = store.candidate(first.id)
    assert (again.state, again.row["sex"], again.revision) == ("pending", "F", 3)
    assert len(states(store)) == 4


def test_what_was_found_of_a_panel_goes_and_comes_with_it(store: Store, figure: Candidate) -> None:
    decide(store, "fig", "split", detail={"panels": PANELS[:2]})
    (panel, _) = (candidate.id for candidate in store.of_case("sirm", "1") if candidate.panel)
    store.keep_match(panel, Match(candidate="last", relation="same image"))
    store.add_issue("last", Issue(kind="possible duplicate", message=f"same image: {panel} of https://x/sirm/1"))

    def shown() -> tuple[int, int, int]:
        last = store.candidate("last")
        (entry,) = [entry for entry in store.queue(Filter()).entries if entry.id == "last"]
        assert (entry.matches, entry.issues) == (len(last.matches), len(last.issues))
        return (
            len(last.matches),
            len(last.issues),
            store.tallies()["issue"].get("possible duplicate", {}).get("pending", 0),
        )

    assert shown() == (1, 1, 1)
    decide(store, "fig", "undo")
    assert shown() == (0, 0, 0)
    decide(store, "fig", "split", detail={"panels": PANELS[:2]})
    assert shown() == (1, 1, 1)


def test_a_split_figure_is_not_decided_beside_its_panels(store: Store, figure: Candidate) -> None:
    decide(store, "fig", "split", detail={"panels": PANELS})
    with pytest.raises(ValueError, match="decide on those"):
        decide(store, "fig", "accept")


@on_sqlite
@pytest.mark.parametrize(
    ("panels", "words"),
    [
        (None, "two panels or more"),
        ([PANELS[0]], "two panels or more"),
        ([1, 2], "two panels or more"),
        ([PANELS[0], PANELS[0]], "same box"),
        ([PANELS[0], {"box": [0, 0, 101, 90]}], "not within the film of 100 by 90"),
        ([PANELS[0], {"box": [-1, 0, 10, 90]}], "not within"),
        ([PANELS[0], {"box": [9, 0, 9, 90]}], "is empty"),
        ([PANELS[0], {"box": [0, 0, 9.5, 90]}], "whole pixels"),
        ([PANELS[0], {"label": "A"}], "whole pixels"),
    ],
)
def test_a_split_that_cannot_be_cut_is_refused(store: Store, figure: Candidate, panels: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decide(store, "fig", "split", detail={"panels": panels})
    assert states(store) == [("fig", "pending"), ("last", "pending")]
    assert not list(store.decisions())


def test_an_edit_moves_the_box_and_keeps_the_rest_of_the_panel(store: Store, figure: Candidate) -> None:
    decide(store, "fig", "split", detail={"panels": PANELS})
    first = store.of_case("sirm", "1")[1]
    moved = decide(store, first.id, "edit", detail={"panel": {"box": [1, 2, 49, 79]}})
    assert moved.panel == Panel(box=(1, 2, 49, 79), label="A")
    assert moved.row == first.row
    with pytest.raises(ValueError, match="not within"):
        decide(store, first.id, "edit", detail={"panel": {"box": [0, 0, 100, 91]}})
    assert decide(store, first.id, "undo").panel == first.panel


def test_an_edit_quotes_the_wording_that_the_candidate_quotes(store: Store, figure: Candidate) -> None:
    marked = {"block": "title", "start": 0, "end": 5}
    detail = {"row": {"view": "Axial"}, "evidence": [marked]}
    edited = decide(store, "fig", "edit", detail=detail)
    (evidence,) = [evidence for evidence in edited.evidence if evidence.field == "view"]
    assert (evidence.quote, evidence.value, evidence.rule) == ("Axial", "Axial", "marked by Ada")
    case = case_named("1", title="CT assiale")
    taken_in(store, case, figure)
    again = decide(
        store, "fig", "edit", detail={"row": {"modality": "CT"}, "evidence": [marked | {"start": 6, "end": 8}]}
    )
    assert store.case(*store.version_quoted_by("fig")).carries(again.evidence[-1])


@on_sqlite
@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"block": "title", "start": 0, "end": 90}, "does not stand at title"),
        ({"block": "title", "start": 0, "end": 5, "quote": "Coron"}, "'Coron' does not stand"),
        ({"block": "block[3]", "start": 0, "end": 5}, "no text at"),
        ({"block": "titel", "start": 0, "end": 5}, "no address"),
        ({"block": "title", "start": 5, "end": 5}, "from where to where"),
        ({"block": "title", "start": -5, "end": 5}, "from where to where"),
        ({"block": "title", "start": "0", "end": 5}, "from where to where"),
        ({"field": "sex", "block": "title", "start": 0, "end": 5}, "one of those edited"),
    ],
)
def test_evidence_that_the_case_does_not_carry_is_refused(
    store: Store, figure: Candidate, evidence: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        decide(store, "fig", "edit", detail={"row": {"view": "Axial"}, "evidence": [evidence]})
    assert store.candidate("fig").revision == 0


@on_sqlite
@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"rows": {}}, "not rows"),
        ({"row": {"sex": 1}}, "each column a text"),
        ({"row": ["sex"]}, "each column a text"),
        ({"panel": [0, 0, 1, 1]}, "a panel has a box"),
        ({"panel": {"box": [0, 0, 1, 1], "kind": "CT"}}, "a panel has a box"),
        ({"row": {"sex": "F"}, "evidence": ["title"]}, "names a text"),
        ({"row": {"sex": "F"}, "evidence": {"block": "title"}}, "a list"),
    ],
)
def test_an_edit_of_another_form_is_refused(
    store: Store, figure: Candidate, detail: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        decide(store, "fig", "edit", detail=detail)
    assert Case.model_validate(store.case("sirm", "1"))
