"""The limits lie where the measured curve has its gap, and the drawing shows both."""

import csv

import pytest

from pipelines.duplicates.calibration import CURVE, DRAWING, drawing_of
from pipelines.duplicates.verdict import thresholds


@pytest.fixture(scope="module")
def rows():
    with CURVE.open(encoding="utf-8") as lines:
        return [{name: float(number) for name, number in row.items()} for row in csv.DictReader(lines)]


@pytest.mark.parametrize("measure", ["detail", "agreeing"])
def test_no_follow_up_and_no_stranger_reaches_the_limit_of_one_image(rows, measure):
    limit = getattr(thresholds(), f"same_image_{measure}")
    at = min(rows, key=lambda row: abs(row["limit"] - limit))
    assert at[f"follow-ups by {measure}"] == at[f"strangers by {measure}"] == 0
    assert at[f"copies by {measure}"] >= 0.99


def test_the_drawing_is_of_these_limits():
    limits = thresholds()
    for drawing in (drawing_of(CURVE), DRAWING.read_bytes()):
        for limit in (limits.same_image_detail, limits.same_image_agreeing, limits.same_patient_detail):
            assert f": {limit:.2f}".encode() in drawing
