import io
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipelines.duplicates.codes import CODE
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, NoFingerprint, fingerprint_of
from pipelines.duplicates.hashes import distance_between


@given(
    st.tuples(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)),
    st.integers(0, 5).flatmap(lambda n: st.binary(min_size=n * CODE.itemsize, max_size=n * CODE.itemsize)),
    st.integers(0, 2**32 - 1),
)
def test_a_fingerprint_survives_the_store(hashes, local, width):
    fingerprint = Fingerprint(FINGERPRINT_VERSION, hashes, local, width, 7)
    assert Fingerprint.from_bytes(fingerprint.to_bytes()) == fingerprint


def test_a_fingerprint_of_another_version_is_refused(film, as_png):
    fingerprint = fingerprint_of(as_png(film(1)))
    older = Fingerprint(FINGERPRINT_VERSION + 1, fingerprint.hashes, fingerprint.local, 1, 1)
    with pytest.raises(ValueError, match="make it anew"):
        Fingerprint.from_bytes(older.to_bytes())


@pytest.mark.parametrize("stored", [b"", b"\x01\x00", b"\x01" + bytes(80)])
def test_a_cut_fingerprint_is_refused(stored):
    with pytest.raises(ValueError, match="no fingerprint"):
        Fingerprint.from_bytes(stored)


def test_a_fingerprint_can_cross_processes(film, as_png):
    fingerprint = fingerprint_of(as_png(film(1)))
    assert pickle.loads(pickle.dumps(fingerprint)) == fingerprint


def test_different_films_are_far_apart(film, as_png):
    prints = [fingerprint_of(as_png(film(seed))) for seed in range(6)]
    apart = [distance_between(a.hashes, b.hashes) for i, a in enumerate(prints) for b in prints[:i]]
    assert min(apart) > 60


