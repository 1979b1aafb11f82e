"""A demo begins anew, but never at the cost of what a person decided, nor before its own options are right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import scrapy

from crawlers.commands.demo import begin_anew
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Case, Decision


def last_demo(folder: Path, *, decided: bool) -> Path:
    """Make what a demo leaves behind, and return the file of its store."""
    case = Case(source="sirm", source_id="covid-19-caso-1", url="https://www.sirm.org/2020/03/01/covid-19-caso-1/")
    proposed = Candidate(
        id="one", source=case.source, source_id=case.source_id, case_url=case.url, image_url=f"{case.url}1.png",
        sha256="0" * 64, row=dict.fromkeys(COLUMNS, ""), evidence=[],
    )  # fmt: skip
    (folder / "blobs").mkdir(parents=True)
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        store.take_in(case, [proposed], case.content_hash(), "test")
        if decided:
            at = datetime.now(UTC)
            store.record(Decision(candidate="one", action="reject", reason="unreadable", by="ada", at=at, revision=0))
    return folder / "intake.sqlite"


def test_a_store_that_holds_decisions_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = last_demo(tmp_path, decided=True)
    begin_anew(tmp_path)
    assert store.exists()
    assert (tmp_path / "blobs").exists()
    told = f"{tmp_path} holds decisions and is kept, as with --again; delete it to begin anew\n"
    assert capsys.readouterr().err == told


def test_one_without_is_made_anew_and_the_films_drawn_once_stay(tmp_path: Path) -> None:
    store = last_demo(tmp_path, decided=False)
    (tmp_path / "films").mkdir()
    begin_anew(tmp_path)
    assert not store.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["films"]


def test_wrong_options_are_refused_before_anything_is_removed(tmp_path: Path) -> None:
    store = last_demo(tmp_path / "demo", decided=False)
    rows, films = tmp_path / "rows.csv", tmp_path / "films"
    rows.write_text("row_id;text\n1;fever\n")
    films.mkdir()
    done = scrapy("demo", "--rows", rows, "--films", films, "-s", f"DATA_DIR={tmp_path}")
    assert done.code == 2
    assert done.err.splitlines()[-1].endswith(f" error: no image lies under {films}")
    assert store.exists()
