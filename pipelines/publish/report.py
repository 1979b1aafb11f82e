"""Count films as the collection's paper does (arXiv:2003.11597, Table 1 and Figure 2), and what is not stated."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipelines.publish.report_rows import (
    NOT_STATED,
    OUTCOMES,
    UNKNOWN,
    in_order,
    is_unknown,
    labels_of,
    numbers_of,
    rows_of,
    views,
)
from pipelines.records import COLUMNS

TOTAL = "total"
_AGE_BAND = 10  # years
_OFFSET_BAND = 3  # days
_LAST_OFFSET = 30
_SUMMARY = {
    "count": "n", "min": "least", "25%": "lower quartile", "50%": "median", "75%": "upper quartile", "max": "most",
}  # fmt: skip
# By what the films are told apart, with the column that says so.
GROUPS = {"state": "state", "source": "source", "licence": "license"}


@dataclass(frozen=True)
class Table:
    """Hold counts of films (or patients) by two of their properties; percentages are of `of`, which may be 0.

    The last row and column are totals where their label is `total`.
    """

    title: str
    rows: str
    columns: str
    counts: pd.DataFrame
    of: int

    def share(self, count: int) -> str:
        """Return a count as a percentage, to one decimal."""
        return f"{100 * count / self.of:.1f} %" if self.of else "–"

    def lines(self) -> Iterator[tuple[str, list[int]]]:
        """Yield each row's label and counts."""
        for label, counts in zip(self.counts.index, self.counts.to_numpy(), strict=True):
            yield str(label), [int(count) for count in counts]

    def turned(self) -> "Table":
        """Return the same counts with rows and columns exchanged: totals first, paths headed by their last word."""
        counts = self.counts.T.rename(columns=lambda path: path if is_unknown(path) else path.rsplit("/", 1)[-1])
        return Table(self.title, self.columns, self.rows, counts[sorted(counts, key=TOTAL.__ne__)], self.of)

    def headings(self) -> list[str]:
        """Return the labels of the columns."""
        return [str(label) for label in self.counts.columns]


