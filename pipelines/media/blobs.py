"""The bytes as they came, each file under its SHA-256 and written at most once."""

import errno
import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

from pipelines.media.sniff import media_of
from pipelines.records import Media

_SHA256 = re.compile(r"[0-9a-f]{64}")
# A write takes seconds: whatever is older was left by a process that was killed.
_ABANDONED_SECONDS = 3600
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class BlobStoreError(OSError):
    """Say that the folder of blobs cannot be written, and what to do about it."""


class BlobStore:
    """Keep files at `root/ab/cd/<sha256>.<extension>`, the extension sniffed from the bytes.

    A file appears under its name only when it is whole, so a process killed while writing leaves nothing that looks
    like a blob, and two processes that keep the same bytes at once end with one file.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._partial = root / "partial"
        self._sweep()

    def put(self, data: bytes, media: Media | None = None) -> Media:
        """Keep the bytes and return what they are; `media` saves sniffing them again.

        Raise `NotMedia` for bytes that are no media and `BlobStoreError` where they cannot be written.
        """
        media = media or media_of(data)
        if hashlib.sha256(data).hexdigest() != media.sha256:
            raise ValueError(f"these bytes are not the ones sniffed as {media.sha256}")
        path = self._path(media)
        # A file of another length is one that a failing disk left behind: it is written again.
        if not (path.exists() and path.stat().st_size == media.size):
            self._write(path, data)
        return media

    def path(self, sha256: str) -> Path:
        """Return where the blob lies; raise `FileNotFoundError` where it does not."""
        folder = self._folder(sha256)
        found = next(folder.glob(f"{sha256}.*"), None)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "no such blob", str(folder / sha256))
        return found

    def read(self, sha256: str) -> bytes:
        """Return the blob's bytes; raise `FileNotFoundError` for an unknown one."""
        return self.path(sha256).read_bytes()

    def has(self, sha256: str) -> bool:
        """Tell whether the blob is kept."""
        return any(self._folder(sha256).glob(f"{sha256}.*"))

    def _folder(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256 in lower-case hexadecimal")
        return self.root / sha256[:2] / sha256[2:4]

    def _path(self, media: Media) -> Path:
        return self._folder(media.sha256) / f"{media.sha256}.{media.extension}"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._partial, delete=False) as partial:
                try:
                    partial.write(data)
                    partial.flush()
                    # The store is about to name this file: it must outlive a power cut, too.
                    os.fsync(partial.fileno())
                    Path(partial.name).replace(path)
                except BaseException:
                    Path(partial.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise BlobStoreError(error.errno, _remedy(error, self.root), str(path)) from error

    def _sweep(self) -> None:
        """Remove what killed processes left half-written."""
        for partial in self._partial.glob("*"):
            try:
                if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                    partial.unlink()
            except FileNotFoundError:
                continue  # another process swept it first


def _remedy(error: OSError, root: Path) -> str:
    if error.errno in _NO_SPACE:
        return (
            f"the disk that holds {root} is full: free space or set DATA_DIR to another disk, then run again; "
            "what is stored already is safe"
        )
    return f"{root} cannot be written ({error.strerror}): check its owner and rights, or set DATA_DIR to another folder"
