"""Which placed pictures of a page belong together, and to which caption."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.figures.boxes import Box, area, overlap, union
from pipelines.figures.captions import Caption, Line
from pipelines.figures.panels import in_reading_order
from pipelines.figures.pdf_pages.document import Page
from pipelines.figures.pdf_pages.samples import Placement
from pipelines.figures.rasters import is_askew, pixels_a_point

# Points. Tiles of one picture touch; a rounding in the typesetter leaves half a point at most.
TOUCHING = 0.5
# Tiles overlap rather than leave gaps; less than this of their rectangle filled, and they are pictures side by side.
FILLED = 0.98
# Tiles are cut from one picture, so their scales agree but for rounding.
SAME_SCALE = 0.03
# Points and pixels under which a picture is an icon, a rule or a publisher's mark.
MIN_POINTS = 36.0
MIN_PIXELS = 64
# A film among text is set smaller, but not in fewer pixels.
MIN_POINTS_OF_FILM = 24.0
MIN_PIXELS_OF_FILM = 256
# Tables hold icons and thumbnails; a film in one is shown at this size at least.
MIN_POINTS_IN_TABLE = 90.0
# A picture without a caption is a figure only if it takes this part of the page.
MIN_PART_OF_PAGE = 0.02
# Points between a picture and a caption over or beside it; under a grid of pictures it may stand further off.
MAX_DISTANCE = 90.0
# Points between the pictures of one figure.
MAX_GUTTER = 24.0
# What is drawn over more of the page than this is its background or its frame.
MAX_PART_OF_PAGE = 0.8
# Lines of running text between a picture and a caption mean that they do not belong together.
MAX_LINES_BETWEEN = 3

_LETTER = re.compile(r"^\(?(?P<letter>[A-Za-z])[).:]?$")


@dataclass
class Picture:
    """Hold placements that make one picture on a page (tiles, strips, or just one), in drawing order."""

    parts: list[Placement]
    flags: list[str] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """Return what is visible of it, in points."""
        return union([part.visible for part in self.parts])


@dataclass
class Placed:
    """Hold the pictures of one figure and its caption; None where no page has one for them.

    A figure without pictures is drawn: `drawing` is the box of its lines, None where none were found.
    """

    pictures: list[Picture]
    caption: Caption | None
    drawing: Box | None = None

    @property
    def box(self) -> Box:
        """Return the box around all its pictures, in points."""
        return union([picture.box for picture in self.pictures])


def figures_of(pages: Sequence[Page], captions: Sequence[Sequence[Caption]]) -> Iterator[tuple[Page, Placed]]:
    """Yield the figures of an article with their pages; `captions` are those of each page.

    A picture that takes a page for itself is given the caption of the page beside it that has no picture of its own.
    """
    logos = recurring(pages)
    placed = [placed_figures(page, pictures_on(page, logos), own) for page, own in zip(pages, captions, strict=True)]
    # A sentence that begins with a figure's label at a line's start repeats it.
    counted = Counter(caption.label.casefold() for own in captions for caption in own)
    for number, (page, own) in enumerate(zip(pages, captions, strict=True)):
        used = {id(figure.caption) for figure in placed[number]}
        for caption in own:
            if id(caption) in used or caption.is_table:
                continue
            drawing = drawing_of(page, caption, placed[number])
            alone = None if drawing else _uncaptioned(placed[max(0, number - 1) : number + 2])
            if alone is not None:
                alone.caption = caption
            elif drawing or counted[caption.label.casefold()] == 1:
                placed[number].append(Placed([], caption, drawing))
    for page, figures in zip(pages, placed, strict=True):
        for figure in figures:
            order = in_reading_order([picture.box for picture in figure.pictures])
            figure.pictures.sort(key=lambda picture: order.index(picture.box))
            yield page, figure


def drawing_of(page: Page, caption: Caption, placed: Sequence[Placed]) -> Box | None:
    """Return the box of what is drawn above a caption, or below one that nothing is drawn above; None where nothing.

    Lines of a drawing stand within a gutter of one another; what belongs to another figure is left alone.
    """
    taken = [figure.box for figure in placed if figure.pictures]
    boxes = [
        box
        for _, box in page.drawn
        if area(box) < MAX_PART_OF_PAGE * page.width * page.height and not any(overlap(box, t) > 0 for t in taken)
    ]
    for above in (True, False):
        grown = _grown_from(caption.box, boxes, above=above)
        if grown and min(grown[2] - grown[0], grown[3] - grown[1]) >= MIN_POINTS:
            return grown
    return None


def _grown_from(caption: Box, boxes: Sequence[Box], *, above: bool) -> Box | None:
    """Return the box around what is drawn on one side of a caption, taken in as long as it stands close by."""
    side = [box for box in boxes if (box[3] <= caption[1] + 6 if above else box[1] >= caption[3] - 6)]
    grown, reach = None, (caption[0], caption[1] - MAX_DISTANCE, caption[2], caption[3] + MAX_DISTANCE)
    while near := [box for box in side if _touch(box, reach)]:
        side = [box for box in side if not _touch(box, reach)]
        grown = union([*near, grown] if grown else near)
        reach = (grown[0] - MAX_GUTTER, grown[1] - MAX_GUTTER, grown[2] + MAX_GUTTER, grown[3] + MAX_GUTTER)
    return grown


def _touch(one: Box, other: Box) -> bool:
    # A rule has no area; its box is touched all the same.
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return across >= 0 and down >= 0


def _uncaptioned(pages: Sequence[Sequence[Placed]]) -> Placed | None:
    """Return the one large picture without a caption on neighbouring pages; None where there are several."""
    found = [figure for figures in pages for figure in figures if figure.caption is None]
    return found[0] if len(found) == 1 else None


def pictures_on(page: Page, logos: set[str]) -> list[Picture]:
    """Return the pictures of a page: tiles joined, marks that recur and what is too small to be a film left out."""
    shown = [p for p in page.placements if p.digest not in logos and "clipped to letters" not in p.flags]
    pictures = [Picture(parts) for parts in _tiled(shown)]
    kept = [picture for picture in pictures if _is_large(picture)]
    for picture in kept:
        picture.flags = _flags_of(picture, page)
    return kept


def placed_figures(page: Page, pictures: Sequence[Picture], captions: Sequence[Caption]) -> list[Placed]:
    """Return the figures of a page: each caption with the pictures that are its own, then the pictures left over."""
    owners = [_owner_of(picture, captions, page) for picture in pictures]
    for _ in pictures:
        owners = [_neighbour(i, pictures, owners) if owner is None else owner for i, owner in enumerate(owners)]
    owned: dict[int, list[Picture]] = {}
    for picture, owner in zip(pictures, owners, strict=True):
        if owner is not None:
            owned.setdefault(owner, []).append(picture)
    left = [picture for picture, owner in zip(pictures, owners, strict=True) if owner is None]
    figures = [Placed(members, captions[owner]) for owner, members in sorted(owned.items())]
    large = [p for p in left if area(p.box) >= MIN_PART_OF_PAGE * page.width * page.height]
    return figures + [Placed([picture], None) for picture in large]


def letters_of(placed: Placed, lines: Sequence[Line]) -> list[str]:
    """Return the letter printed by each picture of a figure; all blank unless each has one of its own."""
    none = [""] * len(placed.pictures)
    found: dict[int, list[str]] = {}
    for line in lines:
        letter = _LETTER.match(line.text)
        if letter is None:
            continue
        distances = [_distance(line.box, picture.box) for picture in placed.pictures]
        nearest = min(range(len(distances)), key=lambda i: distances[i])
        if distances[nearest] <= MAX_GUTTER:
            found.setdefault(nearest, []).append(letter["letter"].lower())
    letters = [found.get(i, []) for i in range(len(placed.pictures))]
    if any(len(own) != 1 for own in letters) or len({own[0] for own in letters}) < len(letters):
        return none
    return [own[0] for own in letters]


def recurring(pages: Sequence[Page]) -> set[str]:
    """Return the digests of pictures drawn on three pages or more: logos and publishers' marks."""
    seen: dict[str, set[int]] = {}
    for page in pages:
        for placement in page.placements:
            seen.setdefault(placement.digest, set()).add(page.number)
    return {digest for digest, numbers in seen.items() if len(numbers) >= 3}


