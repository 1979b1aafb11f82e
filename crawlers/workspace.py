"""Where a run keeps what it finds, and which settings follow from that place and from the replayed web.

`DATA_DIR`, `DATABASE_URL`, `REPLAY_ORIGIN` and `INTAKE_CONTACT` may come from the environment, from `-s` or from a
command, so what depends on them is worked out only once the command line has been read.
"""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

if TYPE_CHECKING:
    from pipelines.candidates.store import Store

CROSSREF_HOST = "api.crossref.org"
CONVERTER = "pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles"
# Between a spider's own settings (30) and those of the command line (40).
_OVER_SPIDER = 35
_REPLAY = "crawlers.replay.transport.ReplayTransport"


def data_dir(settings: BaseSettings) -> Path:
    """Return the absolute folder of the workspace; a relative `DATA_DIR` is taken from the working directory."""
    return Path(settings["DATA_DIR"]).expanduser().absolute()


def database_url(settings: BaseSettings) -> str:
    """Return `DATABASE_URL`, or where none is set the URL of the SQLite file in the workspace."""
    return str(settings["DATABASE_URL"] or f"sqlite:///{data_dir(settings) / 'intake.sqlite'}")


def crossref_url(settings: BaseSettings) -> str:
    """Return where Crossref answers: `CROSSREF_URL` if set, its replay under `REPLAY_ORIGIN`, or the real address."""
    if settings["CROSSREF_URL"]:
        return str(settings["CROSSREF_URL"])
    origin = replay_origin(settings)
    return f"{origin}/{CROSSREF_HOST}" if origin else f"https://{CROSSREF_HOST}"


def converter_url(settings: BaseSettings) -> str:
    """Return where NCBI's converter of article ids answers: `CONVERTER_URL` if set, its replay, or the real address."""
    if settings["CONVERTER_URL"]:
        return str(settings["CONVERTER_URL"])
    origin = replay_origin(settings)
    return f"{origin}/{CONVERTER}" if origin else f"https://{CONVERTER}"


def replay_origin(settings: BaseSettings) -> str:
    """Return the origin of the replayed web without a trailing slash, or `""` where the real web is crawled.

    Raise `UsageError` for one that is no web address.
    """
    origin = str(settings["REPLAY_ORIGIN"] or "").rstrip("/")
    if origin and not (urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc):
        raise UsageError(f"REPLAY_ORIGIN is {origin!r}; write it as http://127.0.0.1:8765", print_help=False)
    return origin


def user_agent(settings: BaseSettings) -> str:
    """Return the name under which sites see us, with the operator's address to write to where one is set."""
    contact = settings["INTAKE_CONTACT"]
    name = f"{settings['BOT_NAME']}/{version('intake-desk')}"
    return f"{name} (+mailto:{contact})" if contact else name


def is_dry(spider: Spider | None) -> bool:
    """Tell whether a crawl was asked to print only (`-a dry=1`), and so to leave nothing in the workspace."""
    return bool(getattr(getattr(spider, "arguments", None), "dry", False))


def settle(settings: BaseSettings) -> None:
    """Put the settings that follow from the workspace and the replayed web into `settings`; doing it twice is safe."""
    folder = data_dir(settings)
    _put(settings, "DATABASE_URL", database_url(settings))
    _put(settings, "CROSSREF_URL", crossref_url(settings))
    _put(settings, "CONVERTER_URL", converter_url(settings))
    _put(settings, "DATA_DIR", str(folder))
    settings.set("HTTPCACHE_DIR", str(folder / "httpcache"), priority="addon")
    settings.set("USER_AGENT", user_agent(settings), priority="addon")
    if replay_origin(settings):
        settings.set("DOWNLOAD_HANDLERS", {"http": _REPLAY, "https": _REPLAY}, priority=_OVER_SPIDER)
        # The pace of a source spares its server; the replayed web is our own machine.
        settings.set("DOWNLOAD_DELAY", 0, priority=_OVER_SPIDER)
        settings.set("AUTOTHROTTLE_ENABLED", False, priority=_OVER_SPIDER)


def _put(settings: BaseSettings, name: str, value: str) -> None:
    # Written at the priority the setting already has, so that a later, stronger source still wins.
    settings.set(name, value, priority=settings.getpriority(name) or "addon")


class Workspace:
    """Settle every crawl's settings; Scrapy loads it as an add-on, after the command line and before the first page."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Settle what the crawls of one process share."""
        settle(settings)

    def update_settings(self, settings: Any) -> None:
        """Settle one crawl's settings, which hold its spider's own by now."""
        settle(settings)


@cache
def store_at(url: str) -> "Store":
    """Return the store that all crawls of this process share; it stays open until the process ends."""
    from pipelines.candidates.store import Store  # SQLAlchemy and alembic take half a second that a list does not need

    return Store(url)
