import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipelines.media.crops import cropped_png
from pipelines.media.decoding import Undecodable, grey_of, pixels_of, size_of, window_of

CHANCE = np.random.default_rng(1)
SHAPES = {
    "8-bit grey": ((40, 60), np.uint8),
    "8-bit grey with opacity": ((40, 60, 2), np.uint8),
    "8-bit RGB": ((40, 60, 3), np.uint8),
    "8-bit RGB with opacity": ((40, 60, 4), np.uint8),
    "16-bit grey": ((40, 60), np.uint16),
    "16-bit RGB": ((40, 60, 3), np.uint16),
    "16-bit RGB with opacity": ((40, 60, 4), np.uint16),
}
PIXELS = {
    name: CHANCE.integers(0, np.iinfo(depth).max, shape, depth, endpoint=True)
    for name, (shape, depth) in SHAPES.items()
}


def stored(pixels, kind="PNG", **options):
    if pixels.ndim == 3 and pixels.dtype == np.uint16:
        order = [2, 1, 0, 3][: pixels.shape[2]]
        return cv2.imencode(".tif" if kind == "TIFF" else ".png", np.ascontiguousarray(pixels[..., order]))[1].tobytes()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


FILES = {name: stored(pixels) for name, pixels in PIXELS.items()}


@given(st.sampled_from(list(PIXELS)), st.data())
def test_a_crop_has_the_samples_of_the_original(name, data):
    left, top = data.draw(st.integers(0, 59)), data.draw(st.integers(0, 39))
    right, bottom = data.draw(st.integers(left + 1, 60)), data.draw(st.integers(top + 1, 40))
    cut = pixels_of(cropped_png(FILES[name], (left, top, right, bottom)))
    assert cut.dtype == PIXELS[name].dtype
    assert np.array_equal(cut, PIXELS[name][top:bottom, left:right])


@given(*[st.integers(-100, 160)] * 4)
def test_a_box_is_cut_to_the_picture_or_refused(left, top, right, bottom):
    inside = PIXELS["8-bit grey"][max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if inside.size == 0 or left >= right or top >= bottom:
        with pytest.raises(ValueError, match="holds no pixel"):
            cropped_png(FILES["8-bit grey"], (left, top, right, bottom))
    else:
        assert np.array_equal(pixels_of(cropped_png(FILES["8-bit grey"], (left, top, right, bottom))), inside)


def test_the_same_crop_has_the_same_bytes():
    assert cropped_png(FILES["16-bit grey"], (3, 4, 30, 20)) == cropped_png(FILES["16-bit grey"], (3, 4, 30, 20))


@pytest.mark.parametrize("name", ["16-bit grey", "16-bit RGB", "8-bit grey", "8-bit RGB"])
def test_a_tiff_is_cut_at_its_depth(name):
    cut = pixels_of(cropped_png(stored(PIXELS[name], "TIFF"), (5, 6, 25, 16)))
    assert np.array_equal(cut, PIXELS[name][6:16, 5:25])


def test_a_palette_becomes_the_colours_it_stands_for():
    image = Image.fromarray(PIXELS["8-bit RGB"]).quantize(16)
    file = io.BytesIO()
    image.save(file, "PNG")
    cut = pixels_of(cropped_png(file.getvalue(), (0, 0, 60, 40)))
    assert np.array_equal(cut, np.asarray(image.convert("RGB")))


def test_nothing_but_samples_is_written():
    text, exif = PngInfo(), Image.Exif()
    text.add_text("Comment", "Jane Doe")
    exif[0x010E] = "Jane Doe"
    data = stored(PIXELS["8-bit grey"], pnginfo=text, exif=exif, icc_profile=b"Jane Doe")
    assert b"Jane Doe" in data
    with Image.open(io.BytesIO(cropped_png(data, (0, 0, 10, 10)))) as cut:
        assert cut.info == {}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["8-bit grey", "16-bit grey", "16-bit RGB"])
def test_a_box_is_in_pixels_of_the_upright_picture(name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    if name == "16-bit RGB":
        data = with_exif(FILES[name], exif.tobytes())
        upright = np.dstack([turned(PIXELS[name][..., channel], orientation) for channel in range(3)])
    else:
        data = stored(PIXELS[name], exif=exif)
        upright = turned(PIXELS[name], orientation)
    assert size_of(data) == (upright.shape[1], upright.shape[0])
    assert np.array_equal(pixels_of(cropped_png(data, (2, 3, 20, 30))), upright[3:30, 2:20])


def turned(pixels, orientation):
    steps = {
        1: lambda p: p, 2: np.fliplr, 3: lambda p: np.rot90(p, 2), 4: np.flipud,
        5: np.transpose, 6: lambda p: np.rot90(p, -1), 7: lambda p: np.rot90(p, 2).T, 8: np.rot90,
    }  # fmt: skip
    return steps[orientation](pixels)


def with_exif(png, exif):
    import struct
    import zlib

    body = exif.removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body + struct.pack(">I", zlib.crc32(b"eXIf" + body))
    return png[:33] + chunk + png[33:]


def test_a_deep_tiff_whose_zero_is_white_is_turned_over():
    data = stored(PIXELS["16-bit grey"], "TIFF", tiffinfo={262: 0})
    assert np.array_equal(pixels_of(data), 65535 - PIXELS["16-bit grey"])


def test_samples_that_16_bits_do_not_hold_are_spread_over_them():
    real = np.linspace(-1000, 3000, 2400, dtype=np.float32).reshape(40, 60)
    found = pixels_of(stored(real, "TIFF"))
    assert found.dtype == np.uint16
    assert (found.min(), found.max()) == (0, 65535)


def test_a_large_jpeg_may_come_smaller_and_never_too_small():
    data = stored(np.zeros((1000, 1600), np.uint8), "JPEG")
    assert pixels_of(data, at_least=300).shape in {(250, 400), (500, 800)}
    assert pixels_of(data).shape == (1000, 1600)


def test_deep_samples_are_windowed_by_their_extremes():
    assert window_of(PIXELS["8-bit grey"]) == (0, 255)
    film = np.full((200, 200), 1000, np.uint16)
    film[:100] = 3000
    film[0, 0] = 65535
    assert window_of(film) == (1000, 3000)


def test_opacity_is_laid_on_black():
    picture = np.array([[[200, 255], [200, 0]]], np.uint8)
    assert grey_of(picture).tolist() == [[200, 0]]
    assert grey_of(np.full((1, 1, 3), 4000, np.uint16)).tolist() == [[4000]]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a picture"),
        (b"<svg/>", "not a picture"),
        (FILES["8-bit RGB"][:600], "damaged"),
        (stored(np.zeros((9500, 9500), np.uint8)), "too large|exceeds"),
    ],
    ids=["empty", "markup", "cut off", "bomb"],
)
def test_what_gives_no_pixels_is_refused(data, reason):
    with pytest.raises(Undecodable, match=reason):
        cropped_png(data, (0, 0, 10, 10))
