"""Find the films of an adopted collection in a folder, and tell what each file is."""

import gzip
import hashlib
import io
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.candidates.collection import AdoptedRow
from pipelines.media.limits import MAX_BYTES
from pipelines.media.sniff import NotMedia, media_of
from pipelines.records import Media

Key = tuple[str, int]

_GZIP = b"\x1f\x8b"
# NIfTI-1 and -2 state the length of their header first and their kind in it (https://nifti.nimh.nih.gov/nifti-1).
_NIFTI = {(348).to_bytes(4, "little"), (348).to_bytes(4, "big"), (540).to_bytes(4, "little"), (540).to_bytes(4, "big")}


@dataclass(frozen=True)
class FilmFile:
    """Say what a file is, with its fingerprint (`b""`: it can have none), or why it is no film."""

    media: Media | None
    fingerprint: bytes = b""
    refusal: str = ""


def files_of(rows: Iterable[AdoptedRow], folder: Path) -> tuple[dict[Key, Path], dict[Key, str]]:
    """Return the file of each row by the row's key, and for each row without one the reason.

    A file is looked for under the row's own folder, then by its name anywhere below `folder`.
    """
    by_name = defaultdict(list)
    for place, _, names in os.walk(folder):
        for name in names:
            by_name[name].append(Path(place) / name)
    found: dict[Key, Path] = {}
    missing: dict[Key, str] = {}
    for row in rows:
        if not _is_plain(row.filename):
            missing[row.key] = "its name is none of a file in a folder"
            continue
        paths = by_name[row.filename]
        own = (folder / row.row["folder"] / row.filename, folder / row.filename)
        if preferred := [path for path in own if path in paths]:
            found[row.key] = preferred[0]
        elif len(paths) == 1:
            found[row.key] = paths[0]
        else:
            missing[row.key] = f"{len(paths)} files have its name" if paths else f"not below {folder.name}"
    return found, missing


def film_at(path: Path) -> FilmFile:
    """Return what a file is and its fingerprint; slow, for a worker process."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return FilmFile(None, refusal=f"larger than {MAX_BYTES:,} bytes")
        data = path.read_bytes()
        media = _volume(data) or media_of(data)
    except OSError as error:
        return FilmFile(None, refusal=error.strerror or str(error))
    except NotMedia as error:
        return FilmFile(None, refusal=str(error))
    if media.mime == "application/dicom":
        return FilmFile(None, refusal="a DICOM file, whose header may name the patient: make a PNG or NIfTI of it")
    if media.mime == "application/pdf":
        return FilmFile(None, refusal="a PDF, no film")
    return FilmFile(media, _fingerprint(data) if media.mime.startswith("image/") else b"")


def _fingerprint(data: bytes) -> bytes:
    from pipelines.duplicates.fingerprints import NoFingerprint, fingerprint_of

    try:
        return fingerprint_of(data).to_bytes()
    except NoFingerprint:
        return b""


def _volume(data: bytes) -> Media | None:
    """Return what a NIfTI volume is, the form in which the collection publishes stacks of CT slices."""
    packed = data.startswith(_GZIP)
    try:
        head = gzip.GzipFile(fileobj=io.BytesIO(data)).read(4) if packed else data[:4]
    except (OSError, EOFError):
        return None
    if head not in _NIFTI:
        return None
    mime, extension = ("application/gzip", "nii.gz") if packed else ("application/x-nifti", "nii")
    return Media(sha256=hashlib.sha256(data).hexdigest(), mime=mime, extension=extension, size=len(data))


def _is_plain(filename: str) -> bool:
    """Tell whether a name stands for a file in a folder and for nothing outside it."""
    return filename not in ("", ".", "..") and not any(c in "/\\" or ord(c) < 32 for c in filename)
