"""Say which of two copies of a film is the better one to publish; a person decides."""

from dataclasses import dataclass
from typing import Literal

from pipelines.duplicates.verification import Comparison

CROPPED = 0.03  # of the film; a canonical form alone varies by less
FINER = 1.05  # times as many pixels a side; less is a resampling, not detail


@dataclass(frozen=True, slots=True)
class Copy:
    """Hold what speaks for a copy: bits a sample, licence ("" if unclear), ISO date, DOI ("" if none)."""

    bits: int = 8
    licence: str = ""
    published: str = ""
    doi: str = ""


@dataclass(frozen=True, slots=True)
class Better:
    """Name the better copy, or neither, and the reason in plain words."""

    copy: Literal["a", "b", ""]
    reason: str


def better_copy(a: Copy, b: Copy, found: Comparison) -> Better:
    """Return which of two copies is better: it shows more, finer, deeper; is licensed; is earlier; names its source."""
    if found.transform is not None and found.covers_a is not None and found.covers_b is not None:
        if abs(found.covers_a - found.covers_b) > CROPPED:
            return Better("a" if found.covers_a < found.covers_b else "b", "shows more of the film")
        if not 1 / FINER <= found.transform.scale <= FINER:
            return Better("a" if found.transform.scale < 1 else "b", "has more pixels over the same film")
    if a.bits != b.bits:
        return Better("a" if a.bits > b.bits else "b", "has more bits a sample")
    if bool(a.licence) != bool(b.licence):
        return Better("a" if a.licence else "b", "states a licence")
    if a.published and b.published and a.published != b.published:
        return Better("a" if a.published < b.published else "b", "was published earlier")
    if bool(a.doi) != bool(b.doi):
        return Better("a" if a.doi else "b", "names its source")
    return Better("", "nothing tells the copies apart")
