r"""Cells of a published table: one record a line, and nothing that a spreadsheet would run.

Two changes are made to a cell, and both can be taken back: a backslash and whatever ends a line are written as
`\\`, `\n`, `\r` or `\u2028`, and a cell that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

# What Python and spreadsheets end a line at, and the other control characters except the tab.
_UNWRITTEN = re.compile(r"[\\\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_WRITTEN = re.compile(r"\\(?:([\\nr])|u([0-9a-f]{4}))")
_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_LONG = {written[1]: character for character, written in _SHORT.items()}
# https://owasp.org/www-community/attacks/CSV_Injection, with the full-width signs and the blanks that are skipped.
_FORMULA = re.compile(r"'*\s*[=+\-@\t＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


# Python refuses cells of over 128 KB unless told otherwise; a page's whole text may be a note.
LONGEST_CELL = 2**31 - 1


def written(cell: str) -> str:
    """Return a cell as it is published; `verbatim` takes it back."""
    line = _UNWRITTEN.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), cell)
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line) else line


def verbatim(line: str) -> str:
    """Return the cell that was published as this."""
    if line.startswith("'") and _FORMULA.match(line):
        line = line[1:]
    return _WRITTEN.sub(lambda found: _LONG[found[1]] if found[1] else chr(int(found[2], 16)), line)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table in UTF-8, one record a line."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([written(cell) for cell in header])
        writer.writerows([written(cell) for cell in row] for row in rows)


def table_at(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a published table, their cells as they were before they were written."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = [verbatim(cell) for cell in next(reader)]
        for cells in reader:
            yield dict(zip(header, map(verbatim, cells), strict=True))
