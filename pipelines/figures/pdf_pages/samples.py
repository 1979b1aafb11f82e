"""A picture where a page draws it, and its samples as the page shows them: unmasked, inks as light, all their bits."""

# mypy: disable-error-code="no-untyped-call"
# PyMuPDF ships types for a part of itself only.

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pymupdf
from pymupdf import mupdf

from pipelines.figures.boxes import Box
from pipelines.figures.rasters import Samples, deep_grey_in, on_white, painted

# 300 Mpx of RGB is 0.9 GB; the largest film known here has 6 Mpx.
MAX_PIXELS = 300_000_000
# JPEG leaves such traces in the colour inks of a picture that is black alone.
MAX_COLOUR_NOISE = 8

_CUT_SHORT = re.compile(r"truncated|padding|premature|corrupt|incomplete|error", re.IGNORECASE)
# The SIZ marker of JPEG 2000 (ISO/IEC 15444-1, A.5.1): the last byte is the depth of the first component less one.
_JPX_SIZE = re.compile(rb"\xff\x4f\xff\x51.{38}(.)", re.DOTALL)
_BLACK_INK = re.compile(r"\b(?:Black|All)\)$")


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


def grey_of(space: Any, color: Any) -> int:
    """Return how light the colour is that a stencil is painted with: 0 black, 255 white."""
    held = mupdf.FzColorspace(mupdf.ll_fz_keep_colorspace(space)) if space else mupdf.FzColorspace()
    if not held.m_internal:
        return 0
    values = [float(mupdf.floats_getitem(color, i)) for i in range(mupdf.fz_colorspace_n(held))]
    if len(values) == 4:
        return round(255 * (1 - min(1.0, sum(values[:3]) / 3 + values[3])))
    return round(255 * sum(values) / len(values))


def _is_ink(space: Any) -> bool:
    """Tell whether samples count ink and not light: a separation, where a high value is dark, or Lab."""
    if not space.m_internal:
        return False
    return bool(
        mupdf.fz_colorspace_is_device_n(space)
        or mupdf.fz_colorspace_is_lab(space)
        or mupdf.fz_colorspace_is_indexed(space)
    )


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
