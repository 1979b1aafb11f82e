"""Keep publications side by side and put one in force at one instant.

`OUT` is a link to the newest folder in `OUT.snapshots`. Replacing a link is one system call, so a reader finds the old
publication or the new one, whole; a process killed at any instant leaves the old one and a folder that is swept next.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PARTIAL = "partial-"


class PublicationError(Exception):
    """Say why nothing can be published at a place, and what to do about it."""


class Snapshots:
    """Hold the publications of one place."""

    def __init__(self, out: Path) -> None:
        """Publish at `out`; raise `PublicationError` where something else stands there."""
        self.out = out.absolute()
        self.folder = self.out.with_name(f"{self.out.name}.snapshots")
        if self.out.is_symlink():
            if self.out.resolve().parent != self.folder.resolve():
                raise PublicationError(f"{out} is a link to somewhere else: name another --out")
        elif self.out.exists() and not (self.out.is_dir() and not any(self.out.iterdir())):
            raise PublicationError(f"{out} holds something that `scrapy publish` did not write: name another --out")

    def current(self) -> Path | None:
        """Return the folder of the publication in force."""
        return self.out.resolve() if self.out.is_symlink() and self.out.exists() else None

    def named(self, ending: str) -> list[Path]:
        """Return the snapshots whose names end so, the newest first."""
        return sorted(self.folder.glob(f"[0-9]*-{ending}"), reverse=True)

    def next_number(self) -> int:
        """Return the number of the next snapshot."""
        return max((int(path.name.partition("-")[0]) for path in self.named("*")), default=0) + 1

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give an empty folder to write the next publication in; raise `PublicationError` if another writes."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("w") as lock:
                _lock(lock.fileno(), self.out)
                for left in self.folder.glob(f"{_PARTIAL}*"):
                    shutil.rmtree(left)  # whoever wrote it is dead: we hold the lock
                partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=self.folder))
                partial.chmod(0o755)
                try:
                    yield partial
                finally:
                    shutil.rmtree(partial, ignore_errors=True)
        except OSError as error:
            raise PublicationError(
                f"cannot write to {error.filename or self.folder} ({error.strerror}): free space, check its rights or "
                "name another --out; what is published already stands"
            ) from error

    def put_in_force(self, partial: Path, name: str) -> Path:
        """Make the written folder the publication in force, under its name."""
        for path in partial.rglob("*"):
            if path.is_dir() or path.stat().st_nlink == 1:  # linked films outlived the last publication already
                _sync(path)
        _sync(partial)
        snapshot = partial.rename(self.folder / name)
        _sync(self.folder)
        self.switch_to(snapshot)
        return snapshot

    def switch_to(self, snapshot: Path) -> None:
        """Point the link at a snapshot."""
        link = self.folder / "next"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.folder.name) / snapshot.name, target_is_directory=True)
        if self.out.is_dir() and not self.out.is_symlink():
            self.out.rmdir()  # an empty folder that was made for us; nothing was published yet
        link.replace(self.out)
        _sync(self.out.parent)


def _lock(file: int, out: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PublicationError(f"another process is publishing to {out} now: wait for it") from None


def _sync(path: Path) -> None:
    """Have what was written to a file or folder outlive a power cut."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
