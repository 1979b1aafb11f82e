"""Frontal chest radiographs: PA and AP.

The patient's left is on the right of the film, as on a film hung for reading.
"""

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

_SIDES = (-1, 1)


def frontal_of(build: Build, shape: Shape, day: int, view: str) -> Grey:
    """Return a frontal radiograph in about 0..1; on an AP film the heart is wider, the breath shallower."""
    bedside = view.startswith("AP")
    base = build.base - 0.045 * bedside
    if day:
        base += float(rng_of(build.patient, view, day, "breath").uniform(-0.014, 0.014))
    lungs = lungs_in(build, shape, base)
    heart = _heart(build, shape, base, 1.14 if bedside else 1.0)
    film = np.full(shape, build.tissue, np.float32)
    film += np.float32(0.065) * clouds(shape, rng_of(build.patient, "habitus"), 6)
    film = laid_over(film, filled(shape, _abdomen(build, base), soft=0.02), build.tissue + 0.14)
    film = laid_over(film, _stomach_gas(build, shape, base), build.tissue - build.gas)
    film = laid_over(film, lungs, build.lung)
    seen = lungs * (1 - heart)
    film += seen * (_opacities(build.patient, shape, day) + vessels_in(build, shape) * np.float32(0.17))
    film = laid_over(film, heart * np.float32(0.9), build.tissue + 0.10)
    film = laid_over(film, _airways(build, shape) * np.float32(0.5), build.lung + 0.12)
    film += _spine(build, shape) * np.float32(0.055)
    film += _ribs(build, shape) * (np.float32(0.045) + seen * np.float32(0.135))
    film += _collar_bones(build, shape) * np.float32(0.13)
    if build.breast > 0:
        film += _breasts(build, shape, base) * np.float32(build.breast)
    if bedside:
        film += _leads(build, shape) * np.float32(0.22)
    return laid_over(film, 1 - filled(shape, _torso(build), soft=0.006), 0.02)


def lungs_in(build: Build, shape: Shape, base: float) -> Grey:
    """Return how much lung the beam crosses: 0 outside, rising from the rim to 1."""
    outlines = []
    for side in _SIDES:
        low = base + build.left_drop * (side > 0)
        wide, apex = build.lung_width, build.apex
        across = [
            (0.055, apex + 0.07), (0.085, apex + 0.01), (0.15, apex - 0.01), (0.215, apex + 0.04),
            (0.28, apex + 0.15), (wide * 0.93, apex + 0.32), (wide, low - 0.14), (wide + 0.01, low + 0.05),
            (wide + 0.008, low + 0.085), (wide - 0.01, low + 0.07), (wide * 0.78, low + 0.015),
            (wide * 0.52, low - 0.015), (0.11, low + 0.01), (0.06, low + 0.045), (0.055, low - 0.12),
            (0.05, apex + 0.25),
        ]  # fmt: skip
        outlines.append(rounded([(build.midline + side * x, y) for x, y in across], closed=True))
    mask = filled(shape, *outlines, soft=0.005)
    return mask * (np.float32(0.62) + np.float32(0.38) * blurred(mask, 0.05))


def vessels_in(build: Build, shape: Shape) -> Grey:
    """Return vessels that leave each hilum, branch and thin out."""
    rng = rng_of(build.patient, "vessels")
    thick: list[tuple[Points, float]] = []
    for side in _SIDES:
        hilum = np.array([build.midline + side * 0.075, build.heart_top - 0.03])
        for angle in np.linspace(-1.35, 1.45, 9):
            thick += _branches(rng, hilum, angle + rng.uniform(-0.15, 0.15), side, 0.013, 0.13)
    fine = [stroke for stroke in thick if stroke[1] < 0.006]
    broad = [stroke for stroke in thick if stroke[1] >= 0.006]
    return stroked(shape, broad, 0.005) + stroked(shape, fine, 0.003) * np.float32(0.55)


