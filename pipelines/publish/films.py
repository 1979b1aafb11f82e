"""Put the films of a publication into their folders: bytes as they came, panels cut out without loss."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipelines.media.blobs import BlobStore
from pipelines.publish.cells import table_at, write_table
from pipelines.publish.rows import FOLDERS, Row


@dataclass(frozen=True)
class PublishedFilm:
    """Describe a published file, and the file it is or was cut from (box: left, top, right, bottom in pixels)."""

    place: str
    sha256: str
    source_sha256: str
    box: str
    width: str
    height: str
    bits: str
    candidate: str
    image_url: str


HEADER = tuple(field.name for field in fields(PublishedFilm))


class FilmDamaged(Exception):  # noqa: N818 - named for what happened
    """Say that a file is no longer what its SHA-256 says, or that a panel cannot be cut out of it."""


def write_films(rows: Sequence[Row], folder: Path, blobs: BlobStore, previous: Path | None) -> int:
    """Place the films of all rows below `folder`, with `films.csv`; return how many there are.

    Films that the previous publication holds are linked to it, so that a snapshot costs only what is new in it. Raise
    `FilmDamaged` where bytes are no longer what they were.
    """
    for name in FOLDERS:
        (folder / name).mkdir()
    held = dict(_held(previous)) if previous else {}
    films = {row.place: row for row in rows if row.media}
    placed = [_placed(row, folder, blobs, held) for _, row in sorted(films.items())]
    write_table(folder / "films.csv", HEADER, (astuple(film) for film in placed))
    return len(placed)


def _held(previous: Path) -> Iterator[tuple[tuple[str, str], tuple[Path, str]]]:
    for film in table_at(previous / "films.csv"):
        yield (film["source_sha256"], film["box"]), (previous / film["place"], film["sha256"])


def _placed(row: Row, folder: Path, blobs: BlobStore, held: dict[tuple[str, str], tuple[Path, str]]) -> PublishedFilm:
    assert row.media is not None
    target, source = folder / row.place, row.media.sha256
    box = ",".join(map(str, row.box)) if row.box else ""
    sha256 = _linked(target, *held[source, box]) if (source, box) in held else ""
    if not sha256:
        sha256 = _made(target, row, blobs)
    left, top, right, bottom = row.box or (0, 0, row.media.width, row.media.height)
    # A volume has no size that could be told without reading it.
    size = (str(right - left or ""), str(bottom - top or ""), str(row.media.bits or ""))
    of = (row.candidate.id, row.candidate.image_url) if row.candidate else ("", "")
    return PublishedFilm(row.place, sha256, source, box, *size, *of)


def _linked(target: Path, known: Path, sha256: str) -> str:
    """Return the SHA-256 of a film linked to the previous publication, blank where that is damaged or gone."""
    try:
        if _sha256(known) != sha256:
            return ""
        os.link(known, target)
    except OSError:
        return ""
    return sha256


def _made(target: Path, row: Row, blobs: BlobStore) -> str:
    assert row.media is not None
    if row.box is None:
        shutil.copyfile(blobs.path(row.media.sha256), target)
        sha256 = _sha256(target)
        if sha256 != row.media.sha256:
            raise FilmDamaged(f"{row.name}: {blobs.path(row.media.sha256)} no longer holds what was fetched")
    else:
        from pipelines.media.crops import cropped_png

        try:
            data = cropped_png(blobs.read(row.media.sha256), row.box)
        except ValueError as error:
            raise FilmDamaged(f"{row.name}: {error}") from None
        target.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
    # One inode may stand in several snapshots: a program that writes in place must not change them all.
    target.chmod(0o444)
    return sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
