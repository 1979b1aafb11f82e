import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipelines.duplicates import alignment
from pipelines.duplicates.fingerprints import NoFingerprint
from pipelines.duplicates.verification import compared


def test_same_bytes_need_no_proof(film, as_png):
    found = compared(as_png(film(1)), as_png(film(1)))
    assert (found.relation, found.distance, found.transform) == ("same bytes", 0, None)


def test_different_films_are_unrelated(film, as_png):
    prints = [as_png(film(seed)) for seed in range(4)]
    for i, a in enumerate(prints):
        for b in prints[:i]:
            assert compared(a, b).relation == "unrelated"


def copied(pixels, how):
    height, width = pixels.shape
    match how:
        case "recompressed":
            return pixels
        case "halved":
            return cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        case "squeezed":
            return cv2.resize(pixels, (400, 400), interpolation=cv2.INTER_AREA)
        case "cropped":
            return pixels[60:-80, 90:-50]
        case "framed":
            return np.pad(pixels, 70)
        case "mirrored":
            return pixels[:, ::-1]
        case "inverted":
            return 255 - pixels
        case "mirrored and inverted":
            return 255 - pixels[:, ::-1]
        case "turned left":
            return np.rot90(pixels)
        case "upside down":
            return np.rot90(pixels, 2)
        case "tilted":
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), 4, 1)
            return cv2.warpAffine(pixels, turn, (width, height))
        case "equalised":
            return cv2.equalizeHist(pixels)
        case "darkened":
            return (255 * (pixels / 255) ** 1.7).astype(np.uint8)
        case "written on":
            image = Image.fromarray(pixels.copy())
            pen = ImageDraw.Draw(image)
            pen.text((20, 20), "CHEST AP PORTABLE\n2020-03-04 11:20", fill=255, font_size=24)
            pen.line((200, 200, 320, 330), fill=255, width=6)
            pen.rectangle((380, 300, 540, 450), outline=255, width=5)
            return np.asarray(image)
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    [
        "recompressed", "halved", "squeezed", "cropped", "framed", "mirrored", "inverted", "mirrored and inverted",
        "turned left", "upside down", "tilted", "equalised", "darkened", "written on",
    ],
)  # fmt: skip
def test_a_copy_is_the_same_image_however_it_was_made(film, as_png, as_jpeg, how):
    found = compared(as_png(film(7)), as_jpeg(np.ascontiguousarray(copied(film(7), how))))
    assert found.relation == "same image"
    assert found.correlation is not None
    assert found.correlation > 0.85
    assert found.overlap is not None
    assert found.overlap > 0.9
    assert found.transform is not None
    assert found.transform.mirror == ("mirrored" in how)
    assert found.transform.invert == ("inverted" in how)


def test_the_crop_box_is_in_pixels_of_the_first_file(film, as_png, as_jpeg):
    found = compared(as_png(film(7)), as_jpeg(np.ascontiguousarray(film(7)[60:-80, 90:-50])))
    assert found.transform is not None
    assert found.transform.crop == pytest.approx((90, 60, 670, 560), abs=4)
    assert found.transform.scale == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("turns", "degrees"), [(1, 90), (2, 180), (3, -90)])
def test_the_rotation_is_counter_clockwise(film, as_png, turns, degrees):
    found = compared(as_png(film(7)), as_png(np.ascontiguousarray(np.rot90(film(7), turns))))
    assert found.transform is not None
    assert abs(found.transform.rotation) == pytest.approx(abs(degrees), abs=0.5)
    assert abs(degrees) == 180 or found.transform.rotation == pytest.approx(degrees, abs=0.5)


def test_the_scale_is_of_the_second_file_to_the_first(film, as_png):
    small = cv2.resize(film(7), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = compared(as_png(film(7)), as_png(small))
    assert found.transform is not None
    assert found.transform.scale == pytest.approx(0.5, abs=0.01)
    assert found.transform.crop == pytest.approx((0, 0, 720, 640), abs=4)


def test_a_panel_is_contained_in_its_figure(film, as_png, as_jpeg):
    panels = [cv2.resize(film(seed), (450, 400), interpolation=cv2.INTER_AREA) for seed in (2, 4, 6, 8)]
    panels = [cv2.copyMakeBorder(panel, 5, 5, 5, 5, cv2.BORDER_CONSTANT, value=255) for panel in panels]
    figure = np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])
    found = compared(as_jpeg(figure), as_png(film(6)))
    assert found.relation == "contains"
    assert found.transform is not None
    assert found.transform.crop == pytest.approx((5, 415, 455, 815), abs=8)


@pytest.mark.parametrize(("mirrored", "inverted"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_thumbnail_without_features_is_aligned_by_its_frame(film, as_png, monkeypatch, mirrored, inverted):
    monkeypatch.setattr(alignment, "FEWEST_INLIERS", 10_000)
    copy = film(7)[8:, 6:][:, :: -1 if mirrored else 1]
    found = compared(as_png(film(7)), as_png(np.ascontiguousarray(255 - copy if inverted else copy)))
    assert found.relation == "same image"
    assert found.transform is not None
    assert (found.transform.mirror, found.transform.invert) == (mirrored, inverted)


def test_a_file_that_shows_no_film_is_refused(film, as_png):
    with pytest.raises(NoFingerprint, match="blank"):
        compared(as_png(film(1)), as_png(np.zeros((300, 300), np.uint8)))


def films_of(folder, *names):
    return [next(folder.glob(f"{name}.*")).read_bytes() for name in names]


def test_the_one_film_listed_as_two_patients_is_found(shared):
    a, b = films_of(shared / "real" / "films" / "figure1", "COVID-00033", "COVID-00037")
    found = compared(a, b)
    assert found.relation == "same image"
    assert found.correlation is not None
    assert found.correlation > 0.99
