"""What the pages of a PDF draw, and their text: the one module that imports PyMuPDF (AGPL).

Boxes are (left, top, right, bottom) in PDF points from the top left of the page as it is shown, rotation included.
"""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF ships types for a part of itself only.

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pymupdf
from ftfy.fixes import fix_latin_ligatures, remove_control_chars
from pymupdf import mupdf

from pipelines.figures.boxes import Box, holds, meet
from pipelines.figures.captions import Line
from pipelines.figures.rasters import Samples, deep_grey_in, on_white, painted

# A page of a thesis holds some hundred pictures; a page with more drawing steps than this is a plot.
MAX_STEPS = 20_000
MAX_PAGES = 1_000
# 300 Mpx of RGB is 0.9 GB; the largest film known here has 6 Mpx.
MAX_PIXELS = 300_000_000
# Pixels of the longer side of a figure drawn for a person to look at.
MAX_DRAWN_SIDE = 3_000
# JPEG leaves such traces in the colour inks of a picture that is black alone.
MAX_COLOUR_NOISE = 8

_CUT_SHORT = re.compile(r"truncated|padding|premature|corrupt|incomplete|error", re.IGNORECASE)
# The SIZ marker of JPEG 2000 (ISO/IEC 15444-1, A.5.1): the last byte is the depth of the first component less one.
_JPX_SIZE = re.compile(rb"\xff\x4f\xff\x51.{38}(.)", re.DOTALL)
_BLACK_INK = re.compile(r"\b(?:Black|All)\)$")
_DAMAGED = (mupdf.FzErrorBase, RuntimeError)


class ClosedDocument(ValueError):  # noqa: N818
    """Report that a file is no PDF that can be read; the message says why."""


@dataclass(eq=False)
class Placement:
    """Hold one picture where a page draws it: unit square to page by `matrix`, and the box that is left visible."""

    image: Any
    matrix: tuple[float, float, float, float, float, float]
    box: Box
    visible: Box
    order: int
    flags: list[str] = field(default_factory=list)
    opaque: bool = True
    ink: int | None = None
    untransformed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the stored samples in pixels."""
        return self.image.w(), self.image.h()

    @cached_property
    def digest(self) -> str:
        """Return a digest of the stored bytes, so that a logo is known on every page."""
        return hashlib.md5(self._stored() or repr(self.image.m_internal).encode(), usedforsecurity=False).hexdigest()

    def jpeg(self) -> bytes | None:
        """Return the original JPEG where its bytes alone are what the page shows; None where they are not."""
        image = self.image
        if mupdf.fz_compressed_image_type(image) != mupdf.FZ_IMAGE_JPEG or image.n() not in (1, 3):
            return None
        if image.use_decode() or image.use_colorkey() or _is_ink(image.colorspace()):
            return None
        if self.untransformed and image.n() == 3:
            return None
        return None if self._is_masked() else self._stored()

    def samples(self) -> Samples:
        """Return the samples as stored: grey (h, w) or RGB (h, w, 3), 8 or 16 bits, masks laid on white paper.

        Raises `ValueError` where there are too many to be a picture.
        """
        width, height = self.size
        if width * height > MAX_PIXELS:
            raise ValueError(f"{width} x {height} pixels")
        pymupdf.TOOLS.reset_mupdf_warnings()
        samples = self._laid_on_paper(width, height)
        if _CUT_SHORT.search(pymupdf.TOOLS.mupdf_warnings()):
            self.flags.append("data cut short")
        if samples.dtype == np.uint8 and self._stored_bits() > 8:
            self.flags.append("reduced to 8 bits")
        if samples.ndim == 3 and mupdf.fz_colorspace_is_cmyk(self.image.colorspace()):
            self.flags.append("colours converted from CMYK")
        return samples

    def _laid_on_paper(self, width: int, height: int) -> Samples:
        if self.ink is not None:
            return painted(_pixmap(self.image)[..., -1], self.ink)
        deep = self._deep_samples(width, height) if self._stored_bits() > 8 else None
        if deep is not None:
            return deep
        base = _pixmap(self.image)
        if self.image.use_colorkey() and base.shape[2] in (2, 4):
            base = on_white(base[..., :-1], base[..., -1])
        elif base.shape[2] in (2, 4):
            base = base[..., :-1]
        mask = self.image.mask()
        if mask.m_internal:
            base = on_white(base, _pixmap(mask)[..., -1])
        grey = base.shape[2] == 1 or all(_is_grey(part) for part in (base[::16, ::16], base))
        return np.ascontiguousarray(base[..., 0] if grey else base)

    def _deep_samples(self, width: int, height: int) -> npt.NDArray[np.uint16] | None:
        """Return all 16 bits, which MuPDF's own pixmaps cut to 8; None where a mask or palette is to be applied."""
        image = self.image
        if image.n() not in (1, 3) or image.use_colorkey() or _is_ink(image.colorspace()) or self._is_masked():
            return None
        if mupdf.fz_compressed_image_type(image) == mupdf.FZ_IMAGE_JPX:
            deep = deep_grey_in(self._stored() or b"")
            return 65535 - deep if deep is not None and image.use_decode() else deep
        if mupdf.fz_compressed_image_type(image) == mupdf.FZ_IMAGE_JPEG:
            return None
        stream, _ = mupdf.fz_open_image_decomp_stream_from_buffer(mupdf.fz_compressed_image_buffer(image))
        raw = _bytes(mupdf.fz_read_all(stream, 0))
        needed = width * height * image.n() * 2
        if len(raw) < needed:
            return None
        deep = np.frombuffer(raw[:needed], ">u2").astype(np.uint16).reshape(height, width, image.n())
        if image.use_decode():
            deep = 65535 - deep
        return deep[..., 0] if image.n() == 1 else deep

    def _is_masked(self) -> bool:
        mask = self.image.mask()
        return bool(mask.m_internal and (_pixmap(mask) < 255).any())

    def _stored_bits(self) -> int:
        """Return the bits of a sample as stored; MuPDF tells those of JPEG 2000 after it has cut them to 8."""
        if mupdf.fz_compressed_image_type(self.image) != mupdf.FZ_IMAGE_JPX:
            return int(self.image.bpc())
        size = _JPX_SIZE.search(self._stored() or b"")
        return (size[1][0] & 0x7F) + 1 if size else 8

    def _stored(self) -> bytes | None:
        buffer = mupdf.fz_compressed_image_buffer(self.image)
        return _bytes(mupdf.FzBuffer(mupdf.ll_fz_keep_buffer(buffer.m_internal.buffer))) if buffer.m_internal else None


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
        except _DAMAGED:
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
        except _DAMAGED as error:
            faults.append(f"page {number} cannot be read ({error})")


