"""A row holds what the vocabularies allow, and everything else is an issue that names the value."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.candidates.schema import finding_path, folder_of, problems_of
from pipelines.records import COLUMNS
from pipelines.vocabularies import vocabulary

VIEWS = vocabulary("columns")["views"]
WORDS = vocabulary("columns")["words"]
NUMBERS = vocabulary("columns")["numbers"]
FINDINGS = vocabulary("findings")["finding"]


def row(**values: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | values


def problems(**values: str) -> list[tuple[str, str]]:
    return [(issue.kind, issue.field) for issue in problems_of(row(**values))]


def test_an_empty_row_is_sound() -> None:
    assert problems_of(row()) == []


def test_a_full_row_is_sound() -> None:
    assert problems(
        patientid="radiopaedia-75662", offset="-3", sex="F", age="0.5", finding="Pneumonia/Viral/COVID-19, ARDS",
        RT_PCR_positive="Y", survival="Y", intubated="Y", intubation_present="N", went_icu="Y", in_icu="Y",
        needed_supplemental_O2="Y", extubated="Y", temperature="38.5", pO2_saturation="93", leukocyte_count="6.4",
        neutrophil_count="4.6", lymphocyte_count="1.1", view="AP Supine", modality="X-ray", date="2020-03-04",
        location="Wuhan, China", folder="images", filename="radiopaedia-75662-1-1.png", doi="10.53347/rid-75662",
        url="https://radiopaedia.org/cases/75662", license="CC BY-NC-SA 3.0", clinical_notes="Fever.",
        other_notes="Case courtesy of Dr A",
    ) == []  # fmt: skip


@pytest.mark.parametrize("field", [*WORDS, "view"])
@given(word=st.text(min_size=1, max_size=12))
def test_a_word_of_no_vocabulary_is_an_issue(field: str, word: str) -> None:
    allowed = WORDS.get(field) or [view for views in VIEWS.values() for view in views]
    assert problems(**{field: word}) == ([] if word in allowed else [("unknown vocabulary", field)])


@pytest.mark.parametrize("modality", VIEWS)
@pytest.mark.parametrize("view", [view for views in VIEWS.values() for view in views])
def test_a_view_belongs_to_its_modality(modality: str, view: str) -> None:
    assert problems(view=view, modality=modality) == ([] if view in VIEWS[modality] else [("contradiction", "view")])


@pytest.mark.parametrize("field", NUMBERS)
@given(number=st.floats(-1e4, 1e4, allow_nan=False).map(lambda number: f"{number:.2f}"))
def test_a_number_out_of_its_range_is_an_issue(field: str, number: str) -> None:
    within = NUMBERS[field]["least"] <= float(number) <= NUMBERS[field]["most"]
    kind = "unknown vocabulary" if NUMBERS[field].get("whole") else None if within else "ambiguous value"
    assert problems(**{field: number}) == ([(kind, field)] if kind else [])


@pytest.mark.parametrize("field", NUMBERS)
@given(text=st.text(min_size=1, max_size=8))
def test_only_plain_numbers_are_numbers(field: str, text: str) -> None:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        assert problems(**{field: text}) == [("unknown vocabulary", field)]


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("temperature", "38,5", "unknown vocabulary"),
        ("temperature", "100.4", "ambiguous value"),
        ("temperature", "38·5", "unknown vocabulary"),
        ("pO2_saturation", "340", "ambiguous value"),
        ("leukocyte_count", "6370", "ambiguous value"),
        ("offset", "5.0", "unknown vocabulary"),
        ("age", "50+", "unknown vocabulary"),
        ("age", "৪০", "unknown vocabulary"),
        ("finding", "COVID-19", "unknown vocabulary"),
        ("finding", "Pneumonia/Viral/Measles", "unknown vocabulary"),
        ("finding", "No Finding, ARDS", "unknown vocabulary"),
        ("license", "listed as authorized for everyone", "licence unclear"),
        ("doi", "https://doi.org/10.53347/rID-75662", "reference unresolved"),
        ("url", "radiopaedia.org/cases/75662", "unknown vocabulary"),
        ("filename", "../../etc/passwd", "unknown vocabulary"),
        ("filename", "film", "unknown vocabulary"),
        ("other_notes", "write to ada@example.org", "ambiguous value"),
    ],
)
def test_a_value_of_the_wrong_form_is_an_issue(field: str, value: str, kind: str) -> None:
    assert problems(**{field: value}) == [(kind, field)]


@pytest.mark.parametrize(
    "date", ["2020", "2020-03", "2020-03-04", "March 4, 2020", "March 2020", "March 4", "February 29", "2020-02-29"]
)
def test_dates_as_the_collection_writes_them_pass(date: str) -> None:
    assert problems(date=date) == []


@pytest.mark.parametrize(
    "date", ["03/09/20", "4/3", "2019-02-29", "February 30", "0020", "1820", "2020-3-4", "20200304", "spring 2020"]
)
def test_other_dates_do_not(date: str) -> None:
    assert problems(date=date) == [("unknown vocabulary", "date")]


def test_who_never_had_it_does_not_have_it_now() -> None:
    assert problems(went_icu="N", in_icu="Y") == [("contradiction", "went_icu"), ("contradiction", "in_icu")]
    assert problems(intubated="N", extubated="Y") == [("contradiction", "intubated"), ("contradiction", "extubated")]
    assert problems(intubated="N", intubation_present="N") == []


def test_parts_are_no_more_than_the_whole() -> None:
    assert problems(leukocyte_count="6", neutrophil_count="5", lymphocyte_count="3") == [("contradiction", "")]
    assert problems(leukocyte_count="6.1", neutrophil_count="4.1", lymphocyte_count="2.1") == []


def test_flat_names_and_paths_lead_to_the_path() -> None:
    for finding in FINDINGS:
        for name in (finding["path"], finding["short"], finding["short"].upper(), *finding.get("also", ())):
            assert finding_path(name) == finding["path"]
            assert problems(finding=finding["path"]) == []
    assert finding_path("COVID-19, ARDS") == "Pneumonia/Viral/COVID-19, ARDS"
    assert finding_path("ARDS, COVID-19") is None
    assert finding_path("COVID") is None
    assert finding_path("") is None


def test_the_hierarchy_is_a_tree_and_its_names_are_clear() -> None:
    paths = [finding["path"] for finding in FINDINGS]
    assert all(path.rpartition("/")[0] in ("", *paths) for path in paths)
    names = [name for finding in FINDINGS for name in (finding["short"], *finding.get("also", ()))]
    assert len(set(paths)) == len(paths)
    assert len(set(names)) == len(names)


def test_each_modality_has_its_folder() -> None:
    assert {modality: folder_of(modality) for modality in (*WORDS["modality"], "MRI")} == {
        "X-ray": "images",
        "CT": "volumes",
        "MRI": None,
    }


@given(st.fixed_dictionaries({column: st.text(max_size=12) for column in COLUMNS}))
def test_any_row_is_judged(values: dict[str, str]) -> None:
    for issue in problems_of(values):
        assert issue.field == "" or values[issue.field]


def test_the_findings_and_views_of_the_published_rows_are_known(shared: Path) -> None:
    with (shared / "real" / "reading" / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {published["finding"] for published in rows if finding_path(published["finding"]) is None} == set()
    assert {field for published in rows for _, field in problems(view=published["view"], sex=published["sex"])} == set()