class Statistics:
    """Count one set of films: a table of rows in the schema's form, which may hold `source` and `state` beside."""

    def __init__(
        self, name: str, table: pd.DataFrame, sources: Mapping[str, str] | None = None, about: str = ""
    ) -> None:
        """Count the rows of `table` under a name; `sources` maps hosts of web addresses to the names of sources.

        `about` says in a sentence which films these are.
        """
        self.name = name
        self._about = about
        self._rows = rows_of(table, sources or {})
        self._labels = labels_of(self._rows)
        self._numbers = numbers_of(self._labels)

    @property
    def films(self) -> int:
        """Return how many rows there are; each is one film."""
        return len(self._rows)

    @property
    def patients(self) -> int:
        """Return how many different patients are named."""
        return int(self._named["patientid"].nunique())

    @property
    def without_patient(self) -> int:
        """Return how many films name no patient."""
        return self.films - len(self._named)

    @property
    def groups(self) -> list[str]:
        """Return by what these films can be told apart: state, where there is one, source and licence."""
        return [name for name in GROUPS if name != "state" or self._rows["state"].any()]

    @cached_property
    def table_1(self) -> Table:
        """Return the paper's Table 1: finding by view."""
        return self._table_1(self._labels, "Table 1. Films by finding and view")

    @cached_property
    def ages(self) -> Table:
        """Return films by age and sex."""
        return _crossed("Films by age and sex", "age in years", "sex", _age_bands(self._ages), self._labels["sex"])

    @cached_property
    def ages_of_patients(self) -> Table:
        """Return patients by age and sex, each counted once with the first age and sex that one of its films states."""
        people = pd.DataFrame(
            {"patient": self._labels["patientid"], "age": _age_bands(self._ages), "sex": self._labels["sex"]}
        )
        people = people[people["patient"] != NOT_STATED].astype(object)
        first = people.replace(NOT_STATED, np.nan).groupby("patient").first().fillna(NOT_STATED)
        bands = pd.Categorical(first["age"], categories=_age_labels(first["age"]))
        return _crossed("Patients by age and sex", "age in years", "sex", pd.Series(bands, first.index), first["sex"])

    @cached_property
    def findings(self) -> "pd.Series[int]":
        """Return how many films show each finding, in the vocabulary's order."""
        return _counts(self.table_1.counts[TOTAL])

    @cached_property
    def views(self) -> "pd.Series[int]":
        """Return how many films show each view."""
        return _counts(self.table_1.counts.T[TOTAL])

    @cached_property
    def offsets(self) -> Table:
        """Return films by days since symptoms or hospitalisation began, and by modality."""
        bands = _offset_bands(self._numbers["offset"], self._labels["offset"])
        return _crossed(
            "Films by offset and modality",
            "days since symptoms or admission",
            "modality",
            bands,
            self._labels["modality"],
        )

    @cached_property
    def outcomes(self) -> Table:
        """Return how many films state yes and no of each outcome."""
        said = self._labels[list(OUTCOMES)].map(lambda label: UNKNOWN if is_unknown(label) else label)
        words = ["Y", "N", *([UNKNOWN] if (said == UNKNOWN).to_numpy().any() else []), NOT_STATED]
        counts = pd.DataFrame({column: said[column].value_counts() for column in OUTCOMES}).T
        counts = counts.reindex(columns=words).fillna(0).astype(int)
        return Table("Outcomes by films", "outcome", "stated as", counts, self.films)

    @cached_property
    def stated(self) -> Table:
        """Return for each column how many films fill it, with a word of the schema or another, and how many do not."""
        blank = (self._labels[list(COLUMNS)] == NOT_STATED).sum()
        unknown = self._labels[list(COLUMNS)].map(is_unknown).sum()
        columns = {"stated": self.films - blank - unknown, "outside the schema": unknown, NOT_STATED: blank}
        counts = pd.DataFrame(columns, index=list(COLUMNS)).astype(int)
        return Table("What the rows state", "column", "films", counts, self.films)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Return for each numeric column the number of values, least, quartiles and most."""
        return self._numbers.describe().T.rename(columns=_SUMMARY)[list(_SUMMARY.values())].astype({"n": int})

    def by(self, group: str) -> Table:
        """Return films by finding and by one of `groups`."""
        title = f"Films by finding and {group}"
        return _crossed(title, "finding", group, self._labels["finding"], self._labels[GROUPS[group]])

    def different(self, group: str) -> int:
        """Return how many different states, sources or licences are stated."""
        labels = self._labels[GROUPS[group]]
        return int(labels[labels != NOT_STATED].nunique())

    def within(self, group: str) -> dict[str, Table]:
        """Return Table 1 for each state, source or licence apart."""
        parts = self._labels.groupby(GROUPS[group], observed=True)
        return {
            str(name): self._table_1(parts.get_group(name), f"{group}: {name}")
            for name in self.by(group).headings()
            if name != TOTAL
        }

    def notes(self) -> list[str]:
        """Return in plain words what a reader of the counts must know."""
        said = [self._about] if self._about else []
        if never := [column for column in COLUMNS if self.films and not (self._rows[column] != "").any()]:
            said.append(f"No film states {', '.join(never)}.")
        if self.without_patient:
            share = self.stated.share(self.without_patient)
            said.append(
                f"Films that name no patient: {self.without_patient} ({share}); they are in no count of patients."
            )
        for column in ("sex", "age"):
            values = self._known(column).groupby(self._named["patientid"]).nunique()
            if several := int((values > 1).sum()):
                said += [f"Patients whose films state different values of {column}: {several}."]
        modality_of = {view: modality for modality, names in views().items() for view in names}
        shown = self._labels["view"].map(modality_of)
        if other := int((shown.notna() & (self._rows["modality"] != "") & (shown != self._rows["modality"])).sum()):
            said.append(f"Films with a view of the other modality: {other}; Table 1 counts them by their view.")
        return said

    def as_dict(self) -> dict[str, object]:
        """Return everything counted as plain values, for JSON."""
        tables = {
            "table_1": self.table_1, "ages": self.ages, "ages_of_patients": self.ages_of_patients,
            "offsets": self.offsets, "outcomes": self.outcomes, "stated": self.stated,
        }  # fmt: skip
        numbers = self.numbers.astype(object).where(self.numbers.notna(), None)
        return {
            "name": self.name,
            "films": self.films,
            "patients": self.patients,
            "films_without_patient": self.without_patient,
            **{name: _plain(table) for name, table in tables.items()},
            "numbers": numbers.to_dict(orient="index"),
            "by": {group: _plain(self.by(group)) for group in self.groups},
            "table_1_by": {
                group: {name: _plain(table) for name, table in self.within(group).items()} for group in self.groups
            },
            "notes": self.notes(),
        }

    @property
    def _named(self) -> pd.DataFrame:
        return self._rows[self._rows["patientid"] != ""]

    @property
    def _ages(self) -> pd.DataFrame:
        return pd.DataFrame({"number": self._numbers["age"], "label": self._labels["age"]})

    def _known(self, column: str) -> "pd.Series[str]":
        said: pd.Series[str] = self._labels.loc[self._named.index, column]
        return said.where(said != NOT_STATED)

    def _table_1(self, labels: pd.DataFrame, title: str) -> Table:
        every_view = [view for of_modality in views().values() for view in of_modality]
        return _crossed(title, "finding", "view", labels["finding"], labels["view"], also=every_view)


def _crossed(
    title: str, rows: str, columns: str, down: "pd.Series[str]", across: "pd.Series[str]", also: list[str] | None = None
) -> Table:
    """Return the counts of two properties of the same films with their totals; `also` names columns shown even if 0."""
    ordered = list(down.cat.categories) if isinstance(down.dtype, pd.CategoricalDtype) else None
    down_order = ordered or in_order(rows, down.unique(), _tally(down))
    across_order = in_order(columns, [*across.unique(), *(also or [])], _tally(across))
    pairs = Counter(zip(down, across, strict=True))
    counted = [[pairs[row, column] for column in across_order] for row in down_order]
    counts = pd.DataFrame(counted, index=down_order, columns=across_order, dtype=int)
    counts[TOTAL] = counts.sum(axis=1)
    counts.loc[TOTAL] = counts.sum()
    return Table(title, rows, columns, counts, len(down))


def _counts(margin: "pd.Series[int]") -> "pd.Series[int]":
    return margin[margin.index != TOTAL]


def _tally(labels: "pd.Series[str]") -> Counter[str]:
    return Counter(labels.astype(str))


def _age_bands(ages: pd.DataFrame) -> "pd.Series[str]":
    numbers = ages["number"]
    lower = (numbers.clip(upper=90) // _AGE_BAND * _AGE_BAND).fillna(0).astype(int)
    words = lower.map(_age_word).where(numbers.notna(), _outside(ages["label"]))
    return pd.Series(pd.Categorical(words, categories=_age_labels(words)), ages.index)


def _age_word(lower: int) -> str:
    return "90 and more" if lower >= 90 else f"{lower}–{lower + _AGE_BAND - 1}"


def _age_labels(words: "pd.Series[str]") -> list[str]:
    return [*(_age_word(lower) for lower in range(0, 91, _AGE_BAND)), *_leftovers(words)]


def _offset_bands(numbers: "pd.Series[float]", labels: "pd.Series[str]") -> "pd.Series[str]":
    lower = (numbers.clip(-1, _LAST_OFFSET) // _OFFSET_BAND * _OFFSET_BAND).fillna(0).astype(int)
    words = lower.map(_offset_word).where(numbers.notna(), _outside(labels))
    order = [_offset_word(lower) for lower in range(-_OFFSET_BAND, _LAST_OFFSET + 1, _OFFSET_BAND)]
    return pd.Series(pd.Categorical(words, categories=[*order, *_leftovers(words)]), numbers.index)


def _offset_word(lower: int) -> str:
    if lower < 0:
        return "before 0"
    return f"{_LAST_OFFSET} and more" if lower >= _LAST_OFFSET else f"{lower}–{lower + _OFFSET_BAND - 1}"


def _outside(labels: "pd.Series[str]") -> "pd.Series[str]":
    return labels.map(lambda label: NOT_STATED if label == NOT_STATED else UNKNOWN)


def _leftovers(words: "pd.Series[str]") -> list[str]:
    present = set(words)
    return [*([UNKNOWN] if UNKNOWN in present else []), NOT_STATED]


def _plain(table: Table) -> dict[str, object]:
    columns = table.headings()
    return {
        "title": table.title,
        "of": table.of,
        "rows": table.rows,
        "columns": columns,
        "counts": {label: dict(zip(columns, counts, strict=True)) for label, counts in table.lines()},
    }
