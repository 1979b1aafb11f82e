"""A store in SQLite and one in a real PostgreSQL, and cases to put into it."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deciding import film
from sqlalchemy import delete

from pipelines.candidates.store import Store
from pipelines.candidates.tables import metadata
from pipelines.records import COLUMNS, Candidate, Case, Evidence, Image, Study


@pytest.fixture
def case() -> Case:
    images = [Image(url=f"https://radiopaedia.org/{name}.png", media=film(name)) for name in ("one", "two")]
    return Case(
        source="radiopaedia",
        source_id="75662",
        url="https://radiopaedia.org/cases/covid-19-pneumonia-12",
        title="COVID-19 pneumonia",
        aliases=["covid-19-pneumonia-12"],
        studies=[Study(modality="X-ray", images=images)],
    )


def candidate(id: str, case: Case, name: str = "one", **values: str) -> Candidate:
    """Return a candidate of a case whose filled cells all quote the case's title."""
    row = dict.fromkeys(COLUMNS, "") | values
    evidence = [
        Evidence(field=field, value=value, quote=case.title, block="title", start=0, end=len(case.title), rule="test")
        for field, value in values.items()
    ]
    return Candidate(
        id=id, source=case.source, source_id=case.source_id, case_url=case.url, image_url=f"https://x/{name}.png",
        sha256=film(name).sha256, row=row, evidence=evidence,
    )  # fmt: skip


@pytest.fixture
def propose() -> Callable[..., Candidate]:
    return candidate


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database without tables, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.sqlite"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give an empty store, the same again: to migrate one and to compile its statements takes the most of the time."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    yield store
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


@pytest.fixture
def store_url(store: Store) -> str:
    """Give the address of an empty store, for other processes."""
    return store.engine.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'intake.sqlite'}") as store:
        yield store


@pytest.fixture(scope="session")
def postgresql_store(postgresql: str) -> Iterator[Store]:
    with Store(new_database(postgresql)) as store:
        yield store


def new_database(server: str) -> str:
    """Return the address of a new database without tables on the server with this socket folder."""
    import psycopg

    name = f"intake_{uuid.uuid4().hex}"
    with psycopg.connect(f"user=store dbname=postgres host={server}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"postgresql+psycopg://store@/{name}?host={server}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Give the socket folder of a PostgreSQL server that lives as long as the tests."""
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    programs = _postgresql_programs()
    # PostgreSQL refuses to run as root, and its sockets want a short path.
    account = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if account:
            shutil.chown(folder, account)

        def run(program: str, *arguments: str) -> None:
            subprocess.run([programs / program, *arguments], user=account, cwd=folder, check=True, capture_output=True)

        run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "store", "--no-sync")
        options = f"-c fsync=off -c listen_addresses= -k {folder}"
        run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        yield folder
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")


def _postgresql_programs() -> Path:
    # Debian keeps the server's programs off the PATH, a folder for each version.
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]
    if not usable:
        pytest.skip("no PostgreSQL server on this machine: the store is tested on SQLite alone")
    return usable[0]