def _branches(
    rng: np.random.Generator, start: Points, angle: float, side: int, width: float, length: float
) -> list[tuple[Points, float]]:
    if width < 0.0025:
        return []
    bend = angle + rng.uniform(-0.25, 0.25)
    middle = start + np.array([side * np.cos(angle), np.sin(angle)]) * length * 0.4
    end = middle + np.array([side * np.cos(bend), np.sin(bend)]) * length * rng.uniform(0.2, 0.6)
    grown = [(rounded([tuple(start), tuple(middle), tuple(end)], closed=False, times=1), width)]
    for turn in (rng.uniform(0.1, 0.65), rng.uniform(-0.65, -0.1)):
        grown += _branches(rng, end, bend + turn, side, width * rng.uniform(0.5, 0.68), length * 0.72)
    return grown


def _opacities(patient: str, shape: Shape, day: int) -> Grey:
    """Return haze and patches of disease in the lungs: the patient's own, denser or thinner by the day."""
    rng, course = rng_of(patient, "opacities"), rng_of(patient, day, "course")
    haze = clouds(shape, rng, 5) * np.float32(0.06)
    mottle = np.float32(1) + np.float32(0.35) * clouds(shape, rng, 24)
    for _ in range(int(rng.integers(2, 7))):
        centre = (0.5 + float(rng.choice(_SIDES)) * rng.uniform(0.12, 0.32), rng.uniform(0.22, 0.74))
        radii = (rng.uniform(0.04, 0.11), rng.uniform(0.05, 0.15))
        density = rng.uniform(0.10, 0.38) * (course.uniform(0.65, 1.25) if day else 1.0)
        haze += filled(shape, ellipse(centre, radii, rng.uniform(0, 180)), soft=0.035) * mottle * np.float32(density)
    if day:
        haze += clouds(shape, course, 4) * np.float32(0.022)
    # Consolidation saturates: no patch is denser than the heart.
    return np.asarray(np.float32(0.36) * np.tanh(haze / np.float32(0.36)), np.float32)


def _heart(build: Build, shape: Shape, base: float, wide: float) -> Grey:
    """Return the middle shadow: great vessels above, the arch and the left ventricle to the right of the film."""
    x, left, top = build.midline, build.heart_left * wide, build.heart_top
    outline = [
        (x - 0.045, 0.02), (x + 0.045, 0.02), (x + 0.055, top - 0.22), (x + 0.085, top - 0.17),
        (x + 0.085, top - 0.11), (x + 0.065, top - 0.06), (x + 0.09, top), (x + left * 0.8, top + 0.10),
        (x + left, base - 0.06), (x + left * 0.93, base + 0.03), (x + 0.05, base + 0.10), (x - 0.07, base + 0.06),
        (x - 0.095, base - 0.05), (x - 0.085, top + 0.06), (x - 0.055, top - 0.06), (x - 0.06, top - 0.20),
    ]  # fmt: skip
    return filled(shape, rounded(outline, closed=True), soft=0.009)


def _abdomen(build: Build, base: float) -> Points:
    x, wide = build.midline, build.lung_width
    domes = [
        (x - wide, base + 0.12), (x - wide * 0.5, base), (x, base + 0.06), (x + wide * 0.5, base + build.left_drop),
        (x + wide, base + 0.12), (1.2, base + 0.2), (1.2, 1.2), (-0.2, 1.2), (-0.2, base + 0.2),
    ]  # fmt: skip
    return rounded(domes, closed=True)


def _stomach_gas(build: Build, shape: Shape, base: float) -> Grey:
    if build.gas < 0.02:
        return np.zeros(shape, np.float32)
    centre = (build.midline + 0.21, base + build.left_drop + 0.075)
    return filled(shape, ellipse(centre, (0.075, 0.035 + build.gas * 0.08), -12), soft=0.01) * np.float32(0.8)


def _airways(build: Build, shape: Shape) -> Grey:
    x, carina = build.midline - 0.006, build.heart_top - 0.12
    tubes = [
        (np.array([[x, -0.05], [x, carina]]), 0.034),
        (np.array([[x, carina], [x - 0.07, carina + 0.075]]), 0.022),
        (np.array([[x, carina], [x + 0.08, carina + 0.07]]), 0.020),
    ]
    return stroked(shape, tubes, 0.006)


