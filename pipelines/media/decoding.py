"""Decode a kept picture as it is to be seen: upright, within limits, at its true depth."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipelines.media.limits import MAX_BYTES, MAX_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

_PNG_WITH_CHANNELS = {2, 4, 6}  # colour types RGB, grey with alpha, RGB with alpha (PNG specification, table 11.1)
_WHITE_IS_ZERO = 0  # PhotometricInterpretation, TIFF 6.0 section 8
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262


class Undecodable(ValueError):  # noqa: N818 - an outcome to expect, as KeyError's kin are not
    """Say why a file gives no pixels."""


def pixels_of(data: bytes, at_least: int = 0) -> Pixels:
    """Return a picture's pixels, turned upright as its EXIF tag asks: uint8 or uint16, (h, w) or (h, w, channels).

    Two channels are grey and opacity, three RGB, four RGB and opacity; of several frames the first is taken, and the
    values of a TIFF whose zero is white are turned over. With `at_least` a large JPEG may come smaller, its sides that
    many pixels or more, which is several times faster. Raise `Undecodable` for what is no picture, is damaged or
    exceeds the limits.
    """
    with _opened(data) as picture:
        if at_least:
            picture.draft(None, (at_least, at_least))
        return _upright(data, picture)


def size_of(data: bytes) -> tuple[int, int]:
    """Return a picture's upright width and height without decoding it; raise `Undecodable` as `pixels_of` does."""
    with _opened(data) as picture:
        width, height = picture.size
        return (height, width) if _orientation(picture) >= 5 else (width, height)


@contextmanager
def _opened(data: bytes) -> Iterator["Picture"]:
    from PIL import Image, UnidentifiedImageError

    if len(data) > MAX_BYTES:
        raise Undecodable(f"the file has {len(data):,} bytes, more than the {MAX_BYTES:,} allowed")
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Undecodable(f"too large to decode: {picture.width} x {picture.height} pixels")
            yield picture
    except UnidentifiedImageError:
        raise Undecodable("not a picture that can be read") from None
    except Image.DecompressionBombError as error:
        raise Undecodable(str(error)) from None
    except (OSError, SyntaxError, EOFError, struct.error) as error:
        raise Undecodable(f"damaged picture: {error}") from error


def _orientation(picture: "Picture") -> int:
    from PIL import ExifTags

    return int(picture.getexif().get(ExifTags.Base.Orientation, 1))


def _upright(data: bytes, picture: "Picture") -> Pixels:
    from PIL import ImageOps

    if not _has_deep_channels(data, picture):
        return _samples(picture, ImageOps.exif_transpose(picture))
    return _turned(_deep_channels(data), _orientation(picture))


def _samples(picture: "Picture", upright: "Picture") -> Pixels:
    if upright.mode.startswith(("I", "F")):
        return _sixteen_bits(np.asarray(upright), turned_over=_white_is_zero(picture))
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    elif upright.mode == "1":
        upright = upright.convert("L")
    elif upright.mode not in ("L", "LA", "RGB", "RGBA"):
        upright = upright.convert("RGBA" if upright.mode in ("PA", "La", "RGBa") else "RGB")
    return np.asarray(upright)


def _sixteen_bits(samples: npt.NDArray[np.generic], *, turned_over: bool) -> npt.NDArray[np.uint16]:
    """Return deep samples unchanged where 16 bits hold them, else spread over the 16 bits by their extremes."""
    if samples.dtype.kind == "f" or samples.min() < 0 or samples.max() > 65535:
        real = np.nan_to_num(samples.astype(np.float64))
        low, high = float(real.min()), float(real.max())
        samples = np.rint((real - low) * (65535 / max(high - low, 1e-9)))
    deep = samples.astype(np.uint16)
    return 65535 - deep if turned_over else deep


def _white_is_zero(picture: "Picture") -> bool:
    # Pillow turns over 8-bit samples itself and leaves 16-bit ones as they are.
    return picture.format == "TIFF" and picture.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO  # type: ignore[attr-defined]


def _has_deep_channels(data: bytes, picture: "Picture") -> bool:
    """Tell whether a file holds colours or opacity at 16 bits, which Pillow would cut to 8."""
    if picture.format == "PNG":
        return data[24] == 16 and data[25] in _PNG_WITH_CHANNELS
    if picture.format == "TIFF":
        stated = picture.tag_v2.get(_BITS_PER_SAMPLE, 1)  # type: ignore[attr-defined]
        return isinstance(stated, tuple) and len(stated) > 1 and max(stated) == 16
    return False


def _deep_channels(data: bytes) -> Pixels:
    import cv2  # slow to load, and few files ask for it

    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise Undecodable("colours of 16 bits that no decoder here can read")
    # OpenCV gives colours as BGR, and grey with opacity as three greys with opacity.
    return np.ascontiguousarray(found[..., [2, 1, 0, 3][: found.shape[2]]], np.uint16)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """Return the pixels as an EXIF orientation (1 to 8, Exif 2.3 section 4.6.4) asks for them."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    mirrored_across = orientation in (2, 3, 6, 7)
    mirrored_down = orientation in (3, 4, 7, 8)
    turned: Pixels = pixels[:: -1 if mirrored_down else 1, :: -1 if mirrored_across else 1]
    return turned


def grey_of(pixels: Pixels) -> Pixels:
    """Return pixels as grey (h, w) of the same depth: opacity laid on black, colours by their luminance (BT.601)."""
    if pixels.ndim == 2:
        return pixels
    colours: npt.NDArray[np.floating] = pixels.astype(np.float32)
    if pixels.shape[2] in (2, 4):
        colours = colours[..., :-1] * (colours[..., -1:] / np.iinfo(pixels.dtype).max)
    if colours.shape[2] == 3:
        colours = colours @ np.array([[0.299], [0.587], [0.114]], np.float32)
    grey: Pixels = np.rint(colours[..., 0]).astype(pixels.dtype)
    return grey


def window_of(grey: Pixels) -> tuple[int, int]:
    """Return the samples to show as black and as white: a byte's whole range, of deep samples their own extremes.

    The brightest and darkest thousandth of the pixels are left out, so that one hot pixel does not darken a film whose
    12 bits are stored in 16.
    """
    if grey.dtype == np.uint8:
        return 0, 255
    low, high = np.percentile(grey[::2, ::2], (0.1, 99.9))
    return round(low), max(round(high), round(low) + 1)


def eight_bits(grey: Pixels) -> npt.NDArray[np.uint8]:
    """Return grey samples as they are shown, through their own window."""
    if grey.dtype == np.uint8:
        return grey.astype(np.uint8, copy=False)
    low, high = window_of(grey)
    table = np.rint(np.clip((np.arange(65536) - low) * (255 / (high - low)), 0, 255)).astype(np.uint8)
    shown: npt.NDArray[np.uint8] = table[grey]
    return shown
