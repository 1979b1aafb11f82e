"""Blobs are whole or absent, whatever happens to the process that writes them."""

import errno
import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipelines.media.blobs import BlobStore, BlobStoreError
from pipelines.media.sniff import NotMedia, media_of


def a_film(shade: int = 90, side: int = 64, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), shade).save(buffer, format)
    return buffer.getvalue()


def test_bytes_come_back_as_they_went_in(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    data = a_film(format="WEBP")
    media = blobs.put(data)
    assert blobs.read(media.sha256) == data
    assert blobs.path(media.sha256) == tmp_path / media.sha256[:2] / media.sha256[2:4] / f"{media.sha256}.webp"
    assert blobs.has(media.sha256)
    assert not blobs.has("0" * 64)


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    written = blobs.path(blobs.put(a_film()).sha256)
    before = written.stat().st_mtime_ns
    blobs.put(a_film(), media_of(a_film()))
    assert written.stat().st_mtime_ns == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [written]


def test_a_blob_that_lost_bytes_is_written_again(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    path = blobs.path(blobs.put(a_film()).sha256)
    path.write_bytes(b"")
    blobs.put(a_film())
    assert path.read_bytes() == a_film()


def test_refused_bytes_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotMedia):
        BlobStore(tmp_path).put(b"<html><title>Sign in</title>")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_other_bytes_than_those_sniffed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the ones"):
        BlobStore(tmp_path).put(a_film(1), media_of(a_film(2)))


def test_an_unknown_blob_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such blob"):
        BlobStore(tmp_path).read("0" * 64)


@given(st.text(max_size=80))
def test_only_a_hash_is_an_address(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        BlobStore(tmp_path_factory.getbasetemp()).path(name)


@pytest.mark.parametrize(("code", "remedy"), [(errno.ENOSPC, "free space"), (errno.EACCES, "owner and rights")])
def test_a_disk_that_takes_nothing_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, remedy: str
) -> None:
    def refused(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    blobs = BlobStore(tmp_path)
    kept = blobs.put(a_film(1))
    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(BlobStoreError, match=remedy) as failed:
        blobs.put(a_film(2))
    assert str(tmp_path) in str(failed.value)
    assert failed.value.errno == code
    assert blobs.read(kept.sha256) == a_film(1)
    assert not list((tmp_path / "partial").iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is mounted as Linux does it")
def test_a_really_full_disk_is_told_as_such(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    root = tmp_path / "disk"
    root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", root], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk could be mounted: {mounted.stderr.strip()}")
    try:
        blobs = BlobStore(root)
        kept = blobs.put(a_film())
        buffer = io.BytesIO()
        Image.effect_noise((500, 500), 60).save(buffer, "PNG")
        with pytest.raises(BlobStoreError, match="is full"):
            blobs.put(buffer.getvalue())
        assert blobs.read(kept.sha256) == a_film()
    finally:
        subprocess.run(["umount", root], check=True)


WRITE_FOR_EVER = """
import io, sys
from pathlib import Path
from PIL import Image
from pipelines.media.blobs import BlobStore
blobs = BlobStore(Path(sys.argv[1]))
for seed in range(10**6):
    buffer = io.BytesIO()
    Image.effect_noise((400, 400), 1 + seed % 90).save(buffer, "BMP")
    print(blobs.put(buffer.getvalue()).sha256, flush=True)
"""


def test_a_killed_writer_leaves_only_whole_blobs(tmp_path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, tmp_path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        promised = [writer.stdout.readline().strip() for _ in range(5)]
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        blobs = BlobStore(tmp_path)
        for sha256 in promised:
            assert media_of(blobs.read(sha256)).sha256 == sha256
    for path in tmp_path.glob("??/??/*"):
        assert media_of(path.read_bytes()).sha256 == path.stem


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    partial.mkdir()
    for name, age in (("old", 7200), ("fresh", 5)):
        (partial / name).write_bytes(b"half a film")
        os.utime(partial / name, (time.time() - age, time.time() - age))
    BlobStore(tmp_path)
    assert [path.name for path in partial.iterdir()] == ["fresh"]


def test_many_writers_of_the_same_bytes_end_with_one_file(tmp_path: Path) -> None:
    films = [a_film(shade) for shade in range(5)]
    stores = [BlobStore(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda at: stores[at % 4].put(films[at % 5]), range(60)))
    assert {media.sha256 for media in kept} == {path.stem for path in tmp_path.glob("??/??/*")}
    assert len({media.sha256 for media in kept}) == 5
