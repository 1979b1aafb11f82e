"""Decode a film once into one canonical grey form, whatever it was stored as and framed in.

The canonical form is what hashes, local features and the proof all look at, so two copies of a film that differ in bit
depth, palette, alpha, orientation tag, letterbox or viewer frame are the same picture from here on.
"""

import io
import struct
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

Grey = cv2.typing.MatLike
Box = tuple[int, int, int, int]

WORKING_SIDE = 512  # pixels of the longer side; below it ribs blur, above it only the cost grows
SMALLEST_SIDE = 64  # pixels; an icon has too little in it to tell two films apart
LARGEST_PIXELS = 200_000_000  # pixels; a mammography scan has 30 million, a bomb has billions
COLOUR_SHARE = 0.3  # of the pixels; arrows and maps of a film's opacities stay below, photographs above
ONE_HUE = 0.85  # length of the mean colour to the mean length; 1 where all have one hue, 0.6 and less in photographs
COLOUR_SPREAD = 40  # levels between the largest and smallest of R, G, B; JPEG chroma noise stays below 20
PLAIN_LEVELS = 12  # of 256 that a plain line may span; JPEG leaves a few
MID_TONE_SHARE = 0.12  # of the pixels between the extremes; charts and masks have less, narrow windows far more


class NoFingerprint(ValueError):  # noqa: N818 - an outcome to expect, as KeyError's kin are not
    """Say why a file cannot be compared with other films."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CanonicalFilm:
    """Hold a film as 8-bit grey at working size, trimmed to `box` of the original's `width` x `height` pixels.

    `pixels` shows exactly `box` (left, top, right, bottom); its longer side is `WORKING_SIDE` pixels or less.
    """

    pixels: Grey
    box: Box
    width: int
    height: int


def canonical_film(data: bytes, side: int = WORKING_SIDE) -> CanonicalFilm:
    """Return the canonical form of an image file; raise `NoFingerprint` where it shows no comparable film."""
    full, width, height = _grey(data, side)
    grey = _shrunk(full, side)
    if min(grey.shape) < SMALLEST_SIDE // 2:
        raise NoFingerprint(f"too narrow to compare: {width} x {height} pixels")
    left, top, right, bottom = _trimmed(grey)
    film = grey[top:bottom, left:right]
    sample = np.ascontiguousarray(film[::4, ::4])
    low, high = (float(level) for level in np.percentile(sample, (1, 99)))
    _refuse_what_is_no_film(sample, low, high)
    factor_x, factor_y = width / grey.shape[1], height / grey.shape[0]
    box = (round(left * factor_x), round(top * factor_y), round(right * factor_x), round(bottom * factor_y))
    return CanonicalFilm(_stretched(film, low, high), box, width, height)


def _grey(data: bytes, side: int) -> tuple[Grey, int, int]:
    """Return the picture as 8-bit grey, `side` pixels long or more where it can be, and its full width and height."""
    if data[128:132] == b"DICM":
        raise NoFingerprint("a DICOM file; export its image as PNG first")
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _decoded(image, side)
    except UnidentifiedImageError:
        raise NoFingerprint("not an image that can be read") from None
    except Image.DecompressionBombError as error:
        raise NoFingerprint(str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        if isinstance(error, NoFingerprint):
            raise
        raise NoFingerprint(f"damaged image: {error}") from error


def _decoded(image: Image.Image, side: int) -> tuple[Grey, int, int]:
    width, height = image.size
    if min(width, height) < SMALLEST_SIDE:
        raise NoFingerprint(f"too small to compare: {width} x {height} pixels")
    if width * height > LARGEST_PIXELS:
        raise NoFingerprint(f"too large to decode: {width} x {height} pixels")
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise NoFingerprint(f"an animated or many-page image of {image.n_frames} frames")  # type: ignore[attr-defined]
    if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:
        width, height = height, width
    # JPEG decodes straight to a smaller size, never below the one asked for.
    image.draft(None, (side, side))
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith(("I", "F")):
        return _eight_bits(np.asarray(turned).astype(np.float32)), width, height
    if turned.mode == "L":
        return np.asarray(turned), width, height
    return _without_colour(turned), width, height


def _eight_bits(samples: npt.NDArray[np.float32]) -> Grey:
    """Window deep samples to 8 bits by their own extremes, so that 12 bits stored in 16 do not come out black."""
    low, high = np.percentile(samples[::2, ::2], (0.1, 99.9))
    levels: Grey = np.clip((samples - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
    return levels


def _without_colour(image: Image.Image) -> Grey:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, "black"), seen)
    if image.mode in ("1", "LA"):
        return np.asarray(image.convert("L"))
    colours = np.asarray(image.convert("RGB"))
    if _many_coloured(colours[::8, ::8]):
        raise NoFingerprint("a colour photograph or drawing, not a film")
    return cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _many_coloured(colours: Grey) -> bool:
    """Tell whether much of a picture has colour and of more than one hue; a tinted film or overlay has one."""
    red, green, blue = colours.reshape(-1, 3).astype(np.float32).T
    coloured = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue) > COLOUR_SPREAD
    if coloured.mean() <= COLOUR_SHARE:
        return False
    hues = (red - (green + blue) / 2 + 1j * np.sqrt(0.75) * (green - blue))[coloured]
    return bool(abs(hues.sum()) < ONE_HUE * np.abs(hues).sum())


def _trimmed(grey: Grey) -> Box:
    """Return the box left when plain margins, letterbox bars and viewer frames are cut away, in pixels."""
    left, top, right, bottom = 0, 0, grey.shape[1], grey.shape[0]
    # A frame inside a letterbox needs a second look; a third never found more.
    for _ in range(2):
        inside = grey[top:bottom, left:right]
        rows, columns = _plain_lines(inside), _plain_lines(inside.T)
        top, bottom = top + rows[0], top + rows[1]
        left, right = left + columns[0], left + columns[1]
        if bottom - top < SMALLEST_SIDE // 2 or right - left < SMALLEST_SIDE // 2:
            raise NoFingerprint("blank: nothing stands out from the background")
        if (bottom - top, right - left) == inside.shape:
            break
    return left, top, right, bottom


def cells_in(pixels: Grey) -> list[Box]:
    """Return the panels that plain gutters part a compound figure into, row by row; one box where there are none."""
    boxes = []
    for top, bottom in _stretches(pixels):
        for left, right in _stretches(pixels[top:bottom].T):
            boxes.append((left, top, right, bottom))
    return boxes


def _stretches(pixels: Grey) -> list[tuple[int, int]]:
    """Return the runs of rows between gutters, first and past-the-last row each; slivers are left out."""
    busy = ~_plain(pixels, 0.02)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], busy, [False]]).astype(np.int8)))
    runs = [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
    return [run for run in runs if run[1] - run[0] >= SMALLEST_SIDE] or [(0, len(pixels))]


def _plain_lines(grey: Grey) -> tuple[int, int]:
    """Return the first and past-the-last row that are not of one plain tone, text on it aside."""
    first = _first_busy(grey)
    return (0, 0) if first is None else (first, len(grey) - (_first_busy(grey[::-1]) or 0))


def _first_busy(grey: Grey) -> int | None:
    # Most films begin right at the edge, and the rest of them need no look.
    for start in range(0, len(grey), 32):
        busy = np.flatnonzero(~_plain(grey[start : start + 32], 0.07))
        if busy.size:
            return start + int(busy[0])
    return None


def _plain(grey: Grey, spared: float) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it is of one tone, the given share of its brightest and darkest pixels aside."""
    sample = grey[:, :: max(1, grey.shape[1] // 64)]
    edge = round(spared * sample.shape[1])
    sample = np.partition(sample, (edge, sample.shape[1] - 1 - edge), axis=1)
    plain: npt.NDArray[np.bool_] = sample[:, -1 - edge].astype(np.int16) - sample[:, edge] <= PLAIN_LEVELS
    return plain


def _refuse_what_is_no_film(sample: Grey, low: float, high: float) -> None:
    """Raise `NoFingerprint` for a picture without the tones of a film; 98 % of its pixels lie from `low` to `high`."""
    if float(sample.std(dtype=np.float32)) < 4:
        raise NoFingerprint("blank: hardly any contrast")
    edge = 0.06 * max(high - low, 1.0)
    middle = ((sample > low + edge) & (sample < high - edge)).mean()
    if middle < MID_TONE_SHARE:
        raise NoFingerprint("a chart, drawing or mask: hardly any tones between black and white")


def _shrunk(film: Grey, side: int) -> Grey:
    scale = side / max(film.shape)
    if scale >= 1:
        return film
    size = (max(1, round(film.shape[1] * scale)), max(1, round(film.shape[0] * scale)))
    # Down to a half, two samples a pixel are all there is to average; the exact way takes ten times as long.
    way = cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA
    return cv2.resize(film, size, interpolation=way)


def _stretched(film: Grey, low: float, high: float) -> Grey:
    table = np.clip((np.arange(256) - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)
    return cv2.LUT(film, table)
