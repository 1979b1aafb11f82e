"""Read the table of a collection published before, in whatever encoding and with whatever columns it came."""

import codecs
import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.schema import finding_path, problems_of
from pipelines.publish.cells import LONGEST_CELL, verbatim
from pipelines.records import COLUMNS

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EACH_CELL = "utf-8 and windows-1252"
_BETWEEN_WORDS = re.compile(r"[^0-9a-z]+")
# Other columns' names in older and newer states of the collection, and in those made after it.
_ALSO = {"licence": "license", "patient_id": "patientid", "file_name": "filename"}
_COLUMN_OF = {column.casefold(): column for column in COLUMNS} | _ALSO


class UnreadableTable(ValueError):  # noqa: N818 - says what the file is, which need not be an error of anybody's
    """Say why a file cannot be adopted as the table of a collection."""


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
    """Return the table in a CSV file, each cell verbatim; raise `UnreadableTable`.

    Without `encoding`, a byte order mark decides; then UTF-8, if the whole file is; else each cell is taken by itself
    for UTF-8 or, failing that, for Windows-1252, since curators' spreadsheets mixed the two in one file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableTable(error.strerror) from None
    encoding = encoding or _encoding_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    lines = _lines(data, encoding)
    if _is_ours(path, sha256):
        lines = ([verbatim(cell) for cell in cells] for cells in lines)
    header = next(lines, None)
    if not header:
        raise UnreadableTable("the file is empty")
    columns = [_column(name) for name in header]
    if "filename" not in columns:
        shown = ", ".join(map(repr, header[:8]))
        raise UnreadableTable(f"no column is named filename, by which films are found; the header begins {shown}")
    rows, notices = _rows(columns, header, lines)
    if not rows:
        raise UnreadableTable("the file holds a header and no row")
    return CollectionTable(sha256, encoding, header, rows, notices)


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


def _is_ours(path: Path, sha256: str) -> bool:
    """Tell whether `scrapy publish` wrote the table: its manifest lies beside it, and cells are written its way."""
    try:
        manifest = json.loads((path.parent / "snapshot.json").read_text(encoding="utf-8"))
        return bool(manifest["sha256"][path.name] == sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _encoding_of(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _EACH_CELL
    return "utf-8"


def _lines(data: bytes, encoding: str) -> Iterator[list[str]]:
    each = encoding == _EACH_CELL
    try:
        # Latin-1 takes every byte for a letter and back, so the table can be cut before its cells are decoded.
        text = data.decode("latin-1" if each else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableTable(f"it is not in {encoding}: {error}") from None
    if "\0" in text:
        raise UnreadableTable("it holds NUL characters: no CSV, or UTF-16 without its mark; name it with --encoding")
    csv.field_size_limit(LONGEST_CELL)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            if cells:
                yield [_decoded(cell) for cell in cells] if each else cells
    except csv.Error as error:
        raise UnreadableTable(f"it is no CSV: {error}") from None


def _decoded(cell: str) -> str:
    for encoding in ("utf-8", "windows-1252"):
        try:
            return cell.encode("latin-1").decode(encoding)
        except UnicodeDecodeError:
            continue
    return cell  # five bytes are no letter in Windows-1252


def _column(name: str) -> str | None:
    return _COLUMN_OF.get(_BETWEEN_WORDS.sub("_", name.casefold()).strip("_"))


def _rows(
    columns: list[str | None], header: list[str], lines: Iterator[list[str]]
) -> tuple[list[AdoptedRow], list[str]]:
    rows, notices = [], []
    seen: Counter[str] = Counter()
    place = {column: index for index, column in reversed(list(enumerate(columns))) if column}
    extra = [index for index in range(len(header)) if index not in place.values()]
    for number, cells in enumerate(lines, 1):
        if len(cells) != len(header):
            notices.append(f"row {number}: cells {len(cells)}, columns in the header {len(header)}")
        cells += [""] * (len(header) - len(cells))
        row = {column: cells[place[column]] if column in place else "" for column in COLUMNS}
        filename = row["filename"]
        beyond = [("", cell) for cell in cells[len(header) :]]
        others = [(header[index], cells[index]) for index in extra]
        rows.append(AdoptedRow(filename=filename, occurrence=seen[filename], row=row, extra=[*others, *beyond]))
        seen[filename] += 1
    return rows, notices
