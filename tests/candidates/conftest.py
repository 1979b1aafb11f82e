"""A store in SQLite and one in a real PostgreSQL, and cases to put into it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Case, Evidence, Image, Media, Study


def film(name: str, **facts: Any) -> Media:
    """Return the facts of a film whose hash is told by a name."""
    return Media(
        **{"sha256": name.encode().hex().ljust(64, "0"), "mime": "image/png", "extension": "png", "size": 9} | facts
    )


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
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.sqlite"
    url: str = request.getfixturevalue("new_postgresql_database")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store(database_url) as store:
        yield store


@pytest.fixture
def new_postgresql_database(postgresql: str) -> str:
    import psycopg

    with psycopg.connect(f"user=store dbname=postgres host={postgresql}", autocommit=True) as connection:
        number = connection.execute("SELECT count(*) FROM pg_database").fetchone()
        assert number
        connection.execute(f"CREATE DATABASE intake{number[0]}")
    return f"postgresql+psycopg://store@/intake{number[0]}?host={postgresql}"


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
