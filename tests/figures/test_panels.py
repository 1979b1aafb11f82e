"""Compound figures: made here from drawn bodies over every kind of gutter, and real ones."""

import json
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipelines.figures.panels import in_reading_order, split_of

Grey = np.ndarray[Any, Any]
Box = tuple[int, int, int, int]
SIDE = 240


def film(seed: int, shape: tuple[int, int] = (SIDE, SIDE)) -> Grey:
    """Draw a body with two dark lungs, unlike that of any other seed in tone and place."""
    random = np.random.default_rng(seed)
    height, width = shape
    body = np.full(shape, 95 + seed * 47 % 110, np.float32)
    for centre in (0.3, 0.7):
        middle = (int(width * centre) + int(random.integers(-6, 6)), int(height * 0.45))
        cv2.ellipse(body, middle, (width // 7, height // 3), 0, 0, 360, int(random.integers(30, 80)), -1)
    body += np.linspace(-25, 25, height)[:, None] * random.choice([-1, 1]) + random.normal(0, 3, shape)
    return np.clip(cv2.GaussianBlur(body, (0, 0), 1.5) + random.normal(0, 4, shape), 0, 255).astype(np.uint8)


def compound(columns: int, rows: int, ground: int, gap: int, margin: int = 0) -> tuple[Grey, list[Box]]:
    boxes = [
        (margin + x * (SIDE + gap), margin + y * (SIDE + gap), margin + x * (SIDE + gap) + SIDE,
         margin + y * (SIDE + gap) + SIDE)
        for y, x in product(range(rows), range(columns))
    ]  # fmt: skip
    canvas = np.full((boxes[-1][3] + margin, boxes[-1][2] + margin), ground, np.uint8)
    for seed, (left, top, right, bottom) in enumerate(boxes):
        canvas[top:bottom, left:right] = film(seed)
    return canvas, boxes


def near(found: list[Box], truth: list[Box]) -> bool:
    return len(found) == len(truth) and all(
        abs(a - b) <= 4 for one, other in zip(found, truth, strict=True) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("layout", [(2, 1), (1, 3), (2, 2), (3, 2)])
@pytest.mark.parametrize(("ground", "gap"), [(255, 2), (255, 12), (0, 3), (128, 6), (210, 8), (255, 0)])
def test_films_are_parted_whatever_lies_between(layout: tuple[int, int], ground: int, gap: int) -> None:
    picture, boxes = compound(*layout, ground, gap, margin=6 if ground == 255 else 0)
    split = split_of(picture)
    assert near(split.boxes, boxes), split
    assert split.certain or gap == 0


def test_compression_and_letters_do_not_hide_a_gutter() -> None:
    picture, boxes = compound(2, 2, 255, 4)
    for letter, (left, top, _, _) in zip("ABCD", boxes, strict=True):
        cv2.putText(picture, letter, (left + 6, top + 24), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])
    read = np.asarray(Image.open(BytesIO(data.tobytes())))
    assert near(split_of(read).boxes, boxes)


def test_letters_below_the_films_are_no_part_of_them() -> None:
    picture = np.full((SIDE + 30, 2 * SIDE + 10), 255, np.uint8)
    for n in range(2):
        picture[:SIDE, n * (SIDE + 10) : n * (SIDE + 10) + SIDE] = film(n)
        cv2.putText(picture, f"({'ab'[n]})", (n * 250 + 110, SIDE + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1)
    assert near(split_of(picture).boxes, [(0, 0, SIDE, SIDE), (SIDE + 10, 0, 2 * SIDE + 10, SIDE)])


def test_round_slices_keep_their_black_fields() -> None:
    picture = np.zeros((SIDE, 2 * SIDE), np.uint8)
    for n in range(2):
        cv2.ellipse(picture, (n * SIDE + SIDE // 2, SIDE // 2), (90, 70), 0, 0, 360, 160, -1)
        cv2.ellipse(picture, (n * SIDE + SIDE // 2, SIDE // 2), (40, 30), 0, 0, 360, 60, -1)
    assert near(split_of(picture).boxes, [(0, 0, SIDE, SIDE), (SIDE, 0, 2 * SIDE, SIDE)])


def test_a_film_alone_stays_whole() -> None:
    for seed in range(12):
        picture = film(seed, (360, 400))
        assert split_of(picture).boxes == [(0, 0, 400, 360)]
        framed = np.pad(picture, 30, constant_values=int(seed % 2) * 255)
        assert len(split_of(framed).boxes) == 1


def test_letters_of_the_caption_check_the_count() -> None:
    picture, boxes = compound(2, 2, 255, 8)
    assert split_of(picture, letters=4).confidence >= split_of(picture).confidence
    assert not split_of(picture, letters=3).certain
    assert near(split_of(picture, letters=3).boxes, boxes)
    assert not split_of(film(1), letters=2).certain


def test_panels_are_read_row_by_row() -> None:
    ragged = [(310, 12, 600, 290), (0, 300, 290, 600), (0, 0, 300, 280), (300, 310, 600, 590)]
    assert in_reading_order(ragged) == [ragged[2], ragged[0], ragged[1], ragged[3]]


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255), st.integers(0, 5))
def test_no_picture_breaks_it(height: int, width: int, tone: int, noise: int) -> None:
    random = np.random.default_rng(height * width)
    picture = np.clip(tone + random.normal(0, noise, (height, width)), 0, 255).astype(np.uint8)
    for left, top, right, bottom in split_of(picture, letters=noise).boxes:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def overlap_of(one: Box, other: Box) -> float:
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, across) * max(0, down)
    return shared / (sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)) - shared)


def is_right(path: Path, truth: list[Box]) -> bool:
    boxes = split_of(np.asarray(Image.open(path).convert("L"))).boxes
    ordered = zip(in_reading_order(boxes), in_reading_order([(b[0], b[1], b[2], b[3]) for b in truth]), strict=False)
    return len(boxes) == len(truth) and all(overlap_of(one, other) >= 0.9 for one, other in ordered)


def test_composed_and_real_figures_are_cut_right(shared: Path) -> None:
    folder = shared / "real" / "articles" / "panels"
    for name, step, least in (("gold.json", 2, 0.98), ("real_gold.json", 1, 0.85)):
        cases = json.loads((folder / name).read_text())[::step]
        right = [is_right(folder / case["file"], case["boxes"]) for case in cases]
        assert sum(right) >= least * len(cases), name


def test_real_films_are_not_cut(shared: Path) -> None:
    films = sorted((shared / "real" / "films" / "figure1").glob("*.jpg"))[::3]
    assert films
    assert [path.name for path in films if len(split_of(np.asarray(Image.open(path).convert("L"))).boxes) > 1] == []
