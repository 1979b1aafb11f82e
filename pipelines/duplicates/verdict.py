"""Decide from the numbers what two films are to each other, and which of two copies to keep."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pipelines.duplicates.agreement import Agreement
from pipelines.records import Relation


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hold the limits of `thresholds.toml`; the numbers' meaning is `Agreement`'s."""

    same_image_detail: float
    same_image_agreeing: float
    same_patient_detail: float
    same_patient_agreeing: float
    contains_panel: float
    contains_part: float


@cache
def thresholds() -> Thresholds:
    """Return the calibrated limits."""
    text = resources.files(__package__).joinpath("thresholds.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return Thresholds(**{f"{part}_{name}": limit for part, limits in read.items() for name, limit in limits.items()})


def relation_of(agreement: Agreement | None, *, compound: bool = False) -> Relation:
    """Return what two aligned films are to each other; films that could not be aligned (None) are unrelated.

    `contains` means that one film is a part of the other picture that no crop would leave: a panel of a `compound`
    figure, or a very small part of any.
    """
    if agreement is None:
        return "unrelated"
    limits = thresholds()
    if agreement.detail >= limits.same_image_detail and agreement.agreeing >= limits.same_image_agreeing:
        smaller = min(agreement.covers_a, agreement.covers_b)
        return "contains" if smaller < (limits.contains_panel if compound else limits.contains_part) else "same image"
    if agreement.detail >= limits.same_patient_detail and agreement.agreeing >= limits.same_patient_agreeing:
        return "same patient, other film"
    return "unrelated"
