import itertools

import pytest

from pipelines.duplicates.agreement import Agreement
from pipelines.duplicates.better_copy import Copy, better_copy
from pipelines.duplicates.verdict import relation_of, thresholds
from pipelines.duplicates.verification import Comparison, Transform

ORDER = ["unrelated", "same patient, other film", "same image"]


def agreement(detail, agreeing, covers=1.0):
    return Agreement(0.99, 0.95, detail, agreeing, 1.0, covers, 1.0)


@pytest.mark.parametrize(
    ("found", "relation"),
    [
        (None, "unrelated"),
        (agreement(0.99, 0.99), "same image"),
        (agreement(0.99, 0.99, covers=0.2), "contains"),
        (agreement(0.99, 0.99, covers=0.4), "same image"),
        (agreement(0.99, 0.1), "unrelated"),
        (agreement(0.7, 0.6), "same patient, other film"),
        (agreement(0.7, 0.6, covers=0.2), "same patient, other film"),
        (agreement(0.1, 0.02), "unrelated"),
        (agreement(0.0, 0.0), "unrelated"),
    ],
)
def test_the_verdict_follows_from_the_numbers(found, relation):
    assert relation_of(found) == relation


def test_a_panel_is_contained_in_its_figure_and_a_framed_film_is_the_film():
    assert relation_of(agreement(0.99, 0.99, covers=0.48), compound=True) == "contains"
    assert relation_of(agreement(0.99, 0.99, covers=0.8), compound=True) == "same image"


def test_better_agreement_never_weakens_the_verdict():
    grid = [i / 20 for i in range(21)]
    for (d1, a1), (d2, a2) in itertools.product(itertools.product(grid, grid), repeat=2):
        if d1 <= d2 and a1 <= a2:
            assert ORDER.index(relation_of(agreement(d1, a1))) <= ORDER.index(relation_of(agreement(d2, a2)))


def test_the_thresholds_leave_room_between_one_film_and_one_patient():
    limits = thresholds()
    assert limits.same_image_detail > limits.same_patient_detail + 0.3
    assert limits.same_image_agreeing > limits.same_patient_agreeing + 0.2


def same(covers_a=1.0, covers_b=1.0, scale=1.0):
    return Comparison(
        "same image", 4, 0.99, 0.98, 1.0, covers_a, covers_b, Transform(False, False, 0.0, scale, (0, 0, 9, 9))
    )


@pytest.mark.parametrize(
    ("a", "b", "found", "better", "why"),
    [
        (Copy(), Copy(bits=16), same(covers_a=0.8), "a", "more of the film"),
        (Copy(bits=16), Copy(), same(covers_b=0.8), "b", "more of the film"),
        (Copy(), Copy(bits=16), same(scale=0.5), "a", "more pixels"),
        (Copy(), Copy(), same(scale=2.0), "b", "more pixels"),
        (Copy(), Copy(bits=16), same(scale=1.01), "b", "bits"),
        (Copy(licence="CC BY 4.0"), Copy(published="2020-01-01"), same(), "a", "licence"),
        (Copy(published="2020-03-02"), Copy(published="2020-03-01"), same(), "b", "earlier"),
        (Copy(published="2020-03-02"), Copy(doi="10.1/x"), same(), "b", "source"),
        (Copy(), Copy(), same(), "", "nothing"),
        (Copy(licence="CC0 1.0"), Copy(), Comparison("same bytes", 0), "a", "licence"),
    ],
)
def test_the_better_copy_shows_more_then_finer_then_deeper_then_is_better_sourced(a, b, found, better, why):
    verdict = better_copy(a, b, found)
    assert verdict.copy == better
    assert why in verdict.reason
