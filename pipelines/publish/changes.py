"""What a publication changed since the one before it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.publish.cells import table_at
from pipelines.records import COLUMNS

HEADER = ("change", "filename", "column", "before", "after")
# A person reads some dozen names; the rest stand in the table beside.
_NAMED = 30

Key = tuple[str, int]


@dataclass(frozen=True)
class Changes:
    """Name the rows added and removed by file name, and each cell changed: file name, column, before, after."""

    before: int
    after: int
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    cells: list[tuple[str, str, str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield the lines of `changes.csv`."""
        yield from (("added", filename, "", "", "") for filename in self.added)
        yield from (("removed", filename, "", "", "") for filename in self.removed)
        yield from (("changed", *cell) for cell in self.cells)

    def sentences(self) -> Iterator[str]:
        """Yield what changed in plain words, a line each."""
        rows = len({filename for filename, *_ in self.cells})
        yield (
            f"Rows: {self.after}, before: {self.before}; added: {len(self.added)}, removed: {len(self.removed)}, "
            f"changed: {rows}, in cells: {len(self.cells)} (changes.csv)."
        )
        for word, names in (("Added", self.added), ("Removed", self.removed), ("Changed", self._changed())):
            if names:
                further = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                yield f"{word}: {', '.join(f'`{name}`' for name in names[:_NAMED])}{further}."

    def _changed(self) -> list[str]:
        return list(dict.fromkeys(f"{filename} {column}" for filename, column, *_ in self.cells))


def changes_between(previous: Path | None, folder: Path) -> Changes:
    """Return what changed from one publication to the next; against none, every row is added."""
    before = _by_key(table_at(previous / "metadata.csv")) if previous else {}
    after = _by_key(table_at(folder / "metadata.csv"))
    cells = [
        (key[0], column, before[key].get(column, ""), row.get(column, ""))
        for key, row in after.items()
        if key in before
        for column in COLUMNS
        if before[key].get(column, "") != row.get(column, "")
    ]
    return Changes(
        before=len(before),
        after=len(after),
        added=[key[0] for key in after if key not in before],
        removed=[key[0] for key in before if key not in after],
        cells=cells,
    )


def _by_key(rows: Iterable[Mapping[str, str]]) -> dict[Key, Mapping[str, str]]:
    seen: Counter[str] = Counter()
    keyed: dict[Key, Mapping[str, str]] = {}
    for row in rows:
        keyed[row["filename"], seen[row["filename"]]] = row
        seen[row["filename"]] += 1
    return keyed