def _tiled(placements: Sequence[Placement]) -> list[list[Placement]]:
    """Return placements in groups that are tiles of one picture: they touch at one scale and fill a rectangle."""
    groups: list[list[Placement]] = []
    for placement in placements:
        touching = [group for group in groups if any(_are_tiles(placement, other) for other in group)]
        merged = [other for group in touching for other in group] + [placement]
        groups = [group for group in groups if group not in touching] + [merged]
    whole = [[group] if _fills_a_rectangle(group) else [[member] for member in group] for group in groups]
    return [sorted(group, key=lambda p: p.order) for split in whole for group in split]


def _are_tiles(one: Placement, other: Placement) -> bool:
    if is_askew(one.matrix) or is_askew(other.matrix):
        return False
    (ax, ay), (bx, by) = pixels_a_point(one), pixels_a_point(other)
    # A strip of one or two rows has no scale of its own to compare.
    thin = min(one.size + other.size) <= 4
    if not thin and (abs(ax - bx) > SAME_SCALE * max(ax, bx) or abs(ay - by) > SAME_SCALE * max(ay, by)):
        return False
    a, b = one.visible, other.visible
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    width, height = min(a[2] - a[0], b[2] - b[0]), min(a[3] - a[1], b[3] - b[1])
    stacked = across > 0.5 * width and -TOUCHING <= down <= 0.5 * height
    in_row = down > 0.5 * height and -TOUCHING <= across <= 0.5 * width
    return stacked or in_row


