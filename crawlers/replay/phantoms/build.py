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
    raised: float
    broad: float


# Wide enough that two patients' films differ at a glance, narrow enough that each stays a credible chest.
_LIMITS = {
    "midline": (0.43, 0.57),
    "lung_width": (0.32, 0.43),
    "apex": (0.06, 0.18),
    "base": (0.62, 0.82),
    "left_drop": (-0.01, 0.06),
    "heart_left": (0.12, 0.27),
    "heart_top": (0.38, 0.54),
    "rib_first": (0.05, 0.11),
    "rib_step": (0.062, 0.084),
    "rib_slope": (0.04, 0.17),
    "clavicle": (-0.035, 0.055),
    "tissue": (0.60, 0.74),
    "lung": (0.13, 0.27),
    "breast": (-0.12, 0.16),
    "gas": (-0.1, 0.3),
    "depth": (0.0, 1.0),
    "tilt": (-6.0, 6.0),
    "zoom": (0.88, 1.2),
    "raised": (-0.05, 0.05),
    "broad": (0.0, 1.0),
}


def build_of(patient: str) -> Build:
    """Return the build that belongs to the name."""
    rng = rng_of(patient, "build")
    return Build(patient, **{name: float(rng.uniform(*limits)) for name, limits in _LIMITS.items()})
