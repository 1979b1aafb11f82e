"""A PDF opened, read page by page, and its pages drawn for a person to look at.

Boxes are (left, top, right, bottom) in PDF points from the top left of the page as it is shown, rotation included.
"""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF ships types for a part of itself only.

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf
from ftfy.fixes import fix_latin_ligatures, remove_control_chars
from pymupdf import mupdf

from pipelines.figures.boxes import Box
from pipelines.figures.captions import Line
from pipelines.figures.pdf_pages.drawing import DAMAGED, drawn_by
from pipelines.figures.pdf_pages.samples import Placement

MAX_PAGES = 1_000
# Pixels of the longer side of a figure drawn for a person to look at.
MAX_DRAWN_SIDE = 3_000


class ClosedDocument(ValueError):  # noqa: N818
    """Report that a file is no PDF that can be read; the message says why."""


@dataclass
class Page:
    """Hold what one page shows: number from 1, size in points, pictures, lines of text, boxes of drawings over them."""

    number: int
    width: float
    height: float
    placements: list[Placement]
    lines: list[Line]
    drawn: list[tuple[int, Box]]


@dataclass
class Pdf:
    """Hold what a PDF says of itself (its information dictionary and XMP packet), its pages, and what of it is lost."""

    information: dict[str, str]
    xmp: str
    pages: list[Page]
    faults: list[str] = field(default_factory=list)


def pdf_at(path: Path) -> Pdf:
    """Return a PDF read page by page; raise `ClosedDocument` with the reason where it cannot be read."""
    with _opened(path) as document:
        information = {key: value for key, value in (document.metadata or {}).items() if isinstance(value, str)}
        faults: list[str] = []
        pages = list(_pages(document, faults))
        if not pages:
            raise ClosedDocument(f"it is damaged ({faults[0]}); fetch it anew")
        if _has_untransformed_colours(document):
            for placement in (placement for page in pages for placement in page.placements):
                placement.untransformed = True
        return Pdf(information, document.get_xml_metadata(), pages, faults)


def _has_untransformed_colours(document: Any) -> bool:
    """Tell whether a JPEG's colours may be other in this file than by its own bytes (PDF 32000-1, table 13)."""
    for number in range(1, document.xref_length()):
        try:
            if "ColorTransform" in document.xref_get_key(number, "DecodeParms")[1]:
                return True
        except DAMAGED:
            continue
    return False


@dataclass(frozen=True)
class PagePicture:
    """Hold one page as a person sees it: a PNG, the page's size in points, and how many pages the file has."""

    png: bytes
    width: float
    height: float
    pages: int


def picture_of_page(path: Path, number: int, longest: int) -> PagePicture:
    """Return page `number` (from 1) drawn with at most `longest` pixels a side; raise `ClosedDocument`."""
    with _opened(path) as document:
        if not 1 <= number <= document.page_count:
            raise ClosedDocument(f"it has {document.page_count} pages, and no page {number}")
        page = document[number - 1]
        width, height = page.rect.width, page.rect.height
        scale = longest / max(width, height, 1)
        # What a person may fill in or has marked is no part of the article.
        drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, annots=False)
        return PagePicture(drawn.tobytes("png"), width, height, document.page_count)


def picture_of_box(path: Path, number: int, box: Box, scale: float) -> bytes:
    """Return a PNG of what page `number` (from 1) shows in a box, drawn at `scale` pixels a point, or less."""
    with _opened(path) as document:
        page = document[number - 1]
        scale = min(scale, MAX_DRAWN_SIDE / max(box[2] - box[0], box[3] - box[1], 1.0))
        drawn = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), clip=pymupdf.Rect(box), alpha=False, annots=False)
        return bytes(drawn.tobytes("png"))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    if not path.stat().st_size:
        raise ClosedDocument("it is empty")
    try:
        document = pymupdf.open(path, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise ClosedDocument("it is no PDF, or damaged beyond repair; fetch it anew") from error
    with document:
        if not document.is_pdf:
            raise ClosedDocument("it is no PDF but another kind of file")
        if document.needs_pass and not document.authenticate(""):
            raise ClosedDocument("it is encrypted and asks for a password; save a copy without one")
        if document.page_count == 0:
            raise ClosedDocument("it has no pages, or breaks off before the list of them; fetch it anew")
        if document.page_count > MAX_PAGES:
            raise ClosedDocument(f"it has {document.page_count} pages, more than {MAX_PAGES}; cut out the article")
        try:
            yield document
        except mupdf.FzErrorBase as error:
            # MuPDF's own errors cannot be handed on from one process to another.
            raise ClosedDocument(f"it is damaged ({error}); fetch it anew") from None


def _pages(document: Any, faults: list[str]) -> Iterator[Page]:
    """Yield the pages; one that cannot be read, and one that was read in part, goes to `faults`."""
    for number in range(1, document.page_count + 1):
        try:
            yield _page(document[number - 1], number, faults)
        except DAMAGED as error:
            faults.append(f"page {number} cannot be read ({error})")


def _page(page: Any, number: int, faults: list[str]) -> Page:
    seen = drawn_by(page)
    if seen.damage is not None:
        faults.append(f"page {number} is read in part ({seen.damage})")
    return Page(number, page.rect.width, page.rect.height, seen.placements, list(_lines(page)), seen.drawn)


def _lines(page: Any) -> Iterator[Line]:
    flags = pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_PRESERVE_WHITESPACE  # ligatures are taken apart
    rotation = page.rotation_matrix if page.rotation else None
    for block_number, block in enumerate(page.get_text("dict", flags=flags)["blocks"]):
        for line_number, line in enumerate(block.get("lines", ())):
            spans = [span for span in line["spans"] if span["text"].strip()]
            if not spans:
                continue
            text = _clean("".join(span["text"] for span in line["spans"])).strip()
            size = max(spans, key=lambda span: len(span["text"]))["size"]
            bold = bool(spans[0]["flags"] & pymupdf.TEXT_FONT_BOLD) or "bold" in spans[0]["font"].lower()
            box = tuple(pymupdf.Rect(line["bbox"]) * rotation) if rotation else line["bbox"]
            yield Line(text, box, size, bold, block_number, line_number == 0)


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # MuPDF takes ligatures apart only where the font names them so; fonts also map glyphs to control bytes.
    return remove_control_chars(fix_latin_ligatures(text)).replace("\u00ad", "-")
