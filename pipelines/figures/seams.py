"""Seams between panels that touch: a step from edge to edge where one picture ends and another begins."""

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.figures.gutters import Grey, thinned

# A seam is a step all the way: the line is looked at in stretches, and a quarter of them may be without one.
STRETCHES = 16
WORST = 25
# Grey levels that the grain of a film leaves between neighbours.
GRAIN = 3.0
# Over the lines of 346 whole films a step reaches 0.38 (a scratch, a frame aside), where equal panels would meet 0.18;
# seams of composed figures lie at 0.35 and above but for one in twenty, where two films happen to be of one tone.
STRONG_ANYWHERE = 0.6
STRONG = 0.35
FAINT = 0.12
# A seam rises this many times above 98 of 100 lines; in a picture that compression cut into blocks none does.
PROMINENCE = 8.0
# Part of the length by which a seam may miss the place where equal panels meet.
OFF_CENTRE = 0.012
# Panels that touch differ in size by less than this.
MIN_SHARE = 0.4
MAX_EQUAL = 6
# Pixels a panel has at least along and across; in a smaller picture a tube is as straight a step as a seam.
MIN_PANEL = 100
# Side in pixels of the thumbnails by which neighbours are compared.
THUMBNAIL = 24


def steps_along(lines: Grey) -> npt.NDArray[np.float32]:
    """Return for each position between lines (rows) how far a step there rises above the grain around it."""
    some = thinned(lines)
    step = np.zeros(some.shape, np.float32)
    step[2:-1] = cv2.absdiff(some[3:], some[:-3])
    stretches = np.stack([part.mean(axis=1) for part in np.array_split(step, STRETCHES, axis=1)], axis=1)
    around = np.ones(41, np.float32)
    around[17:24] = 0
    grain = cv2.filter2D(stretches, -1, (around / around.sum())[:, None], borderType=cv2.BORDER_REFLECT)
    risen = (stretches - grain) / (grain + GRAIN)
    return np.percentile(risen, WORST, axis=1).astype(np.float32)


def seams_in(lines: Grey, *, parts: int = 0) -> tuple[list[int], float]:
    """Return where panels that touch meet among lines (rows), and how plain that is, from 0 to 1.

    With `parts`, that many panels of one size are looked for and fainter steps are taken for their seams.
    """
    count = len(lines)
    if count < 2 * MIN_PANEL or lines.shape[1] < MIN_PANEL:
        return [], 0.0
    steps = steps_along(lines)
    floor = PROMINENCE * max(0.01, float(np.percentile(steps, 98)))
    best: tuple[list[int], float] = ([], 0.0)
    held = 1
    for number in [parts] if parts > 1 else range(2, MAX_EQUAL + 1):
        seams = _where_equal_panels_meet(steps, number)
        plain = _plainness(steps[seams], lines, number, floor, asked=parts > 1)
        # Where quarters meet halves do, too.
        if plain > best[1] or (plain and number % held == 0):
            best, held = (seams, plain), number
    if best[0] or parts > 1:
        return best
    margin = round(MIN_SHARE / (1 + MIN_SHARE) * count)
    seam = margin + int(np.argmax(steps[margin : count - margin]))
    found = steps[seam] >= max(STRONG_ANYWHERE, floor)
    return ([seam], min(0.9, float(steps[seam]))) if found else ([], 0.0)


def _where_equal_panels_meet(steps: npt.NDArray[np.float32], parts: int) -> list[int]:
    count = len(steps)
    reach = max(2, round(OFF_CENTRE * count))
    centres = [round(count * n / parts) for n in range(1, parts)]
    return [centre - reach + int(np.argmax(steps[centre - reach : centre + reach + 1])) for centre in centres]


def _plainness(heights: npt.NDArray[np.float32], lines: Grey, parts: int, floor: float, *, asked: bool) -> float:
    """Return how plainly steps of these heights part equal panels; 0 where they do not."""
    lowest, mean = float(heights.min()), float(heights.mean())
    if mean < floor and not asked:
        return 0.0
    if lowest >= STRONG:
        return min(1.0, 0.6 + lowest / 2)
    if lowest >= FAINT and mean >= STRONG:
        return 0.75
    # Two films of one tone leave no step where they meet; all other seams of the row tell of it.
    if parts > 2 and np.sort(heights)[1] >= STRONG:
        return 0.6
    if parts == 2 and lowest >= FAINT and _repeats(lines):
        return 0.5
    return 0.4 if asked and lowest >= FAINT / 2 else 0.0


def _repeats(lines: Grey) -> bool:
    """Tell whether the second half looks like the first again; that of one film looks like its mirror image."""
    small = cv2.resize(lines, (THUMBNAIL, 2 * THUMBNAIL), interpolation=cv2.INTER_AREA).astype(np.float32)
    first, second = small[:THUMBNAIL], small[THUMBNAIL:]
    again, mirrored = (np.corrcoef(first.ravel(), half.ravel())[0, 1] for half in (second, second[::-1]))
    return bool(again >= mirrored - 0.1)
