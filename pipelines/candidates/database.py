"""The database behind the store: how it is opened, brought up to date, read and written by several processes."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

import stamina
from sqlalchemy import URL, Connection, Engine, Insert, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from pipelines.candidates.faults import StoreError

# Longer than the longest write of a crawl; a person who decides meanwhile waits instead of failing.
BUSY_SECONDS = 60
# Fetched, then let go: a reader that keeps a transaction open would keep SQLite's write-ahead log growing.
PAGE = 500
_REVISIONS = Path(__file__).parent / "migrations" / "versions"
_FORMS = "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
_OF_FILES = "check DATA_DIR, or DATABASE_URL where it is set"
_FULL = re.compile("disk is full|No space left", re.IGNORECASE)


def _locked(error: Exception) -> bool:
    return isinstance(error, OperationalError) and "locked" in str(error)


class Database:
    """Open the database at `url`, create or migrate its tables, and hand out transactions.

    SQLite runs with a write-ahead log, so readers never wait; PostgreSQL needs the `postgres` extra.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._shown = self.engine.url.render_as_string(hide_password=True)
        try:
            self._open()
        except StoreError:
            self.close()
            raise
        except DBAPIError as error:
            self.close()
            remedy = _OF_FILES if self.engine.dialect.name == "sqlite" else "check DATABASE_URL"
            raise StoreError(f"cannot open the store at {self._shown}: {error.orig}; {remedy}") from error

    # SQLite does not wait for its lock while it switches to the write-ahead log, so two first openers can collide.
    @stamina.retry(on=_locked, attempts=20, wait_initial=0.05, wait_max=1.0)
    def _open(self) -> None:
        if _is_newest(self.engine):
            return
        from pipelines.candidates.migrations import migrated  # alembic is slow to import

        migrated(self.engine)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in one transaction that only reads."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in one transaction that writes: all of it is kept, or on an error none."""
        try:
            with self.engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
                yield connection
        except OperationalError as error:
            if not _FULL.search(str(error.orig)):
                raise
            raise StoreError(
                f"the disk that holds {self._shown} is full: free space or set DATABASE_URL to another place, then run "
                "again; what is stored already is safe"
            ) from error

    def upsert(self, connection: Connection, table: Table, row: dict[str, Any], *, keep: tuple[str, ...] = ()) -> None:
        """Insert the row, or update the one with its primary key except for the columns in `keep`."""
        connection.execute(_upsert_into(table, self.engine.dialect.name, tuple(row), keep), row)


def _is_newest(engine: Engine) -> bool:
    newest = max(path.stem for path in _REVISIONS.glob("[0-9]*.py")).partition("_")[0]
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return newest in connection.scalars(text("SELECT version_num FROM alembic_version"))


# Building a statement takes longer than running it.
@cache
def _upsert_into(table: Table, dialect: str, columns: tuple[str, ...], keep: tuple[str, ...]) -> Insert:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    key = [column.name for column in table.primary_key]
    new = {name: statement.excluded[name] for name in columns if name not in key and name not in keep}
    if not new:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=new)


def is_there(url: str) -> bool:
    """Tell whether a store was made at `url`; a server's is taken to be there. Raise `StoreError` for no address."""
    place = _place(url)
    return place.get_backend_name() != "sqlite" or Path(place.database or "").is_file()


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"DATABASE_URL is no database address: {error}; {_FORMS}") from error
    if place.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"DATABASE_URL names {place.drivername}, where no store can be kept: {_FORMS}")
    return place


def _engine(url: str) -> Engine:
    place = _place(url)
    if place.get_backend_name() != "sqlite":
        try:
            return create_engine(place)
        except (ArgumentError, ModuleNotFoundError) as error:
            remedy = f"for PostgreSQL install the extra, `uv sync --extra postgres`, and {_FORMS}"
            raise StoreError(f"DATABASE_URL names {place.drivername}: {error}; {remedy}") from error
    if place.database:
        try:
            Path(place.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            said = f"cannot make the folder of {place.database}: {error.strerror}"
            raise StoreError(f"{said}; {_OF_FILES}") from error
    engine = create_engine(place, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver's own BEGIN comes late and is always deferred; `_begin_sqlite` says when and how instead.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once when another process wrote meanwhile.
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")
