"""Chest radiographs of people who do not exist.

Anatomy follows from the patient's name; the view and the day change pose, breath and opacities. Bright is dense.
"""

import numpy as np

from crawlers.replay.phantoms.build import Build, build_of
from crawlers.replay.phantoms.drawing import BODY, BREATH, Grey, Shape, bent, lettered, posed, rng_of
from crawlers.replay.phantoms.frontal import frontal_of
from crawlers.replay.phantoms.lateral import lateral_of


def radiograph_of(patient: str, shape: Shape, *, day: int = 0, view: str = "PA", text: str = "") -> Grey:
    """Return a chest radiograph in 0..1: lateral for view `L`, frontal for any other."""
    build = build_of(patient)
    draw = lateral_of if view == "L" else frontal_of
    film = _exposed(draw(build, shape, day, view), rng_of(patient, view, "exposure"))
    film = _collimated(_posed(film, build, view, day), rng_of(patient, view, "collimation"))
    return np.clip(_marked(film, patient, view, text), 0, 1)


def _exposed(film: Grey, rng: np.random.Generator) -> Grey:
    """Return the film as the detector's curve and an uneven beam leave it."""
    height, width = film.shape
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * np.float32(rng.uniform(-0.09, 0.09))
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * np.float32(rng.uniform(-0.09, 0.09))
    return np.power(np.clip(film * (1 + down + across), 0, 1), np.float32(rng.uniform(0.85, 1.3)))


def _posed(film: Grey, build: Build, view: str, day: int) -> Grey:
    film = bent(film, rng_of(build.patient, view, "body"), BODY)
    if day == 0:
        return posed(film, build.tilt, build.zoom, (0, build.raised))
    rng = rng_of(build.patient, view, day, "pose")
    film = bent(film, rng, BREATH)
    shift = (float(rng.uniform(-0.016, 0.016)), build.raised + float(rng.uniform(-0.016, 0.016)))
    return posed(film, build.tilt + rng.uniform(-1.5, 1.5), build.zoom * rng.uniform(0.985, 1.015), shift)


def _collimated(film: Grey, rng: np.random.Generator) -> Grey:
    """Return the film with the dark margins that the collimator left on some of its sides."""
    height, width = film.shape
    left, top, right, bottom = np.where(rng.random(4) < 0.4, rng.uniform(0.01, 0.055, 4), 0.0)
    lit = np.full_like(film, 0.06)
    lit[round(top * height) : height - round(bottom * height), round(left * width) : width - round(right * width)] = 1
    return film * lit


def _marked(film: Grey, patient: str, view: str, text: str) -> Grey:
    rng = rng_of(patient, view, "marker")
    side, reach = ("R", (0.06, 0.12)) if rng.random() < 0.3 and view != "L" else ("L", (0.87, 0.93))
    film = lettered(film, side, (float(rng.uniform(*reach)), float(rng.uniform(0.08, 0.16))), 0.035)
    return lettered(film, text, (0.04, 0.95), 0.022) if text else film
