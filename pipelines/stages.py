"""The item pipelines in order, each a few lines that call the room they name; scrapy is imported here alone.

Known → Media → Figures → References → Reading → Duplicates → Candidates. A stage that fails for one case leaves that
case with an issue and a retry mark, and the case goes on: it is never dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.media import MediaPipeline
from twisted.python.failure import Failure

from pipelines.candidates.films import film_key
from pipelines.desk import Desk
from pipelines.media.sniff import NotMedia, media_of
from pipelines.reading import READER_VERSION
from pipelines.records import Case, Document, Image, Issue, IssueKind, Media, Reading

logger = logging.getLogger(__name__)


@dataclass
class Dossier:
    """Carry one case through the stages with what each found; `complete` falls where a stage is owed a retry.

    `content_hash` is of the case as its page words it, before any stage has added to it.
    """

    case: Case
    content_hash: str
    readings: list[Reading] = field(default_factory=list)
    complete: bool = True
    unchanged: bool = False

    def pictures(self) -> Iterator[Image | Document]:
        """Yield whatever of the case is to be fetched: images and article files."""
        yield from (image for _, _, image in self.case.images())
        yield from self.case.documents

    def owe(self, stage: str, error: BaseException) -> None:
        """Note on the case that a stage failed and is tried again at the next crawl."""
        self.complete = False
        self.case.issues.append(Issue(kind="retry", message=f"{stage} failed and is tried again: {error!r}"))


class Stage:
    """Do one step for each case that passes; a subclass says what in `work`."""

    def __init__(self, crawler: Crawler) -> None:
        """Join the desk that all stages of this process share."""
        self.crawler = crawler
        assert crawler.stats is not None
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the stage for one crawl."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Join the desk."""
        self.desk = Desk.opened(self.crawler.settings)

    def close_spider(self) -> None:
        """Leave the desk."""
        self.desk.leave()

    async def process_item(self, item: Dossier) -> Dossier:
        """Return the dossier with this stage's work in it, or with an issue and a retry mark."""
        try:
            await self.work(item)
        except Exception as error:
            name = type(self).__name__
            self.stats.inc_value(f"stages/{name}/failed")
            logger.exception("%s failed for %s", name, item.case.url)
            item.owe(name.removesuffix("Stage"), error)
        return item

    async def work(self, dossier: Dossier) -> None:
        """Do this stage's step on the dossier."""
        raise NotImplementedError


class KnownStage(Stage):
    """Let a case pass only if it is new, changed, owed a retry, or was read by an older reader."""

    async def process_item(self, item: Case) -> Dossier:  # type: ignore[override]  # the door: a case comes in
        """Return the case's dossier; drop the item where nothing has changed since it was last worked through."""
        dossier = await super().process_item(Dossier(item, item.content_hash()))
        if not dossier.unchanged:
            return dossier
        self.stats.inc_value("cases/unchanged")
        self.stats.inc_value("images/skipped", len(item.images()))
        raise DropItem(f"unchanged: {item.url}", log_level="DEBUG")

    async def work(self, dossier: Dossier) -> None:
        """Put the case under the id by which it is known, and see whether it says what it said."""
        dossier.case = case = self.desk.store.under_its_id(dossier.case)
        known = self.desk.store.known_case(case.source, case.source_id)
        if known is None or not known.complete or known.reader_version != READER_VERSION:
            return
        if known.content_hash == dossier.content_hash:
            dossier.unchanged = True
            self.desk.store.touch_case(case.source, case.source_id, self.stats.get_value("run/id"))


class MediaMissing(Exception):  # noqa: N818
    """Say why a picture or file could not be kept; `passing` where another try may succeed.

    `damaged` tells of one that came but is not whole.
    """

    def __init__(self, reason: str, passing: bool, damaged: bool = False) -> None:
        """Keep the reason in plain words."""
        super().__init__(reason)
        self.passing = passing
        self.damaged = damaged


