"""Every text of the desk can be read in both colour schemes: WCAG 2.2, success criterion 1.4.3, asks for 4.5 to 1."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "pipelines" / "triage" / "static" / "desk.css").read_text(encoding="utf-8")
LEAST = 4.5

INKS = ("ink", "dim", "accent", "good", "bad", "warn", "own", "twin")
GROUNDS = ("ground", "panel", "raised")
ON_THE_BOX = ("box-ink", "box-dim", "box-accent")
PAIRS = [
    *product(INKS, GROUNDS),
    *product(ON_THE_BOX, ("box", "box-raised")),
    ("on-accent", "accent"),
    ("ink", "mark"),
    ("on-mark-now", "mark-now"),
    ("ink", "soft"),
]


def colours_of(scheme: str) -> dict[str, str]:
    """Return the custom properties that hold a colour, as the scheme leaves them."""
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)[:2]
    text = light if scheme == "light" else light + dark
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))


def luminance_of(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_of(one: str, other: str) -> float:
    lower, higher = sorted((luminance_of(one), luminance_of(other)))
    return (higher + 0.05) / (lower + 0.05)


def test_black_on_white_is_the_most() -> None:
    assert contrast_of("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_ink_is_read_on_each_ground(scheme: str) -> None:
    colours = colours_of(scheme)
    weak = {pair: contrast_of(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < LEAST} == {}