def _page(page: Any, number: int, faults: list[str]) -> Page:
    drawing = _Drawing(tuple(page.rect))
    try:
        mupdf.fz_run_page(page.this, drawing, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(drawing)
    except _DAMAGED as error:
        faults.append(f"page {number} is read in part ({error})")
        for placement in drawing.placements:
            placement.flags.append("page damaged")
    shown = [p for p in drawing.placements if not drawing.hides(p)]
    return Page(number, page.rect.width, page.rect.height, shown, list(_lines(page)), drawing.drawn)


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


class _Drawing(mupdf.FzDevice2):  # type: ignore[misc]  # PyMuPDF is untyped
    """Take down what a page draws, in order, with the clips that hold at the time."""

    _WATCHED: ClassVar = (
        "fill_image", "fill_image_mask", "fill_path", "stroke_path", "fill_shade", "clip_path",
        "clip_stroke_path", "clip_text", "clip_stroke_text", "clip_image_mask", "pop_clip", "begin_mask", "end_mask",
        "begin_group", "end_group",
    )  # fmt: skip

    def __init__(self, page: Box) -> None:
        super().__init__()
        self.placements: list[Placement] = []
        self.drawn: list[tuple[int, Box]] = []
        self._covers: list[tuple[int, Box]] = []
        self._clips: list[tuple[Box, str]] = [(page, "")]
        self._groups: list[str] = []
        self._steps = 0
        for name in self._WATCHED:
            getattr(self, f"use_virtual_{name}")()

    def hides(self, placement: Placement) -> bool:
        """Tell whether something opaque was drawn over the whole picture later."""
        return any(order > placement.order and holds(box, placement.visible) for order, box in self._covers)

    def fill_image(self, ctx: Any, image: Any, ctm: Any, alpha: float, params: Any) -> None:
        self._place(image, ctm, alpha, None)

    def fill_image_mask(
        self, ctx: Any, image: Any, ctm: Any, space: Any, color: Any, alpha: float, params: Any
    ) -> None:
        self._place(image, ctm, alpha, _grey_of(space, color))

    def fill_path(
        self, ctx: Any, path: Any, even_odd: Any, ctm: Any, space: Any, color: Any, alpha: float, params: Any
    ) -> None:
        box = self._draw(mupdf.ll_fz_bound_path(path, None, ctm))
        if box and alpha == 1.0 and mupdf.ll_fz_path_is_rect(path, ctm) and not self._groups:
            self._covers.append((self._steps, box))

    def stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, *rest: Any) -> None:
        self._draw(mupdf.ll_fz_bound_path(path, stroke, ctm))

    def fill_shade(self, ctx: Any, shade: Any, ctm: Any, alpha: float, params: Any) -> None:
        self._draw(mupdf.ll_fz_bound_shade(shade, ctm))

    def clip_path(self, ctx: Any, path: Any, even_odd: Any, ctm: Any, scissor: Any) -> None:
        shaped = "" if mupdf.ll_fz_path_is_rect(path, ctm) else "clipped to a shape"
        self._clip(mupdf.ll_fz_bound_path(path, None, ctm), shaped)

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_bound_path(path, stroke, ctm), "clipped to a shape")

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_bound_text(text, None, ctm), "clipped to letters")

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_bound_text(text, stroke, ctm), "clipped to letters")

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        # A picture's own soft mask comes this way as well, and is applied with its samples.
        self._clip(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm), "")

    def pop_clip(self, ctx: Any) -> None:
        if len(self._clips) > 1:
            self._clips.pop()

    def begin_mask(self, ctx: Any, area: Any, *rest: Any) -> None:
        self._groups.append("behind a mask")

    def end_mask(self, ctx: Any, *rest: Any) -> None:
        # What follows is drawn through the mask, until the clip it leaves is taken away.
        if self._groups:
            self._groups.pop()
        self._clips.append((self._clips[-1][0], "behind a mask"))

    def begin_group(
        self, ctx: Any, area: Any, space: Any, isolated: Any, knockout: Any, blend: int, alpha: float
    ) -> None:
        self._groups.append("blended" if blend or alpha < 1.0 else "")

    def end_group(self, ctx: Any) -> None:
        if self._groups:
            self._groups.pop()

    def _place(self, image: Any, ctm: Any, alpha: float, ink: int | None) -> None:
        self._steps += 1
        box = _box(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm))
        clip, _ = self._clips[-1]
        visible = meet(box, clip)
        if visible is None or self._steps > MAX_STEPS:
            return
        held = mupdf.FzImage(mupdf.ll_fz_keep_image(image))
        flags = {name for _, name in self._clips} | set(self._groups) | {"blended" if alpha < 1.0 else ""}
        matrix = (ctm.a, ctm.b, ctm.c, ctm.d, ctm.e, ctm.f)
        opaque = ink is None and not held.mask().m_internal and not held.use_colorkey() and flags == {""}
        placement = Placement(held, matrix, box, visible, self._steps, sorted(flags - {""}), opaque, ink)
        self.placements.append(placement)
        if opaque:
            self._covers.append((self._steps, visible))

    def _draw(self, rect: Any) -> Box | None:
        self._steps += 1
        box = meet(_box(rect), self._clips[-1][0]) if self._steps <= MAX_STEPS else None
        if box:
            self.drawn.append((self._steps, box))
        return box

    def _clip(self, rect: Any, flag: str) -> None:
        here, _ = self._clips[-1]
        self._clips.append((meet(here, _box(rect)) or (0.0, 0.0, 0.0, 0.0), flag))


