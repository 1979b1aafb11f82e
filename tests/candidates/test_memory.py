"""What was decided is remembered: an accepted row comes back only for a reason, and nothing is asked twice."""

import pytest
from deciding import Propose, case_named, decide, decision_on, film, taken_in

from pipelines.candidates.memory import Seen
from pipelines.candidates.queue import Filter
from pipelines.candidates.store import Store

BACK = Filter(state="changed")


def crawled(store: Store, propose: Propose, title: str, sex: str) -> None:
    case = case_named("1", title=title)
    taken_in(store, case, propose("a", case, sex=sex))


def came_back(store: Store) -> bool:
    (entry,) = store.queue(Filter(state="")).entries
    listed = [entry.id for entry in store.queue(BACK).entries]
    assert bool(listed) == entry.changed == bool(store.changes("a"))
    assert store.counted(BACK) == (len(listed), True)
    assert store.tallies()["source"]["sirm"].get("changed", 0) == len(listed)
    return entry.changed


def test_an_accepted_row_comes_back_only_if_text_and_reading_changed(store: Store, propose: Propose) -> None:
    crawled(store, propose, "a woman", "F")
    decide(store, "a", "accept")
    for title, sex, back in (
        ("a woman", "F", False),
        ("a young woman", "F", False),
        ("a woman", "M", False),
        ("a man", "M", True),
        ("a woman", "F", False),
        ("a man", "M", True),
    ):
        crawled(store, propose, title, sex)
        assert came_back(store) is back, (title, sex)
        assert (store.candidate("a").state, store.candidate("a").row["sex"]) == ("accepted", "F")


def test_what_came_back_shows_the_difference(store: Store, propose: Propose) -> None:
    crawled(store, propose, "a woman", "F")
    decide(store, "a", "edit", detail={"row": {"view": "PA"}})
    decide(store, "a", "accept")
    crawled(store, propose, "a man", "M")
    (change,) = store.changes("a")
    assert (change.column, change.accepted, change.proposed, change.quote) == ("sex", "F", "M", "a man")
    assert [case.title for case in store.wordings("a")] == ["a woman", "a man"]
    assert store.tallies()[""][""] == {"accepted": 1, "changed": 1}
    with pytest.raises(KeyError, match="no candidate"):
        store.changes("z")


def test_a_new_decision_settles_what_came_back_and_undoing_it_brings_it_again(store: Store, propose: Propose) -> None:
    crawled(store, propose, "a woman", "F")
    decide(store, "a", "accept")
    crawled(store, propose, "a man", "M")
    for action, detail in (("accept", {}), ("edit", {"row": {"sex": "M"}}), ("reject", {}), ("unsure", {})):
        assert came_back(store)
        decide(store, "a", action, detail=detail)
        assert not came_back(store)
        crawled(store, propose, "a man", "M")
        assert not came_back(store)
        decide(store, "a", "undo")
    assert came_back(store)
    decide(store, "a", "accept")
    crawled(store, propose, "a woman", "F")
    assert came_back(store), "the basis is the newest decision"


def test_rejected_rows_stay_rejected(store: Store, propose: Propose) -> None:
    crawled(store, propose, "a woman", "F")
    decide(store, "a", "reject", reason="a CT")
    crawled(store, propose, "a man", "M")
    assert store.candidate("a").state == "rejected"
    assert not came_back(store)


# What is known of an article, a page or a film


def known(store: Store, propose: Propose) -> None:
    one = case_named("1", doi="https://doi.org/10.1148/RYCT.2020200034", aliases=["caso-1"])
    bare = case_named("2", doi="10.1000/none")
    other = case_named("3", "radiopaedia")
    taken_in(store, one, propose("a", one, filename="a.png"), propose("b", one, "two"))
    taken_in(store, bare)
    taken_in(store, other, propose("c", other, doi="10.1148/ryct.2020200034"))
    store.keep_fetched("https://films.example/one.png", film("one"))
    decide(store, "a", "unsure")
    decide(store, "a", "reject", by="Grace", reason="a CT")


def names(found: list[Seen]) -> list[tuple[str, str]]:
    return [(seen.source_id, seen.candidate) for seen in found]


def test_what_was_seen_is_told_with_what_became_of_it(store: Store, propose: Propose) -> None:
    known(store, propose)
    rejected, pending = store.seen(url="caso-1")
    assert (rejected.source, rejected.title, rejected.url) == ("sirm", "c", "https://x/sirm/1")
    assert (rejected.candidate, rejected.filename, rejected.state) == ("a", "a.png", "rejected")
    assert rejected.decision
    assert (rejected.decision.action, rejected.decision.reason, rejected.decision.by) == ("reject", "a CT", "Grace")
    assert (pending.candidate, pending.state, pending.decision) == ("b", "pending", None)
    decide(store, "a", "undo")
    decision = store.seen(url="caso-1")[0].decision
    assert decision
    assert (decision.action, decision.by) == ("unsure", "Ada")


def test_films_and_cases_are_known_by_doi_address_and_content(store: Store, propose: Propose) -> None:
    known(store, propose)
    for doi in ("10.1148/ryct.2020200034", "doi:10.1148/RYCT.2020200034"):
        assert names(store.seen(doi=doi)) == [("3", "c"), ("1", "a"), ("1", "b")]
    for url in ("https://x/sirm/1", "https://x/sirm/1/", "caso-1"):
        assert names(store.seen(url=url)) == [("1", "a"), ("1", "b")]
    assert names(store.seen(sha256=film("one").sha256)) == [("3", "c"), ("1", "a")]
    assert names(store.seen(url="https://films.example/one.png")) == [("3", "c"), ("1", "a")]
    (bare,) = store.seen(doi="10.1000/none")
    assert (bare.source_id, bare.candidate, bare.state, bare.decision) == ("2", "", "", None)
    assert store.seen(doi="10.1000/other") == store.seen(url="https://x") == store.seen(sha256="f" * 64) == []
    assert store.seen(doi="no doi") == store.seen() == []


def test_an_edited_doi_is_known(store: Store, propose: Propose) -> None:
    known(store, propose)
    store.record_all([decision_on(store.candidate("b"), "edit", detail={"row": {"doi": "10.1000/NEW"}})])
    assert names(store.seen(doi="10.1000/new")) == [("1", "b")]
