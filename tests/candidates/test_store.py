"""What goes into the store comes out again, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from pipelines.candidates.films import film_key
from pipelines.candidates.store import Store
from pipelines.records import Case, Media, Panel

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def kept(store: Store, case: Case, content_hash: str, reader_version: str = "1", **facts: Any) -> str:
    return store.take_in(case, [], content_hash, reader_version, **facts).case


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
    assert kept(store, case, "a" * 64, run_id=run) == "new"
    assert kept(store, case, "a" * 64, run_id=run) == "unchanged"
    known = store.known_case("radiopaedia", "75662")
    assert known
    assert (known.content_hash, known.reader_version, known.complete) == ("a" * 64, "1", True)
    reworded = case.model_copy(update={"title": "Severe COVID-19 pneumonia"})
    assert kept(store, reworded, "b" * 64, "2", complete=False, run_id=run) == "changed"
    again = store.known_case("radiopaedia", "75662")
    assert again
    assert (again.content_hash, again.reader_version, again.complete) == ("b" * 64, "2", False)
    assert again.first_seen == known.first_seen
    assert again.last_seen > known.last_seen
    assert store.case("radiopaedia", "75662") == reworded


def test_slug_id_and_address_are_one_case(store: Store, case: Case) -> None:
    kept(store, case, "a" * 64)
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
    kept(store, case, "a" * 64)
    other = Case(source="radiopaedia", source_id="99", url="https://radiopaedia.org/cases/99", aliases=[case.url])
    kept(store, other, "b" * 64)
    known = store.known_case("radiopaedia", case.url)
    assert known
    assert known.source_id == "75662"


def test_touching_a_case_says_when_it_was_seen(store: Store, case: Case) -> None:
    kept(store, case, "a" * 64)
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