def _box(rect: Any) -> Box:
    return rect.x0, rect.y0, rect.x1, rect.y1


def _is_ink(space: Any) -> bool:
    """Tell whether samples count ink and not light: a separation, where a high value is dark, or Lab."""
    if not space.m_internal:
        return False
    return bool(
        mupdf.fz_colorspace_is_device_n(space)
        or mupdf.fz_colorspace_is_lab(space)
        or mupdf.fz_colorspace_is_indexed(space)
    )


def _grey_of(space: Any, color: Any) -> int:
    """Return how light the colour is that a stencil is painted with: 0 black, 255 white."""
    held = mupdf.FzColorspace(mupdf.ll_fz_keep_colorspace(space)) if space else mupdf.FzColorspace()
    if not held.m_internal:
        return 0
    values = [float(mupdf.floats_getitem(color, i)) for i in range(mupdf.fz_colorspace_n(held))]
    if len(values) == 4:
        return round(255 * (1 - min(1.0, sum(values[:3]) / 3 + values[3])))
    return round(255 * sum(values) / len(values))


def _pixmap(image: Any) -> npt.NDArray[np.uint8]:
    """Return an image's samples (h, w, channels, alpha last) with its /Decode and palette applied, inks as light.

    Where black is the only ink its samples are kept, turned round: the page's own tone goes through a press profile,
    which is up to 46 grey levels off the film that was handed to the printer.
    """
    pixmap = pymupdf.Pixmap("raw", mupdf.fz_get_unscaled_pixmap_from_image(image))
    samples, space = _channels(pixmap), pixmap.colorspace
    if space is None or (space.n in (1, 3) and not _is_ink(image.colorspace())):
        return samples
    if space.n == 1 and _BLACK_INK.search(str(space.name)):
        return np.concatenate([255 - samples[..., :1], samples[..., 1:]], axis=2)
    if space.n == 4 and samples[..., :3].max(initial=0) <= MAX_COLOUR_NOISE:
        return np.concatenate([255 - samples[..., 3:4], samples[..., 4:]], axis=2)
    return _channels(pymupdf.Pixmap(pymupdf.csRGB, pixmap))


def _is_grey(base: npt.NDArray[np.uint8]) -> bool:
    return np.array_equal(base[..., 0], base[..., 1]) and np.array_equal(base[..., 0], base[..., 2])


def _channels(pixmap: Any) -> npt.NDArray[np.uint8]:
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return rows[:, : pixmap.width * pixmap.n].reshape(pixmap.height, pixmap.width, pixmap.n)


def _bytes(buffer: Any) -> bytes:
    return bytes(mupdf.fz_buffer_extract_copy(buffer)) if buffer.m_internal else b""
