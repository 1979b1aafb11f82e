"""What commands show a person: when a run was, how a candidate stands, and no traceback where nobody reads on."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from forking import ROOT, forked
from running import scrapy

from crawlers.commands.candidates import as_table
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Run


def cells_of(table: str) -> list[list[str]]:
    """Return the cells of each line of a table, its heading first."""
    lines = [line.replace("┃", "│") for line in table.splitlines()]
    return [[cell.strip() for cell in line.strip("│ ").split("│")] for line in lines if "│" in line]


def test_runs_are_told_with_their_time_and_what_was_entered_by_hand(tmp_path: Path) -> None:
    started = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
    with Store(f"sqlite:///{tmp_path}/intake.sqlite") as store:
        for source in ("sirm", "by_hand"):
            run = Run(source=source, started=started, finished=started, status="finished")
            store.close_run(store.open_run(source), run)
    shown = scrapy("runs", environment={"DATA_DIR": str(tmp_path), "TZ": "UTC"})
    assert shown.code == 0, shown.err
    heading, *runs = [cells[:3] for cells in cells_of(shown.out)]
    assert heading == ["started", "source", "status"]
    assert runs == [["2026-11-23 09:36", source, "finished"] for source in ("by hand", "sirm")]


def test_candidates_are_told_with_their_state(capsys: pytest.CaptureFixture[str]) -> None:
    row = dict.fromkeys(COLUMNS, "")
    one = Candidate(
        id="88e4822a6e11f2b0", source="sirm", source_id="1", case_url="https://e.org/1", image_url="https://e.org/1.png",
        sha256="0" * 64, row=row, evidence=[], state="aside",
    )  # fmt: skip
    as_table([one])
    heading, cells = cells_of(capsys.readouterr().out)
    assert dict(zip(heading, cells, strict=True))["state"] == "aside"


def test_permissions_are_shown_before_there_is_a_workspace(tmp_path: Path) -> None:
    shown = scrapy("permit", environment={"DATA_DIR": str(tmp_path)})
    assert shown.code == 0
    assert [cells[0] for cells in cells_of(shown.out)] == ["source", "figure1", "papers", "radiopaedia", "sirm"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("interpret", "tests/fixtures/texts.csv"), ("permit",)])
def test_output_that_nobody_reads_ends_the_command_without_a_traceback(words: tuple[str, ...], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    errors = tmp_path / "errors"
    env = os.environ | {"DATA_DIR": str(tmp_path)}
    with (
        Path(os.devnull).open() as nothing,
        os.fdopen(writing, "w") as out,
        errors.open("w") as err,
        forked("scrapy", *words, cwd=ROOT, env=env, stdin=nothing, stdout=out, stderr=err) as process,
    ):
        assert process.wait(120) == 1
    assert errors.read_text() == ""


def test_a_table_of_texts_is_read_in_the_encoding_of_spreadsheets(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    note = "Donna di 62 anni, temperatura 38,5 °C all’ingresso."
    text = f'row_id,clinical_notes,filename,url\nr1,"{note}",a.png,https://example.org/a\nr2,no more\n'
    table.write_bytes(text.encode("windows-1252"))
    read = scrapy("interpret", table)
    assert read.code == 0, read.err
    assert note in read.out
    assert "row 2: cells 2, columns in the header 4" in read.err


def test_a_table_with_other_signs_between_its_cells_is_refused_with_its_header(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    table.write_text("row_id;clinical_notes;filename;url\nr1;well;a.png;https://example.org/a\n")
    told = scrapy("interpret", table).err
    assert "lacks the columns row_id, clinical_notes, filename, url; " in told
    assert "the header begins 'row_id;clinical_notes;filename;url'" in told
