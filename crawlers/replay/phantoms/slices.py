"""CT slices of chests that do not exist, in a lung window."""

import numpy as np

from crawlers.replay.phantoms.build import Build, build_of
from crawlers.replay.phantoms.drawing import (
    BODY,
    BREATH,
    Grey,
    Points,
    Shape,
    bent,
    clouds,
    ellipse,
    filled,
    laid_over,
    lowered,
    posed,
    rng_of,
    rounded,
    stroked,
)

_FAT, _MUSCLE, _BONE, _LUNG = 0.60, 0.78, 0.97, 0.13
_SIDES = (-1, 1)
LEVELS = 12  # slices from the top of the lungs to their base


def slice_of(patient: str, shape: Shape, *, day: int = 0, view: str = "Axial", level: int = 0) -> Grey:
    """Return one axial slice in 0..1; raise `ValueError` for another plane."""
    if view != "Axial":
        raise ValueError(f"no phantom of a CT in plane {view!r}; only Axial is drawn")
    build = build_of(patient)
    down = (level % LEVELS) / (LEVELS - 1)
    film = np.full(shape, 0.02, np.float32)
    film = _table(film, build, shape)
    film = _body(film, build, shape)
    film = _lungs(film, build, shape, day, down)
    film = _mediastinum(film, build, shape, down)
    film = _bones(film, build, shape, down)
    film = _posed(film, build, day)
    film += np.float32(0.012) * clouds(shape, rng_of(patient, day, level, "reconstruction"), 110)
    field = filled(shape, ellipse((0.5, 0.5), (0.5, 0.5)), soft=0.001)
    return np.asarray(np.clip(film * field, 0, 1), np.float32)


def _posed(film: Grey, build: Build, day: int) -> Grey:
    rng = rng_of(build.patient, day, "ct pose")
    film = bent(film, rng_of(build.patient, "ct body"), BODY)
    if day:
        film = bent(film, rng_of(build.patient, day, "ct breath"), BREATH)
    turn, zoom, drift = rng.uniform((-2.0, 0.98, -0.015), (2.0, 1.02, 0.015)) if day else (0.0, 1.0, 0.0)
    shift = (build.midline - 0.5 + drift, build.raised + drift)
    return posed(film, 1.8 * build.tilt + turn, 0.99 * build.zoom**0.8 * zoom, shift, air=0.02)


def _size(build: Build) -> tuple[float, float, float]:
    """Return half the width and half the depth of the body, and the height of its centre."""
    return 0.36 + 0.10 * build.broad, 0.23 + 0.11 * build.depth, 0.46 + 0.03 * build.depth


def _body(film: Grey, build: Build, shape: Shape) -> Grey:
    wide, deep, y = _size(build)
    fat = 0.02 + 0.03 * build.depth
    film = laid_over(film, filled(shape, ellipse((0.5, y), (wide, deep)), soft=0.002), _FAT)
    return laid_over(film, filled(shape, ellipse((0.5, y + 0.004), (wide - fat, deep - fat)), soft=0.003), _MUSCLE)


def _table(film: Grey, build: Build, shape: Shape) -> Grey:
    _, deep, y = _size(build)
    top = y + deep + 0.015
    line = rounded([(0.08, top - 0.05), (0.28, top), (0.72, top), (0.92, top - 0.05)], closed=False)
    return film + stroked(shape, [(line, 0.006), (lowered(line, 0.03), 0.004)], 0.001) * np.float32(0.45)


def _lungs(film: Grey, build: Build, shape: Shape, day: int, down: float) -> Grey:
    wide, deep, y = _size(build)
    grown = 0.62 + 0.38 * np.sin(np.pi * min(1.0, 0.25 + down * 0.75))
    outlines = []
    for side in _SIDES:
        grown *= 1.0 - 0.25 * max(0.0, build.gas) * (side > 0)
        inner = 0.07 + 0.05 * down * (side > 0) + build.heart_left * 0.35 * down + build.clavicle * 0.3
        across = [
            (inner, y - deep * 0.62 * grown), (wide * 0.45, y - deep * 0.74 * grown),
            (wide * 0.72 * grown, y - deep * 0.5), (wide * 0.82 * grown, y), (wide * 0.72 * grown, y + deep * 0.5),
            (wide * 0.42, y + deep * 0.76 * grown), (0.10, y + deep * 0.58 * grown), (0.085, y + 0.06),
            (inner + 0.02, y - 0.02),
        ]  # fmt: skip
        outlines.append(rounded([(0.5 + side * x, at) for x, at in across], closed=True))
    mask = filled(shape, *outlines, soft=0.003)
    lungs = laid_over(film, mask, _LUNG + build.lung * 0.25)
    lungs = laid_over(lungs, mask * _fluid(build, shape), _MUSCLE - 0.12)
    return lungs + mask * (_vessels(build, shape, down) * np.float32(0.55) + _disease(build, shape, day, down))


def _fluid(build: Build, shape: Shape) -> Grey:
    """Return fluid behind the lungs, where gravity leaves it; most patients have none."""
    rng, (wide, deep, y) = rng_of(build.patient, "fluid"), _size(build)
    pools = []
    for side in _SIDES:
        depth = rng.uniform(0.1, 0.5) if rng.random() < 0.35 else 0.0
        pools.append(ellipse((0.5 + side * wide * 0.45, y + deep * (0.95 - depth * 0.5)), (wide * 0.6, deep * depth)))
    return filled(shape, *pools, soft=0.004)


