import hashlib
import io
from dataclasses import replace
from importlib import resources

import cv2
import numpy as np
import pytest

from pipelines.duplicates import crops
from pipelines.duplicates.codes import BASIS, KEY_BITS, WEAK_BITS, appearances_of, codes_of, probes_of
from pipelines.duplicates.crops import CropIndex
from pipelines.duplicates.film import film_of
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, fingerprint_of
from pipelines.duplicates.local_features import APPEARANCES
from pipelines.duplicates.shortlist import Shortlist


@pytest.fixture(scope="module")
def fingerprints(film, as_png):
    return {str(seed): fingerprint_of(as_png(film(seed))) for seed in range(12)}


def test_mirroring_and_inverting_only_flips_known_bits(film, as_png):
    features = film_of(as_png(film(1))).features
    for turned, order in zip(appearances_of(codes_of(features)), APPEARANCES.values(), strict=True):
        again = codes_of(replace(features, descriptors=np.ascontiguousarray(features.descriptors[:, order])))
        assert (turned["key"] == again["key"]).mean() > 0.99
        assert np.bitwise_count(turned["signs"] ^ again["signs"]).mean() < 0.1


def test_a_code_is_looked_up_under_its_key_and_every_change_of_its_weak_bits(film, as_png):
    codes = codes_of(film_of(as_png(film(1))).features)
    probes = probes_of(codes)
    assert probes.shape == (len(codes), 2**WEAK_BITS)
    assert all(len(set(row)) == 2**WEAK_BITS for row in probes.tolist())
    assert (probes[:, 0] == codes["key"]).all()
    assert np.bitwise_count(probes ^ codes["key"][:, None]).max() == WEAK_BITS
    assert probes.max() < 1 << KEY_BITS


def cut(pixels, how):
    height, width = pixels.shape
    match how:
        case "a quarter off":
            return pixels[height // 10 : -height // 12, width // 15 : -width // 16]
        case "half off":
            return pixels[height // 5 : -height // 8, width // 6 : -width // 8]
        case "mirrored and cut":
            return pixels[30:-40, 20:-60][:, ::-1]
        case "inverted and cut":
            return 255 - pixels[30:-40, 20:-60]
        case "turned and cut":
            return np.rot90(pixels[30:-40, 20:-60])
        case "stretched and cut":
            return cv2.createCLAHE(4.0, (8, 8)).apply(np.ascontiguousarray(pixels[30:-40, 20:-60]))
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    ["a quarter off", "half off", "mirrored and cut", "inverted and cut", "turned and cut", "stretched and cut"],
)
def test_a_crop_finds_its_film_first(film, as_jpeg, fingerprints, how):
    shortlist = Shortlist(fingerprints.items())
    copy = fingerprint_of(as_jpeg(np.ascontiguousarray(cut(film(5), how))))
    assert shortlist.shortlist(copy)[0] == "5"


def test_each_panel_of_a_compound_figure_finds_its_film(film, as_jpeg, fingerprints):
    panels = [cv2.resize(film(seed), (450, 400), interpolation=cv2.INTER_AREA) for seed in (2, 4, 6, 8)]
    panels = [cv2.copyMakeBorder(panel, 5, 5, 5, 5, cv2.BORDER_CONSTANT, value=255) for panel in panels]
    figure = np.vstack([np.hstack(panels[:2]), np.hstack(panels[2:])])
    found = Shortlist(fingerprints.items()).shortlist(fingerprint_of(as_jpeg(figure, 85)))
    assert {"2", "4", "6", "8"} <= set(found)


def test_films_added_after_a_search_are_found(fingerprints):
    index = CropIndex()
    for count, (key, fingerprint) in enumerate(fingerprints.items()):
        assert key not in dict(index.near(fingerprint.codes))
        index.add(key, fingerprint.codes)
        assert index.near(fingerprint.codes)[0][0] == key
        assert len(index) == count + 1


@pytest.mark.parametrize("growth", [0, 1, 4])
def test_merging_parts_changes_no_answer(fingerprints, monkeypatch, growth):
    def answers():
        index = CropIndex()
        found = []
        for key, fingerprint in fingerprints.items():
            index.add(key, fingerprint.codes)
            found.append(index.near(fingerprint.codes, fewest=1))
        return found

    unmerged = answers()
    monkeypatch.setattr(crops, "_NEWEST", 100)
    monkeypatch.setattr(crops, "_GROWTH", growth)
    assert answers() == unmerged


def test_a_film_without_features_is_no_error(fingerprints):
    index = CropIndex()
    nothing = next(iter(fingerprints.values())).codes[:0]
    index.add("smooth", nothing)
    assert index.near(nothing) == []
    assert index.near(fingerprints["1"].codes) == []


def test_a_key_known_already_is_not_known_twice(fingerprints):
    shortlist = Shortlist()
    for _ in range(2):
        shortlist.add("1", fingerprints["1"])
    assert len(shortlist) == 1
    assert shortlist.shortlist(fingerprints["1"]) == ["1"]


def test_the_basis_belongs_to_this_version_of_the_fingerprint():
    """Another basis makes other codes: raise FINGERPRINT_VERSION with it, then put the new digest here."""
    basis = resources.files("pipelines.duplicates").joinpath(BASIS).read_bytes()
    arrays = np.load(io.BytesIO(basis))
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays.files))).hexdigest()
    assert (FINGERPRINT_VERSION, digest[:16]) == (2, "e4059384a55910e5")
