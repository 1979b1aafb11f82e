import io

import cv2
import numpy as np
import pytest
from PIL import Image

from pipelines.duplicates.overlay import overlaid
from pipelines.media.decoding import Undecodable


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def left_between(overlay):
    return float(overlay.difference()[overlay.seen > 0].mean())


def warped(film, turn):
    return cv2.warpAffine(film, turn, (film.shape[1], film.shape[0]), flags=cv2.INTER_CUBIC)


COPIES = {
    "recompressed": lambda film: film,
    "halved": lambda film: cv2.resize(film, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "cropped": lambda film: film[60:-80, 90:-50],
    "framed": lambda film: np.pad(film, 70),
    "mirrored": lambda film: film[:, ::-1],
    "inverted": lambda film: 255 - film,
    "mirrored and inverted": lambda film: 255 - film[:, ::-1],
    "turned left": np.rot90,
    "tilted": lambda film: warped(film, cv2.getRotationMatrix2D((360, 320), 4, 1)),
    "shifted by parts of a pixel": lambda film: warped(film, np.array([[1, 0, 3.4], [0, 1, -2.7]])),
    "darkened": lambda film: (255 * (film / 255) ** 1.7).astype(np.uint8),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_lies_over_its_original_however_it_was_made(film, as_png, as_jpeg, how):
    copy = np.ascontiguousarray(COPIES[how](film(7)))
    overlay = overlaid(as_png(film(7)), as_jpeg(copy, quality=95))
    assert overlay.aligned
    assert overlay.scale == 1
    assert np.array_equal(overlay.first, film(7))
    assert left_between(overlay) < 3
    # Laid one pixel aside, the same copy leaves far more.
    aside = cv2.absdiff(overlay.first[:, 1:], overlay.matched[:, :-1])[overlay.seen[:, 1:] > 0].mean()
    assert left_between(overlay) < 0.7 * aside


def test_what_the_copy_does_not_show_is_clear(film, as_png):
    overlay = overlaid(as_png(film(7)), as_png(np.ascontiguousarray(film(7)[60:-80, 90:-50])))
    rows, columns = np.flatnonzero(overlay.seen.any(axis=1)), np.flatnonzero(overlay.seen.any(axis=0))
    assert (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) == pytest.approx((90, 60, 670, 560), abs=2)
    assert not overlay.difference()[overlay.seen == 0].any()


def test_a_frame_around_the_copy_hides_nothing_of_the_film(film, as_png):
    wide = cv2.copyMakeBorder(film(7), 0, 0, 80, 80, cv2.BORDER_CONSTANT, value=255)
    overlay = overlaid(as_png(film(7)), as_png(wide))
    assert (overlay.seen > 0).mean() > 0.98
    back = overlaid(as_png(wide), as_png(film(7)))
    assert not back.seen[:, :70].any()


def test_films_that_nothing_ties_are_fitted_frame_into_frame(film, as_png):
    overlay = overlaid(as_png(film(1)), as_png(film(2)[:, :360]))
    assert not overlay.aligned
    columns = np.flatnonzero(overlay.seen.any(axis=0))
    assert (columns[0], columns[-1] + 1) == pytest.approx((180, 540), abs=1)


def test_a_photograph_can_be_flipped_though_not_compared(film, as_png):
    colours = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    overlay = overlaid(as_png(film(1)), as_png(cv2.resize(colours, (600, 450))))
    assert not overlay.aligned
    assert overlay.seen.any()


def test_a_panel_is_laid_over_its_place_in_the_figure(film, as_png):
    panels = [cv2.resize(film(seed), (450, 400), interpolation=cv2.INTER_AREA) for seed in (2, 4, 6, 8)]
    figure = np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])
    overlay = overlaid(as_png(figure), as_png(film(6)), panel_of_a=(0, 400, 450, 800))
    assert overlay.aligned
    assert overlay.first.shape == (800, 900)
    assert overlay.seen[410:790, 10:440].all()
    assert left_between(overlay) < 3
    back = overlaid(as_png(film(6)), as_png(figure), panel_of_b=(0, 400, 450, 800))
    assert back.aligned
    assert (back.seen > 0).mean() > 0.95
    assert left_between(back) < 4


def test_a_deep_film_is_laid_over_a_flat_copy_and_back(film, as_png):
    deep = as_png(Image.fromarray(film(7).astype(np.uint16) * 16))
    for a, b in ((deep, as_png(film(7))), (as_png(film(7)), deep)):
        overlay = overlaid(a, b)
        assert overlay.aligned
        assert left_between(overlay) < 2


def test_the_grid_is_limited(film, as_png):
    overlay = overlaid(as_png(film(7)), as_png(film(7)), longest=180)
    assert overlay.first.shape == overlay.matched.shape == (160, 180)
    assert overlay.scale == pytest.approx(0.25)
    assert left_between(overlay) < 1.5


def test_what_is_written_out_has_the_grid_of_the_film(film, as_png):
    overlay = overlaid(as_png(film(7)), as_png(np.ascontiguousarray(film(7)[:, 200:])), longest=360)
    twin = pixels(overlay.twin_png())
    assert twin.shape == (320, 360, 2)
    assert np.array_equal(twin[..., 0], overlay.matched)
    assert set(np.unique(twin[..., 1])) == {0, 255}
    assert np.array_equal(pixels(overlay.twin_png(matched=False))[..., 0], overlay.second)
    for jpeg in (overlay.first_jpeg(), overlay.twin_jpeg(), overlay.difference_jpeg()):
        assert pixels(jpeg).shape == (320, 360)


def test_a_file_that_is_no_picture_is_refused(film, as_png):
    with pytest.raises(Undecodable, match="not a picture"):
        overlaid(as_png(film(1)), b"<html>")


def test_copies_as_they_occur_on_other_sites_lie_over_each_other(shared):
    folder = shared / "real" / "films" / "crossposted"
    for a, b, most in (("f0416.png", "f2267.png", 1), ("f0036.jpeg", "f0894.jpeg", 1.5), ("f0503.png", "f2311.png", 1)):
        overlay = overlaid((folder / a).read_bytes(), (folder / b).read_bytes(), longest=1024)
        assert overlay.aligned
        assert left_between(overlay) < most
