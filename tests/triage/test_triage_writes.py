"""Decisions, edits and undo: each on the revision that was seen, and what the second of two people is told."""

import re

import httpx
import pytest
from workspace import STORY, Desk

from pipelines.records import Decision


def decide(desk: Desk, id: str, action: str, revision: int, **more: object) -> httpx.Response:
    return desk.write(f"/candidates/{id}/decisions", action=action, revision=revision, **more)


def test_a_decision_leads_to_the_next_candidate(desk: Desk) -> None:
    begin = desk.page("/")
    first = begin.headers["Location"].rpartition("/")[2]
    answer = decide(desk, first, "accept", 0).json()
    assert (answer["state"], answer["revision"]) == ("accepted", 1)
    assert answer["next"].startswith("/candidates/")
    assert first not in answer["next"]
    [decision] = desk.store.decisions()
    assert (decision.candidate, decision.action, decision.by) == (first, "accept", "cleo")


def test_the_end_of_the_queue_leads_back_to_what_was_skipped_and_then_to_the_queue(desk: Desk) -> None:
    entries = desk.page("/queue").text
    ids = re.findall(r'class="title" href="/candidates/(\w+)"', entries)
    assert len(ids) == 4
    answers = [decide(desk, id, "unsure", 0).json()["next"] for id in reversed(ids)]
    assert answers[0] == f"/candidates/{ids[0]}", "the last of the queue was decided first"
    assert answers[-1] == "/queue"


def test_a_form_is_taken_as_well_and_leads_on(desk: Desk) -> None:
    given = {"action": "reject", "reason": "drawn over", "revision": "0", "csrf": desk.token()}
    answer = desk.client.post(f"/candidates/{desk.first().id}/decisions?source=sirm", data=given)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("?source=sirm")
    [decision] = desk.store.decisions()
    assert decision.reason == "drawn over"


def test_the_second_of_two_people_sees_what_the_first_did(desk: Desk) -> None:
    first = desk.first()
    decide(desk, first.id, "reject", 0, reason="poor quality")
    conflict = decide(desk, first.id, "accept", 0)
    assert conflict.status_code == 409
    told = conflict.json()
    assert (told["state"], told["revision"]) == ("rejected", 1)
    assert [(event["by"], event["sentence"]) for event in told["events"]] == [("cleo", "rejected: poor quality")]
    page = desk.client.post(
        f"/candidates/{first.id}/decisions",
        json={"action": "accept", "revision": 0},
        headers={"X-CSRF-Token": desk.token(), "HX-Request": "true"},
    )
    assert page.status_code == 409
    assert "rejected: poor quality" in page.text
    assert [decision.action for decision in desk.store.decisions()] == ["reject"]


def test_undo_takes_back_one_s_own_last_decision_and_again_the_one_before(desk: Desk) -> None:
    first = desk.first()
    desk.write(f"/candidates/{first.id}/fields", revision=0, column="sex", value="M")
    decide(desk, first.id, "accept", 1)
    undone = desk.write("/undo").json()
    assert (undone["sentence"], undone["state"], undone["next"]) == ("accepted", "pending", f"/candidates/{first.id}")
    assert desk.write("/undo").json()["sentence"] == "set sex to 'M'"
    assert desk.first().row["sex"] == ""
    assert desk.write("/undo").status_code == 404
    assert [decision.action for decision in desk.store.decisions()] == ["edit", "accept", "undo", "undo"]


def test_undo_leaves_what_somebody_else_has_built_upon(desk: Desk) -> None:
    first = desk.first()
    decide(desk, first.id, "unsure", 0)
    theirs = Decision(candidate=first.id, action="accept", by="ben", at=next(desk.store.decisions()).at, revision=1)
    desk.store.record(theirs)
    assert desk.write("/undo").status_code == 404
    assert desk.first().state == "accepted"


def test_words_of_the_case_become_a_value_and_its_evidence(desk: Desk) -> None:
    first, start = desk.first(), STORY.index("fever")
    place = {"block": "block[0]", "start": start, "end": start + 5}
    answer = desk.write(f"/candidates/{first.id}/fields", revision=0, column="clinical_notes", evidence=place)
    assert answer.status_code == 200, answer.text
    [evidence] = [one for one in desk.first().evidence if one.field == "clinical_notes"]
    assert (evidence.value, evidence.quote, evidence.rule) == ("fever", "fever", "chosen by cleo")
    shown = desk.page(f"/candidates/{first.id}").text
    assert 'data-column="clinical_notes"' in shown


def test_a_value_without_words_is_marked_as_the_person_s_own(desk: Desk) -> None:
    first = desk.first()
    desk.write(f"/candidates/{first.id}/fields", revision=0, column="modality", value="CT")
    row = desk.first().row
    assert (row["modality"], row["folder"]) == ("CT", "volumes")
    [evidence] = [one for one in desk.first().evidence if one.field == "modality"]
    assert evidence.rule == "entered by cleo"
    assert "entered by cleo, without a quote" in desk.page(f"/candidates/{first.id}").text


