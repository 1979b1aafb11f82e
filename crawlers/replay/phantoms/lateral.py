"""Lateral chest radiographs: the breastbone on the left of the film, the spine on the right."""

import numpy as np

from crawlers.replay.phantoms.build import Build
from crawlers.replay.phantoms.drawing import (
    Grey,
    Points,
    Shape,
    blurred,
    clouds,
    ellipse,
    filled,
    laid_over,
    rng_of,
    rounded,
    stroked,
)


def lateral_of(build: Build, shape: Shape, day: int, view: str) -> Grey:
    """Return a lateral radiograph in about 0..1."""
    rng = rng_of(build.patient, view, day, "breath")
    base = build.base + 0.01 + (float(rng.uniform(-0.012, 0.012)) if day else 0.0)
    front = 0.17 - 0.06 * build.depth
    back = 0.80 + 0.05 * build.depth
    lungs = _lungs(shape, build, front, back, base)
    film = np.full(shape, build.tissue + 0.04, np.float32)
    film += np.float32(0.05) * clouds(shape, rng_of(build.patient, "habitus", view), 5)
    film = laid_over(film, lungs, build.lung + 0.05)
    film += lungs * _haze(build, shape, day)
    heart = filled(shape, ellipse((front + 0.20, base - 0.10), (0.17, 0.15 + build.heart_left * 0.25), -35), soft=0.012)
    film = laid_over(film, heart * np.float32(0.72), build.tissue)
    film = laid_over(film, _arch(build, shape, front) * np.float32(0.35), build.tissue)
    film = laid_over(film, filled(shape, _abdomen(front, back, base, 0.0), soft=0.008), build.tissue + 0.12)
    film = laid_over(film, filled(shape, _abdomen(front, back, base, 0.035), soft=0.008), build.tissue + 0.16)
    film = laid_over(film, stroked(shape, [(np.array([[0.47, -0.05], [0.53, 0.36]]), 0.035)], 0.007) * 0.5, build.lung)
    film += _spine(shape, back) * np.float32(0.11)
    film += _ribs(build, shape, front, back) * np.float32(0.06)
    film += stroked(shape, [(_breastbone(build, front, base), 0.02)], 0.004) * np.float32(0.2)
    film += filled(shape, ellipse((0.45, -0.02), (0.45, 0.14 + build.apex * 0.4)), soft=0.03) * np.float32(0.14)
    return laid_over(film, 1 - filled(shape, _trunk(front, back), soft=0.008), 0.02)


def _lungs(shape: Shape, build: Build, front: float, back: float, base: float) -> Grey:
    outline = [
        (0.40, build.apex + 0.04), (0.52, build.apex - 0.01), (0.66, build.apex + 0.06), (back - 0.02, 0.30),
        (back + 0.01, 0.55), (back, base + 0.06), (back - 0.04, base + 0.16), (back - 0.12, base + 0.09),
        (0.5, base - 0.01), (front + 0.14, base), (front + 0.07, base + 0.06), (front + 0.035, base - 0.15),
        (front + 0.04, 0.45), (front + 0.09, 0.30), (0.33, build.apex + 0.12),
    ]  # fmt: skip
    mask = filled(shape, rounded(outline, closed=True), soft=0.006)
    return mask * (np.float32(0.6) + np.float32(0.4) * blurred(mask, 0.06))


def _haze(build: Build, shape: Shape, day: int) -> Grey:
    rng, course = rng_of(build.patient, "lateral opacities"), rng_of(build.patient, day, "lateral course")
    haze = clouds(shape, rng, 5) * np.float32(0.05) + clouds(shape, rng, 26) * np.float32(0.025)
    hilum = filled(shape, ellipse((0.52, build.heart_top - 0.06), (0.07, 0.08)), soft=0.03) * np.float32(0.2)
    for _ in range(int(rng.integers(1, 4))):
        centre = (rng.uniform(0.3, 0.75), rng.uniform(0.25, 0.75))
        density = rng.uniform(0.08, 0.28) * (course.uniform(0.65, 1.25) if day else 1.0)
        haze += filled(shape, ellipse(centre, (0.08, rng.uniform(0.05, 0.12))), soft=0.04) * np.float32(density)
    return np.asarray(haze + hilum, np.float32)


def _arch(build: Build, shape: Shape, front: float) -> Grey:
    top = build.heart_top - 0.2
    bends = [(front + 0.26, top + 0.2), (front + 0.3, top + 0.04), (0.56, top), (0.66, top + 0.09), (0.71, top + 0.5)]
    return stroked(shape, [(rounded(bends, closed=False), 0.075)], 0.012)


def _abdomen(front: float, back: float, base: float, drop: float) -> Points:
    dome = [
        (front - 0.1, base + 0.1), (front + 0.1, base + drop), (0.45, base - 0.03 + drop), (0.6, base + drop),
        (back - 0.03, base + 0.15), (back + 0.2, base + 0.2), (1.0, 1.2), (0.0, 1.2),
    ]  # fmt: skip
    return rounded(dome, closed=True)


def _spine(shape: Shape, back: float) -> Grey:
    bodies = []
    for step in range(14):
        y = 0.06 + step * 0.068
        x = back - 0.055 + 0.045 * np.sin(y * 2.6) - 0.02
        corners = [(x - 0.036, y), (x + 0.036, y - 0.004), (x + 0.036, y + 0.05), (x - 0.036, y + 0.054)]
        bodies.append(rounded(corners, closed=True, times=2))
    return filled(shape, *bodies, soft=0.004)


def _ribs(build: Build, shape: Shape, front: float, back: float) -> Grey:
    arcs = []
    for rib in range(9):
        y = build.rib_first + 0.05 + rib * build.rib_step
        for gap in (0.0, 0.018):
            bends = [(back + 0.03, y + gap), (back - 0.08, y - 0.01 + gap), (0.55, y + build.rib_slope + 0.04 + gap),
                     (front + 0.14, y + build.rib_slope + 0.20 + gap)]  # fmt: skip
            arcs.append((rounded(bends, closed=False), 0.012))
    return stroked(shape, arcs, 0.004)


def _breastbone(build: Build, front: float, base: float) -> Points:
    bends = [
        (front + 0.14, build.apex + 0.13),
        (front + 0.055, 0.33),
        (front + 0.02, 0.48),
        (front + 0.03, base - 0.08),
    ]
    return rounded(bends, closed=False)


def _trunk(front: float, back: float) -> Points:
    outline = [
        (0.22, -0.1), (0.20, 0.10), (front + 0.04, 0.22), (front - 0.02, 0.40), (front - 0.03, 0.65),
        (front - 0.05, 0.9), (front - 0.05, 1.1), (back + 0.09, 1.1), (back + 0.12, 0.6), (back + 0.12, 0.3),
        (0.86, 0.12), (0.80, -0.1),
    ]  # fmt: skip
    return rounded(outline, closed=True, times=2)
