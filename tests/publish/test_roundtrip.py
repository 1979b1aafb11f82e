"""A collection that was published before comes out again cell by cell, whatever its encoding and its columns were."""

import csv
import io
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing import Desk
from running import scrapy

from pipelines.candidates.collection import imported_now
from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.publish.cells import table_at
from pipelines.publish.collection_file import table_in
from pipelines.records import COLUMNS


def cells_of(header: list[str], rows: list[list[str]]) -> Counter[tuple[tuple[str, str], ...]]:
    """Return each row as its filled cells by column, in whatever order rows and columns stand."""
    return Counter(tuple(sorted((name, cell) for name, cell in zip(header, row, strict=True) if cell)) for row in rows)


def given_back(out: Path) -> Counter[tuple[tuple[str, str], ...]]:
    """Return the published rows, each with its further cells from `extra.csv`."""
    extra = list(table_at(out / "extra.csv"))
    whole = Counter[tuple[tuple[str, str], ...]]()
    for row in table_at(out / "metadata.csv"):
        beside = next((found for found in extra if found["filename"] == row["filename"]), None)
        if beside is not None:
            extra.remove(beside)
        cells = {**(beside or {}), **row}
        whole[tuple(sorted((name, cell) for name, cell in cells.items() if cell))] += 1
    assert extra == []
    return whole


def adopted(desk: Desk, path: Path, encoding: str = "") -> None:
    table = table_in(path, encoding)
    file = imported_now(path.name, table.sha256, table.encoding, table.header, len(table.rows), "Ada")
    desk.store.adopt(file, table.rows)


@pytest.fixture
def real(shared: Path) -> tuple[list[str], list[list[str]]]:
    with (shared / "real" / "reading" / "rows.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_the_real_collection_comes_back_cell_by_cell(
    shared: Path, real: tuple[list[str], list[list[str]]], tmp_path: Path
) -> None:
    header, rows = real
    place = ("-s", f"DATA_DIR={tmp_path}")
    table = shared / "real" / "reading" / "rows.csv"
    imported = scrapy("import", table, "--allow-missing-images", *place)
    assert imported.code == 0, imported.err
    out = tmp_path / "open"
    published = scrapy("publish", "--out", out, *place)
    assert published.code == 0, published.err
    assert given_back(out) == cells_of(header, rows)
    with (out / "metadata.csv").open(newline="", encoding="utf-8") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    assert len((out / "metadata.csv").read_text(encoding="utf-8").splitlines()) == len(rows) + 1
    twice = [row for row in table_at(out / "problems.csv") if row["problem"].startswith("the same film as")]
    assert {row["value"] for row in twice} == {"339", "340"}


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("utf-8-sig", {"lineterminator": "\r\n"}),
        ("utf-16", {}),
        ("cp1252", {"quoting": csv.QUOTE_ALL}),
        ("latin-1", {"lineterminator": "\r\n"}),
    ],
)
def test_real_rows_come_back_from_odd_encodings(
    desk: Desk, real: tuple[list[str], list[list[str]]], encoding: str, form: dict[str, str], tmp_path: Path
) -> None:
    header, rows = real[0], real[1][::5]
    # A letter that the encoding lacks stands as a curator's program would have written it.
    rows = [[cell.encode(encoding, "xmlcharrefreplace").decode(encoding) for cell in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, **form).writerows([[*header, ""], *([*row, ""] for row in rows)])  # type: ignore[arg-type]
    path = tmp_path / "metadata.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    adopted(desk, path)
    desk.publish()
    assert given_back(desk.out) == cells_of(header, rows)


def test_mojibake_comes_back_as_it_stood_and_is_named(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("patientid,filename,clinical_notes\n1,a.jpg,38Â·6Â°C of â€œfeverâ€\x9d\n", encoding="utf-8")
    adopted(desk, path)
    desk.publish()
    (row,) = table_at(desk.out / "metadata.csv")
    assert row["clinical_notes"] == "38Â·6Â°C of â€œfeverâ€\x9d"
    assert ("clinical_notes", "looks decoded wrongly by an earlier program") in {
        (problem["column"], problem["problem"]) for problem in table_at(desk.out / "problems.csv")
    }


def test_our_own_publication_can_be_adopted(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text('patientid,filename,clinical_notes\n1,a.jpg,"=1+1\nC:\\scans"\n', encoding="utf-8")
    adopted(desk, path)
    published = desk.publish()
    adopted(desk, desk.out / "metadata.csv")
    assert [row.row["clinical_notes"] for row in desk.store.adopted()] == ["=1+1\nC:\\scans"]
    assert desk.store.cell_changes() == []
    assert desk.publish().snapshot == published.snapshot


NAMES = st.sampled_from([*COLUMNS, "Patientid", "clinical notes", "pO2 saturation", "notes", "", "=1", "row,id", "#2"])
CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["=cmd", "-3", "+", "a\nb", "\r\n", "\\n", "'", "'=", '"', ",", " x ", "@a"]
)


@settings(max_examples=15)
@given(st.data())
def test_any_table_comes_back(migrated: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    header = [
        "filename",
        *data.draw(st.lists(NAMES, max_size=5).map(lambda names: [n for n in names if n != "filename"])),
    ]
    rows = data.draw(st.lists(st.tuples(*([CELLS] * len(header))).map(list), min_size=1, max_size=4))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    folder = tmp_path_factory.mktemp("any")
    with (folder / "metadata.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    shutil.copy(migrated, folder)
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        desk = Desk(folder, store, BlobStore(folder / "blobs"))
        adopted(desk, folder / "metadata.csv")
        desk.publish()
        assert {cell for row in given_back(desk.out) for _, cell in row} == {
            cell for row in rows for cell in row if cell
        }
        assert sum(len(row) * times for row, times in given_back(desk.out).items()) == sum(
            bool(cell) for row in rows for cell in row
        )
        assert [row.row for row in store.adopted()] == [row.row for row in table_in(folder / "metadata.csv").rows]
    shutil.rmtree(folder)
