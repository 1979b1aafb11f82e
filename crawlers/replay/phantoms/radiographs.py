"""Chest radiographs of people who do not exist.

Anatomy follows from the patient's name; the view and the day change pose, breath and opacities. Bright is dense.
"""

import numpy as np

from crawlers.replay.phantoms.build import build_of
from crawlers.replay.phantoms.drawing import Grey, Shape, lettered, posed, rng_of
from crawlers.replay.phantoms.frontal import frontal_of
from crawlers.replay.phantoms.lateral import lateral_of


def radiograph_of(patient: str, shape: Shape, *, day: int = 0, view: str = "PA", text: str = "") -> Grey:
    """Return a chest radiograph in 0..1: lateral for view `L`, frontal for any other."""
    build = build_of(patient)
    draw = lateral_of if view == "L" else frontal_of
    film = _exposed(draw(build, shape, day, view), rng_of(patient, view, "exposure"))
    film = _posed(film, patient, view, day, build.tilt, build.zoom)
    return np.clip(_marked(film, patient, view, text), 0, 1)


def _exposed(film: Grey, rng: np.random.Generator) -> Grey:
    """Return the film as the detector's curve and an uneven beam leave it."""
    height, width = film.shape
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * np.float32(rng.uniform(-0.09, 0.09))
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * np.float32(rng.uniform(-0.09, 0.09))
    return np.power(np.clip(film * (1 + down + across), 0, 1), np.float32(rng.uniform(0.85, 1.3)))


def _posed(film: Grey, patient: str, view: str, day: int, tilt: float, zoom: float) -> Grey:
    if day == 0:
        return posed(film, tilt, zoom, (0, 0))
    rng = rng_of(patient, view, day, "pose")
    shift = (float(rng.uniform(-0.012, 0.012)), float(rng.uniform(-0.012, 0.012)))
    return posed(film, tilt + rng.uniform(-1.2, 1.2), zoom * rng.uniform(0.985, 1.015), shift)


def _marked(film: Grey, patient: str, view: str, text: str) -> Grey:
    rng = rng_of(patient, view, "marker")
    side, reach = ("R", (0.06, 0.12)) if rng.random() < 0.3 and view != "L" else ("L", (0.87, 0.93))
    film = lettered(film, side, (float(rng.uniform(*reach)), float(rng.uniform(0.08, 0.16))), 0.035)
    return lettered(film, text, (0.04, 0.95), 0.022) if text else film