def _vessels(build: Build, shape: Shape, down: float) -> Grey:
    rng = rng_of(build.patient, round(down * LEVELS), "vessels")
    lines: list[tuple[Points, float]] = []
    dots = []
    for side in _SIDES:
        hilum = np.array([0.5 + side * 0.13, _size(build)[2] + 0.01])
        for angle in np.linspace(-2.0, 2.0, 8) + rng.uniform(-0.2, 0.2, 8):
            way = np.array([side * np.cos(angle), np.sin(angle)])
            bend = hilum + way * rng.uniform(0.05, 0.10)
            end = bend + way * rng.uniform(0.02, 0.10) + rng.uniform(-0.03, 0.03, 2)
            lines += [(np.stack([hilum, bend]), 0.012), (np.stack([bend, end]), 0.006)]
        for _ in range(60):
            at = (0.5 + side * rng.uniform(0.1, 0.38), rng.uniform(0.2, 0.75))
            radius = float(rng.uniform(0.0018, 0.006))
            dots.append(ellipse(at, (radius, radius * rng.uniform(0.6, 1.6)), float(rng.uniform(0, 180))))
    return stroked(shape, lines, 0.002) + filled(shape, *dots, soft=0.0015)


def _disease(build: Build, shape: Shape, day: int, down: float) -> Grey:
    """Return ground glass and consolidation, mostly at the rim of the lungs."""
    rng, course = rng_of(build.patient, "ct opacities"), rng_of(build.patient, day, "ct course")
    wide, deep, y = _size(build)
    mottle = np.float32(1) + np.float32(0.4) * clouds(shape, rng_of(build.patient, round(down * LEVELS)), 40)
    haze = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(3, 11))):
        turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.78)
        centre = (0.5 + wide * reach * np.cos(turn), y + deep * reach * np.sin(turn))
        fades = np.exp(-(((down - rng.uniform(0, 1)) / 0.5) ** 2))
        density = rng.uniform(0.25, 0.65) * fades * (course.uniform(0.65, 1.25) if day else 1.0)
        radii = (rng.uniform(0.03, 0.13), rng.uniform(0.03, 0.09))
        haze += filled(shape, ellipse(centre, radii, rng.uniform(0, 180)), soft=0.012) * mottle * np.float32(density)
    return np.minimum(haze, np.float32(0.6))


def _mediastinum(film: Grey, build: Build, shape: Shape, down: float) -> Grey:
    y = _size(build)[2]
    heart = ellipse((0.5 + 0.045 * down, y - 0.05), (0.075 + build.heart_left * 0.55 * down, 0.09 + 0.06 * down), 25)
    film = laid_over(film, filled(shape, heart, soft=0.004), _MUSCLE + 0.03)
    vessels = [ellipse((0.535, y + 0.10), (0.024, 0.024)), ellipse((0.475, y - 0.05), (0.026, 0.028))]
    film = laid_over(film, filled(shape, *vessels, soft=0.003), _MUSCLE + 0.08)
    apart = 0.045 * max(0.0, down - 0.25) * 2
    bores = [ellipse((0.5 + side * apart, y + 0.025), (0.017 - 0.005 * down, 0.018 - 0.005 * down)) for side in _SIDES]
    return laid_over(film, filled(shape, *bores, soft=0.002), 0.03)


def _bones(film: Grey, build: Build, shape: Shape, down: float) -> Grey:
    wide, deep, y = _size(build)
    body = ellipse((0.5, y + deep * 0.62), (0.048, 0.038))
    canal = ellipse((0.5, y + deep * 0.62 + 0.052), (0.018, 0.015))
    process = rounded([(0.48, y + deep * 0.79), (0.52, y + deep * 0.79), (0.505, y + deep * 0.93),
                       (0.495, y + deep * 0.93)], closed=True)  # fmt: skip
    wings = [
        rounded([(0.5 + side * 0.03, y + deep * 0.76), (0.5 + side * 0.12, y + deep * 0.82)], closed=False)
        for side in _SIDES
    ]
    film = laid_over(film, filled(shape, body, process, soft=0.002), _BONE)
    film = laid_over(film, stroked(shape, [(wing, 0.022) for wing in wings], 0.002), _BONE)
    film = laid_over(film, filled(shape, canal, soft=0.002), _MUSCLE)
    film = laid_over(film, filled(shape, ellipse((0.5, y - deep * 0.84), (0.045, 0.014)), soft=0.002), _BONE)
    ribs = []
    for turn in np.arange(6) / 6 * 2.4 - 1.2 + down * 0.25:
        for side in _SIDES:
            sweep = turn + np.linspace(-0.10, 0.10, 9)
            ring = np.stack([0.5 + side * wide * 0.90 * np.cos(sweep), y + deep * 0.88 * np.sin(sweep)], axis=1)
            ribs.append((ring, 0.017))
    return laid_over(film, stroked(shape, ribs, 0.002), _BONE)
