"""Lateral chest radiographs: the breastbone on the left of the film and the spine on its right, or turned about."""

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
    lowered,
    rng_of,
    rounded,
    stroked,
)


def lateral_of(build: Build, shape: Shape, day: int, view: str) -> Grey:
    """Return a lateral radiograph in about 0..1; three patients in ten face the other way."""
    base = build.base + 0.01
    if day:
        base += float(rng_of(build.patient, view, day, "breath").uniform(-0.012, 0.012))
    front = 0.22 - 0.12 * build.depth
    back = 0.75 + 0.11 * build.broad
    lungs = _lungs(build, shape, front, back, base)
    heart = filled(shape, _heart(build, front, base), soft=0.014)
    domes = [filled(shape, _dome(front, back, base, drop), soft=0.008) for drop in (0.0, 0.02 + build.left_drop)]
    film = np.full(shape, build.tissue - 0.04, np.float32)
    film += np.float32(0.085) * clouds(shape, rng_of(build.patient, "habitus", view), 6)
    film = laid_over(film, _arms(build, shape), build.tissue + 0.12)
    film = laid_over(film, lungs, build.lung + 0.05)
    film += lungs * _haze(build, shape, day)
    film = laid_over(film, heart * np.float32(0.75), build.tissue)
    film = laid_over(film, _aorta(build, shape, front, back) * np.float32(0.28), build.tissue)
    film = laid_over(film, domes[0] * np.float32(0.7), build.tissue + 0.06)
    film = laid_over(film, domes[1], build.tissue + 0.15)
    film = laid_over(film, _windpipe(build, shape) * np.float32(0.55), build.lung)
    film += _spine(shape, back) * np.float32(0.12)
    film += _ribs(build, shape, front, back) * lungs * (1 - domes[1]) * np.float32(0.10)
    film += _breastbone(build, shape, front, base) * np.float32(0.16)
    film = laid_over(film, 1 - filled(shape, _trunk(build, front, back), soft=0.008), 0.02)
    turned = rng_of(build.patient, "turned").random() < 0.3
    return np.ascontiguousarray(film[:, ::-1]) if turned else film


def _lungs(build: Build, shape: Shape, front: float, back: float, base: float) -> Grey:
    apex = build.apex
    outline = [
        (0.38, apex + 0.10), (0.47, apex + 0.0), (0.60, apex + 0.0), (back - 0.10, apex + 0.12), (back - 0.01, 0.34),
        (back + 0.015, 0.56), (back + 0.005, base + 0.06), (back - 0.03, base + 0.16), (back - 0.045, base + 0.16),
        (back - 0.13, base + 0.08), (0.5, base - 0.01), (front + 0.12, base), (front + 0.05, base + 0.05),
        (front + 0.03, base - 0.12), (front + 0.045, 0.45), (front + 0.10, apex + 0.22),
    ]  # fmt: skip
    mask = filled(shape, rounded(outline, closed=True), soft=0.006)
    return mask * (np.float32(0.6) + np.float32(0.4) * blurred(mask, 0.06))


def _heart(build: Build, front: float, base: float) -> Points:
    size = 0.85 + build.heart_left
    outline = [
        (front + 0.05, base - 0.02), (front + 0.045, base - 0.12), (front + 0.10, base - 0.22 * size),
        (front + 0.20, base - 0.29 * size), (front + 0.29, base - 0.25 * size), (front + 0.31 * size, base - 0.12),
        (front + 0.27 * size, base + 0.0), (front + 0.16, base + 0.06),
    ]  # fmt: skip
    return rounded(outline, closed=True)


def _haze(build: Build, shape: Shape, day: int) -> Grey:
    rng, course = rng_of(build.patient, "lateral opacities"), rng_of(build.patient, day, "lateral course")
    haze = clouds(shape, rng, 6) * np.float32(0.08) + clouds(shape, rng, 30) * np.float32(0.022)
    hilum = (0.50, build.heart_top - 0.08)
    haze += filled(shape, ellipse(hilum, (0.06, 0.07)), soft=0.03) * np.float32(0.22)
    lines = []
    for angle in np.linspace(0, 2 * np.pi, 14, endpoint=False) + rng.uniform(-0.2, 0.2, 14):
        way = np.array([np.cos(angle), np.sin(angle)])
        bend, end = hilum + way * 0.09, hilum + way * rng.uniform(0.14, 0.24) + rng.uniform(-0.04, 0.04, 2)
        lines += [(np.stack([hilum, bend]), 0.010), (np.stack([bend, end]), 0.005)]
    haze += stroked(shape, lines, 0.005) * np.float32(0.10)
    for _ in range(int(rng.integers(3, 7))):
        centre = (rng.uniform(0.25, 0.8), rng.uniform(0.22, 0.78))
        density = rng.uniform(0.12, 0.40) * (course.uniform(0.65, 1.25) if day else 1.0)
        radii = (rng.uniform(0.05, 0.12), rng.uniform(0.05, 0.13))
        haze += filled(shape, ellipse(centre, radii, rng.uniform(0, 180)), soft=0.04) * np.float32(density)
    return np.asarray(np.float32(0.36) * np.tanh(haze / np.float32(0.36)), np.float32)


