"""An article's text and figures out of the pages of its PDF, read in the process at hand and without limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.figures.boxes import Box
from pipelines.figures.captions import captions_in, panel_captions
from pipelines.figures.compound import seen
from pipelines.figures.kinds import Judged, judged_together
from pipelines.figures.mentions import mentions_of
from pipelines.records import Panel, TextBlock

if TYPE_CHECKING:
    from pipelines.figures.layout import Placed
    from pipelines.figures.pdf_pages.document import Page


# What a file of the picture alone does not show.
OVER = frozenset({"drawn over", "written over", "blended"})

_SCAN = "no page holds text (a scan): figures and captions cannot be told; have its text recognised (OCR) first"


@dataclass(frozen=True)
class CutFigure:
    """Hold one picture of a figure: its file, where it stands, what the article says of it, and what it shows.

    `bbox` is the picture's own box and `whole` that of the figure with all its pictures, in PDF points from the top
    left of `page` (from 1). `flags` say in what the file differs from the page. Where the page prints a letter by each
    picture, `letter` is this one's and `part` what the caption says of it. If asked for, `drawn` is a PNG of the
    picture with what is drawn over it, and `together`, on the first of several pictures, one of the whole figure.
    """

    data: bytes
    page: int
    bbox: Box
    whole: Box
    label: str = ""
    caption: str = ""
    mentions: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    kind: str = ""
    kind_confidence: float = 0.0
    letter: str = ""
    part: str = ""
    panels: list[Panel] = field(default_factory=list)
    drafted: list[Panel] = field(default_factory=list)
    drawn: bytes = b""
    together: bytes = b""


@dataclass(frozen=True)
class DrawnFigure:
    """Hold a figure that is drawn and no picture: its box in PDF points, None where nothing of it was found."""

    page: int
    bbox: Box | None
    label: str
    caption: str
    mentions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PdfArticle:
    """Hold what a PDF says: title, DOI and licence where it states them, text by block, figures, and what was lost."""

    title: str
    doi: str
    licence: str
    blocks: list[TextBlock]
    figures: list[CutFigure]
    drawings: list[DrawnFigure] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def article_at(path: Path, drawn: bool = False) -> PdfArticle:
    """Return a PDF's text and figures; raise `ValueError` with the reason where it cannot be read.

    With `drawn`, pictures come with drawings of what lies over them, and figures of several with one of the whole.
    """
    from pipelines.figures.layout import figures_of
    from pipelines.figures.pdf_pages.document import pdf_at
    from pipelines.figures.prose import blocks_of, doi_of, licence_stated, title_of, words_of

    pdf = pdf_at(path)
    words = words_of(pdf)
    captions = [captions_in(page.lines, words) for page in pdf.pages]
    blocks = blocks_of(pdf, words, captions)
    texts = [block.text for block in blocks]
    figures: list[CutFigure] = []
    drawings: list[DrawnFigure] = []
    faults = [*pdf.faults]
    for page, placed in figures_of(pdf.pages, captions):
        if placed.pictures:
            pictures = _judged_figure(list(_cut(placed, page, texts, faults)))
            figures.extend(_with_drawings(pictures, placed, path) if drawn else pictures)
        elif placed.caption:
            label, caption = placed.caption.label, placed.caption.text
            drawings.append(DrawnFigure(page.number, placed.drawing, label, caption, mentions_of(label, texts)))
    if not any(page.lines for page in pdf.pages) and any("whole page" in figure.flags for figure in figures):
        faults.append(_SCAN)
    return PdfArticle(title_of(pdf), doi_of(pdf), licence_stated(blocks), blocks, figures, drawings, faults)


def _cut(placed: "Placed", page: "Page", texts: Sequence[str], faults: list[str]) -> Iterator[CutFigure]:
    """Yield the pictures of one figure; one that cannot be decoded goes to `faults` and leaves the others."""
    from pipelines.figures.layout import letters_of
    from pipelines.figures.rasters import picture_of

    label, caption = (placed.caption.label, placed.caption.text) if placed.caption else ("", "")
    mentions = mentions_of(label, texts)
    told = {letter.lower(): text for letters, text in panel_captions(caption) for letter in letters}
    letters = letters_of(placed, page.lines)
    if set(letters) != set(told):
        # Without letters on the page, pictures are as many as letters are told of and stand in their order, or unnamed.
        letters = sorted(told) if len(told) == len(letters) > 1 and not any(letters) else [""] * len(letters)
    for picture, letter in zip(placed.pictures, letters, strict=True):
        try:
            cut = picture_of(picture.parts)
        except (ValueError, RuntimeError) as error:
            faults.append(f"page {page.number}, {label or 'a picture'}: it cannot be decoded ({error})")
            continue
        part = told.get(letter, "")
        shows = seen(cut.samples, label, caption, part, alone=len(placed.pictures) == 1)
        flags = {*picture.flags, *(flag for tile in picture.parts for flag in tile.flags), *shows.flags}
        yield CutFigure(
            data=cut.data,
            page=page.number,
            bbox=picture.box,
            whole=placed.box,
            label=label,
            caption=caption,
            mentions=mentions,
            flags=sorted(flags),
            kind=shows.kind,
            kind_confidence=shows.confidence,
            letter=letter,
            part=part,
            panels=shows.panels,
            drafted=shows.drafted,
        )


def _judged_figure(pictures: list[CutFigure]) -> list[CutFigure]:
    """Return the pictures of one figure, where one in doubt is taken for what all the others are."""
    judgements = judged_together([Judged(p.kind, p.kind_confidence) for p in pictures])  # type: ignore[arg-type]
    return [
        replace(picture, kind=one.kind, kind_confidence=one.confidence)
        for picture, one in zip(pictures, judgements, strict=True)
    ]


def _with_drawings(pictures: list[CutFigure], placed: "Placed", path: Path) -> list[CutFigure]:
    """Return the pictures of a figure with drawings of what lies over them, and of them all together."""
    from pipelines.figures.pdf_pages.document import picture_of_box
    from pipelines.figures.rasters import pictures_side_by_side, pixels_a_point

    scale = max(max(pixels_a_point(part)) for picture in placed.pictures for part in picture.parts)
    with_drawn = [
        replace(picture, drawn=picture_of_box(path, picture.page, picture.bbox, scale))
        if OVER & set(picture.flags)
        else picture
        for picture in pictures
    ]
    if len(pictures) < 2:
        return with_drawn
    side_by_side = pictures_side_by_side([part for picture in placed.pictures for part in picture.parts])
    together = side_by_side or picture_of_box(path, pictures[0].page, placed.box, scale)
    return [replace(with_drawn[0], together=together), *with_drawn[1:]]
