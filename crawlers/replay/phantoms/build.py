"""How a patient of the replayed web is built."""

from dataclasses import dataclass

from crawlers.replay.phantoms.drawing import rng_of


@dataclass(frozen=True)
class Build:
    """Hold one patient's build, in fractions of a frontal film's width (x) and height (y) and in its grey (0..1)."""

    patient: str
    midline: float
    lung_width: float
    apex: float
    base: float
    left_drop: float
    heart_left: float
    heart_top: float
    rib_first: float
    rib_step: float
    rib_slope: float
    clavicle: float
    tissue: float
    lung: float
    breast: float
    gas: float
    depth: float
    tilt: float
    zoom: float


# Wide enough that two patients' films differ at a glance, narrow enough that each stays a credible chest.
_LIMITS = {
    "midline": (0.455, 0.545),
    "lung_width": (0.33, 0.425),
    "apex": (0.07, 0.17),
    "base": (0.64, 0.80),
    "left_drop": (0.0, 0.04),
    "heart_left": (0.13, 0.25),
    "heart_top": (0.40, 0.52),
    "rib_first": (0.05, 0.11),
    "rib_step": (0.062, 0.084),
    "rib_slope": (0.04, 0.17),
    "clavicle": (-0.035, 0.055),
    "tissue": (0.60, 0.74),
    "lung": (0.13, 0.27),
    "breast": (-0.12, 0.16),
    "gas": (-0.1, 0.3),
    "depth": (0.0, 1.0),
    "tilt": (-4.5, 4.5),
    "zoom": (0.92, 1.16),
}


def build_of(patient: str) -> Build:
    """Return the build that belongs to the name."""
    rng = rng_of(patient, "build")
    return Build(patient, **{name: float(rng.uniform(*limits)) for name, limits in _LIMITS.items()})
