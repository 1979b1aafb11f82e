"""What the stages of all spiders in one process share: store, blobs, Crossref, comparisons, worker processes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from pipelines.candidates.store import Store
from pipelines.comparisons import Comparisons
from pipelines.media.blobs import BlobStore
from pipelines.references.converter import IdConverter
from pipelines.references.crossref import Crossref
from pipelines.workers import Workers

_ASKED_AT_ONCE = 4  # one more than Crossref's polite pool answers together


class Desk:
    """Open one workspace for the stages of every spider that runs in this process."""

    _open: ClassVar[dict[str, "Desk"]] = {}  # one a workspace, by its database

    def __init__(self, settings: Any) -> None:
        """Open the workspace that `DATA_DIR` and `DATABASE_URL` name; create it where it is new."""
        folder = Path(settings["DATA_DIR"])
        self.store = Store(settings["DATABASE_URL"])
        self.blobs = BlobStore(folder / "blobs")
        self.workers = Workers(settings.getint("PIPELINE_WORKERS"), settings.getfloat("PIPELINE_PATIENCE"))
        contact = settings["INTAKE_CONTACT"]
        self.crossref = Crossref(settings["CROSSREF_URL"], contact, self.store)
        self.converter = IdConverter(settings["CONVERTER_URL"], contact, self.store)
        # Threads of their own: at the pace of these services all of the event loop's might come to wait.
        self.asking = ThreadPoolExecutor(_ASKED_AT_ONCE, "asking")
        self.comparisons = Comparisons(self.store, self.blobs, self.workers)
        self._users = 0

    @classmethod
    def opened(cls, settings: Any) -> "Desk":
        """Return this process's desk for the workspace of `settings`; each call is matched by one `leave`."""
        key = str(settings["DATABASE_URL"])
        desk = cls._open.get(key)
        if desk is None:
            desk = cls._open[key] = cls(settings)
        desk._users += 1
        return desk

    def leave(self) -> None:
        """Close the desk when its last user has left."""
        self._users -= 1
        if self._users == 0:
            self.comparisons.close()
            self.asking.shutdown(wait=False, cancel_futures=True)
            self.workers.close()
            self.store.close()
            Desk._open = {key: desk for key, desk in Desk._open.items() if desk is not self}
