"""The table of an older collection is read as it stands: encodings, headers and cells as curators left them."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.publish.collection_file import problems_in, table_in
from pipelines.publish.csv_file import UnreadableTable

WORDS = "Über 38·5 °C – “très” naïve, σχήμα 肺炎"


def written_as(path: Path, rows: list[list[str]], encoding: str, **form: Any) -> Path:
    file = io.StringIO(newline="")
    csv.writer(file, **form).writerows(rows)
    path.write_bytes(file.getvalue().encode(encoding))
    return path


def cells_of(path: Path, encoding: str = "") -> list[list[str]]:
    table = table_in(path, encoding)
    return [[row.row["patientid"], row.filename, row.row["clinical_notes"]] for row in table.rows]


HEADER = ["patientid", "filename", "clinical_notes"]


@pytest.mark.parametrize(
    ("encoding", "told", "words"),
    [
        ("utf-8", "utf-8", WORDS),
        ("utf-8-sig", "utf-8-sig", WORDS),
        ("utf-16", "utf-16", WORDS),
        ("cp1252", "utf-8 and windows-1252", "Über 38·5 °C – “très” naïve"),
        ("latin-1", "utf-8 and windows-1252", "Über 38·5 °C très naïve"),
    ],
)
@pytest.mark.parametrize("form", [{}, {"lineterminator": "\r\n"}, {"quoting": csv.QUOTE_ALL}])
def test_each_encoding_and_form_is_read(
    encoding: str, told: str, words: str, form: dict[str, Any], tmp_path: Path
) -> None:
    rows = [HEADER, ["1", "a.jpg", words], ["2", "b.jpg", ""]]
    path = written_as(tmp_path / "metadata.csv", rows, encoding, **form)
    assert cells_of(path) == rows[1:]
    assert table_in(path).encoding == told


def test_two_encodings_in_one_file_are_told_apart_cell_by_cell(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_bytes(
        b"patientid,filename,clinical_notes\n" + "1,a,38·5 °C\n".encode() + "2,b,38·5 °C\n".encode("cp1252")
    )
    assert cells_of(path) == [["1", "a", "38·5 °C"], ["2", "b", "38·5 °C"]]


def rows_in(encoding: str) -> st.SearchStrategy[list[list[str]]]:
    """Give rows of three cells whose letters the encoding has."""
    # Hypothesis would find the letters of a codec by trying all of Unicode, which takes seconds each.
    unicode = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    letters = unicode if encoding.startswith("utf") else bytes(range(1, 256)).decode(encoding, "ignore")
    return st.lists(st.lists(st.text(letters, max_size=8), min_size=3, max_size=3), min_size=1, max_size=4)


# What cannot be told from the bytes alone: a cell of Windows-1252 whose bytes are UTF-8 as well, or the controls of
# Latin-1, which Windows-1252 has letters for. Whoever knows the encoding names it, and then every cell comes back.
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "iso8859-15", "mac-roman"])
@settings(max_examples=8)
@given(data=st.data())
def test_every_cell_is_verbatim_where_the_encoding_is_named(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, data: st.DataObject
) -> None:
    rows = data.draw(rows_in(encoding))
    path = written_as(tmp_path_factory.getbasetemp() / "made.csv", [HEADER, *rows], encoding, quoting=csv.QUOTE_ALL)
    assert cells_of(path, encoding) == rows
    if encoding.startswith("utf"):
        assert cells_of(path) == rows


def test_headers_of_older_and_newer_states_are_recognised(tmp_path: Path) -> None:
    header = [
        "Patientid",
        "pO2 saturation",
        "RT_PCR_positive",
        "filename",
        "clinical notes",
        "Other Notes",
        "",
        "notes",
        "",
    ]
    path = written_as(tmp_path / "old.csv", [header, ["1", "98", "Y", "a.jpg", "x", "y", "?", "z", "!"]], "utf-8")
    (row,) = table_in(path).rows
    assert {column: cell for column, cell in row.row.items() if cell} == {
        "patientid": "1", "pO2_saturation": "98", "RT_PCR_positive": "Y", "filename": "a.jpg", "clinical_notes": "x",
        "other_notes": "y",
    }  # fmt: skip
    assert row.extra == [("", "?"), ("notes", "z"), ("", "!")]
    assert row.cells()["#2"] == "!"


def test_rows_of_one_name_are_counted_and_odd_lengths_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("patientid,filename\n1,a.jpg\n\n2,a.jpg,left over\n3\n")
    table = table_in(path)
    assert [(row.filename, row.occurrence) for row in table.rows] == [("a.jpg", 0), ("a.jpg", 1), ("", 0)]
    assert table.rows[1].extra == [("", "left over")]
    assert table.notices == ["row 2: cells 3, columns in the header 2", "row 3: cells 1, columns in the header 2"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"patientid,filename\n", "no row"),
        (b"patientid,image\n1,a.jpg\n", "no column is named filename"),
        (b'patientid,filename\n1,"a.jpg\n', "no CSV"),
        ("patientid,filename\n1,a\n".encode("utf-16-le"), "NUL"),
        (b"PK\x03\x04\0\0\0\0", "NUL"),
    ],
)
def test_what_is_no_table_is_said(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_bytes(data)
    with pytest.raises(UnreadableTable, match=said):
        table_in(path)


def test_each_cell_against_the_schema_is_told(tmp_path: Path) -> None:
    header = ["filename", "sex", "age", "finding", "date", "pO2_saturation", "clinical_notes", "comment"]
    cells = ["a.JPG", "Unclear", " 40", "COVID-19", "03/09/20", "105", "38Â·6Â°C", "sÃ­"]
    (row,) = table_in(written_as(tmp_path / "old.csv", [header, cells], "utf-8")).rows
    told = {(problem.column, problem.value) for problem in problems_in(row)}
    assert told == set(zip(header, cells, strict=True))
    assert row.row["age"] == " 40"
    findings = [problem.problem for problem in problems_in(row) if problem.column == "finding"]
    assert findings == ["a short name; the hierarchy calls it Pneumonia/Viral/COVID-19"]
