"""What a page draws, taken down as MuPDF draws it: pictures with the clips, masks and covers that hold of each."""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF ships types for a part of itself only.

from dataclasses import dataclass
from typing import Any, ClassVar

from pymupdf import mupdf

from pipelines.figures.boxes import Box, holds, meet
from pipelines.figures.pdf_pages.samples import Placement, grey_of

# A page of a thesis holds some hundred pictures; a page with more drawing steps than this is a plot.
MAX_STEPS = 20_000

DAMAGED = (mupdf.FzErrorBase, RuntimeError)


@dataclass(frozen=True)
class Drawn:
    """Hold what a page draws: pictures not hidden, boxes of drawings with their order; where it broke off, `damage`."""

    placements: list[Placement]
    drawn: list[tuple[int, Box]]
    damage: str | None = None


def drawn_by(page: Any) -> Drawn:
    """Return what a page draws; of a damaged one what came before the damage, each picture with a flag."""
    drawing, damage = _Drawing(tuple(page.rect)), None
    try:
        mupdf.fz_run_page(page.this, drawing, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(drawing)
    except DAMAGED as error:
        damage = str(error)
        for placement in drawing.placements:
            placement.flags.append("page damaged")
    return Drawn([p for p in drawing.placements if not drawing.hides(p)], drawing.drawn, damage)


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
        self._place(image, ctm, alpha, grey_of(space, color))

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
