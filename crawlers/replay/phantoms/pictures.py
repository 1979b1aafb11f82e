"""Pictures that stand among films and are none: photographs and diagrams."""

from colorsys import hsv_to_rgb

import cv2
import numpy as np
import numpy.typing as npt

from crawlers.replay.phantoms.drawing import Grey, Shape, blurred, clouds, ellipse, enlarged, filled, rng_of

Colours = npt.NDArray[np.uint8]

_STEPS = (
    ("Patients screened", "n = 212"),
    ("Excluded", "n = 47"),
    ("Swab positive", "n = 96"),
    ("Swab negative", "n = 69"),
    ("Ward", "n = 71"),
    ("Intensive care", "n = 25"),
)


def photograph_of(name: str, shape: Shape) -> Colours:
    """Return a colour picture with light, shade and a few things in it: height x width x 3, RGB."""
    rng = rng_of(name, "photograph")
    small = (max(64, shape[0] // 4), max(64, shape[1] // 4))
    hue = rng.random()
    wall, floor = (_coloured(hue, 0.45, 215), _coloured(hue + rng.uniform(0.3, 0.7), 0.55, 130))
    down = np.linspace(0, 1, small[0], dtype=np.float32)[:, None, None]
    scene: Grey = np.broadcast_to(wall * (1 - down) + floor * down, (*small, 3)).astype(np.float32)
    for _ in range(7):
        centre, radii = rng.uniform(0.1, 0.9, 2), rng.uniform(0.05, 0.22, 2)
        thing = filled(small, ellipse((centre[0], centre[1]), (radii[0], radii[1]), rng.uniform(0, 180)), soft=0.004)
        light = np.float32(1) + np.float32(0.25) * clouds(small, rng, 2)
        colour = rng.uniform(20, 240, 3).astype(np.float32)
        shadow = blurred(np.roll(thing, 6, axis=0), 0.02)[..., None] * np.float32(0.3)
        scene = scene * (1 - shadow)
        scene = np.asarray(scene + thing[..., None] * (colour * light[..., None] - scene), np.float32)
    scene = enlarged(scene, shape)
    scene += rng.standard_normal(shape, dtype=np.float32)[..., None] * np.float32(3)
    return np.clip(scene, 0, 255).astype(np.uint8)


def _coloured(hue: float, saturation: float, value: float) -> Grey:
    """Return an RGB colour; rooms are tinted, and a grey one would pass for a film."""
    return np.array(hsv_to_rgb(hue % 1, saturation, value), np.float32)


def diagram_of(name: str, shape: Shape) -> Colours:
    """Return a flow chart of a study on white: height x width x 3, RGB."""
    rng = rng_of(name, "diagram")
    page = np.full((*shape, 3), 255, np.uint8)
    unit = min(shape)
    ink = tuple(int(c) for c in rng.uniform(20, 110, 3))
    paper = tuple(int(c) for c in rng.uniform(205, 245, 3))
    rows = [(0.5,), (0.3, 0.7), (0.3, 0.7), (0.5,)]
    places = [(x, 0.14 + 0.24 * row) for row, columns in enumerate(rows) for x in columns]
    thick = max(1, unit // 400)
    for (x, y), (heading, count) in zip(places, _STEPS, strict=True):
        left, right = round((x - 0.15) * shape[1]), round((x + 0.15) * shape[1])
        top, bottom = round((y - 0.07) * shape[0]), round((y + 0.07) * shape[0])
        if y > 0.2:
            cv2.arrowedLine(page, ((left + right) // 2, top - round(0.09 * shape[0])), ((left + right) // 2, top), ink,
                            thick, cv2.LINE_AA, tipLength=0.25)  # fmt: skip
        cv2.rectangle(page, (left, top), (right, bottom), paper, -1)
        cv2.rectangle(page, (left, top), (right, bottom), ink, thick)
        for line, words in enumerate((heading, count)):
            at = (left + unit // 60, top + round((0.06 + 0.045 * line) * shape[0]))
            cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, unit / 1400, (20, 20, 20), thick, cv2.LINE_AA)
    return page


def text_box_of(text: str, shape: Shape) -> Colours:
    """Return lines of text in a frame, as journals print a box among the figures: height x width x 3, RGB."""
    page = np.full((*shape, 3), (236, 240, 246), np.uint8)
    unit = min(shape)
    cv2.rectangle(page, (unit // 40, unit // 40), (shape[1] - unit // 40, shape[0] - unit // 40), (90, 100, 120), 2)
    lines = text.splitlines()
    for number, words in enumerate(lines, 1):
        at = (unit // 12, round(shape[0] * number / (len(lines) + 1)))
        cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, unit / 600, (20, 20, 30), 2, cv2.LINE_AA)
    return page
