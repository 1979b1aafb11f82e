"""The kept index finds what the index in memory finds, and stands on no file but a whole one of this version."""

from pathlib import Path

import numpy as np
import pytest

from pipelines.duplicates.fingerprints import Fingerprint, fingerprint_of
from pipelines.duplicates.hashes import distance_between
from pipelines.duplicates.kept_index import KeptIndex, distances_from
from pipelines.duplicates.shortlist import Shortlist


@pytest.fixture(scope="module")
def known(film, as_png) -> dict[str, Fingerprint]:
    return {f"film{seed}": fingerprint_of(as_png(film(seed))) for seed in range(6)}


@pytest.fixture
def path(known, tmp_path: Path) -> Path:
    index = KeptIndex.at(tmp_path / "films.index")
    index.add((key, fingerprint.to_bytes()) for key, fingerprint in known.items())
    index.add([("blank", b"")])
    index.keep(tmp_path / "films.index")
    return tmp_path / "films.index"


def test_the_file_knows_its_films(path, known):
    assert KeptIndex.at(path).unknown_of({*known, "blank", "new"}) == ["new"]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("part", [slice(0, 640), slice(70, 600)])
def test_it_names_what_the_index_in_memory_names(path, known, film, as_png, part):
    asked = fingerprint_of(as_png(np.ascontiguousarray(film(3)[part, 40:700])))
    named = [key for key, _ in KeptIndex.at(path).near(asked)]
    assert named == Shortlist(known.items()).shortlist(asked)
    assert named[0] == "film3"


def test_films_added_to_a_read_index_are_found_at_once(path, film, as_png):
    index = KeptIndex.at(path)
    later = fingerprint_of(as_png(film(77)))
    index.add([("later", later.to_bytes())])
    assert index.near(later) == [("later", 0)]


@pytest.mark.parametrize("bytes_left", [0, 5, 200, -1])
def test_a_damaged_file_is_as_good_as_none(path, bytes_left):
    path.write_bytes(path.read_bytes()[:bytes_left])
    assert KeptIndex.at(path).unknown_of({"film1"}) == ["film1"]


def test_a_file_of_another_version_is_not_used(path, monkeypatch):
    monkeypatch.setattr("pipelines.duplicates.kept_index.FINGERPRINT_VERSION", 99)
    assert KeptIndex.at(path).unknown_of({"film1"}) == ["film1"]


def test_distances_are_those_of_two_films(known):
    asked = known["film2"]
    words = np.stack([np.frombuffer(fingerprint.hashes[0], np.uint64) for fingerprint in known.values()])
    expected = [distance_between(fingerprint.hashes, asked.hashes) for fingerprint in known.values()]
    # Each film's own mirrored hash is not kept, so the mirror is turned back on the side of the film asked for.
    assert distances_from(asked.hashes, words).tolist()[2] == expected[2] == 0
    assert (np.abs(distances_from(asked.hashes, words) - expected) <= 4).all()
