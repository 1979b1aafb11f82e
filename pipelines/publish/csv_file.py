"""Read a CSV file in whatever encoding it came, each cell verbatim."""

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.publish.cells import LONGEST_CELL, verbatim

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EACH_CELL = "utf-8 and windows-1252"


class UnreadableTable(ValueError):  # noqa: N818 - says what the file is, which need not be an error of anybody's
    """Say why a file cannot be read as a table."""


@dataclass(frozen=True)
class CsvFile:
    """Hold a file as it was read: its SHA-256 and encoding, its header, and the cells of each line below it."""

    sha256: str
    encoding: str
    header: list[str]
    lines: list[list[str]]

    def shown_header(self) -> str:
        """Return the names of the first columns, for a sentence about what is missing."""
        return f"the header begins {', '.join(map(repr, self.header[:8]))}"

    def notices(self) -> list[str]:
        """Return a sentence for each line that has more or fewer cells than the header."""
        return [
            f"row {number}: cells {len(cells)}, columns in the header {len(self.header)}"
            for number, cells in enumerate(self.lines, 1)
            if len(cells) != len(self.header)
        ]


def csv_in(path: Path, encoding: str = "") -> CsvFile:
    """Return what a CSV file holds; raise `UnreadableTable`.

    Without `encoding`, a byte order mark decides; then UTF-8, if the whole file is; else each cell is taken by itself
    for UTF-8 or, failing that, for Windows-1252, since curators' spreadsheets mixed the two in one file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableTable(error.strerror) from None
    encoding = encoding or _encoding_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    lines = list(_lines(data, encoding))
    if _is_ours(path, sha256):
        lines = [[verbatim(cell) for cell in cells] for cells in lines]
    if not lines:
        raise UnreadableTable("the file is empty")
    if not lines[1:]:
        raise UnreadableTable("the file holds a header and no row")
    return CsvFile(sha256, encoding, lines[0], lines[1:])


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
