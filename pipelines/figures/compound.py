"""A picture of a figure as it is seen: its kind, and its panels with their letters, captions and kinds."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.figures.captions import panel_captions
from pipelines.figures.kinds import RADIOLOGY, Judged, judged, judged_in_order, judged_together
from pipelines.figures.looks import look_of
from pipelines.figures.panels import Split, split_of
from pipelines.figures.rasters import Samples
from pipelines.records import Panel

NEEDS_SPLIT = "needs split"
# A picture of more pixels is looked at in a reduced size by whoever asks for its kind.
MAX_PIXELS = 60_000_000


@dataclass(frozen=True)
class Seen:
    """Hold what a picture shows: its kind and how sure that is, its panels, and flags for a person.

    `drafted` are the panels as found where they are not sure enough to stand; `panels` is then empty.
    """

    kind: str = ""
    confidence: float = 0.0
    panels: list[Panel] = field(default_factory=list)
    drafted: list[Panel] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


def seen_in(data: bytes, label: str, caption: str, part: str = "", *, alone: bool = True) -> Seen:
    """Return what a picture file shows, as `seen` does; one that cannot be decoded is "unsure"."""
    picture = picture_in(data)
    return Seen("unsure") if picture is None else seen(picture, label, caption, part, alone=alone)


def seen(samples: Samples, label: str, caption: str, part: str = "", *, alone: bool = True) -> Seen:
    """Return what a picture shows: grey (h, w) or RGB (h, w, 3), 8 or 16 bits.

    `part` is what the caption says of this picture where the figure has several; `alone` tells that it is the only
    one, so that all letters of the caption are its panels'.
    """
    picture = _eight_bits(samples)
    look = look_of(picture)
    whole = judged(label, caption, look, part)
    if look in ("drawing", "mixed") or whole.kind == "other":
        return Seen(whole.kind, whole.confidence)
    told = _told(caption) if alone and not part else {}
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    split = split_of(grey, len(told))
    if len(split.boxes) < 2:
        return Seen(whole.kind, whole.confidence, flags=[] if split.certain else [NEEDS_SPLIT])
    panels = _panels(picture, split, label, caption, told, part)
    kind = _kind_of_all(panels, whole)
    if split.certain:
        return Seen(kind.kind, kind.confidence, panels)
    return Seen(kind.kind, kind.confidence, drafted=panels, flags=[NEEDS_SPLIT])


def picture_in(data: bytes) -> npt.NDArray[np.uint8] | None:
    """Return a picture file as 8-bit grey (h, w) or RGB (h, w, 3), upright as stored; None where it is none."""
    if not data:
        return None
    how = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR | cv2.IMREAD_IGNORE_ORIENTATION
    decoded: npt.NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    if decoded is None or decoded.shape[0] * decoded.shape[1] > MAX_PIXELS:
        return None
    samples = _eight_bits(decoded)
    return samples if samples.ndim == 2 else np.ascontiguousarray(samples[..., ::-1])


def _eight_bits(samples: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if samples.dtype == np.uint16:
        # 12-bit films are kept in 16 bits.
        samples = samples >> max(0, int(samples.max()).bit_length() - 8)
    return samples.astype(np.uint8, copy=False)


def _told(caption: str) -> dict[str, str]:
    """Return what a caption says of each letter, in its order; nothing where letters are told of twice or left out."""
    told: dict[str, str] = {}
    for letters, text in panel_captions(caption):
        for letter in letters:
            told.setdefault(letter.lower(), text)
    expected = [chr(ord("a") + n) for n in range(len(told))]
    return {letter: told[letter] for letter in expected} if sorted(told) == expected else {}


def _panels(
    picture: npt.NDArray[np.uint8], split: Split, label: str, caption: str, told: dict[str, str], part: str
) -> list[Panel]:
    lettered = list(told.items()) if len(told) == len(split.boxes) else [("", part)] * len(split.boxes)
    looks = [look_of(picture[top:bottom, left:right]) for left, top, right, bottom in split.boxes]
    each = [judged(label, caption, look, part) for look, (_, part) in zip(looks, lettered, strict=True)]
    in_order = [] if told else judged_in_order(caption, looks)
    each = [Judged(kind, 0.8) for kind in in_order] or judged_together(each)
    return [
        Panel(box=box, label=letter, caption=part, kind=one.kind, kind_confidence=one.confidence)
        for box, (letter, part), one in zip(split.boxes, lettered, each, strict=True)
    ]


def _kind_of_all(panels: list[Panel], whole: Judged) -> Judged:
    """Return the kind of a compound figure: that of most of its films, or of the whole where none is one."""
    films = [Judged(kind, p.kind_confidence) for p in panels for kind in RADIOLOGY if p.kind == kind]
    if not films:
        return whole
    kinds = [one.kind for one in films]
    kind = max(RADIOLOGY, key=kinds.count)
    return Judged(kind, max(one.confidence for one in films if one.kind == kind))