def stored_as(pixels, kind):
    grey = Image.fromarray(pixels)
    match kind:
        case "sixteen bits":
            return Image.fromarray(pixels.astype(np.uint16) * 257)
        case "twelve bits in sixteen":
            return Image.fromarray(pixels.astype(np.uint16) * 16)
        case "twelve bits with a burnt-in marker":
            deep = pixels.astype(np.uint16) * 16
            deep[:8, :8] = 65535
            return Image.fromarray(deep)
        case "palette":
            return grey.convert("P")
        case "inverted":
            return Image.fromarray(255 - pixels)
        case "mirrored":
            return Image.fromarray(np.ascontiguousarray(pixels[:, ::-1]))
        case "alpha":
            return grey.convert("RGBA")
        case "transparent margin":
            framed = Image.new("RGBA", (pixels.shape[1] + 200, pixels.shape[0] + 200), (255, 255, 255, 0))
            framed.paste(grey.convert("RGBA"), (100, 100))
            return framed
        case "letterbox":
            return Image.fromarray(np.pad(pixels, ((0, 0), (200, 200))))
        case "white frame":
            return Image.fromarray(np.pad(pixels, 60, constant_values=255))
        case "a thumbnail":
            return grey.resize((grey.width // 8, grey.height // 8))
        case "blue as on a light box":
            return Image.fromarray((pixels[..., None] * np.array([0.55, 0.75, 1.0])).astype(np.uint8))
        case "half the size":
            return grey.resize((grey.width // 2, grey.height // 2))
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind",
    [
        "sixteen bits",
        "twelve bits in sixteen",
        "twelve bits with a burnt-in marker",
        "palette",
        "inverted",
        "mirrored",
        "alpha",
        "transparent margin",
        "letterbox",
        "white frame",
        "half the size",
        "a thumbnail",
        "blue as on a light box",
    ],
)
def test_however_a_film_is_stored_its_hash_is_near(film, as_png, kind):
    plain = fingerprint_of(as_png(film(3)))
    other = fingerprint_of(as_png(stored_as(film(3), kind)))
    assert distance_between(plain.hashes, other.hashes) <= 24


def test_cmyk_is_read(film, as_jpeg):
    ink = fingerprint_of(as_jpeg(Image.fromarray(film(3)).convert("CMYK")))
    assert distance_between(ink.hashes, fingerprint_of(as_jpeg(film(3))).hashes) <= 16


def test_the_orientation_tag_is_followed(film, as_jpeg):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = fingerprint_of(as_jpeg(film(3)))
    tagged = fingerprint_of(as_jpeg(np.ascontiguousarray(np.rot90(film(3))), exif=exif))
    assert distance_between(upright.hashes, tagged.hashes) <= 16
    assert (tagged.width, tagged.height) == (upright.width, upright.height)


def test_a_film_too_smooth_for_features_still_has_hashes(as_png):
    y, x = np.mgrid[0:400, 0:480].astype(np.float32)
    smooth = fingerprint_of(as_png((x / 4 + y / 4).astype(np.uint8)))
    assert smooth.codes.size < 10
    assert Fingerprint.from_bytes(smooth.to_bytes()) == smooth


def bad_inputs(film, as_png, as_jpeg):
    chance = np.random.default_rng(0)
    bars = np.full((400, 600), 255, np.uint8)
    for left in range(50, 550, 100):
        bars[400 - left // 2 :, left : left + 40] = 0
    photograph = (chance.random((40, 60, 3)) * 255).astype(np.uint8)
    frames = [Image.fromarray(film(seed)).convert("P") for seed in (1, 2)]
    return {
        "an HTML page": (b"<!doctype html><title>Sign in</title>", "not an image"),
        "nothing": (b"", "not an image"),
        "a DICOM file": (bytes(128) + b"DICM" + bytes(200), "DICOM"),
        "a cut JPEG": (as_jpeg(film(1))[:3000], "damaged"),
        "a cut PNG": (as_png(film(1))[:9000], "damaged"),
        "an icon": (as_png(film(1)[:40, :40]), "too small"),
        "a strip": (as_png(np.tile(film(1)[:70], (1, 8))), "too narrow"),
        "white": (as_png(np.full((300, 300), 255, np.uint8)), "blank"),
        "black": (as_png(np.zeros((300, 300), np.uint8)), "blank"),
        "black in 16 bits": (as_png(np.zeros((300, 300), np.uint16)), "blank"),
        "a chart": (as_png(bars), "chart"),
        "a photograph": (as_png(Image.fromarray(photograph).resize((600, 400))), "colour"),
        "an animation": (_animated(frames), "animated"),
    }


def _animated(frames):
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "an HTML page", "nothing", "a DICOM file", "a cut JPEG", "a cut PNG", "an icon", "a strip", "white", "black",
        "black in 16 bits", "a chart", "a photograph", "an animation",
    ],
)  # fmt: skip
def test_what_shows_no_film_is_refused_by_name(film, as_png, as_jpeg, name):
    data, reason = bad_inputs(film, as_png, as_jpeg)[name]
    with pytest.raises(NoFingerprint, match=reason) as refused:
        fingerprint_of(data)
    assert refused.value.reason == str(refused.value)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_fingerprint_or_a_reason(data):
    with pytest.raises(NoFingerprint):
        fingerprint_of(data)


def test_real_films_all_have_fingerprints_and_sixteen_bits_differ(shared, as_png):
    folder = shared / "real" / "films" / "hannover"
    films = sorted(folder.glob("*.png"))[:8]
    deep = [as_png(np.asarray(Image.open(path).convert("L")).astype(np.uint16) * 257) for path in films]
    for path, data in zip(films, deep, strict=True):
        assert distance_between(fingerprint_of(path.read_bytes()).hashes, fingerprint_of(data).hashes) <= 8
    prints = [fingerprint_of(data) for data in deep]
    assert len({fingerprint.hashes for fingerprint in prints}) == len(films)
