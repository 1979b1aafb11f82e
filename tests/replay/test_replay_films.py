"""Films of the replayed web: the same bytes each time, told apart where people differ, and kept in their depth."""

import hashlib
import io
import itertools
import subprocess
import sys
from functools import cache

import cv2
import imagehash
import numpy as np
import pytest
from PIL import Image

from crawlers.replay.films import FilmSpec, film_of, montage_of

SMALL = {"width": 320, "height": 384}
# Files of different people in real collections stand 40 bits apart and more; films drawn here keep well clear of it.
APART = 60


def pixels(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


@cache
def hash_of(spec: FilmSpec) -> imagehash.ImageHash:
    with Image.open(io.BytesIO(film_of(spec))) as film:
        return imagehash.phash(film.convert("L"), hash_size=16)


def test_a_film_is_the_same_in_another_process():
    spec = FilmSpec("once", day=3, width=320, height=384)
    code = (
        "import hashlib; from crawlers.replay.films import FilmSpec, film_of\n"
        "print(hashlib.sha256(film_of(FilmSpec('once', day=3, width=320, height=384))).hexdigest())"
    )
    other = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert other.strip() == hashlib.sha256(film_of(spec)).hexdigest()


def test_a_cache_changes_no_byte(tmp_path):
    spec = FilmSpec("kept", format="jpeg", **SMALL)
    first = film_of(spec, tmp_path)
    assert first == film_of(spec) == film_of(spec, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".jpeg"]


@pytest.mark.parametrize(("view", "patients"), [("PA", 24), ("AP", 12), ("L", 12)])
def test_different_patients_are_clearly_different(view, patients):
    hashes = [hash_of(FilmSpec(f"patient-{number}", view=view, **SMALL)) for number in range(patients)]
    assert min(one - other for one, other in itertools.combinations(hashes, 2)) >= APART


@pytest.mark.parametrize("view", ["PA", "AP", "L"])
def test_a_follow_up_is_alike_and_another_film(view):
    for number in range(4):
        patient = f"patient-{number}"
        first, second = (hash_of(FilmSpec(patient, day=day, view=view, **SMALL)) for day in (0, 6))
        assert 6 <= first - second < APART


@pytest.mark.parametrize(
    "change", [{"format": "jpeg"}, {"format": "webp"}, {"width": 640, "height": 768}, {"bits": 16}]
)
def test_another_size_or_encoding_shows_the_same_film(change):
    spec = {"patient": "twice", **SMALL}
    plain, changed = (pixels(film_of(FilmSpec(**one))) for one in (spec, spec | change))
    changed = changed if changed.ndim == 2 else changed[..., 0]
    same = cv2.resize(changed, plain.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(same.ravel(), plain.ravel())[0, 1] > 0.995


def test_sixteen_bits_hold_a_detector_range():
    tops = set()
    for number in range(6):
        film = pixels(film_of(FilmSpec(f"deep-{number}", bits=16, **SMALL)))
        assert film.dtype == np.uint16
        assert film.ndim == 2
        assert len(np.unique(film)) > 1000
        tops.add(4095 if film.max() <= 4095 else 16383)
        assert film.max() <= 16383
    assert tops == {4095, 16383}


@pytest.mark.parametrize(
    ("changes", "format", "mode"),
    [
        ({}, "PNG", "L"),
        ({"bits": 16}, "PNG", "I;16"),
        ({"format": "jpeg"}, "JPEG", "L"),
        ({"format": "webp"}, "WEBP", "RGB"),
        ({"kind": "ct", "view": "Axial"}, "PNG", "L"),
        ({"kind": "photo", "format": "jpeg"}, "JPEG", "RGB"),
        ({"kind": "diagram"}, "PNG", "RGB"),
    ],
)
def test_kinds_and_encodings(changes, format, mode):
    with Image.open(io.BytesIO(film_of(FilmSpec("kinds", **SMALL, **changes)))) as film:
        film.load()
        assert (film.format, film.mode, film.size) == (format, mode, (320, 384))


def test_crop_mirror_and_inversion_change_the_film_exactly_so():
    whole = pixels(film_of(FilmSpec("kinds", kind="photo", **SMALL)))
    cropped = pixels(film_of(FilmSpec("kinds", kind="photo", crop=(0.25, 0.5, 1.0, 1.0), **SMALL)))
    assert np.array_equal(cropped, whole[192:, 80:])
    assert np.array_equal(pixels(film_of(FilmSpec("kinds", kind="photo", mirror=True, **SMALL))), whole[:, ::-1])
    assert np.array_equal(pixels(film_of(FilmSpec("kinds", kind="photo", invert=True, **SMALL))), 255 - whole)


def test_a_name_lies_in_exif_and_nowhere_else():
    named, plain = (film_of(FilmSpec("exif", format="jpeg", exif_name=name, **SMALL)) for name in ("DOE^JANE", ""))
    with Image.open(io.BytesIO(named)) as film:
        assert "DOE^JANE" in film.getexif().values()
    assert b"DOE" not in plain


def test_slices_of_a_stack_differ_and_belong_together():
    first, second = (
        hash_of(FilmSpec("stack", kind="ct", view="Axial", level=level, width=384, height=384)) for level in (4, 5)
    )
    other = hash_of(FilmSpec("other stack", kind="ct", view="Axial", level=4, width=384, height=384))
    assert 0 < first - second < first - other


def test_a_montage_holds_its_films_side_by_side():
    specs = [FilmSpec("left", **SMALL), FilmSpec("right", **SMALL)]
    montage = pixels(montage_of(specs, ["a", "b"]))
    assert montage.shape == (384, 2 * 320 + 384 // 60)
    right = pixels(film_of(specs[1]))
    assert np.corrcoef(montage[:300, -320:].ravel(), right[:300].ravel())[0, 1] > 0.995


@pytest.mark.parametrize(
    "wrong", [{"bits": 16, "format": "jpeg"}, {"bits": 16, "kind": "photo"}, {"format": "png", "exif_name": "DOE^JANE"}]
)
def test_what_no_encoder_can_keep_is_refused(wrong):
    with pytest.raises(ValueError, match=r"PNG|EXIF"):
        FilmSpec("wrong", **wrong)


def test_large_films_are_of_sane_size():
    assert len(film_of(FilmSpec("large", width=2200, height=2700))) < 3_000_000
