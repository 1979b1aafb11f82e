"""Cut a panel out of a figure without losing a bit of it."""

import io

import numpy as np

from pipelines.media.decoding import Pixels, Undecodable, pixels_of

Box = tuple[int, int, int, int]


def cropped_png(data: bytes, box: Box) -> bytes:
    """Return the part of a picture within `box` as a PNG with the samples of the original, grey or RGB, 8 or 16 bits.

    The box is (left, top, right, bottom) in pixels of the picture as it is to be seen; what of it lies outside the
    picture is left out. Nothing but samples is written: EXIF, text and colour profiles stay behind. Raise
    `Undecodable` for a file that gives no picture and `ValueError` for a box that holds no pixel of it.
    """
    pixels = pixels_of(data)
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if left >= right or top >= bottom:
        raise ValueError(f"the box {box} holds no pixel of a picture of {width} x {height}")
    return png_of(pixels[top:bottom, left:right])


def png_of(pixels: Pixels, compression: int = 6) -> bytes:
    """Return pixels as `pixels_of` gives them as a PNG; `compression` runs from 0, none, to 9."""
    if pixels.ndim == 3 and pixels.dtype == np.uint16:
        return _deep_png(pixels, compression)
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=compression)
    return file.getvalue()


def _deep_png(pixels: Pixels, compression: int) -> bytes:
    """Return colours or opacity at 16 bits as PNG, which Pillow cannot write."""
    import cv2  # slow to load, and few files ask for it

    # OpenCV takes colours as BGR and knows no grey with opacity.
    order = {2: [0, 0, 0, 1], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[pixels.shape[2]]
    written, data = cv2.imencode(
        ".png", np.ascontiguousarray(pixels[..., order]), [cv2.IMWRITE_PNG_COMPRESSION, compression]
    )
    if not written:
        raise Undecodable(f"samples of shape {pixels.shape} make no PNG")
    return data.tobytes()
