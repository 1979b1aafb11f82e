import io

import numpy as np
import pytest
from PIL import Image

from pipelines.media.decoding import Undecodable
from pipelines.triage.pictures import samples_of, shown_png

DEEP = np.linspace(100, 3900, 90 * 120).astype(np.uint16).reshape(90, 120)


def stored(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def shown(data, **options):
    return np.asarray(Image.open(io.BytesIO(shown_png(data, **options))))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_deep_samples_come_unchanged_with_the_window_they_ask_for(kind):
    samples = samples_of(stored(DEEP, kind))
    assert np.array_equal(np.frombuffer(samples.data, "<u2").reshape(samples.height, samples.width), DEEP)
    assert (samples.width, samples.height, samples.bits) == (120, 90, 12)
    assert (samples.low, samples.high) == pytest.approx((104, 3896), abs=50)


def test_a_byte_is_shown_over_its_whole_range():
    film = np.full((20, 30), 77, np.uint8)
    samples = samples_of(stored(film, "TIFF"))
    assert (samples.bits, samples.low, samples.high) == (8, 0, 255)
    assert set(np.frombuffer(samples.data, "<u2")) == {77}


def test_colours_are_sampled_by_their_luminance():
    samples = samples_of(stored(np.full((4, 5, 3), (255, 0, 0), np.uint8), "TIFF"))
    assert set(np.frombuffer(samples.data, "<u2")) == {76}


def test_a_rendition_is_small_and_eight_bits_deep():
    rendition = shown(stored(np.kron(DEEP, np.ones((20, 20), np.uint16))), longest=60)
    assert rendition.dtype == np.uint8
    assert rendition.shape == (45, 60)
    assert rendition.min() < 10
    assert rendition.max() > 245


def test_a_small_picture_is_shown_as_it_is():
    colours = np.random.default_rng(3).integers(0, 256, (30, 40, 3), np.uint8)
    assert np.array_equal(shown(stored(colours)), colours)


def test_a_large_jpeg_is_shown_upright_and_without_its_exif():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Jane Doe"
    data = stored(np.zeros((1200, 2000), np.uint8), "JPEG", exif=exif)
    assert shown(data).shape == (1024, 614)
    assert b"Jane Doe" not in shown_png(data)


def test_what_is_no_picture_is_refused():
    for face in (samples_of, shown_png):
        with pytest.raises(Undecodable):
            face(b"%PDF-1.7")
