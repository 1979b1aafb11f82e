import csv
import itertools
import json

import numpy as np
import pytest

from pipelines.duplicates.pairs import related_pairs
from pipelines.duplicates.verification import compared


@pytest.fixture(scope="module")
def folder(tmp_path_factory, film, as_png, as_jpeg):
    folder = tmp_path_factory.mktemp("films")
    for seed in range(4):
        (folder / f"film{seed}.png").write_bytes(as_png(film(seed)))
    (folder / "same.png").write_bytes(as_png(film(0)))
    (folder / "crop.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(1)[40:-60, 50:-70])))
    (folder / "mirrored.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(2)[:, ::-1])))
    (folder / "black.png").write_bytes(as_png(np.zeros((300, 300), np.uint8)))
    (folder / "white.png").write_bytes(as_png(np.full((300, 300), 255, np.uint8)))
    (folder / "page.jpg").write_text("<!doctype html>")
    return folder


def names(pairs):
    return {frozenset((pair.a.rsplit("/", 1)[1], pair.b.rsplit("/", 1)[1])): pair.relation for pair in pairs}


def test_every_related_pair_is_named_once_and_every_unread_file_too(folder):
    unread, steps = [], []
    pairs = list(
        related_pairs(
            [*sorted(folder.iterdir()), folder / "missing.png"],
            workers=1,
            on_unread=unread.append,
            on_progress=lambda *step: steps.append(step),
        )
    )
    assert names(pairs) == {
        frozenset(("film0.png", "same.png")): "same bytes",
        frozenset(("film1.png", "crop.jpg")): "same image",
        frozenset(("film2.png", "mirrored.jpg")): "same image",
    }
    assert len(pairs) == 3
    assert {item.path.rsplit("/", 1)[1]: item.reason for item in unread}.keys() == {
        "black.png", "white.png", "page.jpg", "missing.png",
    }  # fmt: skip
    assert ("films", 11, 11) in steps
    lines = [json.loads(json.dumps(pair.as_dict())) for pair in pairs]
    assert {tuple(line) for line in lines} == {
        ("a", "b", "relation", "distance", "correlation", "overlap", "transform")
    }
    mirrored = next(line for line in lines if "mirrored" in line["a"] + line["b"])
    assert mirrored["transform"]["mirror"] is True
    assert set(mirrored["transform"]) == {"mirror", "invert", "rotation", "scale", "crop"}


def test_films_of_a_collection_are_compared_with_new_ones_only(folder):
    new = [folder / "crop.jpg"]
    known = [folder / "film0.png", folder / "film1.png", folder / "same.png"]
    pairs = list(related_pairs(new, against=known, workers=1))
    assert names(pairs) == {frozenset(("film1.png", "crop.jpg")): "same image"}


def test_real_copies_from_other_collections_are_found(shared):
    crossposted = shared / "real" / "films" / "crossposted"
    with (crossposted / "pairs.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for _, group in itertools.groupby(sorted(rows, key=lambda row: row["class"]), key=lambda row: row["class"]):
        row = next(group)
        a, b = ((crossposted / row[side]).read_bytes() for side in "ab")
        assert compared(a, b).relation == "same image", row


def test_follow_ups_of_one_patient_are_never_one_film(shared):
    hannover = shared / "real" / "films" / "hannover"
    with (hannover / "data.csv").open(encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["patient_id"])
    found = []
    # The eight pairs that come closest to being one film, of all follow-ups there.
    closest = {
        ("7afaaccc", "ec083e35"), ("1052b0fe", "8da14fff"), ("7afaaccc", "c601f50d"), ("8da14fff", "ada8c494"),
        ("1052b0fe", "ada8c494"), ("a361d7b7", "d9d6ca9a"), ("c601f50d", "ec083e35"), ("1f8a4a54", "21982772"),
    }  # fmt: skip
    patient = {row["image_id"]: row["patient_id"] for row in rows}
    for a, b in closest:
        assert patient[a] == patient[b]
        found.append(compared((hannover / f"{a}.png").read_bytes(), (hannover / f"{b}.png").read_bytes()).relation)
    assert set(found) <= {"same patient, other film", "unrelated"}
    assert "same patient, other film" in found
