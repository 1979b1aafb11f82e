"""Whole cases in the manner of reports: all that they support is read, and of the rest nothing."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from reading.readings import values_in

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases" / "vignettes.toml").read_text(encoding="utf-8")
)["case"]
COLUMNS = (
    *("offset", "sex", "age", "finding", "survival", "intubated", "went_icu", "needed_supplemental_O2"),
    *("temperature", "pO2_saturation", "view", "modality", "date"),
)


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:40] for case in CASES])
def test_reads_what_a_case_supports_and_nothing_else(case: dict[str, Any]) -> None:
    read = values_in(
        case["text"],
        filename=case.get("filename", "film.png"),
        url=case.get("url", "https://example.org/1"),
    )
    asked = [column for column in COLUMNS if column not in case.get("may", ())]
    assert {column: read.get(column) for column in asked} == {column: case["told"].get(column) for column in asked}
