"""Several processes use one store at once, are killed, run out of disk, or meet a database they cannot use."""

import multiprocessing
import sqlite3
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from store_workers import crawl, crawl_for_ever, decide_at_random, fill, open_store, triage

from pipelines.candidates import migrations
from pipelines.candidates.faults import StoreError
from pipelines.candidates.store import Store
from pipelines.candidates.tables import metadata

# Forked from a server that has imported the store: each process starts in milliseconds, and none inherits a connection.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["alembic.command", "pipelines.candidates.store", "store_workers"])


def processes(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=PROCESSES)


def test_a_crawl_and_two_reviewers_write_at_once(store_url: str) -> None:
    with processes(4) as pool:
        crawls = [pool.submit(crawl, store_url, numbers) for numbers in (range(12), range(6, 18))]
        reviews = [pool.submit(triage, store_url, by, range(12)) for by in ("Ada", "Grace")]
        assert [crawl.result() for crawl in crawls] == [12, 12]
        won = [review.result() for review in reviews]
    with Store(store_url) as store:
        decisions = list(store.decisions())
        assert sum(won) == len(decisions) == 12
        assert len({decision.candidate for decision in decisions}) == 12
        assert len(list(store.candidates(state="accepted"))) == 12
        assert len(list(store.candidates(state="pending"))) == 6


def test_of_two_people_deciding_at_random_nothing_is_lost(store_url: str) -> None:
    crawl(store_url, range(30))
    times = 100
    with processes(2) as pool:
        work = [pool.submit(decide_at_random, store_url, by, n, times) for n, by in enumerate(("Ada", "Grace"))]
        done = [working.result() for working in work]
    recorded = sorted(pair for pairs, _ in done for pair in pairs)
    with Store(store_url) as store:
        decisions = list(store.decisions())
        assert sorted((decision.candidate, decision.revision) for decision in decisions) == recorded
        assert len(set(recorded)) == len(recorded) == 2 * times - sum(conflicts for _, conflicts in done)
        assert {decision.by for decision in decisions} == {"Ada", "Grace"}
        states = Counter(candidate.state for candidate in store.candidates())
        assert store.tallies()[""] == {"": dict(states)}
        assert sum(candidate.revision for candidate in store.candidates()) == len(recorded)


def test_several_processes_open_a_new_store_at_once(database_url: str) -> None:
    with processes(4) as pool:
        assert list(pool.map(open_store, [database_url] * 6)) == [0] * 6


def test_a_reader_sees_one_state_while_a_crawl_writes(store_url: str) -> None:
    crawl(store_url, range(20))
    with Store(store_url) as store:
        told = store.candidates()
        first = next(told)
        crawl(store_url, range(20))
        assert [first, *told] == list(store.candidates())


def test_a_killed_crawl_leaves_whole_cases_and_runs_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/intake.sqlite"
    for _ in range(2):
        ear, mouth = PROCESSES.Pipe(duplex=False)
        crawling = PROCESSES.Process(target=crawl_for_ever, args=(url, mouth))
        crawling.start()
        promised = [ear.recv() for _ in range(3)][-1]
        crawling.kill()
        crawling.join()
        with Store(url) as store:
            with store.reading() as connection:
                cases = set(connection.scalars(text("SELECT source_id FROM cases")))
            assert cases >= {f"caso-{number}" for number in range(promised)}
            assert {candidate.source_id for candidate in store.candidates()} == cases
            before = list(store.candidates())
            crawl(url, range(promised))
            assert list(store.candidates()) == before
    with sqlite3.connect(tmp_path / "intake.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_sqlite_runs_with_a_write_ahead_log(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/new folder/intake.sqlite") as store, store.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert pragmas == ["wal", 1]


def test_a_full_disk_is_told_with_the_remedy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/intake.sqlite"
    crawl(url, range(1))
    with Store(url) as store:
        with store.reading() as connection:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {used}")
        with pytest.raises(StoreError, match=r"is full: free space or set DATABASE_URL"):
            fill(store)
        assert store.case("sirm", "caso-0").source_id == "caso-0"


def test_databases_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "letter.sqlite").write_text("Dear Ada, this is no database at all." * 100)
    for url, words in (
        (f"sqlite:///{tmp_path}/letter.sqlite", "letter.sqlite.*not a database"),
        (f"sqlite:///{tmp_path}", "check DATA_DIR, or DATABASE_URL"),
        ("intake.sqlite", "no database address: .*; write sqlite:///FILE or postgresql"),
        ("mysql://ada@db/intake", "DATABASE_URL names mysql, where no store can be kept"),
    ):
        with pytest.raises(StoreError, match=words):
            Store(url)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with pytest.raises(StoreError, match="check DATABASE_URL") as failed:
        Store("postgresql+psycopg://ada:secret@127.0.0.1:1/intake")
    assert "secret" not in str(failed.value)


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    with Store(database_url) as store, store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="9999, which this version does not know"):
        Store(database_url)


def test_the_migrations_lead_to_the_tables_of_the_code(database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Store(database_url) as store, store.reading() as connection:
        # The index of words is made by hand: SQLite keeps it in tables of its own.
        ours = {"compare_type": False, "include_name": lambda name, *_: "searched_words" not in str(name)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, metadata) == []
        assert {table.name for table in metadata.sorted_tables} < set(inspect(connection).get_table_names())


def test_migrating_again_does_nothing(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/intake.sqlite")
    with Store(str(engine.url)) as store:
        store.permit("sirm", "letter", "Ada")
    migrations.migrated(engine)
    with Store(str(engine.url)) as store:
        assert store.permission("sirm")
    engine.dispose()


def test_every_table_is_known_to_postgresql() -> None:
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
