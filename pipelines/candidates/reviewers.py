"""Who decides: users, their sessions, and who has which candidate on the screen."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from pipelines.candidates.database import Database
from pipelines.candidates.queue_tables import leases, sessions, users
from pipelines.candidates.tables import candidates


@dataclass(frozen=True)
class Lease:
    """Say who has a candidate on the screen, and until when unless it is held anew."""

    candidate: str
    by: str
    until: datetime


@dataclass(frozen=True)
class Session:
    """Say who is signed in, and the token that each write of this session must bring."""

    user: str
    csrf: str


class Reviewers(Database):
    """Keep users, sessions and leases."""

    def hold(self, id: str, by: str, seconds: float = 120) -> Lease:
        """Return this person's lease of a candidate, or the running one of somebody else.

        A lease only tells others who is looking; it refuses nobody's decision. Raise `KeyError` for an unknown id.
        """
        now = datetime.now(UTC)
        with self.writing() as connection:
            if connection.scalar(select(candidates.c.id).where(candidates.c.id == id)) is None:
                raise KeyError(f"the store holds no candidate {id!r}")
            connection.execute(delete(leases).where(leases.c.until <= now))
            running = connection.execute(select(leases).where(leases.c.candidate == id)).one_or_none()
            if running and running.by != by:
                return Lease(id, running.by, running.until)
            lease = Lease(id, by, now + timedelta(seconds=seconds))
            self.upsert(connection, leases, {"candidate": id, "by": by, "until": lease.until})
        return lease

    def release(self, id: str, by: str) -> None:
        """End this person's lease of a candidate; that of somebody else stands."""
        with self.writing() as connection:
            connection.execute(delete(leases).where(leases.c.candidate == id, leases.c.by == by))

    def held(self) -> list[Lease]:
        """Return the running leases, by candidate."""
        running = select(leases).where(leases.c.until > datetime.now(UTC)).order_by(leases.c.candidate)
        with self.reading() as connection:
            return [Lease(row.candidate, row.by, row.until) for row in connection.execute(running)]

    def add_user(self, name: str, password_hash: str) -> None:
        """Add a user; for a known one, replace the password and end every session that the old one opened."""
        row = {"name": name, "password_hash": password_hash, "added": datetime.now(UTC)}
        with self.writing() as connection:
            self.upsert(connection, users, row, keep=("added",))
            connection.execute(delete(sessions).where(sessions.c.user == name))

    def password_hash(self, name: str) -> str | None:
        """Return the hash of a user's password."""
        with self.reading() as connection:
            return connection.scalar(select(users.c.password_hash).where(users.c.name == name))

    def users(self) -> list[str]:
        """Return the names of all users."""
        with self.reading() as connection:
            return list(connection.scalars(select(users.c.name).order_by(users.c.name)))

    def open_session(self, user: str, hours: float) -> str:
        """Return the token of a new session of a user, and forget the sessions that have expired."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        row = {
            "token_hash": _hashed(token), "user": user, "csrf": secrets.token_urlsafe(32),
            "until": now + timedelta(hours=hours),
        }  # fmt: skip
        with self.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.until <= now))
            connection.execute(insert(sessions).values(row))
        return token

    def session(self, token: str) -> Session | None:
        """Return the session that a token opened, unless it was closed or has expired."""
        running = select(sessions).where(sessions.c.token_hash == _hashed(token), sessions.c.until > datetime.now(UTC))
        with self.reading() as connection:
            row = connection.execute(running).one_or_none()
        return Session(row.user, row.csrf) if row else None

    def close_session(self, token: str) -> None:
        """End the session that a token opened."""
        with self.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hashed(token)))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