def _aorta(build: Build, shape: Shape, front: float, back: float) -> Grey:
    top = build.heart_top - 0.22
    bends = [(front + 0.25, top + 0.2), (front + 0.29, top + 0.05), (0.54, top), (back - 0.15, top + 0.08),
             (back - 0.09, top + 0.45)]  # fmt: skip
    return stroked(shape, [(rounded(bends, closed=False), 0.06)], 0.014)


def _dome(front: float, back: float, base: float, drop: float) -> Points:
    dome = [
        (front - 0.2, base + 0.12), (front + 0.06, base + 0.03 + drop), (0.45, base - 0.03 + drop),
        (0.6, base + drop), (back - 0.02, base + 0.17), (back + 0.06, base + 0.10), (1.3, base + 0.10), (1.2, 1.2),
        (-0.2, 1.2),
    ]  # fmt: skip
    return rounded(dome, closed=True)


def _windpipe(build: Build, shape: Shape) -> Grey:
    return stroked(shape, [(np.array([[0.44, -0.1], [0.50, build.heart_top - 0.12]]), 0.034)], 0.008)


def _spine(shape: Shape, back: float) -> Grey:
    bodies, arches = [], []
    for step in range(16):
        y = -0.02 + step * 0.066
        x = back - 0.075 + 0.05 * np.sin(y * 2.8)
        corners = [(x - 0.038, y), (x + 0.038, y - 0.006), (x + 0.038, y + 0.046), (x - 0.038, y + 0.054)]
        bodies.append(rounded([corner for corner in corners for _ in (0, 1)], closed=True, times=2))
        arches.append(ellipse((x + 0.075, y + 0.03), (0.032, 0.014), 25))
    return filled(shape, *bodies, soft=0.004) + filled(shape, *arches, soft=0.004) * np.float32(0.45)


def _ribs(build: Build, shape: Shape, front: float, back: float) -> Grey:
    rims = []
    for rib in range(11):
        y = build.rib_first + (rib - 1) * build.rib_step
        bends = [(back + 0.05, y + 0.03), (back - 0.06, y), (0.55, y + build.rib_slope * 0.8 + 0.05),
                 (front + 0.16, y + build.rib_slope + 0.22), (front + 0.05, y + build.rib_slope + 0.24)]  # fmt: skip
        line = rounded(bends, closed=False)
        rims += [(line, 0.006), (lowered(line, 0.024), 0.006)]
    return stroked(shape, rims, 0.003)


def _breastbone(build: Build, shape: Shape, front: float, base: float) -> Grey:
    bends = [(front + 0.13, build.apex + 0.16), (front + 0.055, build.apex + 0.24), (front + 0.015, 0.46),
             (front + 0.02, base - 0.10)]  # fmt: skip
    line = rounded(bends, closed=False)
    return stroked(shape, [(line, 0.022)], 0.004) * np.float32(0.5) + stroked(shape, [(line, 0.005)], 0.002)


def _arms(build: Build, shape: Shape) -> Grey:
    """Return the raised arms and shoulders, which lie over the top of the lungs."""
    rng = rng_of(build.patient, "arms")
    upper = ellipse((rng.uniform(0.35, 0.55), -0.02), (rng.uniform(0.22, 0.40), rng.uniform(0.10, 0.2)))
    return filled(shape, upper, ellipse((0.66, 0.03), (0.16, 0.15), 30), soft=0.03)


def _trunk(build: Build, front: float, back: float) -> Points:
    bosom = max(0.0, build.breast) * 0.4
    outline = [
        (0.16, -0.2), (0.20, 0.06), (front + 0.05, 0.2), (front - 0.01, 0.36), (front - 0.03 - bosom, 0.55),
        (front - 0.03 - bosom * 0.4, 0.7), (front - 0.06, 0.9), (front - 0.07, 1.3), (back + 0.10, 1.3),
        (back + 0.11, 0.75), (back + 0.13, 0.45), (back + 0.10, 0.22), (back, 0.07), (back - 0.05, -0.2),
    ]  # fmt: skip
    return rounded(outline, closed=True, times=2)