class MediaStage(MediaPipeline):
    """Fetch the pictures and article files of a case and keep their bytes as they came.

    It stands on Scrapy's media pipeline, which fetches through the same engine, robots.txt and limits as pages; the
    images pipeline would re-encode every film, the files pipeline would name it by its URL.
    """

    def open_spider(self, spider: Any = None) -> None:
        """Join the desk."""
        super().open_spider()
        self.desk = Desk.opened(self.crawler.settings)
        assert self.crawler.stats is not None
        self.stats = self.crawler.stats
        self._missing: dict[str, MediaMissing] = {}

    def close_spider(self) -> None:
        """Leave the desk."""
        self.desk.leave()

    def get_media_requests(self, item: Dossier, info: Any) -> list[Request]:
        """Return a request for each picture and file that is not on this machine."""
        return [Request(picture.url, callback=NO_CALLBACK) for picture in item.pictures() if not picture.local]

    def media_to_download(self, request: Request, info: Any, *, item: Any = None) -> Any:
        """Return what is known of an address whose bytes are kept already, so that nothing is fetched twice."""
        sha256 = self.desk.store.fetched(request.url)
        if sha256 is None or not self.desk.blobs.has(sha256):
            return None
        self.stats.inc_value("images/skipped")
        return {"url": request.url, "path": self.file_path(request), "checksum": sha256, "status": "known"}

    async def media_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> Any:
        """Keep the bytes of an answer, or raise `MediaMissing` with the reason."""
        if response.status != 200:
            passing = response.status in (408, 425, 429) or response.status >= 500
            raise MediaMissing(f"the site answered {response.status}", passing)
        media = await self._kept(response.body)
        self.desk.store.keep_fetched(request.url, media)
        self.stats.inc_value("images/fetched")
        return {"url": request.url, "path": self.file_path(request), "checksum": media.sha256, "status": "fetched"}

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """Return where the bytes of an address are kept: by their content, so blank before they are."""
        sha256 = self.desk.store.fetched(request.url)
        return str(self.desk.blobs.path(sha256)) if sha256 else ""

    async def _kept(self, data: bytes) -> Media:
        try:
            # A whole decode shows a picture that is cut off, and would hold up the fetching of all others.
            media = await self.desk.workers.result_of(media_of, data)
            return await asyncio.to_thread(self.desk.blobs.put, data, media)
        except NotMedia as refusal:
            raise MediaMissing(str(refusal), refusal.passing, damaged=refusal.promised is not None) from None

    def media_failed(self, failure: Failure, request: Request, info: Any) -> Any:
        """Note the reason in plain words; raised, Scrapy would print a traceback for what is no fault of ours."""
        fault = failure.value
        if not isinstance(fault, MediaMissing):
            fault = MediaMissing(str(fault) or type(fault).__name__, passing=not isinstance(fault, IgnoreRequest))
        self._missing[request.url] = fault

    async def process_item(self, item: Dossier, spider: Any = None) -> Dossier:
        """Keep what a person handed in, then fetch the rest; a missing picture is an issue on the case."""
        for picture in item.pictures():
            if picture.local:
                try:
                    picture.media = await self._kept(Path(picture.local).read_bytes())
                except (MediaMissing, OSError) as error:
                    self._note_missing(item, picture, error)
        dossier: Dossier = await super().process_item(item)
        return dossier

    def item_completed(self, results: list[Any], item: Dossier, info: Any) -> Dossier:
        """Put what was fetched to its picture."""
        fetched = (picture for picture in item.pictures() if not picture.local)
        for picture, (_, result) in zip(fetched, results, strict=True):
            if result is None:
                self._note_missing(item, picture, self._missing[Request(picture.url).url])
            else:
                picture.media = self.desk.store.media(result["checksum"])
        return item

    def _note_missing(self, dossier: Dossier, picture: Image | Document, error: MediaMissing | OSError) -> None:
        self.stats.inc_value("images/failed")
        logger.warning("%s: %s is missing: %s", dossier.case.url, picture.url, error)
        damaged = isinstance(error, MediaMissing) and error.damaged
        kind: IssueKind = "media damaged" if damaged else "media missing"
        dossier.case.issues.append(Issue(kind=kind, message=f"{picture.url}: {error}"))
        if not isinstance(error, MediaMissing) or error.passing:
            dossier.complete = False


