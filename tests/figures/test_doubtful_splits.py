"""Splits that look odd are left to a person, though they may be right."""

import numpy as np
import numpy.typing as npt
import pytest

from pipelines.figures.panels import split_of

Grey = npt.NDArray[np.uint8]


def film(height: int, width: int, seed: int) -> Grey:
    """Draw grain over a slope of tones, unlike that of any other seed."""
    noise = np.random.default_rng(seed).normal(0, 12, (height, width))
    return np.clip(90 + 20 * seed + np.linspace(0, 60, width)[None, :] + noise, 20, 230).astype(np.uint8)


def in_a_row(*films: Grey, ground: int, gap: int = 12) -> Grey:
    height = max(len(one) for one in films)
    figure = np.full((height, sum(one.shape[1] + gap for one in films) - gap), ground, np.uint8)
    left = 0
    for one in films:
        top = (height - len(one)) // 2
        figure[top : top + len(one), left : left + one.shape[1]] = one
        left += one.shape[1] + gap
    return figure


@pytest.mark.parametrize(
    ("heights", "ground", "certain"),
    [((300, 300), 255, True), ((300, 240), 255, False), ((300, 280), 0, False), ((300, 296), 0, True)],
)
def test_films_of_one_row_that_differ_in_height_are_in_doubt(
    heights: tuple[int, int], ground: int, certain: bool
) -> None:
    found = split_of(in_a_row(*(film(height, 280, n) for n, height in enumerate(heights)), ground=ground))
    assert len(found.boxes) == 2
    assert found.certain is certain


def test_letters_of_the_caption_lift_a_doubt() -> None:
    figure = in_a_row(film(300, 280, 0), film(240, 280, 1), ground=255)
    assert not split_of(figure).certain
    assert split_of(figure, letters=2).certain


def test_a_long_piece_may_be_two_films() -> None:
    assert not split_of(in_a_row(film(300, 280, 0), film(300, 700, 1), ground=255)).certain