def _fills_a_rectangle(group: Sequence[Placement]) -> bool:
    return sum(area(part.visible) for part in group) >= FILLED * area(union([part.visible for part in group]))


def _is_large(picture: Picture) -> bool:
    left, top, right, bottom = picture.box
    pixels = [part.size for part in picture.parts]
    wide = max(w for w, _ in pixels) if len(pixels) == 1 else MIN_PIXELS
    high = max(h for _, h in pixels) if len(pixels) == 1 else MIN_PIXELS
    side = min(right - left, bottom - top)
    film = len(pixels) == 1 and min(wide, high) >= MIN_PIXELS_OF_FILM and side >= MIN_POINTS_OF_FILM
    return film or (side >= MIN_POINTS and min(wide, high) >= MIN_PIXELS)


def _flags_of(picture: Picture, page: Page) -> list[str]:
    flags = {flag for part in picture.parts for flag in part.flags}
    if any(is_askew(part.matrix) for part in picture.parts):
        flags.add("set askew")
    last = max(part.order for part in picture.parts)
    if any(order > last and _lies_on(box, picture.box) for order, box in page.drawn):
        flags.add("drawn over")
    if any(_lies_on(line.box, picture.box) for line in page.lines):
        flags.add("written over")
    if area(picture.box) > 0.9 * page.width * page.height:
        flags.add("whole page")
    return sorted(flags)


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    down = max(one[1] - other[3], other[1] - one[3], 0.0)
    return float((across**2 + down**2) ** 0.5)


def _lies_on(mark: Box, picture: Box) -> bool:
    """Tell whether most of a mark lies on a picture; a rule drawn as a line has an area, too."""
    wide = (mark[0] - 0.5, mark[1] - 0.5, mark[2] + 0.5, mark[3] + 0.5)
    return overlap(wide, picture) > 0.5 * area(wide)


def _owner_of(picture: Picture, captions: Sequence[Caption], page: Page) -> int | None:
    """Return the index of the caption a picture belongs to: the nearest, below rather than above or beside."""
    left, top, right, bottom = picture.box
    small = min(right - left, bottom - top) < MIN_POINTS_IN_TABLE
    open_to = [(i, caption) for i, caption in enumerate(captions) if not (caption.is_table and small)]
    costs = {i: cost for i, caption in open_to if (cost := _cost(picture.box, caption, page)) is not None}
    return min(costs, key=lambda i: costs[i]) if costs else None


def _neighbour(index: int, pictures: Sequence[Picture], owners: Sequence[int | None]) -> int | None:
    """Return the caption of a picture in the same row or column: a short caption stands under the first one only."""
    box = pictures[index].box
    for picture, owner in zip(pictures, owners, strict=True):
        if owner is None:
            continue
        other = picture.box
        across = min(box[2], other[2]) - max(box[0], other[0])
        down = min(box[3], other[3]) - max(box[1], other[1])
        in_row = down > 0.8 * max(box[3] - box[1], other[3] - other[1]) and -across <= MAX_GUTTER
        in_column = across > 0.8 * max(box[2] - box[0], other[2] - other[0]) and -down <= MAX_GUTTER
        if in_row or in_column:
            return owner
    return None


def _cost(box: Box, caption: Caption, page: Page) -> float | None:
    across = min(box[2], caption.box[2]) - max(box[0], caption.box[0])
    down = min(box[3], caption.box[3]) - max(box[1], caption.box[1])
    half_line = 6.0
    if across > 0 and caption.box[1] >= box[3] - half_line:
        gap, penalty = caption.box[1] - box[3], 60.0 if caption.is_table else 0.0
        between = _lines_between(page.lines, (box[0], box[3], box[2], caption.box[1]))
    elif across > 0 and box[1] >= caption.box[3] - half_line:
        gap, penalty = box[1] - caption.box[3], 0.0 if caption.is_table else 40.0
        between = _lines_between(page.lines, (box[0], caption.box[3], box[2], box[1]))
    elif down > 0:
        gap = max(caption.box[0] - box[2], box[0] - caption.box[2], 0.0)
        penalty, between = 20.0, 0
    else:
        return None
    if between > MAX_LINES_BETWEEN or (penalty and not caption.is_table and gap > MAX_DISTANCE):
        return None
    return gap + penalty


def _lines_between(lines: Sequence[Line], box: Box) -> int:
    """Count lines of running text in a box: long ones, not a panel's letter or an axis."""
    return sum(1 for line in lines if len(line.text) > 40 and overlap(line.box, box) > 0.5 * area(line.box))
