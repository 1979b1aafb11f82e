"""Every cell comes back from a published table, each record is one line, and no cell is a formula."""

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.publish.cells import table_at, verbatim, write_table, written

CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text("='\\\n\r+-@\t n1u0ab\"", max_size=8)
# What a spreadsheet runs when a cell begins so.
SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@given(CELLS)
@example("'=1+1")
@example("\\\n")
@example("\\n")
@example("\\u2028\u2028")
@example("-3\n")
def test_every_cell_comes_back(cell: str) -> None:
    assert verbatim(written(cell)) == cell


@given(CELLS)
@example('  =HYPERLINK("https://example.org")')
def test_no_cell_is_run(cell: str) -> None:
    line = written(cell)
    begins = line.lstrip()[:1]
    assert begins not in SIGNS or (begins in "+-" and float(line) is not None)


@given(CELLS)
def test_a_cell_is_part_of_one_line(cell: str) -> None:
    assert len(f"{written(cell)}.".splitlines()) == 1


@pytest.mark.parametrize("plain", ["-3", "+3", "-5.25", "1e-3", "", "CC BY 4.0", "38·6°C", "it's", "'quoted'", "a=b"])
def test_numbers_and_words_stay_as_they_are(plain: str) -> None:
    assert written(plain) == plain


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\tcmd", "'\tcmd"),
        ("day 1\nday 2", "day 1\\nday 2"),
        ("C:\\scans", "C:\\\\scans"),
    ],
)
def test_what_is_changed_can_be_read(cell: str, line: str) -> None:
    assert written(cell) == line


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_a_table_has_one_record_a_line_and_gives_its_rows_back(rows: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, ("a", "b"), rows)
        assert [tuple(row.values()) for row in table_at(path)] == rows
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) == len(rows) + 1
        with path.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.reader(file))) == len(rows) + 1