class FiguresStage(Stage):
    """Cut the figures out of article files; each becomes an image of the case with its caption."""

    async def work(self, dossier: Dossier) -> None:
        """Add a study of cut figures for each article file, then part compound figures into their panels."""
        for document in dossier.case.documents:
            if document.media is not None:
                from pipelines.figures.documents import with_figures_of

                path = self.desk.blobs.path(document.media.sha256)
                add = partial(with_figures_of, dossier.case, document, path, self.desk.blobs.put)
                dossier.case = await asyncio.to_thread(add)
        if any(image.figure for _, _, image in dossier.case.images()):
            dossier.case = await self.desk.workers.result_of(_with_panels, dossier.case, self.desk.blobs.path)


class ReferencesStage(Stage):
    """Confirm and complete the case's DOI, licence and date through Crossref."""

    async def work(self, dossier: Dossier) -> None:
        """Add Crossref's record of the case as a text that values can be quoted from."""
        from pipelines.references.record import referenced

        ask = partial(referenced, dossier.case, self.desk.crossref, self.desk.converter)
        dossier.case = await asyncio.get_running_loop().run_in_executor(self.desk.asking, ask)
        dossier.complete &= not any(issue.kind == "retry" for issue in dossier.case.issues)


class ReadingStage(Stage):
    """Read the clinical and imaging fields of each film out of the case's texts."""

    async def work(self, dossier: Dossier) -> None:
        """Put a reading to each film of the case."""
        dossier.readings = await self.desk.workers.result_of(_readings, dossier.case)


class DuplicatesStage(Stage):
    """Compare each film of the case with every film known."""

    async def work(self, dossier: Dossier) -> None:
        """Learn how each film of the case relates to those it resembles; a picture that is no film is an issue."""
        for study, place, image in dossier.case.images():
            if image.media is None:
                continue
            panels = image.figure.panels if image.figure else []
            for number, panel in enumerate(panels) if panels else [(None, None)]:
                if reason := await self.desk.comparisons.compare(film_key(image.media.sha256, panel)):
                    for reading in dossier.readings:
                        if (reading.study, reading.image, reading.panel) == (study, place, number):
                            reading.issues.append(Issue(kind="not a film", message=reason))


class CandidatesStage(Stage):
    """Write the case, its rows and what a person must know of them to the store."""

    async def work(self, dossier: Dossier) -> None:
        """Keep the case and its candidates in one transaction, then how their films relate, and count what is new."""
        from pipelines.candidates.rows import candidates_for

        case, run_id = dossier.case, self.stats.get_value("run/id")
        proposed = candidates_for(case, dossier.readings)
        intake = self.desk.store.take_in(
            case, proposed, dossier.content_hash, READER_VERSION, complete=dossier.complete, run_id=run_id
        )
        for candidate in proposed:
            self.desk.comparisons.keep_matches(candidate)
        self.stats.inc_value(f"cases/{intake.case}")
        self.stats.inc_value("candidates/new", intake.candidates_new)
        self.stats.inc_value("rows", len(proposed))
        self.stats.inc_value("issues", len(case.issues) + sum(len(candidate.issues) for candidate in proposed))
        for candidate in proposed:
            for column, value in candidate.row.items():
                if value:
                    self.stats.inc_value(f"fields/{column}/filled")


# Their rooms are imported by the processes that do the work, and not by the one that fetches.
def _with_panels(case: Case, path_of: Callable[[str], Path]) -> Case:
    from pipelines.figures.documents import with_panels_of

    return with_panels_of(case, path_of)


def _readings(case: Case) -> list[Reading]:
    from pipelines.reading.reader import readings_of

    return readings_of(case)