def _spine(build: Build, shape: Shape) -> Grey:
    x, bodies, processes = build.midline, [], []
    for step in range(15):
        y = 0.03 + step * build.rib_step * 0.98
        corners = [(x - 0.036, y), (x + 0.036, y), (x + 0.036, y + 0.05), (x - 0.036, y + 0.05)]
        bodies.append(rounded(corners, closed=True, times=2))
        processes.append(ellipse((x, y + 0.04), (0.008, 0.016)))
    column = filled(shape, ellipse((x, 0.5), (0.034, 0.9)), soft=0.006)
    return filled(shape, *bodies, soft=0.006) * np.float32(0.7) + filled(shape, *processes) * np.float32(0.8) + column


def _ribs(build: Build, shape: Shape) -> Grey:
    """Return ten pairs: their backs brightest, with a rim above and below, their fainter fronts crossing them."""
    behind, rims, front = [], [], []
    for rib in range(10):
        y, slope = build.rib_first + rib * build.rib_step, build.rib_slope
        reach = min(build.lung_width + 0.025, 0.20 + 0.055 * rib)
        back = [(0.035, y + 0.02), (reach * 0.35, y - 0.012), (reach * 0.72, y + slope * 0.35),
                (reach, y + slope + 0.02), (reach, y + slope + 0.07)]  # fmt: skip
        fore = [(reach, y + slope + 0.05), (reach * 0.8, y + slope + 0.13), (reach * 0.5, y + slope + 0.17)]
        for side in _SIDES:
            line = rounded([(build.midline + side * x, at) for x, at in back], closed=False)
            behind.append((line, 0.026))
            rims += [(lowered(line, 0.012), 0.004), (lowered(line, -0.012), 0.004)]
            if rib < 7:
                front.append((rounded([(build.midline + side * x, at) for x, at in fore], closed=False), 0.030))
    return np.asarray(
        stroked(shape, behind, 0.004) * np.float32(0.6)
        + stroked(shape, rims, 0.002) * np.float32(0.5)
        + stroked(shape, front, 0.006) * np.float32(0.35),
        np.float32,
    )


def _collar_bones(build: Build, shape: Shape) -> Grey:
    bones, rims = [], []
    for side in _SIDES:
        y, lift = build.apex + 0.075, build.clavicle
        arc = [(0.04, y + 0.025), (0.13, y + 0.01 - lift), (0.24, y - 0.035 - lift), (0.36, y - 0.05 - lift),
               (0.43, y - 0.03)]  # fmt: skip
        line = rounded([(build.midline + side * x, at) for x, at in arc], closed=False)
        bones.append((line, 0.028))
        rims += [(lowered(line, 0.013), 0.005), (lowered(line, -0.013), 0.005)]
    return stroked(shape, bones, 0.004) * np.float32(0.6) + stroked(shape, rims, 0.003) * np.float32(0.4)


def _breasts(build: Build, shape: Shape, base: float) -> Grey:
    x, wide = build.midline, build.lung_width * 0.62
    return filled(shape, *(ellipse((x + side * wide, base - 0.07), (0.17, 0.15)) for side in _SIDES), soft=0.012)


def _leads(build: Build, shape: Shape) -> Grey:
    """Return monitoring leads, as bedside films show them."""
    rng, lines, pads = rng_of(build.patient, "leads"), [], []
    for side in _SIDES:
        bends = [(build.midline + side * rng.uniform(0.1, 0.3), y) for y in (-0.05, 0.2, 0.4, rng.uniform(0.45, 0.7))]
        lines.append((rounded(bends, closed=False), 0.004))
        pads.append(ellipse(bends[-1], (0.012, 0.012)))
    return stroked(shape, lines, 0.0015) + filled(shape, *pads)


def _torso(build: Build) -> Points:
    x = build.midline
    right = [(0.115, -0.1), (0.12, 0.015), (0.22, 0.05), (0.40, 0.085), (0.62, 0.16), (0.62, 0.34), (0.475, 0.38),
             (0.455, 0.46), (0.458, 0.7), (0.475, 0.9), (0.49, 1.1)]  # fmt: skip
    outline = [(x + far, y) for far, y in right] + [(x - far, y) for far, y in reversed(right)]
    return rounded(outline, closed=True, times=2)
