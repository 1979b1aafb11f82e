"""What the report counts, beside an independent count of the same rows, and that no cell is lost."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing import Desk, film_bytes

from pipelines.candidates.schema import finding_path
from pipelines.publish.report import TOTAL, Statistics
from pipelines.publish.report_page import json_of
from pipelines.publish.report_rows import (
    NOT_STATED,
    candidates_table,
    file_table,
    is_unknown,
    publication_table,
)
from pipelines.records import COLUMNS


@pytest.fixture(scope="module")
def rows_csv(shared: Path) -> Path:
    return shared / "real" / "reading" / "rows.csv"


@pytest.fixture(scope="module")
def counted(rows_csv: Path) -> Statistics:
    return Statistics("rows", file_table(rows_csv))


@pytest.fixture(scope="module")
def raw(rows_csv: Path) -> pd.DataFrame:
    return pd.read_csv(rows_csv, dtype=str, keep_default_na=False)


def test_table_1_is_the_crosstab_of_the_file(counted: Statistics, raw: pd.DataFrame) -> None:
    expected = pd.crosstab(raw["finding"].map(finding_path), raw["view"])
    for finding, counts in counted.table_1.lines():
        for view, count in zip(counted.table_1.headings(), counts, strict=True):
            if TOTAL not in (finding, view):
                assert count == expected.get(view, pd.Series(dtype=int)).get(finding, 0), (finding, view)
    assert counted.table_1.counts.loc[TOTAL, TOTAL] == counted.films == len(raw) == 447


def test_demographics_are_those_of_the_file(counted: Statistics, raw: pd.DataFrame) -> None:
    age, offset = pd.to_numeric(raw["age"]), pd.to_numeric(raw["offset"])
    assert counted.ages.counts.loc["50–59", "M"] == ((age >= 50) & (age < 60) & (raw["sex"] == "M")).sum()
    assert counted.ages.counts.loc["90 and more", TOTAL] == (age >= 90).sum()
    assert counted.ages.counts.loc[NOT_STATED, NOT_STATED] == ((raw["age"] == "") & (raw["sex"] == "")).sum()
    assert counted.offsets.counts.loc["before 0", TOTAL] == (offset < 0).sum()
    assert (
        counted.offsets.counts.loc["6–8", "X-ray"]
        == ((offset >= 6) & (offset < 9) & (raw["modality"] == "X-ray")).sum()
    )
    assert counted.offsets.counts.loc["30 and more", TOTAL] == (offset >= 30).sum()
    assert counted.outcomes.counts.loc["survival"].to_dict() == {"Y": 158, "N": 34, NOT_STATED: 255}
    assert counted.numbers.loc["age", "median"] == age.median()
    assert counted.patients == raw["patientid"].nunique()
    men = raw[(raw["sex"] == "M")]["patientid"].nunique()
    assert counted.ages_of_patients.counts.loc[TOTAL, "M"] == men


def test_what_is_not_stated_is_counted_for_every_column(counted: Statistics, raw: pd.DataFrame) -> None:
    for column in set(COLUMNS) & set(raw.columns):
        assert counted.stated.counts.loc[column, NOT_STATED] == (raw[column].str.strip() == "").sum(), column
    assert counted.stated.counts.loc["RT_PCR_positive", NOT_STATED] == 447
    assert (counted.stated.counts.sum(axis=1) == 447).all()
    assert "No film states RT_PCR_positive." in counted.notes()


def test_unknown_words_are_counted_as_such() -> None:
    table = pd.DataFrame(
        {"finding": ["COVID-19", "Cough", "", "Pneumonia/Viral/COVID-19"], "view": ["PA", "pa", "Axial", " "],
         "sex": ["M", "X", "F", ""], "modality": ["X-ray", "X-ray", "X-ray", ""], "age": ["41", "old", "", "200"]}
    )  # fmt: skip
    counted = Statistics("four", table)
    assert counted.findings.to_dict() == {"Pneumonia/Viral/COVID-19": 2, "Cough (unknown word)": 1, NOT_STATED: 1}
    assert counted.views["pa (unknown word)"] == 1
    assert counted.views[NOT_STATED] == 1
    assert counted.ages.counts.loc["unknown word", TOTAL] == 2
    assert counted.stated.counts.loc["sex"].to_dict() == {"stated": 2, "outside the schema": 1, NOT_STATED: 1}
    assert any(note.startswith("Films with a view of the other modality: 1") for note in counted.notes())


cells = st.text(max_size=12) | st.sampled_from(["COVID-19", "PA", "M", "41", "-3", "Y", "CC BY 4.0", "total", "nan"])


FUZZED = (
    "finding", "view", "sex", "age", "offset", "license", "url", "patientid", "survival", "modality",
)  # fmt: skip


@settings(max_examples=8)  # each is counted some forty times over
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FUZZED, cells)), max_size=12))
def test_no_film_is_lost_whatever_its_cells_hold(rows: list[dict[str, str]]) -> None:
    counted = Statistics("any", pd.DataFrame(rows, columns=COLUMNS))
    assert counted.films == len(rows)
    for table in (counted.table_1, counted.ages, counted.offsets, *(counted.by(group) for group in counted.groups)):
        inner = table.counts.drop(index=TOTAL, columns=TOTAL)
        assert inner.to_numpy().sum() == table.counts.loc[TOTAL, TOTAL] == len(rows)
    assert (counted.outcomes.counts.sum(axis=1) == len(rows)).all()
    for group in counted.groups:
        assert sum(table.of for table in counted.within(group).values()) == len(rows)
    json.loads(json_of([counted]))


def test_an_empty_table_has_no_percentages() -> None:
    counted = Statistics("none", pd.DataFrame(columns=COLUMNS))
    assert counted.table_1.counts.loc[TOTAL, TOTAL] == 0
    assert counted.table_1.share(0) == "–"
    assert counted.notes() == []


def test_patients_are_counted_once_with_what_any_film_states() -> None:
    table = pd.DataFrame({"patientid": ["a", "a", "b", ""], "age": ["", "41", "70", "30"], "sex": ["M", "", "F", "M"]})
    counted = Statistics("two", table)
    assert counted.ages_of_patients.counts.loc["40–49", "M"] == 1
    assert counted.ages_of_patients.counts.loc[TOTAL, TOTAL] == counted.patients == 2
    assert counted.without_patient == 1


def test_candidates_are_told_apart_by_state_and_the_publication_holds_what_was_accepted(desk: Desk) -> None:
    kept = desk.accept("one", film_bytes(1))
    desk.propose("two", film_bytes(2), finding="")
    candidates = Statistics("Candidates", candidates_table(desk.store))
    assert Statistics("Candidates", candidates_table(desk.store), about="All.").notes() == ["All.", *candidates.notes()]
    assert candidates.groups == ["state", "source", "licence"]
    assert candidates.by("state").counts.loc[TOTAL].to_dict() == {"accepted": 1, "pending": 1, TOTAL: 2}
    publication = Statistics("Publication", publication_table(desk.store))
    assert publication.films == 1
    assert publication.groups == ["source", "licence"]
    assert not any(is_unknown(label) for label in publication.findings.index)
    assert kept.row["finding"] in publication.findings.index


def test_hosts_of_a_source_go_under_its_name() -> None:
    table = pd.DataFrame({"url": ["https://www.sirm.org/x", "https://nejm.org/y", "", "http://[bad"]})
    counted = Statistics("hosts", table, {"sirm.org": "sirm"})
    assert counted.by("source").counts.loc[TOTAL].to_dict() == {"nejm.org": 1, "sirm": 1, NOT_STATED: 2, TOTAL: 4}
