"""`scrapy duplicates` as others script it: against folders, against the collection, and as a page."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import scrapy

from pipelines.candidates.store import Store
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, fingerprint_of
from pipelines.media.blobs import BlobStore


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, film, as_png):
    """Give a workspace with two published films, one of them fingerprinted by an older version."""
    folder = tmp_path_factory.mktemp("workspace")
    blobs = BlobStore(folder / "blobs")
    with Store(f"sqlite:///{folder / 'intake.sqlite'}") as store:
        for seed, version in ((41, FINGERPRINT_VERSION), (42, 0)):
            data = as_png(film(seed))
            stored = fingerprint_of(data).to_bytes() if version else b"of another algorithm"
            store.keep_published(f"film{seed}.png", blobs.put(data).sha256, version, stored)
    return folder


def test_the_collection_is_one_side_of_the_comparison(workspace, film, as_png, as_jpeg, tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    (new / "crop.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(41)[30:-40, 50:])))
    (new / "mirrored.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(42)[:, ::-1])))
    (new / "other.png").write_bytes(as_png(film(43)))
    page = tmp_path / "pairs.html"
    done = scrapy(
        "duplicates", str(new), "--against", "collection", "--format", "jsonl", "--html", str(page), "--workers", "1",
        "-s", f"DATA_DIR={workspace}",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = {(pair["a"], Path(pair["b"]).name): pair for pair in map(json.loads, done.out.splitlines())}
    assert found.keys() == {("published:film41.png", "crop.jpg"), ("published:film42.png", "mirrored.jpg")}
    assert {pair["relation"] for pair in found.values()} == {"same image"}
    assert found["published:film42.png", "mirrored.jpg"]["transform"]["mirror"]
    html = page.read_text(encoding="utf-8")
    assert html.count("data:image/jpeg") == 6
    with Store(f"sqlite:///{workspace / 'intake.sqlite'}") as store:
        assert [name for name, _, _ in store.published(FINGERPRINT_VERSION)] == ["film41.png", "film42.png"]


def test_a_single_pair_is_counted_as_one(film, as_png, as_jpeg, tmp_path):
    for name, data in (("whole.png", as_png(film(44))), ("again.jpg", as_jpeg(film(44)))):
        (tmp_path / name).write_bytes(data)
    done = scrapy("duplicates", str(tmp_path), "--workers", "1")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].strip() == "Related pairs: 1"