@pytest.mark.parametrize(
    "given",
    [
        {"column": "age", "value": "900"},
        {"column": "age", "value": "forty"},
        {"column": "no such", "value": "x"},
        {"column": "sex", "value": "male"},
        {"column": "age", "value": "40", "evidence": {"block": "block[9]", "start": 0, "end": 2}},
        {"column": "age", "value": "40", "evidence": {"block": "__class__", "start": 0, "end": 2}},
        {"column": "age", "value": "40", "evidence": {"block": "block[0]", "start": 5, "end": 5}},
        {"column": "age", "value": "40", "evidence": {"block": "block[0]", "start": -9, "end": 2}},
        {"column": "age", "value": "40", "evidence": {"block": "block[0]", "start": 0, "end": 10**6}},
        {"column": "age", "value": "40", "evidence": {"block": "block[0]"}},
        {"column": "age", "value": "40", "evidence": {"block": "block[0]", "start": "x", "end": 2}},
        {"column": "location", "value": "write to me@example.org"},
    ],
)
def test_a_value_that_breaks_the_schema_or_its_quote_is_refused(desk: Desk, given: dict[str, object]) -> None:
    answer = desk.write(f"/candidates/{desk.first().id}/fields", revision=0, **given)
    assert answer.status_code == 422, answer.text
    assert desk.first().revision == 0


def test_one_box_moves_the_film_and_several_split_it(desk: Desk) -> None:
    first = desk.first()
    moved = desk.write(f"/candidates/{first.id}/panels", revision=0, boxes=[[1, 2, 30, 40]])
    assert moved.json()["revision"] == 1, moved.text
    assert desk.first().panel.box == (1, 2, 30, 40)
    for box in ([0, 0, 65, 48], [-1, 0, 4, 4], [5, 5, 5, 9]):
        assert desk.write(f"/candidates/{first.id}/panels", revision=1, boxes=[box]).status_code == 422
    split = desk.write(f"/candidates/{first.id}/panels", revision=1, boxes=[[0, 0, 32, 48], [32, 0, 64, 48]])
    assert split.json()["state"] == "split", split.text
    panels = [one.panel for one in desk.store.of_case("sirm", "1") if one.panel and one.state == "pending"]
    assert [(panel.box, panel.label) for panel in panels] == [((0, 0, 32, 48), "A"), ((32, 0, 64, 48), "B")]
    page = desk.page(split.json()["next"])
    assert page.status_code == 200


def test_a_pair_is_judged_and_remembered_from_both_sides(desk: Desk) -> None:
    first = desk.first()
    other = first.matches[0].candidate
    detail = {"candidate": other, "relation": "same patient, other film", "keep": ""}
    answer = decide(desk, first.id, "judge", 0, detail=detail)
    assert answer.json()["next"] == f"/candidates/{first.id}"
    for id in (first.id, other):
        [match] = desk.store.candidate(id).matches
        assert match.judged.relation == "same patient, other film"
    wrong = [
        {"candidate": other, "relation": "cousins"},
        {"candidate": other, "published": "x.png"},
        {"candidate": first.id},
        {"candidate": other, "keep": "somebody else"},
        {"published": "no such.png"},
        {"candidate": other, "relation": "unrelated", "more": "x"},
    ]
    for detail in wrong:
        assert decide(desk, first.id, "judge", 1, detail=detail).status_code == 422, detail
    kept_itself = {"candidate": other, "relation": "same image", "keep": first.id}
    assert decide(desk, first.id, "duplicate", 1, detail=kept_itself).status_code == 422
    kept = decide(desk, first.id, "duplicate", 1, detail={"candidate": other, "keep": other})
    assert kept.json()["state"] == "duplicate"


def test_a_bulk_decision_is_made_on_exactly_what_was_shown(desk: Desk) -> None:
    given = {"csrf": desk.token(), "query": "source=sirm", "action": "accept"}
    preview = desk.client.post("/bulk/preview", data=given | {"state": "pending", "text": ""})
    ids = re.findall(r'name="ids" value="(\w+)"', preview.text)
    revisions = re.findall(r'name="revisions" value="(\d+)"', preview.text)
    assert len(ids) == 4
    assert not list(desk.store.decisions())
    decide(desk, ids[0], "reject", 0, reason="poor quality")
    done = desk.client.post("/bulk", data=given | {"ids": ids, "revisions": revisions})
    assert "3 recorded" in done.text
    states = {one.id: one.state for one in desk.store.candidates()}
    assert states == {ids[0]: "rejected"} | dict.fromkeys(ids[1:], "accepted")


def test_a_bulk_decision_needs_pairs_and_a_known_reason(desk: Desk) -> None:
    first = desk.first().id
    for given in (
        {"action": "accept", "ids": [first], "revisions": []},
        {"action": "accept", "ids": [first, first], "revisions": [0, 0]},
        {"action": "reject", "ids": [first], "revisions": [0]},
        {"action": "accept", "ids": [first], "revisions": [0], "query": "state=nonsense"},
        {"action": "undo", "ids": [first], "revisions": [0]},
    ):
        assert desk.write("/bulk", **given).status_code == 422, given
    assert not list(desk.store.decisions())


def test_who_looks_at_a_candidate_holds_it(desk: Desk) -> None:
    first = desk.first()
    assert desk.write(f"/candidates/{first.id}/hold").json()["mine"]
    desk.store.release(first.id, "cleo")
    desk.store.hold(first.id, "ben")
    held = desk.write(f"/candidates/{first.id}/hold").json()
    assert (held["by"], held["mine"]) == ("ben", False)
    assert "<b>ben</b>" in desk.page(f"/candidates/{first.id}").text
    assert first.id not in desk.page("/").headers["Location"]
    assert desk.write("/candidates/nobody/hold").status_code == 404
