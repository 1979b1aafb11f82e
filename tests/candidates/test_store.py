"""What goes into the store comes out again, on SQLite and on PostgreSQL, and no crawl undoes a person's decision."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from pipelines.candidates.decisions import ConflictError
from pipelines.candidates.films import film_key
from pipelines.candidates.store import Store
from pipelines.records import Candidate, Case, Decision, Issue, Match, Media, Panel

Propose = Callable[..., Candidate]
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def taken_in(store: Store, case: Case, *proposed: Candidate, complete: bool = True) -> tuple[str, int, int]:
    intake = store.take_in(case, proposed, case.content_hash(), "1", complete)
    return intake.case, intake.candidates_new, intake.candidates_changed


def decided(candidate: Candidate, action: str, **facts: object) -> Decision:
    return Decision.model_validate(
        {"candidate": candidate.id, "action": action, "by": "Ada", "at": NOW, "revision": candidate.revision} | facts
    )


# Permissions and runs


def test_the_newest_permission_is_in_force(store: Store) -> None:
    assert store.permission("radiopaedia") is None
    store.permit("radiopaedia", "letter of 1 March", "Ada")
    store.permit("radiopaedia", "letter of 2 March", "Grace")
    permission = store.permission("radiopaedia")
    assert permission
    assert (permission.basis, permission.by) == ("letter of 2 March", "Grace")
    assert permission.at.tzinfo is not None
    assert store.permission("sirm") is None


def test_runs_are_listed_newest_first(store: Store) -> None:
    first, second = store.open_run("radiopaedia"), store.open_run("sirm")
    finished = store.runs(source="radiopaedia")[0].model_copy(
        update={"status": "finished", "pages": 7, "finished": NOW}
    )
    store.close_run(first, finished)
    assert [(run.source, run.status, run.pages) for run in store.runs()] == [
        ("sirm", "running", 0),
        ("radiopaedia", "finished", 7),
    ]
    assert store.runs(limit=1)[0].source == "sirm"
    with pytest.raises(KeyError, match="no run"):
        store.close_run(second + 1, finished)


# Cases


def test_a_case_is_new_then_unchanged_then_changed(store: Store, case: Case) -> None:
    assert store.known_case("radiopaedia", "75662") is None
    run = store.open_run("radiopaedia")
    assert store.keep_case(case, "a" * 64, "1", True, run) == "new"
    assert store.keep_case(case, "a" * 64, "1", True, run) == "unchanged"
    known = store.known_case("radiopaedia", "75662")
    assert known
    assert (known.content_hash, known.reader_version, known.complete) == ("a" * 64, "1", True)
    reworded = case.model_copy(update={"title": "Severe COVID-19 pneumonia"})
    assert store.keep_case(reworded, "b" * 64, "2", False, run) == "changed"
    again = store.known_case("radiopaedia", "75662")
    assert again
    assert (again.content_hash, again.reader_version, again.complete) == ("b" * 64, "2", False)
    assert again.first_seen == known.first_seen
    assert again.last_seen > known.last_seen
    assert store.case("radiopaedia", "75662") == reworded


def test_slug_id_and_address_are_one_case(store: Store, case: Case) -> None:
    store.keep_case(case, "a" * 64, "1", True)
    for name in ("75662", "covid-19-pneumonia-12", case.url):
        known = store.known_case("radiopaedia", name)
        assert known
        assert known.source_id == "75662"
    assert store.known_case("sirm", "75662") is None
    by_slug = Case(source="radiopaedia", source_id="covid-19-pneumonia-12", url=case.url)
    known_by = store.under_its_id(by_slug)
    assert (known_by.source_id, known_by.aliases) == ("75662", ["covid-19-pneumonia-12"])
    assert store.under_its_id(case) is case


def test_a_page_that_names_another_cases_address_does_not_take_it_over(store: Store, case: Case) -> None:
    store.keep_case(case, "a" * 64, "1", True)
    other = Case(source="radiopaedia", source_id="99", url="https://radiopaedia.org/cases/99", aliases=[case.url])
    store.keep_case(other, "b" * 64, "1", True)
    known = store.known_case("radiopaedia", case.url)
    assert known
    assert known.source_id == "75662"


def test_touching_a_case_says_when_it_was_seen(store: Store, case: Case) -> None:
    store.keep_case(case, "a" * 64, "1", True)
    before = store.known_case("radiopaedia", "75662")
    store.touch_case("radiopaedia", "75662")
    after = store.known_case("radiopaedia", "75662")
    assert before
    assert after
    assert after.last_seen > before.last_seen
    with pytest.raises(KeyError, match="no case"):
        store.touch_case("radiopaedia", "0")
    with pytest.raises(KeyError, match="no case"):
        store.case("radiopaedia", "0")


def test_cases_stream_in_order_past_a_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.candidates.cases.PAGE", 3)
    for number in (4, 1, 7, 3, 2, 6, 5):
        kept = Case(source="sirm", source_id=f"caso-{number}", url=f"https://sirm.org/{number}")
        store.keep_case(kept, "a" * 64, "1", complete=number != 3)
    assert [kept.source_id for kept in store.cases()] == [f"caso-{number}" for number in range(1, 8)]
    assert [kept.source_id for kept in store.cases("sirm", complete=False)] == ["caso-3"]
    assert not list(store.cases("radiopaedia"))


# Films


def test_what_was_fetched_is_known_by_address_and_content(store: Store) -> None:
    media = Media(sha256="a" * 64, mime="image/webp", extension="webp", size=9, width=3, height=4, bits=8, frames=1)
    assert store.fetched("https://x/1.png") is None
    store.keep_fetched("https://x/1.png", media)
    store.keep_fetched("https://x/1.png", media)
    assert store.fetched("https://x/1.png") == "a" * 64
    assert store.media("a" * 64) == media
    assert store.media("b" * 64) is None
    store.keep_fetched("https://x/1.png", media.model_copy(update={"sha256": "b" * 64}))
    assert store.fetched("https://x/1.png") == "b" * 64


def test_fingerprints_are_kept_by_version(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.candidates.films.PAGE", 2)
    for number in range(5):
        media = Media(sha256=f"{number}" * 64, mime="image/png", extension="png", size=9)
        store.keep_fetched(f"https://x/{number}", media)
    store.keep_fetched("https://x/pdf", Media(sha256="d" * 64, mime="application/pdf", extension="pdf", size=9))
    panel = film_key("0" * 64, Panel(box=(0, 0, 50, 60)))
    for film in ("3" * 64, "1" * 64, panel):
        store.keep_fingerprint(film, 1, b"seen")
    store.keep_fingerprint("2" * 64, 1, b"")
    store.keep_fingerprint("1" * 64, 1, b"seen again")
    assert list(store.fingerprints(1)) == [(panel, b"seen"), ("1" * 64, b"seen again"), ("3" * 64, b"seen")]
    assert panel == "0" * 64 + "#0,0,50,60"


def test_published_films_are_found_by_content(store: Store) -> None:
    store.keep_published("b.jpg", "b" * 64, 1, b"print")
    store.keep_published("a.jpg", "b" * 64, 1, b"print")
    store.keep_published("old.jpg", "c" * 64, 0, b"older print")
    assert store.published(1) == [("a.jpg", "b" * 64, b"print"), ("b.jpg", "b" * 64, b"print")]
    assert store.published_with_film("b" * 64) == ["a.jpg", "b.jpg"]
    assert store.published_with_film("d" * 64) == []


# Answers and snapshots


def test_an_answer_stands_until_it_expires(store: Store) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    store.keep("works/10.1/x", 404, "{}", later)
    answer = store.answer("works/10.1/x")
    assert answer
    assert (answer.status, answer.body, answer.expires) == (404, "{}", later)
    store.keep("works/10.1/x", 200, '{"é": 1}', datetime.now(UTC) - timedelta(seconds=1))
    assert store.answer("works/10.1/x") is None
    with pytest.raises(StatementError, match="has no time zone"):
        store.keep("k", 200, "", datetime(2026, 1, 1))


def test_the_newest_snapshot_is_shown(store: Store) -> None:
    for hour, offset in ((1, 5_000_000_000), (2, 7)):
        store.keep_snapshot("https://x/1", "a.warc.gz", offset, 9, "a" * 64, NOW + timedelta(hours=hour))
    snapshot = store.snapshot("https://x/1")
    assert snapshot
    assert (snapshot.file, snapshot.offset, snapshot.length) == ("a.warc.gz", 7, 9)
    assert store.snapshot("https://x/2") is None


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


def test_candidates_need_their_case(store: Store, case: Case, propose: Propose) -> None:
    with pytest.raises(KeyError, match="keep the case before"):
        store.keep_candidates("radiopaedia", "75662", [propose("c1", case)])


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
        store.record(decided(propose("c1", case), "accept"))


def test_no_crawl_touches_a_decided_candidate(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case, sex="M"))
    accepted = store.record(decided(store.candidate("c1"), "accept"))
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
        after = store.record(decided(store.candidate(action), action, reason="because"))
        assert (after.state, after.revision) == (state, 1)
        assert [candidate.id for candidate in store.candidates(state=after.state)] == [action]


def test_of_two_decisions_on_one_revision_the_second_is_refused(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case))
    seen = store.candidate("c1")
    store.record(decided(seen, "reject", reason="a CT"))
    with pytest.raises(ConflictError, match="revision 1 and rejected"):
        store.record(decided(seen, "accept"))
    assert [decision.action for decision in store.decisions("c1")] == ["reject"]


def test_decisions_are_undone_one_by_one(store: Store, case: Case, propose: Propose) -> None:
    taken_in(store, case, propose("c1", case, sex="M"))
    for action, facts in (("edit", {"detail": {"row": {"sex": "F"}}}), ("reject", {}), ("undo", {}), ("accept", {})):
        store.record(decided(store.candidate("c1"), action, **facts))
    states = []
    for _ in range(2):
        undone = store.record(decided(store.candidate("c1"), "undo"))
        states.append((undone.state, undone.row["sex"]))
    assert states == [("pending", "F"), ("pending", "M")]
    with pytest.raises(ValueError, match="no decision to undo"):
        store.record(decided(store.candidate("c1"), "undo"))
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
    edited = store.record(decided(store.candidate("c1"), "edit", detail=detail))
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
        store.record(decided(store.candidate("c1"), "edit", detail={"row": row}))
    assert store.candidate("c1").revision == 0
    assert not list(store.decisions())


def test_what_people_decided_is_told_with_their_reasons(store: Store, case: Case, propose: Propose) -> None:
    elsewhere = Case(source="sirm", source_id="1", url="https://sirm.org/1")
    taken_in(store, case, propose("c1", case), propose("c2", case, "two"), propose("c3", case, "three"))
    taken_in(store, elsewhere, propose("c4", elsewhere, "three"), propose("c5", elsewhere, "five"))
    store.record(decided(store.candidate("c1"), "reject", reason="a CT"))
    store.record(decided(store.candidate("c2"), "reject", reason="by mistake"))
    store.record(decided(store.candidate("c2"), "undo"))
    store.record(decided(store.candidate("c2"), "reject", reason="not a chest"))
    store.record(decided(store.candidate("c5"), "duplicate", reason="of one in a book"))
    told = [(candidate.id, decision.reason) for candidate, decision in store.decided("rejected")]
    assert told == [("c1", "a CT"), ("c2", "not a chest")]
    assert [candidate.id for candidate in store.candidates(state="duplicate")] == ["c4", "c5"]
    assert [candidate.id for candidate, _ in store.decided("duplicate")] == ["c5"], "nobody decided on c4"


def test_deciding_on_an_unknown_candidate_is_an_error(store: Store, case: Case, propose: Propose) -> None:
    with pytest.raises(KeyError, match="no candidate"):
        store.record(decided(propose("c1", case), "accept"))
