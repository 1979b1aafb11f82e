"""The rows that a report counts, each cell as a word of the schema, as an unknown word, or as not stated."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from pipelines.candidates.schema import finding_path, problems_of
from pipelines.candidates.store import Store
from pipelines.publish.collection_file import table_in
from pipelines.publish.rows import rows_to_publish
from pipelines.records import COLUMNS
from pipelines.references.licences import licence_of
from pipelines.vocabularies import vocabulary

NOT_STATED = "not stated"
UNKNOWN = "unknown word"

# What the paper's Table 1 and Figure 2 are counted over; all other columns are only told stated from blank.
NUMBERS = tuple(vocabulary("columns")["numbers"])
OUTCOMES = tuple(column for column, words in vocabulary("columns")["words"].items() if words == ["Y", "N"])
_TABLE = [*COLUMNS, "source", "state"]
_BLANK_ROW = dict.fromkeys(COLUMNS, "")


def file_table(path: Path) -> pd.DataFrame:
    """Return the rows of a CSV file in whatever encoding; raise `UnreadableTable`."""
    rows = table_in(path).rows
    return pd.DataFrame([row.row | {"state": dict(row.extra).get("state", "")} for row in rows], dtype=object)


def candidates_table(store: Store) -> pd.DataFrame:
    """Return the row, source and state of every candidate."""
    told = (one.row | {"source": one.source, "state": one.state} for one in store.candidates())
    return pd.DataFrame(told, columns=_TABLE, dtype=object)


def publication_table(store: Store) -> pd.DataFrame:
    """Return every row that the next publication holds: those adopted and those accepted."""
    standing = rows_to_publish(store)
    told = (row.cells | {"source": row.candidate.source if row.candidate else ""} for row in standing)
    return pd.DataFrame(told, columns=_TABLE, dtype=object)


def rows_of(table: pd.DataFrame, sources: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with exactly the schema's columns, `source` and `state`, every cell a plain text.

    A column that the table lacks is blank throughout; a row without `source` takes the host of its `url`, or the name
    that `sources` gives that host.
    """
    rows = table.reindex(columns=_TABLE).astype(object).fillna("").astype(str)
    rows = rows.map(_plain).reset_index(drop=True)
    hosts = _each(rows["url"], _host)
    rows["source"] = rows["source"].where(rows["source"] != "", hosts.map(lambda host: sources.get(host, host)))
    return rows


def labels_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with each cell as a word of the schema, `… (unknown word)` or `not stated`."""
    labels = {column: _each(rows[column], _label_in(column)) for column in COLUMNS}
    labels |= {column: rows[column].replace("", NOT_STATED) for column in ("source", "state")}
    return pd.DataFrame(labels, index=rows.index)


def numbers_of(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the numeric columns as numbers, NaN where blank or outside the schema."""
    return pd.DataFrame({column: pd.to_numeric(labels[column], errors="coerce") for column in NUMBERS})


def is_unknown(label: object) -> bool:
    """Tell whether a label is a word that the schema does not know."""
    return str(label).endswith(f" ({UNKNOWN})")


def in_order(column: str, labels: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    """Return different labels of a column as a reader expects them: the vocabulary's order, or the most frequent first.

    Unknown words and `not stated` stand at the end.
    """
    known = _order_of(column)
    place = {word: number for number, word in enumerate(known)}

    def rank(label: str) -> tuple[int, int, int, str]:
        group = 2 if label == NOT_STATED else 1 if is_unknown(label) else 0
        return group, place.get(label, len(place)), -counts.get(label, 0), label

    return sorted(set(labels), key=rank)


def views() -> dict[str, list[str]]:
    """Return the views of each modality."""
    of_modality: dict[str, list[str]] = vocabulary("columns")["views"]
    return of_modality


def _order_of(column: str) -> list[str]:
    if column == "finding":
        syndrome = vocabulary("findings")["syndrome"]
        paths = [finding["path"] for finding in vocabulary("findings")["finding"]]
        return [name for path in paths for name in (path, f"{path}, {syndrome}")]
    if column == "view":
        return [view for of_modality in views().values() for view in of_modality]
    words: list[str] = vocabulary("columns")["words"].get(column, [])
    return words


def _label_in(column: str) -> Callable[[str], str]:
    def label(value: str) -> str:
        if not value:
            return NOT_STATED
        word = _word_in(column, value)
        return word if word is not None else f"{value} ({UNKNOWN})"

    return label


def _word_in(column: str, value: str) -> str | None:
    """Return the schema's word for a value, None where it knows none."""
    if column == "finding":
        return finding_path(value)
    if column == "license":
        return licence_of(value)
    broken = any(issue.field == column for issue in problems_of(_BLANK_ROW | {column: value}))
    return None if broken else value


def _plain(cell: str) -> str:
    # Control characters mean nothing in a label, and neither SVG nor a terminal is safe with them.
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _each(cells: "pd.Series[str]", word: Callable[[str], str]) -> "pd.Series[str]":
    # A table repeats its words; each is looked up once.
    return cells.map({value: word(value) for value in cells.unique()}).astype(object)
