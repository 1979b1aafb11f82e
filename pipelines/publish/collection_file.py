"""Read the table of a collection published before, with whatever columns it came."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.schema import finding_path, problems_of
from pipelines.publish.csv_file import CsvFile, UnreadableTable, csv_in
from pipelines.records import COLUMNS

_BETWEEN_WORDS = re.compile(r"[^0-9a-z]+")
# Other columns' names in older and newer states of the collection, and in those made after it.
_ALSO = {"licence": "license", "patient_id": "patientid", "file_name": "filename"}
_COLUMN_OF = {column.casefold(): column for column in COLUMNS} | _ALSO


@dataclass(frozen=True)
class CollectionTable:
    """Hold a table as it was read: SHA-256 of the file, its encoding, header and rows, and what was noticed."""

    sha256: str
    encoding: str
    header: list[str]
    rows: list[AdoptedRow]
    notices: list[str]


@dataclass(frozen=True)
class CellProblem:
    """Say what of an adopted cell breaks today's schema; `column` is blank where it concerns the row."""

    filename: str
    column: str
    value: str
    problem: str


def table_in(path: Path, encoding: str = "") -> CollectionTable:
    """Return the table in a CSV file, each cell verbatim, in the encoding `csv_in` finds; raise `UnreadableTable`."""
    file = csv_in(path, encoding)
    columns = [_column(name) for name in file.header]
    if "filename" not in columns:
        raise UnreadableTable(f"no column is named filename, by which films are found; {file.shown_header()}")
    return CollectionTable(file.sha256, file.encoding, file.header, _rows(columns, file), file.notices())


def problems_in(row: AdoptedRow) -> list[CellProblem]:
    """Return what of a row breaks today's schema, a film that is missing, and letters that were decoded wrongly."""
    from ftfy.badness import is_bad  # takes as long to import as the whole store

    found = [CellProblem(row.filename, i.field, row.row.get(i.field, ""), i.message) for i in problems_of(row.row)]
    found = [_with_path(problem) if problem.column == "finding" else problem for problem in found]
    if row.missing:
        found.append(CellProblem(row.filename, "", "", f"no film: {row.missing}"))
    found += [
        CellProblem(row.filename, column, cell, "looks decoded wrongly by an earlier program")
        for column, cell in row.cells().items()
        if is_bad(cell)
    ]
    return found


def _with_path(problem: CellProblem) -> CellProblem:
    path = finding_path(problem.value)
    return replace(problem, problem=f"a short name; the hierarchy calls it {path}") if path else problem


def _column(name: str) -> str | None:
    return _COLUMN_OF.get(_BETWEEN_WORDS.sub("_", name.casefold()).strip("_"))


def _rows(columns: list[str | None], file: CsvFile) -> list[AdoptedRow]:
    rows = []
    seen: Counter[str] = Counter()
    header = file.header
    place = {column: index for index, column in reversed(list(enumerate(columns))) if column}
    extra = [index for index in range(len(header)) if index not in place.values()]
    for line in file.lines:
        cells = line + [""] * (len(header) - len(line))
        row = {column: cells[place[column]] if column in place else "" for column in COLUMNS}
        filename = row["filename"]
        beyond = [("", cell) for cell in cells[len(header) :]]
        others = [(header[index], cells[index]) for index in extra]
        rows.append(AdoptedRow(filename=filename, occurrence=seen[filename], row=row, extra=[*others, *beyond]))
        seen[filename] += 1
    return rows
