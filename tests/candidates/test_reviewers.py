"""Who is at work: users, sessions that expire, and leases that tell who looks at what."""

import pytest
from deciding import Propose, case_named, taken_in
from sqlalchemy import func, select

from pipelines.candidates.queue_tables import leases, sessions
from pipelines.candidates.store import Store


def rows(store: Store, table: str) -> list[str]:
    kept = {"sessions": sessions, "leases": leases}[table]
    with store.reading() as connection:
        return [str(row) for row in connection.execute(select(kept))]


def test_users_are_added_and_change_their_password(store: Store) -> None:
    assert store.users() == []
    assert store.password_hash("ada") is None
    store.add_user("grace", "hash 1")
    store.add_user("ada", "hash 2")
    assert store.users() == ["ada", "grace"]
    assert store.password_hash("ada") == "hash 2"
    token, other = store.open_session("ada", hours=1), store.open_session("grace", hours=1)
    store.add_user("ada", "hash 3")
    assert store.password_hash("ada") == "hash 3"
    assert store.session(token) is None, "whoever stole the old password is out"
    assert store.session(other)


def test_a_session_lasts_until_it_is_closed_or_expires(store: Store) -> None:
    store.add_user("ada", "hash")
    token, again, over = (store.open_session("ada", hours) for hours in (1, 1, -1))
    session = store.session(token)
    assert session
    assert session.user == "ada"
    other = store.session(again)
    assert other
    assert len({token, again, session.csrf, other.csrf}) == 4
    assert store.session(over) is None
    assert store.session("") is None
    store.close_session(token)
    assert store.session(token) is None
    assert store.session(again) == other


def test_the_store_keeps_no_token_and_forgets_old_sessions(store: Store) -> None:
    store.add_user("ada", "hash")
    over, token = store.open_session("ada", hours=-1), store.open_session("ada", hours=1)
    (kept,) = rows(store, "sessions")
    assert token not in kept
    assert over not in kept


def test_a_lease_is_the_first_ones_until_it_ends(store: Store, propose: Propose) -> None:
    case = case_named("1")
    taken_in(store, case, propose("a", case), propose("b", case, "two"))
    lease = store.hold("a", "Ada")
    assert (lease.candidate, lease.by) == ("a", "Ada")
    assert store.hold("a", "Grace") == lease == store.held()[0]
    renewed = store.hold("a", "Ada")
    assert renewed.until > lease.until
    store.release("a", "Grace")
    assert store.held() == [renewed]
    store.release("a", "Ada")
    assert store.held() == []
    assert store.hold("a", "Grace").by == "Grace"
    with pytest.raises(KeyError, match="no candidate"):
        store.hold("z", "Ada")


def test_an_ended_lease_is_anybodys_and_is_forgotten(store: Store, propose: Propose) -> None:
    case = case_named("1")
    taken_in(store, case, propose("a", case), propose("b", case, "two"))
    store.hold("a", "Ada", seconds=-1)
    assert store.held() == []
    assert store.hold("a", "Grace").by == "Grace"
    store.hold("a", "Grace", seconds=-1)
    store.hold("b", "Ada")
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(leases)) == 1
