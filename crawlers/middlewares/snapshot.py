"""Keep every page as it was when a case was read from it, in one WARC file a run."""

import errno
import hashlib
import logging
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO, FileIO
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.middlewares.pages import is_page
from crawlers.workspace import data_dir, database_url, is_dry, store_at

logger = logging.getLogger(__name__)

# The body is kept decoded and whole, so the first two no longer hold; the third identifies a session.
_NOT_KEPT = (b"content-encoding", b"transfer-encoding", b"set-cookie")


class SnapshotMiddleware:
    """Write each page that is new or changed as a WARC record, and its place under its URL to the store."""

    def __init__(self, crawler: Crawler) -> None:
        """Open nothing yet; the file begins with its first page."""
        if is_dry(crawler.spider):
            raise NotConfigured  # without a word, which Scrapy would print: a dry run keeps nothing, as was asked for
        assert crawler.spider is not None
        self.crawler = crawler
        self._folder = data_dir(crawler.settings) / "snapshots"
        self._store = store_at(database_url(crawler.settings))
        self._name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{crawler.spider.name}.warc.gz"
        self._file: FileIO | None = None
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware for one crawl."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep a page that the store does not hold in these bytes, and return it as it is."""
        if response.status == HTTPStatus.OK and is_page(response):
            sha256 = hashlib.sha256(response.body).hexdigest()
            known = self._store.snapshot(response.url)
            if known is None or known.sha256 != sha256:
                self._keep(response, sha256)
        return response

    def _keep(self, response: Response, sha256: str) -> None:
        fetched = datetime.now(UTC)
        record = warc_record(response, fetched)
        try:
            offset = self._written(record)
        except OSError as error:
            self.crawler.stats.inc_value("snapshots/failed")
            logger.error("%s is not kept as a snapshot: %s (%s)", response.url, error, self._folder)
            return
        self._store.keep_snapshot(response.url, self._name, offset, len(record), sha256, fetched)

    def _written(self, record: bytes) -> int:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self._folder / self._name, "x")
        offset = self._file.tell()
        try:
            # `FileIO` holds no buffer, so a killed run leaves every record that it has named to the store.
            if self._file.write(record) != len(record):
                raise OSError(errno.ENOSPC, "no space left for the whole record")
        except OSError:
            self._file.truncate(offset)
            self._file.seek(offset)
            raise
        return offset

    def _spider_closed(self, spider: Spider) -> None:
        if self._file is not None:
            self._file.close()


def warc_record(response: Response, fetched: datetime) -> bytes:
    """Return one gzipped WARC response record (ISO 28500) of a page, its body decoded."""
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        if name.lower() not in _NOT_KEPT
        for value in values
    ]
    status = HTTPStatus(response.status)
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    record = writer.create_warc_record(
        response.url,
        "response",
        payload=BytesIO(response.body),
        length=len(response.body),
        http_headers=StatusAndHeaders(f"{status.value} {status.phrase}", headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": f"{fetched:%Y-%m-%dT%H:%M:%SZ}"},
    )
    writer.write_record(record)
    return out.getvalue()
